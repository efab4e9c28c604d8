"""Channels of 20 MHz and the wider ones made of them (IEEE 802.11-2020 annex E, 19.3.15). Pure."""

CHANNELS24 = tuple(range(1, 14))
CHANNELS5 = (*range(36, 65, 4), *range(100, 145, 4), *range(149, 166, 4))
# The first channel of each block of this width in MHz, at 5 GHz.
BLOCKS = {
    40: (36, 44, 52, 60, 100, 108, 116, 124, 132, 140, 149, 157),
    80: (36, 52, 100, 116, 132, 149),
    160: (36, 100),
}
WIDEST = {"n": 40, "ac": 160, "ax": 160}  # MHz


def is_fast(channel: int) -> bool:
    """Whether a channel is one of the 5 GHz band."""
    return channel > 14


def widths(channel: int, standard: str) -> list[int]:
    """The widths in MHz that a channel can have."""
    if not is_fast(channel):
        return [20, 40]
    found = [width for width in sorted(BLOCKS) if width <= WIDEST[standard]]
    return [20] + [width for width in found if block(channel, width)]


def block(channel: int, width: int) -> int:
    """The first channel of the block of this width that the channel is in; 0: there is none."""
    for first in BLOCKS[width]:
        if first <= channel < first + width // 5:
            return first
    return 0


def center(channel: int, width: int) -> int:
    """The number of the middle of that block."""
    return block(channel, width) + width // 10 - 2


def is_lower(channel: int) -> bool:
    """Whether the other 20 MHz of a 40 MHz channel are above this one."""
    if is_fast(channel):
        return channel in BLOCKS[40]
    return channel < 8  # either would do up to 9; from 10 on only those below are there
