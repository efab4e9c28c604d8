"""What services publish, as attributes that other services refer to: `wan.outputs.ifname`.

    class DnsOutputs(Outputs):
        servers = output("addresses that answer queries, one a line")

Definitions declare each output once; whoever refers to one that is not declared gets a line.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Never

from agent.graph.model import SIGNAL, SIGNALS
from firewall.ruleset.model import Output
from services.site.conditions import All, Any_, OutputIs, as_condition
from services.site.kinds import ANY, Kind
from services.site.problems import here, shown, suggestion, tell

if TYPE_CHECKING:
    from services.model import Service

UNKNOWN = "?"  # the unit of an output that has been told to be none
CHANGES = ("restart", "rerun", "ignore", *(SIGNAL + name for name in SIGNALS))


@dataclass(frozen=True)
class Ref(Output):
    """One output of one service, SERVICE/PATH. Also what a zone's member can be.

    unit: the unit that publishes it. secret: it may be given to files alone. kind: what its value
    may be.
    """

    unit: str = field(default="", compare=False)
    secret: bool = field(default=False, compare=False)
    service: Any = field(default=None, compare=False, repr=False)
    kind: Kind = field(default=ANY, compare=False, repr=False)

    SORT: ClassVar[tuple[str, str]] = ("an output of a service", "outputs of services")

    @classmethod
    def stand_in(cls) -> "Ref":
        """One that nothing is said of."""
        return cls("unknown/unknown", UNKNOWN)

    @staticmethod
    def advice(value: object) -> str:
        """What to write, where a service or a condition stands instead of an output."""
        outputs = getattr(value, "outputs", value)
        if isinstance(value, OutputIs):
            return "; write it without .present or .equals()"
        if not isinstance(outputs, Outputs):
            return ""
        service = outputs.service.name
        known = [name for name, _ in declared(type(outputs))]
        some = f", it has {', '.join(known)}" if known else "; but it has none"
        return f"; write {service}.outputs.NAME{some}"

    @property
    def words(self) -> str:
        """What it is, for messages."""
        return f"the output {self.path}"

    @property
    def present(self) -> OutputIs:
        """The condition that it is published."""
        return OutputIs(self, None, here())

    def equals(self, text: str) -> OutputIs:
        """The condition that it is just this."""
        where = here()
        wrong = "" if isinstance(text, str) else f"expected text, got {shown(text)}"
        wrong = wrong or self.kind.wrong(text)
        if wrong:
            tell(where, self.path, f"{wrong}; such a condition never holds")
        return OutputIs(self, text, where)

    def __and__(self, other: Never) -> All:
        return as_condition(self) & other

    def __or__(self, other: Never) -> Any_:
        return as_condition(self) | other

    def below(self, path: str) -> "Ref":
        """An output in this folder."""
        return Ref(f"{self.path}/{path}", self.unit, self.secret, self.service, self.kind)

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
    unit: the suffix of the unit that publishes it. secret: never shown. kind: what its value may
    be, so that nobody waits for another; of a folder, what the values in it may be."""

    def __init__(
        self, doc: str, *, path: str = "", unit: str = "", secret: bool = False, kind: Kind = ANY
    ) -> None:
        self.doc, self.path, self.unit, self.secret, self.kind = doc, path, unit, secret, kind

    def __set_name__(self, owner: type, name: str) -> None:
        self.path = self.path or name.replace("_", "-")

    def __get__(self, outputs: "Outputs", owner: type) -> Ref:
        unit = outputs.service.name + self.unit
        return Ref(f"{unit}/{self.path}", unit, self.secret, outputs.service, self.kind)


class Outputs:
    """The outputs of one service."""

    def __init__(self, service: "Service") -> None:
        self.service = service

    @property
    def words(self) -> str:
        """What they are, for messages."""
        return f"all outputs of {self.service.name}"

    if not TYPE_CHECKING:  # a type checker tells the same before the site is run

        def __getattr__(self, name: str) -> Ref:
            if name.startswith("__"):
                raise AttributeError(name)
            service = self.service
            known = [each for each, _ in declared(type(self))]
            hint = suggestion(name, known) if known else "; it has none"
            if hasattr(type(service), name):
                hint = f"; that is no output, write {service.name}.{name}"
            expected = f"an output of {type(service).__name__} {service.name}"
            tell(here(), service.name, f"expected {expected}, got {name!r}{hint}")
            return Ref(f"{service.name}/{name.replace('_', '-')}", UNKNOWN)


def declared(outputs: type[Outputs]) -> "list[tuple[str, output]]":
    """(attribute, declaration) of all outputs of such a class, sorted."""
    found: dict[str, output] = {}
    for each in reversed(outputs.__mro__):
        found.update(
            (name, value) for name, value in vars(each).items() if isinstance(value, output)
        )
    return sorted(found.items())
