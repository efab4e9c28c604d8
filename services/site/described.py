"""Values that say what they are made of: frozen, with documented and checked parameters.

    class Dns(Described):
        port: int = parameter("the UDP and TCP port", kinds.PORT, default=53)

Every parameter is given by name. What is wrong is told with the line of the site (problems.py) and
replaced by something usable, so that the rest of the site is looked at too.
"""

import typing
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import TYPE_CHECKING, Any, cast, dataclass_transform, get_type_hints

from agent.names import is_service_name
from firewall.ruleset.model import Where
from services.site import kinds
from services.site.kinds import Kind
from services.site.problems import count, here, shown, suggestion, tell
from services.site.types import misfits, stand_in, words


def parameter(doc: str, kind: Kind = kinds.ANY, *, default: Any = MISSING) -> Any:
    """A field of a Described class. doc: one sentence for the manual, with the unit. Without a
    default it must be given."""
    return field(default=default, metadata={"doc": doc, "kind": kind})


@dataclass_transform(
    kw_only_default=True, frozen_default=True, eq_default=False, field_specifiers=(parameter,)
)
class DescribedType(type):
    """Makes dataclasses of the classes, and checks what their instances are made of."""

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]
    ) -> "DescribedType":
        made: Any = super().__new__(cls, name, bases, namespace)
        dataclass(frozen=True, eq=False, kw_only=True, repr=False)(made)  # made is changed itself
        return cast(DescribedType, made)

    if not TYPE_CHECKING:  # pyright would believe it instead of the parameters

        def __call__(cls, *args: Any, **given: Any) -> Any:
            return _make(cls, args, given, super().__call__)

    def advice(cls, value: object) -> str:
        """What to write, where something else stands instead of such a value."""
        if getattr(cls, "NOUN", ""):
            return "; give the service itself, not a name" if isinstance(value, str) else ""
        known = [each.name for each in parameters(cls) if each.default is MISSING]
        return f"; write {cls.__name__}({', '.join(f'{name}=...' for name in known)})"

    def stand_in(cls) -> Any:
        """One made of defaults, in the place of what was told to be wrong or missing."""
        made: Any = object.__new__(cast(Any, cls))
        for each in parameters(cls):
            known = each.default is not MISSING
            value = each.default if known else stand_in(annotations(cls)[each.name])
            object.__setattr__(made, each.name, value)
        object.__setattr__(made, "broken", True)
        return made


def _make(
    cls: DescribedType,
    args: tuple[Any, ...],
    given: dict[str, Any],
    constructor: Callable[..., Any],
) -> Any:
    """An instance of a Described class, of what is right; what is wrong is told."""
    where = here()
    subject = _subject(cls, given)
    if args:
        text = f"expected parameters by name, got {shown(args[0])}; write NAME=VALUE"
        tell(where, subject, text)
    known = {each.name: each for each in parameters(cls)}
    hints = annotations(cls)
    values = {}
    for name, value in given.items():
        if name not in known:
            hint = suggestion(name, list(known))
            tell(where, subject, f"expected a parameter of {cls.__name__}, got {name!r}{hint}")
            continue
        wrong = _wrong(value, hints[name], known[name].metadata["kind"])
        for place, text in wrong:
            tell(where, f"{subject}.{name}{place}", text)
        if not wrong:
            values[name] = value
        elif isinstance(value, tuple) and all(place for place, _ in wrong):
            bad = {place.partition("]")[0] for place, _ in wrong}
            values[name] = tuple(
                item for at, item in enumerate(value) if f"[{at}" not in bad
            )  # what is right of it is looked at further
    broken = any(map(is_broken, values.values()))
    for name, each in known.items():
        if name not in values and each.default is MISSING:
            if name not in given:
                expected = _expected(each, hints[name])
                tell(where, f"{subject}.{name}", f"expected {expected}, got nothing")
            values[name] = stand_in(hints[name])
            broken = True
    made = constructor(**values)
    object.__setattr__(made, "where", where)
    object.__setattr__(made, "broken", broken)
    if not broken:
        before = count()
        made.check()
        object.__setattr__(made, "broken", count() > before)
    return made


class Described(metaclass=DescribedType):
    """A value of a site. `where`: the line that made it. `broken`: it was told that something is
    wrong with it for which there is no default; no more is said of it, or of what is made of it."""

    where: typing.ClassVar[Where] = Where("", 0)
    broken: typing.ClassVar[bool] = False

    def check(self) -> None:
        """Tell what is wrong between parameters, by self.tell(). Each by itself is right."""

    def tell(self, name: str, text: str) -> None:
        """A problem of the parameter `name` ("" for the whole)."""
        subject = _subject(type(self), vars(self))
        tell(self.where, f"{subject}.{name}" if name else subject, text)

    def __repr__(self) -> str:
        return _subject(type(self), vars(self))


def is_broken(value: object) -> bool:
    """Whether a parameter's value is one that nothing more is said of, or holds such a one."""
    if isinstance(value, tuple):
        return any(map(is_broken, value))
    return isinstance(value, Described) and value.broken


def annotations(described: type) -> dict[str, Any]:
    """The types of the parameters."""
    if described not in _annotations:
        _annotations[described] = get_type_hints(described)
    return _annotations[described]


_annotations: dict[type, dict[str, Any]] = {}


def parameters(described: type) -> list[Field[Any]]:
    """The parameters of such a class, in the order of their definition."""
    return [each for each in fields(described) if "doc" in each.metadata]


def _wrong(value: object, hint: Any, kind: Kind) -> list[tuple[str, str]]:
    """(place in it, what to say) of all that is wrong with a parameter's value."""
    found = list(misfits(value, hint))
    if not found and kind.item is not None and isinstance(value, tuple):
        texts = [(f"[{at}]", kind.item.wrong(item)) for at, item in enumerate(value)]
        found = [(place, text) for place, text in texts if text]
    if not found and kind.wrong(value):
        found = [("", kind.wrong(value))]
    return found


def _expected(each: "Field[Any]", hint: Any) -> str:
    kind: Kind = each.metadata["kind"]
    return kind.words or words(hint)


def _subject(described: type, given: dict[str, Any]) -> str:
    name = given.get("name") or getattr(described, "name", "")
    known = isinstance(name, str) and is_service_name(name)
    return str(name) if known else described.__name__.lower()
