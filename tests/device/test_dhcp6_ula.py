"""The LANs' unique local prefix, on both runtimes (RFC 4193; RFC 7084 ULA-1 to ULA-5)."""

from agent.generations import remove_tree
from agent.port import files, process
from services.dhcp6 import deadlines, lan_plan, lease, ula
from tests.device import dhcp6_model as model
from tests.device.dhcp6_worlds import OLD
from tests.device.heard import heard

OWN = "fd12:3456:789a::/48"


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from services.dhcp6.plan import Plan


def plan(told: "list[Any]") -> "Plan":
    """What lan_prefix wants with OWN, when the ISP has told this."""
    given = lease.read(model.lease_values(told, 0.0))
    own = [ula.used(ula.parse(OWN) or 0)]
    return lan_plan.decide(0.0, given, [], model.LANS, [], model.HOLD, own)


def test_it_is_a_48_of_fd00_8_and_nothing_else() -> None:
    assert ula.parse(OWN) == 0xFD123456789A << 80
    for text in (
        "",
        "auto",
        "fd12:3456:789a::",
        "fd12:3456:789a::/64",
        "fd12:3456:789a:1::/48",
        "fc12:3456:789a::/48",
        "2001:db8::/48",
        "fd12:3456:789a::/48\nx",
        "fd12:3456:789a::/048",
    ):
        assert ula.parse(text) is None, text


def test_every_bit_of_the_global_id_is_random() -> None:
    assert ula.made(b"\0\0\0\0\0") == "fd00::/48"
    assert ula.made(b"\xff\xff\xff\xff\xff") == "fdff:ffff:ffff::/48"
    assert ula.made(b"\x12\x34\x56\x78\x9a") == OWN


def test_each_lan_has_a_64_of_it_for_ever_with_a_lease_and_without() -> None:
    leases: "list[list[Any]]" = [["bound", [OLD]], ["unbound", []]]
    for told in leases:
        values = plan(told).values
        folder = "lan/lan1/fd12-3456-789a-1--_64/"
        assert values[folder + "prefix"] == "fd12:3456:789a:1::"
        assert values[folder + "address"] == "fd12:3456:789a:1::1"
        assert values[folder + "valid-until"] == "infinity"
        assert values["delegated/fd12-3456-789a--_48/length"] == "48"


def test_it_is_no_prefix_of_the_lease_to_be_held_when_that_is_gone() -> None:
    found = plan(["bound", [OLD]])
    assert [item.length for item in found.used] == [56]
    assert plan(["unbound", []]).used == []
    assert plan(["unbound", []]).wake_at == deadlines.FOREVER


def kept_in(content: "bytes | None") -> "tuple[int, bytes]":
    """(the prefix, what the file holds after) when the file held this before."""
    base = process.environ().get(b"TMPDIR", b"/tmp").decode()
    folder = "%s/fg-ula-%d" % (base, process.pid())
    files.make_folder(folder)
    try:
        if content is not None:
            files.write(folder + "/ula", content)
        value = ula.kept("test", folder)
        assert value == ula.kept("test", folder)
        return value, files.read(folder + "/ula")
    finally:
        remove_tree(folder)


def test_it_is_made_once_and_kept() -> None:
    first, second = kept_in(None), kept_in(None)
    assert first[0] >> 120 == 0xFD and ula.parse(first[1].decode()[:-1]) == first[0]
    assert first != second
    assert kept_in(OWN.encode() + b"\n") == (ula.parse(OWN), OWN.encode() + b"\n")


def test_what_cannot_be_one_is_replaced() -> None:
    for content in (b"", b"\xff\xfe", b"2001:db8::/48\n", b"x" * 4096):
        (value, after), lines = heard(kept_in, content)
        assert value >> 120 == 0xFD and after != content
        assert len(lines) == 1 and lines[0].endswith("; making one"), lines


def test_without_a_place_to_keep_it_there_is_one_all_the_same() -> None:
    value, lines = heard(ula.kept, "test", "/nonexistent/folder")
    assert value >> 120 == 0xFD
    assert len(lines) == 1 and lines[0].endswith("/48 holds until the next start"), lines
