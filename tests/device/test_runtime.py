"""What device code relies on in the language and the library, the same on every target."""

import hashlib
import json
import struct
import sys
from collections import OrderedDict, namedtuple

from agent.port import clock, errno, process

ALL_ONES = (1 << 128) - 1


def test_integers_hold_whole_ipv6_addresses() -> None:
    value = 0x20010DB8_00000000_00000000_00000001
    assert value & (ALL_ONES << 64) == 0x20010DB8 << 96
    assert value >> 96 == 0x20010DB8
    assert value // 10**9 * 10**9 + value % 10**9 == value
    assert value.to_bytes(16, "big") == bytes.fromhex("20010db8000000000000000000000001")
    assert int.from_bytes(value.to_bytes(16, "big"), "big") == value
    assert "%x" % value == "20010db8000000000000000000000001"
    assert str(ALL_ONES) == "340282366920938463463374607431768211455"
    assert ALL_ONES ^ value | value == ALL_ONES


def test_octets_have_the_order_that_was_asked_for() -> None:
    assert struct.pack(">HI", 1, 2) == b"\x00\x01\x00\x00\x00\x02"
    assert struct.pack("<HI", 1, 2) == b"\x01\x00\x02\x00\x00\x00"
    native = "<" if sys.byteorder == "little" else ">"
    assert struct.pack("I", 0x01020304) == struct.pack(native + "I", 0x01020304)
    assert struct.unpack(">Q", b"\xff" * 8) == ((1 << 64) - 1,)
    assert struct.unpack(">q", b"\xff" * 8) == (-1,)


def test_floats_are_double() -> None:
    assert 16777217.0 + 1.0 == 16777218.0
    assert "%.3f" % 1234.5674 == "1234.567"
    assert 4102444800.123 - 4102444800.0 > 0.1229


def test_text_is_unicode_and_checked() -> None:
    text = b"caf\xc3\xa9".decode()
    assert (len(text), text.encode()) == (4, b"caf\xc3\xa9")
    refused = False
    try:
        b"\xff".decode()
    except UnicodeError:
        refused = True
    assert refused


def test_the_library_has_what_device_code_may_import() -> None:
    assert hashlib.sha256(b"abc").digest().hex()[:16] == "ba7816bf8f01cfea"
    assert json.loads(json.dumps({"a": [1, -2.5, None, "x"]})) == {"a": [1, -2.5, None, "x"]}
    point = namedtuple("point", ("x", "y"))
    assert tuple(point(1, 2)) == (1, 2) and point(1, 2).y == 2
    assert list(OrderedDict([("b", 1), ("a", 2)])) == ["b", "a"]


def test_assertions_are_compiled_in() -> None:
    caught = False
    try:
        assert len("") == 1
    except AssertionError:
        caught = True
    assert caught


def test_the_clock_runs_forward_and_random_octets_differ() -> None:
    before = clock.monotonic()
    assert 0 < before <= clock.monotonic() < before + 60
    assert len(clock.random(16)) == 16 and clock.random(16) != clock.random(16)


def test_errno_numbers_are_those_of_this_architecture() -> None:
    caught = 0
    try:
        process.kill(process.pid(), 12345)
    except OSError as error:
        caught = error.errno or 0
    assert caught == errno.EINVAL
    assert process.strerror(errno.ENOENT) == "No such file or directory"
