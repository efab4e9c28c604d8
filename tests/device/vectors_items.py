"""Items as odhcp6c hands them to its hook, bent in every way; CPython is the oracle. Host only."""

from hypothesis import strategies as st

from tests.device import items

SEEDS = (
    b"2001:db8::1",
    b"2001:db8::1/128",
    b"2001:db8:1::/56",
    b"fd00:1:2::/48",
    b"fe80::1",
    b"::/0",
    b"64:ff9b::/96",
    b"64:ff9b::192.0.2.1",
    b"example.net.",
    b"a-b.xn--bcher-kva.example",
    b"https://portal.example:8443/a%20b?c=d",
    b"0001000a",
    b"4294967295",
    b"",
)


def bend(seed: bytes, at: int, octet: int, how: str) -> bytes:
    """Keep, cut, insert, replace or double at one place."""
    at = min(at, len(seed))
    if how == "cut":
        return seed[:at] + seed[at + 1 :]
    if how == "insert":
        return seed[:at] + bytes((octet,)) + seed[at:]
    if how == "replace":
        return seed[:at] + bytes((octet,)) + seed[at + 1 :]
    if how == "double":
        return seed[:at] + seed
    return seed


OCTETS = st.one_of(
    st.builds(
        bend,
        st.sampled_from(SEEDS),
        st.integers(0, 40),
        st.one_of(st.sampled_from(sorted(b"0f:/.-%'\x00\n\xff ")), st.integers(0, 255)),
        st.sampled_from(("keep", "cut", "insert", "replace", "double")),
    ),
    st.binary(max_size=40),
)

INPUTS = st.builds(
    lambda kind, octets: [kind, octets.hex()], st.sampled_from(sorted(items.TYPES)), OCTETS
)


def expected(given: list[str]) -> str:
    """What CPython makes of it."""
    return items.outcome(*given)
