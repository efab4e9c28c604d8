"""Which known word a mistyped one stands for. Pure; for error texts only."""


def suggestion(word: str, words: "list[str]") -> str:
    """`; did you mean "lan"?` when one of `words` is close to `word`, else nothing."""
    close = nearest(word, words)
    return '; did you mean "%s"?' % close if close else ""


def nearest(word: str, words: "list[str]") -> str:
    """The closest of `words`, the first in order when several are; "" when none is close.

    Close: one slip of the keyboard (a letter more, less, other, or two swapped), in words of five
    letters and more two slips.
    """
    best, least = "", 2 if len(word) < 5 else 3
    for other in sorted(words):
        if abs(len(other) - len(word)) < least:
            slips = distance(word, other)
            if slips < least:
                best, least = other, slips
    return best


def distance(a: str, b: str) -> int:
    """The optimal string alignment distance: how many slips make `b` of `a`."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i in range(1, len(a) + 1):
        above, row = row, [i]
        for j in range(1, len(b) + 1):
            cost = 0 if a[i - 1] == b[j - 1] else 1
            best = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before = above
    return row[-1]
