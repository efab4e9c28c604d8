"""JSON for people's programs: one line, ASCII, keys sorted, the same on every runtime. Pure.

The runtimes' own writers differ in order and in what they escape, and let control characters
above ASCII through to a terminal.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def render(value: "Any") -> str:
    """The value as JSON text. Floats are seconds: at most three digits after the point."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return "%d" % value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return '"%s"' % "".join([_escape(character) for character in value])
    if isinstance(value, dict):
        fields = ["%s: %s" % (render(key), render(value[key])) for key in sorted(value)]
        return "{%s}" % ", ".join(fields)
    return "[%s]" % ", ".join([render(item) for item in value])


def _number(value: float) -> str:
    text = "%.3f" % value
    if text.strip("-0123456789."):
        return "null"  # inf and nan are no JSON
    whole, _, fraction = text.partition(".")
    return whole + "." + (fraction.rstrip("0") or "0")


def _escape(character: str) -> str:
    code = ord(character)
    if character in '"\\':
        return "\\" + character
    if character == "\n":
        return "\\n"
    if 0x20 <= code <= 0x7E:
        return character
    if code < 0x10000:
        return "\\u%04x" % code
    code -= 0x10000
    return "\\u%04x\\u%04x" % (0xD800 | code >> 10, 0xDC00 | code & 0x3FF)
