"""Words for execlineb, quoted so that it reads back exactly these. Pure.

execlineb's syntax (its page, "Syntax of scripts"): a word may stand in double quotes, where `\\"`
is a quote and `\\\\` a backslash; `{` and `}` alone begin and end a block. execlineb -P substitutes
nothing, so `$` is a plain character.
"""


class QuoteError(Exception):
    """A word that no program can get as an argument."""


def quote(word: str) -> str:
    """The word in double quotes; QuoteError for a NUL, which ends an argument."""
    if "\0" in word:
        raise QuoteError("expected an argument without NUL")
    return '"%s"' % word.replace("\\", "\\\\").replace('"', '\\"')


def line(words: list[str]) -> str:
    """One command's words on one line; plain ones stay as they are, for people."""
    return " ".join([word if _is_plain(word) else quote(word) for word in words]) + "\n"


def _is_plain(word: str) -> bool:
    return word != "" and not word.strip(PLAIN)


PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-"
