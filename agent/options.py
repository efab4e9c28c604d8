"""Command lines of device programs: POSIX short options, then operands. Pure.

Arguments are octets because they come from strangers; an option's value is text only after it has
been checked. POSIX.1-2017 section 12.2: options may be grouped, `--` ends them.
"""


class UsageError(Exception):
    """The command line does not fit the usage; the text says where."""


def parse(argv: list[bytes], plain: str, valued: str) -> tuple[dict[str, str], list[str]]:
    """Split `argv` (without the program's name) into options and operands.

    `plain` lists the letters that stand alone, `valued` those that take a value. Returns
    ({"v": "", "t": "5"}, operands). Raises UsageError for an unknown option, a missing value or
    an argument that is not printable ASCII.
    """
    words = [_text(word) for word in argv]
    options = {}
    while words and len(words[0]) > 1 and words[0][0] == "-":
        word = words.pop(0)
        if word == "--":
            break
        while len(word) > 1:
            letter, word = word[1], "-" + word[2:]
            if letter in plain:
                options[letter] = ""
            elif letter in valued:
                if len(word) > 1:
                    options[letter] = word[1:]
                elif words:
                    options[letter] = words.pop(0)
                else:
                    raise UsageError("option -%s: expected a value, got none" % letter)
                break
            else:
                raise UsageError("expected one of the options below, got -%s" % letter)
    return options, words


def _text(word: bytes) -> str:
    for octet in word:
        if not 0x20 <= octet <= 0x7E:
            raise UsageError("expected printable ASCII arguments, got %s" % _quoted(word))
    return word.decode()


def descriptor(text: str, where: str = "option -d") -> int:
    """The descriptor number that `where` gives; s6 allows 3 and up, and 1 is of use in pipes."""
    if not text or len(text) > 6 or [digit for digit in text if digit not in "0123456789"]:
        raise UsageError(
            "%s: expected a descriptor number, got %s" % (where, _quoted(text.encode()))
        )
    if int(text) in (0, 2):
        raise UsageError("%s: expected 1, or 3 and up, got %d" % (where, int(text)))
    return int(text)


def _quoted(octets: bytes) -> str:
    """What a stranger wrote, and no more of it than fits a line."""
    shown = [chr(o) if 0x20 <= o <= 0x7E else "\\x%02x" % o for o in octets[:100]]
    return '"%s"' % "".join(shown)


def seconds(letter: str, text: str) -> float:
    """A duration in seconds: decimal digits, with a fraction if wanted."""
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if not digits or len(digits) > 12 or [d for d in digits if d not in "0123456789"]:
        raise UsageError('option -%s: expected seconds like 5 or 0.5, got "%s"' % (letter, text))
    return float(text)
