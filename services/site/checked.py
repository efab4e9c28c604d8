"""Values of units and resources, whose types are checked when they are made: Checked.

They are plain frozen dataclasses for definitions; a wrong value is told with its line and replaced,
as in described.py, so that everything after can count on the types.
"""

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, ClassVar, get_type_hints

from firewall.ruleset.model import Where
from services.site.problems import tell
from services.site.types import misfits, stand_in

_hints: dict[type, dict[str, Any]] = {}


def wrong_parts(
    value: object, hint: Any, where: Where, subject: str
) -> Iterator[tuple[Where, str, str]]:
    """(line, subject, what to say) of everything in plain dataclasses that is not of its type, at
    any depth: those of the firewall check nothing themselves."""
    for place, text in misfits(value, hint):
        yield where, subject + place, text
    if isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from wrong_parts(item, Any, where, f"{subject}[{number}]")
    if is_dataclass(value) and not isinstance(value, type | Checked):
        cls = type(value)
        hints = _hints.setdefault(cls, get_type_hints(cls))
        mine: Where = value.where if hasattr(value, "where") else where
        name = getattr(value, "name", "")
        inner = f"{cls.__name__.lower()} {name}" if isinstance(name, str) and name else subject
        for each in fields(value):
            part = getattr(value, each.name)
            yield from wrong_parts(part, hints[each.name], mine, f"{inner}.{each.name}")


class Checked:
    """A base of dataclasses that have a `where`. broken: a value was told to be wrong."""

    broken: ClassVar[bool] = False

    def __post_init__(self) -> None:
        made: Any = self
        cls = type(self)
        if cls not in _hints:
            _hints[cls] = get_type_hints(cls)
        for each in fields(made):
            wrong = list(misfits(getattr(made, each.name), _hints[cls][each.name]))
            if wrong:
                subject = getattr(made, "name", "") or getattr(made, "path", "")
                subject = subject if isinstance(subject, str) and subject else cls.__name__.lower()
                for place, text in wrong:
                    tell(made.where, f"{subject}.{each.name}{place}", text)
                usable = stand_in(_hints[cls][each.name])
                default = usable if each.default is MISSING else each.default
                object.__setattr__(made, each.name, default)
                object.__setattr__(made, "broken", True)
