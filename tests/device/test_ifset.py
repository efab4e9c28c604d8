"""The command line of ifset. Runs on both runtimes."""

from agent.options import UsageError
from services.link import request
from services.link.request import Request

Q = 0x8100


def refusal(*words: bytes) -> str:
    try:
        request.parse(list(words))
    except UsageError as error:
        return str(error)
    return "accepted"


def asked(verb: str, ifname: str, bridge: str = "", address: str = "", length: int = 0) -> Request:
    return Request(verb, ifname, bridge, address, length, 0, "", "", True, False, "", 0, Q, "")


def test_every_verb_has_its_words() -> None:
    for words, expected in (
        ([b"up", b"eth0"], asked("up", "eth0")),
        ([b"down", b"eth0"], asked("down", "eth0")),
        ([b"delete", b"br-lan"], asked("delete", "br-lan")),
        ([b"join", b"eth1", b"br-lan"], asked("join", "eth1", "br-lan")),
        ([b"leave", b"eth1"], asked("leave", "eth1")),
        ([b"reset", b"eth0"], asked("reset", "eth0")),
        ([b"add", b"eth1", b"192.0.2.1/24"], asked("add", "eth1", "", "192.0.2.1", 24)),
        ([b"remove", b"eth1", b"2001:DB8::1/64"], asked("remove", "eth1", "", "2001:db8::1", 64)),
    ):
        assert request.parse(words) == expected, words


def test_settings_are_taken_in_any_order() -> None:
    words = [b"bridge", b"br-lan", b"like=eth1", b"ra=yes", b"mac=02:00:5e:00:53:01"]
    assert request.parse([b"down", b"eth0", b"before=data/x"]).before == "data/x"
    told = request.parse(words + [b"ipv6=no", b"mtu=1492"])
    assert told == Request(
        "bridge", "br-lan", "", "", 0, 1492, "02:00:5e:00:53:01", "eth1", False, True, "", 0, Q, ""
    )


def test_a_vlan_has_a_link_below_and_an_id() -> None:
    told = request.parse([b"vlan", b"wan.7", b"on=eth0", b"id=7", b"tag=802.1ad", b"mtu=1496"])
    assert told == Request(
        "vlan", "wan.7", "", "", 0, 1496, "", "", True, False, "eth0", 7, 0x88A8, ""
    )
    assert request.parse([b"vlan", b"iptv", b"id=4094", b"on=eth0"])[-3:] == (4094, Q, "")
    assert refusal(b"vlan", b"wan.7", b"id=7").startswith("on: expected a link name")
    for number in (b"0", b"4095", b"-1", b"07", b"x", b""):
        said = refusal(b"vlan", b"wan.7", b"on=eth0", b"id=" + number)
        assert said.startswith("id: expected 1 to 4094"), number
    assert refusal(b"vlan", b"v", b"on=eth0", b"id=7", b"tag=x").startswith("tag: expected 802.1q")
    assert refusal(b"up", b"eth0", b"id=7") == 'up: expected no such word, got "id=7"'


def test_what_makes_no_sense_is_refused_with_what_was_expected() -> None:
    assert refusal() == "expected one of up bridge vlan join add remove down delete leave reset"
    assert refusal(b"raise", b"eth0").startswith("expected one of up")
    assert refusal(b"up").startswith("IFNAME: expected a link name")
    assert refusal(b"up", b"../all").startswith("IFNAME: expected a link name")
    assert refusal(b"join", b"eth0").startswith("BRIDGE: expected a link name")
    assert refusal(b"up", b"eth0", b"like=eth1") == 'up: expected no such word, got "like=eth1"'
    assert refusal(b"down", b"eth0", b"mtu=1500").startswith("down: expected no such word")
    assert refusal(b"up", b"eth0", b"mtu=1", b"mtu=2").startswith("up: expected no such word")
    for mtu in (b"67", b"65536", b"+1500", b"01500", b""):
        assert refusal(b"up", b"eth0", b"mtu=" + mtu).startswith("mtu: expected 68 to 65535"), mtu
    for mac in (b"02:00:5e:00:53", b"02-00-5e-00-53-01", b"02:00:5E:00:53:01"):
        assert refusal(b"up", b"eth0", b"mac=" + mac).startswith("mac: expected one as"), mac
    assert refusal(b"up", b"eth0", b"ipv6=on") == 'ipv6: expected yes or no, got "on"'
    for address in (b"192.0.2.1", b"192.0.2.1/33", b"2001:db8::1/129", b"host/24", b"/24", b""):
        assert refusal(b"add", b"eth0", address).startswith("expected ADDRESS/LENGTH"), address
