"""IPv6 addresses in any spelling, with Python's own ipaddress module as the oracle. Host only."""

import hashlib
import ipaddress

from hypothesis import strategies as st

GROUPS = st.lists(
    st.one_of(st.just(0), st.integers(0, 0xFFFF), st.sampled_from([1, 0xFFFF, 0xFE80])),
    min_size=8,
    max_size=8,
)


def spell(groups: list[int], style: int) -> str:
    """Canonical, all digits, without any shortening, or with an upper-case hexadecimal."""
    packed = b"".join(group.to_bytes(2, "big") for group in groups)
    address = ipaddress.IPv6Address(packed)
    plain = ":".join(f"{group:x}" for group in groups)
    return (str(address), address.exploded, plain, plain.upper())[style]


INPUTS = st.builds(spell, GROUPS, st.integers(0, 3))


def expected(text: str) -> list[object]:
    """[canonical text, length, masked text, first octet of the SHA-256 of the address]."""
    address = ipaddress.IPv6Address(text)
    digest = hashlib.sha256(address.packed).digest()
    length = (digest[1] | digest[2] << 8) % 129
    network = ipaddress.IPv6Network((int(address), length), strict=False)
    return [canonical(address), length, canonical(network.network_address), digest[0]]


def canonical(address: ipaddress.IPv6Address) -> str:
    """RFC 5952's text: ipaddress writes v4-mapped addresses (section 5) so from 3.13 on only."""
    mapped = address.ipv4_mapped
    return str(address) if mapped is None else f"::ffff:{mapped}"
