"""Links, VLANs and routes of a site that can't work together, and what is told of them."""

from typing import Any

import pytest

from packager.checks import links
from packager.gathered import gather
from packager.targets import find_target
from services.device.definition import Device
from services.dhcp4.definition import Dhcp4
from services.dhcp6.definition import Dhcp6, Lan
from services.link.definition import Address, Bridge, Ethernet, Vlan
from services.mount.definition import Mount
from services.route.definition import Route
from services.site.problems import SiteError
from tests.site_parts import site, told

WAN = Ethernet(name="wan", ifname="eth0")
PORT = Ethernet(name="port", ifname="eth1")
LAN = Bridge(name="lan", members=(PORT,))
HERE = Address(name="here", on=LAN, address="192.168.1.1/24")


def refusal(kind: Any, **given: Any) -> str:
    """The first line that is told of such a value."""
    with pytest.raises(SiteError) as error:
        kind(**given)
    return str(error.value.problems[0]).partition(": ")[2]


def test_an_uplink_is_no_port_of_a_bridge() -> None:
    expected = "expected a link that is in no bridge, got port, a member of lan"
    hint = "; write on=lan, or take it out of the bridge"
    assert told(PORT, LAN, Dhcp4(name="wan4", on=PORT)) == [f"wan4.on: {expected}{hint}"]
    assert told(PORT, LAN, Dhcp4(name="wan4", on=LAN), HERE) == []
    # A VLAN takes its frames before the bridge does
    tv = Vlan(name="tv", on=PORT, id=8)
    assert told(PORT, LAN, tv, Dhcp4(name="wan4", on=tv)) == []


def test_a_link_is_in_one_bridge() -> None:
    other = Bridge(name="other", ifname="br1", members=(PORT,))
    text = "expected a link in one bridge, got port in lan, too"
    assert told(PORT, LAN, other) == [f"other.members: {text}"]


def test_vlans_of_one_link_have_ids_of_their_own() -> None:
    one, two = Vlan(name="one", on=WAN, id=7), Vlan(name="two", ifname="v", on=WAN, id=7)
    found = told(WAN, one, two)
    assert len(found) == 1
    start = "two: expected one service for the VLAN 7 of eth0 (802.1q), got one"
    assert found[0].startswith(start)
    assert told(WAN, one, Vlan(name="two", ifname="v", on=WAN, id=7, tag="802.1ad")) == []
    assert told(WAN, PORT, one, Vlan(name="two", on=PORT, id=7)) == []


def test_a_vlan_is_named_after_its_link_and_fits_it() -> None:
    assert Vlan(name="v", on=WAN, id=7).ifname == "eth0.7"
    for number in (0, 4095):
        said = refusal(Vlan, name="v", on=WAN, id=number)
        assert said == f"v.id: expected 1 to 4094, got {number}"
    long = Ethernet(name="long", ifname="twelve-chars")
    said = refusal(Vlan, name="v", on=long, id=1000)
    assert said.startswith("v.ifname: expected a name, twelve-chars.1000 is too long for one")
    small = Ethernet(name="small", ifname="eth0", mtu=1500)
    said = refusal(Vlan, name="v", on=small, id=7, mtu=1508)
    assert said == "v.mtu: expected at most the 1500 octets of small, got 1508"


def test_one_piece_of_hardware_has_one_name() -> None:
    mac = "mac=02:00:5e:00:53:10"
    one = Ethernet(name="one", ifname="wan", by=mac)
    two = Ethernet(name="two", ifname="lan", by=mac)
    found = told(one, two)
    assert len(found) == 1
    assert found[0].startswith(f"two: expected one service for the hardware {mac}, got one")
    for wrong in ("02:00:5e:00:53:10", "mac=02:00:5E:00:53:10", "path=", "label=a b", "name=x"):
        said = refusal(Ethernet, name="e", ifname="wan", by=wrong)
        assert said.startswith("e.by: expected mac=02:00:5e:00:53:01, path=0000:00:03.0 or"), wrong


def test_a_target_may_have_links_of_any_name_that_is_given() -> None:
    target = find_target("qemu-x86_64")
    named = Ethernet(name="wan", ifname="wan", by="label=wan")
    assert list(links.check(gather(site(named)), target)) == []
    assert len(list(links.check(gather(site(Ethernet(name="wan", ifname="wan"))), target))) == 1


def test_a_router_is_on_the_network_of_its_link() -> None:
    there = Route(name="lab", to="10.8.0.0/16", on=LAN, via="192.168.1.2")
    away = Route(name="lab", to="10.8.0.0/16", on=LAN, via="192.168.2.2")
    expected = "lab.via: expected a router on lan, an address of 192.168.1.0/24, got 192.168.2.2"
    assert told(PORT, LAN, HERE, there) == []
    assert told(PORT, LAN, HERE, away) == [expected]
    # A lease may bring another network, and somebody's own service an address
    assert told(PORT, LAN, HERE, away, Dhcp4(name="more", on=LAN)) == []
    assert told(PORT, LAN, away) == []
    six = Address(name="six", on=LAN, address="fd00:1::1/64")
    near = Route(name="lab", to="fd00:2::/64", on=LAN, via="fe80::2")
    assert told(PORT, LAN, six, near) == []
    far = Route(name="lab", to="fd00:2::/64", on=LAN, via="2001:db8::2")
    assert len(told(PORT, LAN, six, far)) == 1
    wan6 = Dhcp6(name="wan6", on=WAN, lans=(Lan(on=LAN, id=1),))
    assert told(WAN, PORT, LAN, six, far, wan6) == []


def test_routes_that_are_none() -> None:
    for more, expected in (
        ({}, "r.on: expected the link that it leads out of, got none"),
        ({"on": LAN, "via": "fe80::1"}, "r.via: expected an address of 10.8.0.0/16's family"),
        ({"on": LAN, "type": "blackhole"}, "r.on: expected neither link nor router"),
        ({"type": "unreachable", "via": "10.8.0.1"}, "r.via: expected neither link nor router"),
    ):
        said = refusal(Route, name="r", to="10.8.0.0/16", **more)
        assert said.startswith(expected), said
    said = refusal(Route, name="r", to="10.8.0.1/16", on=LAN)
    assert said.startswith("r.to: expected a prefix as 10.8.0.0/16 or 2001:db8::/48")
    twice = [Route(name=name, to="10.8.0.0/16", type="blackhole") for name in "ab"]
    assert "the route to 10.8.0.0/16 of metric 0" in told(*twice)[0]


def test_a_device_is_told_by_one_mark() -> None:
    for more, got in (({}, "none"), ({"usb": "12d1:1506", "subsystem": "tty"}, "usb and")):
        said = refusal(Device, name="d", **more)
        assert f"expected one of usb, alias, subsystem, got {got}" in said
    assert told(Device(name="d", alias="of:Nleds*")) == []
    condition = Device(name="d", alias="of:Nleds*").condition.compiled()["device"]
    assert condition["subsystem"] == "platform"


def test_a_disk_is_told_by_what_it_is_called() -> None:
    for good in ("LABEL=a", "UUID=0A1B-2C3D", "/dev/sda1", "serial=WD 1-2", "model=Flash Disk"):
        assert Mount(name="m", source=good, target="/srv").source == good
    for wrong in ("files", "serial=", "Serial=x", "serial= x", "/dev/../x", "serial=a/b"):
        said = refusal(Mount, name="m", source=wrong, target="/srv")
        assert said.startswith("m.source: expected LABEL=NAME, UUID=NUMBER, ATTRIBUTE=TEXT"), wrong
