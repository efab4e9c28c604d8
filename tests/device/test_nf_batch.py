"""Changes of elements as octets to netfilter: heads in the machine's order, the rest big-endian."""

from struct import pack

from agent.port import nf_batch

TABLE = b"frost_ip6\0"
NEWSETELEM, DELSETELEM, NEWOBJ, DELOBJ = 0xA0C, 0xA0E, 0xA12, 0xA14
CREATE = 0x400
NESTED = 0x8000
PREFIX = bytes([0x20, 1, 0xD, 0xB8])  # 2001:db8::/32


def attribute(kind: int, value: bytes) -> bytes:
    """An attribute made by hand."""
    return pack("HH", 4 + len(value), kind) + value + bytes((4 - len(value) % 4) % 4)


def nested(kind: int, *values: bytes) -> bytes:
    return attribute(kind | NESTED, b"".join(values))


def key(octets: bytes, kind: int = 1) -> bytes:
    return nested(kind, attribute(1, octets))


def end(octets: bytes) -> bytes:
    return nested(1, attribute(3, b"\0\0\0\1"), key(octets))


def test_a_transaction_begins_and_ends_and_its_last_message_is_acknowledged() -> None:
    one, other = (0xA0C, CREATE, 10, b"12345678"), (0xA0E, 0, 2, b"abcd")
    assert nf_batch.batch([one, other], 7) == b"".join(
        [
            pack("IHHII", 20, 0x10, 1, 7, 0) + b"\0\0\0\x0a",
            pack("IHHII", 28, 0xA0C, 0x401, 8, 0) + b"\x0a\0\0\0" + b"12345678",
            pack("IHHII", 24, 0xA0E, 5, 9, 0) + b"\2\0\0\0" + b"abcd",
            pack("IHHII", 20, 0x11, 1, 10, 0) + b"\0\0\0\x0a",
        ]
    )


def test_a_flush_names_the_set_and_no_element() -> None:
    place = attribute(1, TABLE) + attribute(2, b"wan\0")
    assert nf_batch.flush("ip6", "frost_ip6", "wan") == (DELSETELEM, 0, 10, place)
    assert nf_batch.flush("ip", "frost_ip6", "wan") == (DELSETELEM, 0, 2, place)


def test_an_element_of_a_set_and_of_maps() -> None:
    name = b"ppp0" + bytes(12)
    place = attribute(1, TABLE) + attribute(2, b"from\0")
    plain = nested(1, key(name))
    jump = nested(1, key(name), nested(2, nested(2, attribute(1, b"\xff\xff\xff\xfd"),
                                                 attribute(2, b"x\0"))))  # fmt: skip
    limit = nested(1, key(name), attribute(9, b"icmp_9\0"))
    elements = [
        nf_batch.element(name),
        nf_batch.element(name, 0, nf_batch.verdict("jump", "x")),
        nf_batch.element(name, 0, nf_batch.limit_reference("icmp_9")),
    ]
    assert nf_batch.add("ip6", "frost_ip6", "from", elements) == [
        (NEWSETELEM, CREATE, 10, place + nested(3, plain, jump, limit))
    ]  # fmt: skip
    assert b"\xff\xff\xff\xfc" in nf_batch.verdict("goto", "x")


def test_a_timeout_is_in_milliseconds_and_several_fields_have_an_end_of_their_own() -> None:
    assert nf_batch.element(b"\1\2\3\4", 60) == (
        nested(1, attribute(4, bytes(6) + b"\xea\x60"), key(b"\1\2\3\4"))
    )
    assert nf_batch.element(b"12345678", 0, b"", b"12349999") == (
        nested(1, key(b"12345678"), key(b"12349999", 10))
    )


def test_intervals_are_beginnings_and_ends_from_nothing_on() -> None:
    low, high = PREFIX + bytes(12), PREFIX + b"\xff" * 12
    after = bytes([0x20, 1, 0xD, 0xB9]) + bytes(12)
    timed = nested(1, attribute(4, bytes(6) + b"\xea\x60"), key(low))
    assert nf_batch.intervals([(low, high, 60)]) == [end(bytes(16)), timed, end(after)]


def test_intervals_at_either_end_of_all_addresses() -> None:
    note = attribute(6, b"\1\4" + pack("I", 1))
    assert nf_batch.intervals(
        [(b"\xe0\0\0\0", b"\xff\xff\xff\xff", 0), (b"\0\0\0\0", b"\0\xff\xff\xff", 0)]
    ) == [nested(1, key(bytes(4))), end(b"\1\0\0\0"), nested(1, key(b"\xe0\0\0\0"), note)]
    assert nf_batch.intervals([]) == []


def test_a_limit_matches_what_is_over_its_rate() -> None:
    place = attribute(1, TABLE) + attribute(2, b"icmp_9\0") + attribute(3, b"\0\0\0\4")
    rate, second = bytes(6) + b"\x01\x2c", bytes(7) + b"\1"
    data = nested(4, attribute(1, rate), attribute(2, second), attribute(3, b"\0\0\x01\x2c"),
                  attribute(4, bytes(4)), attribute(5, b"\0\0\0\1"))  # fmt: skip
    made = nf_batch.add_limit("ip6", "frost_ip6", "icmp_9", 300)
    assert made == (NEWOBJ, CREATE, 10, place + data)
    assert nf_batch.delete_limit("ip6", "frost_ip6", "icmp_9") == (DELOBJ, 0, 10, place)


def test_many_elements_are_several_messages() -> None:
    some = [nf_batch.element(bytes([n >> 8, n & 255]) * 2) for n in range(2 * nf_batch.PART + 1)]
    found = nf_batch.add("ip", "t", "s", some)
    assert [len(each[3]) for each in found] == [20 + 16 * n for n in (250, 250, 1)]
    assert nf_batch.add("ip", "t", "s", []) == []
