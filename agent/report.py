"""How programs speak to people: one line on standard error, with everything strange escaped.

s6-log prefixes the line with the service's name. What comes from a network is shown so that a
terminal, a log parser or a careless script cannot be led astray by it.
"""

from agent.port import process

LONGEST = 200  # characters of a strange value that are shown; the rest is counted


def show(value: bytes | str) -> str:
    """A value in double quotes, all but printable ASCII escaped, cut after LONGEST characters."""
    # CPython refuses half of a surrogate pair otherwise, and that is what is to be shown.
    octets = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)
    shown = "".join([_escape(octet) for octet in octets[:LONGEST]])
    rest = len(octets) - LONGEST
    return '"%s"%s' % (shown, " and %d octets more" % rest if rest > 0 else "")


def _escape(octet: int) -> str:
    if octet in (0x22, 0x5C):
        return "\\" + chr(octet)
    if 0x20 <= octet <= 0x7E:
        return chr(octet)
    return "\\x%02x" % octet


def say(program: str, text: str) -> None:
    """Write `program: text` as one line to standard error; a closed one is not an error."""
    try:
        process.write(2, ("%s: %s\n" % (program, plain(text))).encode())
    except OSError:
        pass  # nobody listens: the exit code still tells


def tell(program: str, text: str) -> bool:
    """Write `text` to standard output as it is; False, after a line on stderr, when that fails."""
    try:
        process.write(1, text.encode())
    except OSError as error:
        say(program, "standard output: %s" % process.strerror(error.errno or 0))
        return False
    return True


def plain(text: str) -> str:
    """The text with everything escaped that would move, recolour or reorder what is shown."""
    return "".join([_plain(character) for character in text])


def _plain(character: str) -> str:
    """Control characters never reach the terminal, wherever the text came from."""
    code = ord(character)
    if code < 0x20 or code == 0x7F or 0x80 <= code < 0xA0:
        return "\\x%02x" % code
    # Half of a surrogate pair: no octets stand for it. Bidirectional marks, line separators and
    # the byte order mark make text look like other text.
    if 0xD800 <= code < 0xE000 or 0x200E <= code <= 0x200F or 0x2028 <= code <= 0x202E:
        return "\\u%04x" % code
    if 0x2066 <= code <= 0x2069 or code == 0xFEFF:
        return "\\u%04x" % code
    return character
