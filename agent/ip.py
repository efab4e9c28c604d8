"""IP addresses as text, integers and octets. Pure; strict on reading, canonical on writing.

Text from a network passes through here before anything else sees it. MicroPython has no inet_pton
and no ipaddress module, and both runtimes must agree to the letter.
"""

import struct

INFINITE = 0xFFFFFFFF  # RFC 9915 section 7.7: a lifetime of all ones never ends
ALL_ONES = (1 << 128) - 1

_CHARACTERS = "0123456789abcdef:.ABCDEF"
# Zero groups between colons, the longest run first; RFC 5952 section 4.2.2: one is not shortened
_ZERO_RUNS = [":0" * count + ":" for count in range(8, 1, -1)]


def parse4(text: str) -> int | None:
    """The 32-bit value of a dotted quad (strict form of RFC 6943 section 3.1.1), or None."""
    parts = text.split(".")
    if len(parts) != 4:
        return None
    value = 0
    for part in parts:
        octet = decimal(part, 255)
        if octet is None:
            return None
        value = value << 8 | octet
    return value


def decimal(text: str, limit: int) -> int | None:
    """A decimal number of ASCII digits, without sign, spaces or leading zeros, at most `limit`."""
    if not text or len(text) > 20 or (text[0] == "0" and len(text) > 1):
        return None
    if text.strip("0123456789"):
        return None
    value = int(text)
    return value if value <= limit else None


def parse6(text: str) -> int | None:
    """The 128-bit value of an IPv6 address (RFC 4291 section 2.2), None if it is not one.

    No zone (`%eth0`), no prefix length, no brackets; an embedded dotted quad is accepted.
    """
    if text.strip(_CHARACTERS):
        return None
    head, double, tail = text.partition("::")
    if double and "::" in tail:
        return None
    front = _groups(head, not double)
    back = _groups(tail, True) if double else []
    if front is None or back is None:
        return None
    missing = 8 - len(front) - len(back)
    # RFC 4291: "::" stands for one or more groups
    if missing < 0 or (missing > 0 and not double) or (missing == 0 and double):
        return None
    # one conversion of 16 octets costs a frozen program less than eight 128-bit shifts
    return int.from_bytes(struct.pack(">8H", *(front + [0] * missing + back)), "big")


def _groups(text: str, quad_allowed: bool) -> list[int] | None:
    """The groups of one side of an address, of the right characters; a dotted quad may end it."""
    if not text:
        return []
    parts = text.split(":")
    groups: list[int] = []
    for part in parts:
        if "." in part:
            quad = parse4(part)
            if quad is None or not quad_allowed or len(groups) != len(parts) - 1:
                return None
            groups.append(quad >> 16)
            groups.append(quad & 0xFFFF)
        elif not 0 < len(part) <= 4:
            return None
        else:
            groups.append(int(part, 16))
    return groups


def format4(value: int) -> str:
    """The dotted quad of a 32-bit value."""
    return "%d.%d.%d.%d" % (value >> 24 & 255, value >> 16 & 255, value >> 8 & 255, value & 255)


def format6(value: int) -> str:
    """The canonical text of a 128-bit value (RFC 5952)."""
    if value >> 32 == 0xFFFF:  # RFC 5952 section 5: v4-mapped addresses end in a dotted quad
        return "::ffff:" + format4(value & 0xFFFFFFFF)
    groups = struct.unpack(">8H", value.to_bytes(16, "big"))
    text = ":%x:%x:%x:%x:%x:%x:%x:%x:" % groups
    for run in _ZERO_RUNS:  # section 4.2: the longest run, the first of equals
        if run in text:
            text = text.replace(run, "::", 1)
            break
    return text[0 if text.startswith("::") else 1 : None if text.endswith("::") else -1]


def parse(text: str) -> tuple[int, int] | None:
    """(4 or 6, value) of an address of either family, None if it is neither."""
    value = parse6(text) if ":" in text else parse4(text)
    return None if value is None else (6 if ":" in text else 4, value)


def mask(value: int, length: int) -> int:
    """A 128-bit value with everything after its first `length` bits cleared."""
    return value & (ALL_ONES ^ (ALL_ONES >> length))


def contains(prefix: int, length: int, value: int) -> bool:
    """Whether the 128-bit `value` lies in `prefix`/`length`."""
    return (prefix ^ value) >> (128 - length) == 0


def pack(text: str) -> bytes | None:
    """The 4 or 16 octets of an address in network order, None if the text is not one."""
    parsed = parse(text)
    if parsed is None:
        return None
    return parsed[1].to_bytes(4 if parsed[0] == 4 else 16, "big")


def unpack(octets: bytes) -> str:
    """The canonical text of 4 or 16 octets in network order."""
    if len(octets) == 4:
        return format4(int.from_bytes(octets, "big"))
    if len(octets) == 16:
        return format6(int.from_bytes(octets, "big"))
    raise ValueError("an address has 4 or 16 octets, got %d" % len(octets))
