"""What may be published as an output: names, paths and values. Pure.

agent.outputs checks every publication with this before it touches a file, so what a reader finds
is text that can't break a terminal, a log line, a shell's `$(cat ...)` or a path.
"""

from agent.names import SERVICE_NAME, is_service_name
from agent.report import show

LONGEST_PATH = 200  # octets
LONGEST_VALUE = 65536  # octets of one value or memo, without its newline
LONGEST_ALL = 1 << 20  # octets of all paths and values of a service, one more for each

PATH = "1 to 200 of A-Z a-z 0-9 _ . : - / , each element starting with a letter, digit or _"
VALUE = "printable text without a newline at either end"
CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789_.:-ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Not for people's eyes, yet above ASCII: C1 controls, bidirectional marks (they make text look
# like other text), line and paragraph separators, half surrogate pairs, the byte order mark.
UNPRINTABLE = (
    (0x00, 0x09),
    (0x0B, 0x1F),
    (0x7F, 0x9F),
    (0x200E, 0x200F),
    (0x2028, 0x202E),
    (0x2066, 0x2069),
    (0xD800, 0xDFFF),
    (0xFEFF, 0xFEFF),
)


class OutputsError(Exception):
    """Outputs that can't be published or read; the text names the service and the path."""


def is_path(path: str) -> bool:
    """Whether this may be the path of a value below its service."""
    if len(path) > LONGEST_PATH:
        return False
    return all([_is_element(element) for element in path.split("/")])


def _is_element(name: str) -> bool:
    """Whether this may stand between the slashes of a path."""
    # strip() leaves "" when all are allowed: one pass in C, where a loop would cost 100 times it.
    return name != "" and name[0] not in ".:-" and not name.strip(CHARACTERS)


def check_service(service: str) -> None:
    """Raise OutputsError unless this may name a service."""
    if not is_service_name(service):
        raise OutputsError("expected %s, got %s" % (SERVICE_NAME, _shown(service)))


def check_values(service: str, values: dict[str, str]) -> list[tuple[str, bytes]]:
    """The files to write, sorted: (path, content). OutputsError: what must not be published."""
    entries = []
    folders: set[str] = set()
    size = 0
    last = ""  # the folder of the path before, with its slash: most share it, so it was checked
    for path in sorted(values):
        end = path.rfind("/") + 1
        is_new = end != len(last) or not path.startswith(last)
        if not (is_path(path) if is_new else _is_element(path[end:]) and len(path) <= LONGEST_PATH):
            raise OutputsError("%s: path: expected %s, got %s" % (service, PATH, _shown(path)))
        data = _content(service, path, values[path])
        size += len(path) + len(data) + 1
        entries.append((path, data))
        if is_new:
            last = path[:end]
            folder = path.rpartition("/")[0]
            while folder and folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
    for folder in sorted(folders):
        if folder in values:
            text = "%s: %s: expected a value or a folder of values, got both"
            raise OutputsError(text % (service, folder))
    if size > LONGEST_ALL:
        text = "%s: expected at most %d octets in all, got %d"
        raise OutputsError(text % (service, LONGEST_ALL, size))
    return entries


def pack(entries: list[tuple[str, bytes]]) -> bytes:
    """What check_values() gave as one text: path, value, path, value..., a NUL between each two."""
    parts = []
    for path, data in entries:
        parts.append(path.encode())
        parts.append(data[:-1])
    return b"\0".join(parts)


def unpack(data: bytes, in_full: bool = True) -> dict[str, str]:
    """The values that pack() wrote. ValueError (UnicodeError is one) when it can't have.

    Not `in_full`: only whether they are paths and values in UTF-8, not what they consist of. That
    takes a quarter of a hook's whole time when there are many.
    """
    if not data:
        return {}
    text = str(data, "utf-8")
    parts = text.split("\0")
    paths = parts[::2]
    values = dict(zip(paths, parts[1::2]))
    if len(values) * 2 != len(parts) or (in_full and not _is_ours(paths, text, data)):
        raise ValueError("expected what pack() writes")
    return values


def _is_ours(paths: list[str], text: str, data: bytes) -> bool:
    """Whether check_values() lets all of a packed text pass."""
    if "\0\n" in text or "\n\0" in text or not all([is_path(path) for path in paths]):
        return False
    # All values at once: each on its own would cost more.
    return _is_printable(text.replace("\0", " "), data.replace(b"\0", b" "))


def check_memo(service: str, memo: str) -> bytes:
    """The memo's file content. Any text will do: nobody but the publisher reads it."""
    data = _encoded(memo)
    if data is None or len(data) > LONGEST_VALUE:
        text = "%s: memo: expected text of at most %d octets, got %s"
        raise OutputsError(text % (service, LONGEST_VALUE, _shown(memo)))
    return data


def _content(service: str, path: str, value: str) -> bytes:
    """One value's file content: the text and one newline."""
    data = _encoded(value)
    if data is None or not _is_printable(value, data):
        raise OutputsError("%s: %s: expected %s, got %s" % (service, path, VALUE, _shown(value)))
    if len(data) > LONGEST_VALUE:
        text = "%s: %s: expected at most %d octets, got %d"
        raise OutputsError(text % (service, path, LONGEST_VALUE, len(data)))
    return data + b"\n"


def _encoded(value: str) -> bytes | None:
    """UTF-8, or None for what is no text."""
    try:
        return value.encode()
    except (AttributeError, UnicodeError):  # not a str; half a surrogate pair (on CPython)
        return None


def _is_printable(value: str, data: bytes) -> bool:
    if b"\n" in data:
        if data[:1] == b"\n" or data[-1:] == b"\n":
            return False
        data = data.replace(b"\n", b" ")
    if len(data) == len(value):  # ASCII, checked without a loop in Python
        return not data or (min(data) >= 0x20 and b"\x7f" not in data)
    return not any([_is_unprintable(ord(character)) for character in value])


def _is_unprintable(code: int) -> bool:
    return any([first <= code <= last for first, last in UNPRINTABLE])


def _shown(value: str) -> str:
    """For the error's text."""
    return show(value if isinstance(value, str) else repr(value))
