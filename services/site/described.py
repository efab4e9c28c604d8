"""Values that say what they are made of: frozen, with documented and checked parameters.

    class Dns(Described):
        port: int = parameter("the UDP and TCP port", kinds.PORT, default=53)

Every parameter is given by name. What is wrong is told with the line of the site (problems.py) and
replaced by something usable, so that the rest of the site is looked at too.
"""

import types
import typing
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, cast, dataclass_transform, get_args, get_origin, get_type_hints

from firewall.ruleset.model import Where
from services.site import kinds
from services.site.kinds import Kind
from services.site.problems import here, shown, suggestion, tell


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

    def __call__(cls, *args: Any, **given: Any) -> Any:
        where = here()
        subject = _subject(cls, given)
        if args:
            tell(
                where,
                subject,
                f"expected parameters by name, got {shown(args[0])}; write NAME=VALUE",
            )
        known = {each.name: each for each in parameters(cls)}
        hints = get_type_hints(cls)
        values = {}
        for name, value in given.items():
            if name not in known:
                hint = suggestion(name, list(known))
                tell(where, subject, f"expected a parameter of {cls.__name__}, got {name!r}{hint}")
                continue
            wrong = wrong_type(value, hints[name]) or known[name].metadata["kind"].wrong(value)
            if wrong:
                tell(where, f"{subject}.{name}", wrong)
            else:
                values[name] = value
        for name, each in known.items():
            if name not in values and each.default is MISSING:
                if name not in given:
                    tell(
                        where,
                        f"{subject}.{name}",
                        f"expected {_expected(each, hints[name])}, got nothing",
                    )
                values[name] = stand_in(hints[name])
        made = super().__call__(**values)
        object.__setattr__(made, "where", where)
        made.check()
        return made


class Described(metaclass=DescribedType):
    """A value of a site. `where`: the line that made it."""

    where: typing.ClassVar[Where] = Where("", 0)

    def check(self) -> None:
        """Tell what is wrong between parameters; by self.tell()."""

    def tell(self, name: str, text: str) -> None:
        """A problem of the parameter `name` ("" for the whole)."""
        subject = _subject(type(self), vars(self))
        tell(self.where, f"{subject}.{name}" if name else subject, text)

    def __repr__(self) -> str:
        return _subject(type(self), vars(self))


def parameters(described: type) -> list[Field[Any]]:
    """The parameters of such a class, in the order of their definition."""
    return [each for each in fields(described) if "doc" in each.metadata]


def wrong_type(value: object, hint: Any) -> str:
    """What to say of a value that is not of the annotated type; "" when it is."""
    if is_of(value, hint):
        return ""
    return f"expected {type_words(hint)}, got {shown(value)}"


def is_of(value: object, hint: Any) -> bool:
    """Whether the value is of the type that an annotation says."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (typing.Union, types.UnionType):
        return any(is_of(value, each) for each in inner)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(inner) == 2 and inner[1] is Ellipsis:
            return all(is_of(item, inner[0]) for item in value)
        return len(inner) == len(value) and all(map(is_of, value, inner))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is None:
        return value is None
    return isinstance(value, origin or hint)


def type_words(hint: Any) -> str:
    """An annotation for people."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(type_words(each) for each in inner)
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return f"a tuple of {type_words(inner[0])}"
    if origin is tuple:
        return "(" + ", ".join(type_words(each) for each in inner) + ")"
    known = {str: "text", int: "a whole number", float: "a number", bool: "True or False"}
    if hint is None or hint is type(None):
        return "None"
    return known.get(hint) or str(getattr(hint, "__name__", hint))


def stand_in(hint: Any) -> Any:
    """Something of this type, in the place of a value that was told to be wrong or missing."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return stand_in(inner[0])
    if origin is tuple or hint is tuple:
        return ()
    if hint in (str, int, float, bool):
        return hint()
    if isinstance(hint, DescribedType):
        made: Any = object.__new__(cast(Any, hint))
        for each in parameters(hint):
            known = each.default is not MISSING
            value = each.default if known else stand_in(get_type_hints(hint)[each.name])
            object.__setattr__(made, each.name, value)
        return made
    return hint.stand_in() if hasattr(hint, "stand_in") else None


def _expected(each: "Field[Any]", hint: Any) -> str:
    kind: Kind = each.metadata["kind"]
    return kind.words or type_words(hint)


def _subject(described: type, given: dict[str, Any]) -> str:
    name = given.get("name") or getattr(described, "name", "")
    return name if isinstance(name, str) and name else described.__name__.lower()
