"""Values of the graph's file, read with their place, and all errors gathered. Pure.

Every reader returns a usable value, the default after an error, so that one look finds all the
errors of a file. The JSON reader of MicroPython takes keys that are no text: expect anything.
"""

from agent.graph.model import LONGEST_TIME
from agent.graph.spelling import suggestion
from agent.report import show
from agent.values import UNPRINTABLE, is_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST_LINES = 100  # of errors; what is more is counted

TEXT = "printable text"


class Errors:
    """The errors of one file so far."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._found: list[tuple[str, str]] = []

    def expected(self, place: str, what: str, got: str, hint: str = "") -> None:
        """One error: `what` was expected at `place`; `hint` begins with `; `."""
        self._found.append((place, "expected %s, got %s%s" % (what, got, hint)))

    def count(self) -> int:
        return len(self._found)

    def lines(self) -> list[str]:
        """One line each, by place, the same error once; at most MOST_LINES and a count."""
        found = sorted(set(self._found))
        told = found[:MOST_LINES]
        lines = [self._line(place, text) for place, text in told]
        if len(found) > MOST_LINES:
            lines.append("%s: and %d errors more" % (self._where, len(found) - MOST_LINES))
        return lines

    def _line(self, place: str, text: str) -> str:
        return ": ".join([part for part in (self._where, place, text) if part])


class Fields:
    """One JSON object at a place. `what` says in words what it is; `keys` are those it may have."""

    def __init__(
        self, errors: Errors, place: str, value: "Any", what: str, keys: tuple[str, ...]
    ) -> None:
        # What is no object has been told as that: that it lacks keys besides would be noise
        self.errors = errors if isinstance(value, dict) else Errors("")
        self.place = place
        self._values: dict[str, Any] = {}
        for key in names(errors, place, value, what):
            if key in keys:
                self._values[key] = value[key]
            else:
                hint = suggestion(key, list(keys)) or "; keys are " + ", ".join(sorted(keys))
                errors.expected(place, "a key of " + what, quoted(key), hint)

    def has(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str) -> "Any":
        """The value as it is, None when it is not there."""
        return self._values.get(key)

    def at(self, key: str) -> str:
        """The key's place."""
        return "%s.%s" % (self.place, key) if self.place else key

    def expected(self, key: str, what: str, hint: str = "") -> None:
        """An error: the key's value is not `what`."""
        got = shown(self._values[key]) if key in self._values else "nothing"
        self.errors.expected(self.at(key), what, got, hint)

    def text(self, key: str, default: "str | None" = "", check: "Check" = None) -> str:
        """Text; a default of None makes it necessary. `check`: (claim, words) it must meet."""
        if key not in self._values and default is not None:
            return default
        return text(self.errors, self.at(key), self._values.get(key), check)

    def one_of(self, key: str, words: tuple[str, ...], default: str | None = None) -> str:
        """One of some words; it must be there when there is no default."""
        if key not in self._values and default is not None:
            return default
        value = self._values.get(key)
        if isinstance(value, str) and value in words:
            return value
        hint = suggestion(value, list(words)) if isinstance(value, str) else ""
        self.expected(key, either(words), hint)
        return default or words[0]

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self._values.get(key, default)
        if isinstance(value, bool):
            return value
        self.expected(key, "true or false")
        return default

    def seconds(self, key: str, default: float) -> float:
        """A time."""
        value = self._values.get(key, default)
        if is_number(value, True) and 0 <= value <= LONGEST_TIME:
            return value  # type: ignore[no-any-return]
        self.expected(key, "seconds from 0 to %d" % LONGEST_TIME)
        return default

    def integer(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number; it must be there when there is no default."""
        value: Any = self._values.get(key, default)
        if is_number(value, False) and least <= value <= most:
            return value  # type: ignore[no-any-return]
        self.expected(key, "a whole number from %d to %d" % (least, most))
        return least if default is None else default

    def texts(self, key: str, check: "Check" = None, least: int = 0) -> list[str]:
        """A list of texts, `least` or more of them."""
        value = self._values.get(key, [] if least == 0 else None)
        if not isinstance(value, list):
            self.expected(key, "a list of texts")
            return []
        if len(value) < least:
            self.expected(key, "one text or more")
        place = self.at(key)
        return [
            text(self.errors, "%s[%d]" % (place, i), item, check) for i, item in enumerate(value)
        ]

    def different_texts(self, key: str, check: "Check" = None, least: int = 0) -> list[str]:
        """A list of texts of which none is twice."""
        found: list[str] = []
        for i, item in enumerate(self.texts(key, check, least)):
            if item and item in found:
                place = "%s[%d]" % (self.at(key), i)
                self.errors.expected(place, "each once", "%s again" % quoted(item))
            found.append(item)
        return found


if TYPE_CHECKING:
    Check = tuple[Callable[[str], bool], str] | None


def names(errors: Errors, place: str, value: "Any", what: str) -> list[str]:
    """The keys of what must be an object, sorted."""
    if not isinstance(value, dict):
        errors.expected(place, what, shown(value))
        return []
    for key in value:
        if not isinstance(key, str):
            errors.expected(place, "text as a key", shown(key))
    return sorted([key for key in value if isinstance(key, str)])


def text(errors: Errors, place: str, value: "Any", check: "Check" = None) -> str:
    """Printable text that meets the check; "" after an error."""
    claim, words = check or (is_printable, TEXT)
    if isinstance(value, str) and is_printable(value) and claim(value):
        return value
    errors.expected(place, words, shown(value))
    return ""


def is_number(value: "Any", fractions: bool) -> bool:
    """Whether this is a number; true and false are none here, although Python counts them in."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (fractions and isinstance(value, float))


def is_printable(value: str) -> bool:
    """Text without control characters and what else misleads people; newlines are allowed."""
    try:
        data = value.encode()
    except UnicodeError:  # half of a surrogate pair, on CPython
        return False
    if len(data) == len(value):  # ASCII, checked without a loop in Python
        return min(data.replace(b"\n", b" ") + b" ") >= 0x20 and b"\x7f" not in data
    codes = [ord(character) for character in value]
    return not any([first <= code <= last for first, last in UNPRINTABLE for code in codes])


def is_element(value: str) -> bool:
    """Whether this can be the name of a file: one element of an output's path."""
    return "/" not in value and is_path(value)


def is_line(value: str) -> bool:
    """Printable text of one line that is not empty."""
    return value != "" and "\n" not in value and is_printable(value)


def either(words: "tuple[str, ...] | list[str]") -> str:
    """`a, b or c`."""
    return " or ".join([part for part in (", ".join(words[:-1]), words[-1]) if part])


def quoted(value: str) -> str:
    """Text for an error, everything strange escaped."""
    try:
        return show(value)
    except UnicodeError:
        return show(repr(value))


def shown(value: "Any") -> str:
    """A JSON value for an error; of objects and lists only what they are."""
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return "%d" % value if -(10**15) < value < 10**15 else "a number of many digits"
    if isinstance(value, float):
        return "%.6g" % value
    if isinstance(value, dict):
        return "an object"
    return "a list" if value else "an empty list"
