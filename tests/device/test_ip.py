"""Addresses as text and integers, on both runtimes."""

from agent import ip
from agent.port import files, process  # noqa: F401  (the port must import on every target)

# text -> canonical text, or None where it is no address (RFC 4291 2.2, RFC 5952 4 and 5)
SIX = (
    ("::", "::"),
    ("::1", "::1"),
    ("1::", "1::"),
    ("2001:db8::", "2001:db8::"),
    ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
    ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("", None),
    (":", None),
    (":::", None),
    ("1::2::3", None),
    ("1:2:3:4:5:6:7", None),
    ("1:2:3:4:5:6:7:8:9", None),
    ("1:2:3:4:5:6:7::8", None),
    ("12345::", None),
    (":1:2:3:4:5:6:7", None),
    ("1:2:3:4:5:6:7:", None),
    ("fe80::1%eth0", None),
    ("2001:db8::/32", None),
    ("[::1]", None),
    ("::1 ", None),
    ("::1\n", None),
    ("::g", None),
    ("::-1", None),
    ("192.0.2.1::", None),
    ("::192.0.2.1:1", None),
    ("::256.0.0.1", None),
    ("::1.2.3", None),
    ("::01.2.3.4", None),
    ("::\u0661", None),
)

FOUR = (
    ("0.0.0.0", "0.0.0.0"),
    ("192.0.2.255", "192.0.2.255"),
    ("255.255.255.255", "255.255.255.255"),
    ("256.0.0.1", None),
    ("1.2.3", None),
    ("1.2.3.4.5", None),
    ("01.2.3.4", None),
    ("1.2.3.-4", None),
    ("1.2.3.4 ", None),
    ("", None),
)


def test_text_is_read_strictly_and_written_canonically() -> None:
    for text, expected in SIX:
        value = ip.parse6(text)
        got = None if value is None else ip.format6(value)
        assert got == expected, (text, got, expected)
    for text, expected in FOUR:
        value = ip.parse4(text)
        got = None if value is None else ip.format4(value)
        assert got == expected, (text, got, expected)


def test_octets_are_in_network_order() -> None:
    assert ip.pack("2001:db8::1") == b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01"
    assert ip.pack("192.0.2.1") == b"\xc0\x00\x02\x01"
    assert ip.pack("nonsense") is None
    assert ip.unpack(b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01") == "2001:db8::1"
    assert ip.unpack(b"\xc0\x00\x02\x01") == "192.0.2.1"


def test_masks_and_containment_work_at_both_ends() -> None:
    value = ip.parse6("2001:db8:1:2:3:4:5:6")
    assert value is not None
    assert ip.format6(ip.mask(value, 56)) == "2001:db8:1::"
    assert ip.mask(value, 0) == 0
    assert ip.mask(value, 128) == value
    assert ip.contains(ip.mask(value, 56), 56, value)
    assert ip.contains(0, 0, value)
    assert not ip.contains(ip.mask(value, 56) + (1 << 72), 56, value)


def test_decimals_have_one_spelling() -> None:
    cases = (("0", 0), ("7", 7), ("4294967295", 4294967295), ("4294967296", None), ("", None))
    for text, expected in cases + (("01", None), ("+1", None), ("1 ", None), ("\u0661", None)):
        assert ip.decimal(text, ip.INFINITE) == expected, text


def replay(path: str) -> None:
    """Hold this runtime to lines of `text value-in-hex`, made on the host by another library."""
    for line in files.read(path).decode().splitlines():
        text, _, digits = line.partition(" ")
        assert ip.parse6(text) == int(digits, 16), line
        assert ip.format6(int(digits, 16)) == text, line
