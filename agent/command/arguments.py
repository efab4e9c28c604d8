"""The command line of a verb: options may stand before and after the operands. Pure."""

from agent import options
from agent.options import UsageError

LONG = {b"--json": b"-j", b"--help": b"-h"}


def parse(argv: list[bytes], plain: str, valued: str) -> tuple[dict[str, str], list[str]]:
    """Options and operands, as options.parse() gives them; `--` ends the options.

    Operators type `frost wait dns -t 5`, so POSIX's order (options first) is not asked for.
    """
    end = argv.index(b"--") if b"--" in argv else len(argv)
    rest = [_short(word) for word in argv[:end]]
    found: dict[str, str] = {}
    words: list[str] = []
    while rest:
        more, left = options.parse(rest, plain, valued)
        found.update(more)
        words += left[:1]
        rest = [word.encode() for word in left[1:]]
    return found, words + options.parse([b"--"] + argv[end + 1 :], "", "")[1]


def _short(word: bytes) -> bytes:
    if len(word) > 2 and word[:2] == b"--" and word not in LONG:
        text = options.parse([b"--", word], "", "")[1][0]  # refused unless it is printable
        raise UsageError("expected one of the options below, got %s" % text)
    return LONG.get(word, word)


def count(letter: str, text: str, most: int) -> int:
    """An option's value that is a number from 0 to `most`."""
    if 0 < len(text) <= 9 and not text.strip("0123456789") and int(text) <= most:
        return int(text)
    raise UsageError('option -%s: expected a number from 0 to %d, got "%s"' % (letter, most, text))
