"""What a service needs before it may run, as values that compile to the graph's conditions.

`wan.outputs.prefix.present & link("lan0")`: `&` is all of them, `|` any.
"""

import sys
from dataclasses import dataclass
from typing import Any, ClassVar

from agent.graph.model import LINK_STATES, READY, UP
from firewall.ruleset.model import Output, Where
from services.site import kinds
from services.site.problems import here, is_collected, is_ours, shown, suggestion, tell


class Condition:
    """A condition; compiled() is the graph's, docs/graph.md."""

    where: Where
    SORT: ClassVar[tuple[str, str]] = ("a condition", "conditions")

    @staticmethod
    def stand_in() -> "Condition":
        """One that holds."""
        return LinkIs("lo", "present", here())

    @staticmethod
    def advice(value: object) -> str:
        """What to write, where an output or a service stands instead of a condition."""
        if isinstance(value, Output):
            return "; write .present or .equals(TEXT) behind it"
        if isinstance(value, str) and not kinds.LINK_NAME.wrong(value):
            return f'; write link("{value}")'
        return "; write .ready behind it" if hasattr(type(value), "ready") else ""

    @property
    def words(self) -> str:
        """What it is, for messages."""
        return "a condition"

    def compiled(self) -> dict[str, Any]:
        """The JSON object of the graph's file."""
        raise NotImplementedError

    def parts(self) -> "tuple[Condition, ...]":
        """The conditions in it, itself when it has none."""
        return (self,)

    def __and__(self, other: "Condition") -> "All":
        return All((*_flat(self, All), *_flat(as_condition(other), All)))

    def __or__(self, other: "Condition") -> "Any_":
        return Any_((*_flat(self, Any_), *_flat(as_condition(other), Any_)))

    def __rand__(self, other: "Condition") -> "All":
        return as_condition(other) & self

    def __ror__(self, other: "Condition") -> "Any_":
        return as_condition(other) | self

    def __bool__(self) -> bool:
        # In a site `a and b` is b alone, silently: nobody means that
        if not is_ours(sys._getframe(1).f_code.co_filename) and is_collected():
            text = "expected `&` or `|` between conditions, got `and`, `or`, `not` or `if`"
            tell(here(), "condition", f"{text}; what holds is known on the device alone")
        return True


@dataclass(frozen=True)
class All(Condition):
    """All of them hold."""

    conditions: tuple[Condition, ...]

    @property
    def where(self) -> Where:  # type: ignore[override] # that of its first
        return self.conditions[0].where

    def compiled(self) -> dict[str, Any]:
        return {"all": [each.compiled() for each in self.conditions]}

    def parts(self) -> tuple[Condition, ...]:
        return tuple(part for each in self.conditions for part in each.parts())


@dataclass(frozen=True)
class Any_(Condition):
    """At least one of them holds."""

    conditions: tuple[Condition, ...]

    @property
    def where(self) -> Where:  # type: ignore[override] # that of its first
        return self.conditions[0].where

    def compiled(self) -> dict[str, Any]:
        return {"any": [each.compiled() for each in self.conditions]}

    def parts(self) -> tuple[Condition, ...]:
        return tuple(part for each in self.conditions for part in each.parts())


@dataclass(frozen=True)
class ServiceIs(Condition):
    """A service is ready, or only up. `service`: a unit's name."""

    service: str
    state: str = READY
    where: Where = Where("", 0)

    def compiled(self) -> dict[str, Any]:
        found = {"service": self.service}
        return found if self.state == READY else {**found, "is": UP}


@dataclass(frozen=True)
class OutputIs(Condition):
    """An output is published; `equals`: with just this value."""

    output: Output
    equals: str | None = None
    where: Where = Where("", 0)

    def compiled(self) -> dict[str, Any]:
        found = {"output": self.output.path}
        return found if self.equals is None else {**found, "equals": self.equals}


@dataclass(frozen=True)
class LinkIs(Condition):
    """A link, by its name or by the output that names it, is in a state."""

    link: str | Output
    state: str = "running"
    where: Where = Where("", 0)

    def compiled(self) -> dict[str, Any]:
        link = {"output": self.link.path} if isinstance(self.link, Output) else self.link
        return {"link": link} if self.state == "running" else {"link": link, "is": self.state}


@dataclass(frozen=True)
class DeviceIs(Condition):
    """The kernel has such a device. name: a pattern (`*`, `?`). attributes: (file in the device's
    folder below /sys, text that it must hold)."""

    subsystem: str
    name: str = "*"
    attributes: tuple[tuple[str, str], ...] = ()
    where: Where = Where("", 0)

    def compiled(self) -> dict[str, Any]:
        found: dict[str, Any] = {"subsystem": self.subsystem, "name": self.name}
        if self.attributes:
            found["attributes"] = dict(self.attributes)
        return {"device": found}


def link(name: str | Output, state: str = "running") -> LinkIs:
    """The condition that a link is `present`, `up`, `running`, `addressed`, `addressed4` or `6`."""
    where = here()
    wrong = "" if isinstance(name, Output) else _wrong_name(name)
    if wrong:
        tell(where, "link", wrong)
        name = "lo"
    if state not in LINK_STATES:
        hint = suggestion(state, list(LINK_STATES))
        tell(where, "link", f"expected a state of links, got {shown(state)}{hint}")
        state = "running"
    return LinkIs(name, state, where)


def device(subsystem: str, name: str = "*", **attributes: str) -> DeviceIs:
    """The condition that the kernel has a device: device("tty", "ttyUSB*")."""
    return DeviceIs(subsystem, name, tuple(sorted(attributes.items())), here())


def every(*conditions: Condition | None) -> Condition | None:
    """All of those that are there; None when none is."""
    found = [each for each in conditions if each is not None]
    return All(tuple(found)) if len(found) > 1 else (found[0] if found else None)


def as_condition(value: Any) -> Condition:
    """The value, or, told, the condition that was meant by an output, a service or a link."""
    if isinstance(value, Condition):
        return value
    hint = Condition.advice(value)
    tell(here(), "condition", f"expected a condition, got {shown(value)}{hint}")
    meant = getattr(value, "present", None) or getattr(value, "ready", None)
    return meant if isinstance(meant, Condition) else Condition.stand_in()


def _wrong_name(name: object) -> str:
    if isinstance(name, str):
        return kinds.LINK_NAME.wrong(name)
    return f"expected a link's name or an output that tells it, got {shown(name)}"


def _flat(condition: Condition, kind: type) -> tuple[Condition, ...]:
    if isinstance(condition, All | Any_) and isinstance(condition, kind):
        return condition.conditions
    return (condition,)
