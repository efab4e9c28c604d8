"""What services publish, as attributes that other services refer to: `wan.outputs.ifname`.

    class DnsOutputs(Outputs):
        servers = output("addresses that answer queries, one a line")

Definitions declare each output once; whoever refers to one that is not declared gets a line.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.graph.model import SIGNAL, SIGNALS
from firewall.ruleset.model import Output
from services.site.conditions import OutputIs
from services.site.problems import here, shown, suggestion, tell

if TYPE_CHECKING:
    from services.model import Service

CHANGES = ("restart", "rerun", "ignore", *(SIGNAL + name for name in SIGNALS))


@dataclass(frozen=True)
class Ref(Output):
    """One output of one service, SERVICE/PATH. Also what a zone's member can be.

    unit: the unit that publishes it. secret: it may be given to files alone.
    """

    unit: str = field(default="", compare=False)
    secret: bool = field(default=False, compare=False)
    service: Any = field(default=None, compare=False, repr=False)

    @property
    def present(self) -> OutputIs:
        """The condition that it is published."""
        return OutputIs(self, None, here())

    def equals(self, text: str) -> OutputIs:
        """The condition that it is just this."""
        return OutputIs(self, text, here())

    def below(self, path: str) -> "Ref":
        """An output in this folder."""
        return Ref(f"{self.path}/{path}", self.unit, self.secret, self.service)

    def value(self, change: str = "restart", *, optional: bool = False) -> "Reference":
        """Its value for an environment or a file. change: what a change of it does: `restart`,
        `rerun` (oneshots), `ignore`, `signal HUP`. optional: run without it, too."""
        if change not in CHANGES:
            hint = suggestion(change, list(CHANGES))
            tell(here(), self.path, f"expected what a change does, got {shown(change)}{hint}")
            change = "restart"
        return Reference(self, change, optional)


@dataclass(frozen=True)
class Reference:
    """A Ref with what a change of it does."""

    ref: Ref
    change: str = "restart"
    optional: bool = False

    def compiled(self) -> dict[str, Any]:
        """The JSON object of the graph's file."""
        found: dict[str, Any] = {"output": self.ref.path}
        if self.change != "restart":
            found["change"] = self.change
        if self.optional:
            found["optional"] = True
        return found


class output:  # noqa: N801 # reads as what it declares
    """Declares an output. doc: what it is, its grammar. path: its name, where none fits Python.
    unit: the suffix of the unit that publishes it. secret: never shown."""

    def __init__(self, doc: str, *, path: str = "", unit: str = "", secret: bool = False) -> None:
        self.doc, self.path, self.unit, self.secret = doc, path, unit, secret

    def __set_name__(self, owner: type, name: str) -> None:
        self.path = self.path or name.replace("_", "-")

    def __get__(self, outputs: "Outputs", owner: type) -> Ref:
        unit = outputs.service.name + self.unit
        return Ref(f"{unit}/{self.path}", unit, self.secret, outputs.service)


class Outputs:
    """The outputs of one service."""

    def __init__(self, service: "Service") -> None:
        self.service = service

    if not TYPE_CHECKING:  # a type checker tells the same before the site is run

        def __getattr__(self, name: str) -> Ref:
            if name.startswith("__"):
                raise AttributeError(name)
            service = self.service
            known = [each for each, _ in declared(type(self))]
            hint = suggestion(name, known) if known else "; it has none"
            expected = f"an output of {type(service).__name__} {service.name}"
            tell(here(), service.name, f"expected {expected}, got {name!r}{hint}")
            return Ref(f"{service.name}/{name.replace('_', '-')}", service.name, False, None)


def declared(outputs: type[Outputs]) -> "list[tuple[str, output]]":
    """(attribute, declaration) of all outputs of such a class, sorted."""
    found: dict[str, output] = {}
    for each in reversed(outputs.__mro__):
        found.update(
            (name, value) for name, value in vars(each).items() if isinstance(value, output)
        )
    return sorted(found.items())
