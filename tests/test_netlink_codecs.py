"""Both ports decode the same messages to the same records (hypothesis makes the messages)."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from agent.port.cpython import rtnl
from agent.port.frozen import addresses, links, messages, netconf, routes

U32 = st.integers(0, 2**32 - 1).map(lambda value: struct.pack("I", value))
ANY = st.binary(max_size=40)
ADDRESS = {2: st.binary(min_size=4, max_size=4), 10: st.binary(min_size=16, max_size=16)}
FAMILY = st.sampled_from([2, 10])


def attribute(kind: int, values: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return values.map(lambda value: messages.attribute(kind, value))


def some(*choices: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Each attribute at most once, in any order."""
    picked = st.tuples(*[st.one_of(st.just(b""), choice) for choice in choices])
    return picked.flatmap(st.permutations).map(b"".join)


LINK_ATTRIBUTES = some(
    attribute(1, st.binary(min_size=1, max_size=20)),
    attribute(3, st.binary(min_size=1, max_size=15).map(lambda name: name + b"\0")),
    attribute(4, U32),
    attribute(10, U32),
    attribute(16, st.binary(min_size=1, max_size=1)),
    attribute(18, some(attribute(1, st.binary(min_size=1, max_size=9)), attribute(2, ANY))),
    attribute(23, ANY),
    attribute(52, ANY),
)


@given(st.sampled_from([0, 0, 0, 7]), st.integers(1, 2**31 - 1), U32, LINK_ATTRIBUTES)
def test_both_read_the_same_link(family: int, index: int, flags: bytes, rest: bytes) -> None:
    body = struct.pack("BBHi", family, 0, 1, index) + flags + bytes(4) + rest
    octets = messages.message(16, 0, 1, body)
    assert rtnl.decode(16, octets) == links.decode(octets, 0, len(octets))


@given(st.data(), FAMILY, st.binary(min_size=3, max_size=3), st.integers(0, 2**31 - 1))
def test_both_read_the_same_address(
    data: st.DataObject, family: int, head: bytes, index: int
) -> None:
    times = st.binary(min_size=16, max_size=16)
    rest = data.draw(some(attribute(2, ADDRESS[family]), attribute(6, times), attribute(8, U32)))
    rest += data.draw(attribute(1, ADDRESS[family]))
    octets = messages.message(
        20, 0, 1, struct.pack("B", family) + head + struct.pack("i", index) + rest
    )
    assert rtnl.decode(20, octets) == addresses.decode(octets, 0, len(octets))


@given(
    st.data(), FAMILY, st.integers(0, 128), st.sampled_from([0, 0, 64]), st.sampled_from([0, 512])
)
def test_both_read_the_same_route(
    data: st.DataObject, family: int, length: int, source: int, flags: int
) -> None:
    kind, protocol = data.draw(st.integers(0, 13)), data.draw(st.integers(0, 255))
    table = data.draw(st.integers(1, 255))
    header = (family, length, source, 0, table, protocol, 0, kind, flags)
    rest = data.draw(
        some(
            attribute(1, ADDRESS[family]),
            attribute(4, U32),
            attribute(5, ADDRESS[family]),
            attribute(6, U32),
            attribute(12, st.binary(min_size=32, max_size=32)),
            attribute(20, st.binary(min_size=1, max_size=1)),
        )
    )
    octets = messages.message(24, 0, 1, struct.pack("BBBBBBBBI", *header) + rest)
    found = routes.decode(octets, 0, len(octets), table)
    assert rtnl.decode(24, octets) == (None if found is None else found[0])


@given(
    st.sampled_from([80, 81]),
    st.sampled_from([2, 10, 10]),
    st.integers(-3, 9).map(lambda index: struct.pack("i", index)),
    U32,
    U32,
)
def test_both_read_the_same_switch(
    kind: int, family: int, index: bytes, on: bytes, other: bytes
) -> None:
    for rest in (
        [(1, index), (2, on), (3, other)],
        [(2, on), (1, index)],
        [(1, index), (3, other)],
        [(2, on)],
        [],
    ):
        body = bytes([family, 0, 0, 0])
        body += b"".join([messages.attribute(what, value) for what, value in rest])
        octets = messages.message(kind, 0, 1, body)
        assert rtnl.decode(kind, octets) == netconf.decode(kind, octets, 0, len(octets))


def test_both_make_the_same_vlan() -> None:
    for number, protocol in ((1, 0x8100), (4094, 0x88A8)):
        message = rtnl.new_link_message("wan.7", "vlan", "", 3, number, protocol)
        message["header"]["type"] = rtnl.RTM_NEWLINK
        message.encode()
        assert bytes(message.data[16:]) == links.new("wan.7", "vlan", "", 3, number, protocol)
