"""Values of units and resources, whose types are checked when they are made: Checked.

They are plain frozen dataclasses for definitions; a wrong value is told with its line and replaced,
as in described.py, so that everything after can count on the types.
"""

from dataclasses import MISSING, fields
from typing import Any, ClassVar, get_type_hints

from services.site.problems import tell
from services.site.types import misfits, stand_in

_hints: dict[type, dict[str, Any]] = {}


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
