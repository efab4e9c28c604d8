"""Links made, changed and removed against the real kernel; each test has a namespace of its own."""

from agent.port import errno, netlink
from agent.port.records import IFF_UP
from tests.contract.links import by_name, ip
from tests.contract.tables import errno_of

MAC = "02:00:5e:00:53:07"


def test_bridge_that_is_made_is_there_and_down() -> None:
    kernel = netlink.Kernel()
    kernel.add_link("br-lan", "bridge", MAC)
    made = by_name(kernel, "br-lan")
    assert made is not None
    assert (made.kind, made.mac, made.flags & IFF_UP) == ("bridge", MAC, 0)
    assert errno_of(kernel.add_link, "br-lan", "bridge") == errno.EEXIST


def test_link_takes_what_is_given_and_keeps_the_rest() -> None:
    kernel = netlink.Kernel()
    ip("link add lan index 10 address 02:00:00:00:00:0a type veth peer name peer")
    kernel.change_link(10, up=True, mtu=1280)
    kernel.change_link(10, mac=MAC)
    lan = by_name(kernel, "lan")
    assert lan is not None
    assert (lan.mtu, lan.mac, lan.flags & IFF_UP) == (1280, MAC, IFF_UP)
    kernel.change_link(10, up=False)
    lan = by_name(kernel, "lan")
    assert lan is not None
    assert (lan.mtu, lan.mac, lan.flags & IFF_UP) == (1280, MAC, 0)


def test_port_joins_a_bridge_and_leaves_it() -> None:
    kernel = netlink.Kernel()
    ip("link add lan index 10 type veth peer name peer")
    ip("link add br-lan index 20 type bridge")
    kernel.change_link(10, master=20)
    lan = by_name(kernel, "lan")
    assert lan is not None and lan.master == 20
    kernel.change_link(10, up=True)
    lan = by_name(kernel, "lan")
    assert lan is not None and lan.master == 20
    kernel.change_link(10, master=0)
    lan = by_name(kernel, "lan")
    assert lan is not None and lan.master == 0


def test_removing_a_link_tells_whether_it_was_there() -> None:
    kernel = netlink.Kernel()
    kernel.add_link("br-lan", "bridge")
    made = by_name(kernel, "br-lan")
    assert made is not None
    assert kernel.remove_link(made.index)
    assert not kernel.remove_link(made.index)
    assert by_name(kernel, "br-lan") is None


def test_what_no_link_can_be_is_refused() -> None:
    kernel = netlink.Kernel()
    ip("link add lan index 10 type veth peer name peer")
    assert errno_of(kernel.change_link, 99, True) == errno.ENODEV
    for mac in ("02:00", "x", "02-00-5e-00-53-01", "0:2:00:5e:00:53", "02:00:5e:00:53:01:"):
        assert errno_of(kernel.change_link, 10, None, 0, -1, mac) == errno.EINVAL, mac


def test_a_link_that_is_down_takes_another_name_and_keeps_its_index() -> None:
    kernel = netlink.Kernel()
    ip("link add eth0 index 10 type veth peer name eth1 index 11")
    kernel.change_link(10, name="wan")
    wan = by_name(kernel, "wan")
    assert wan is not None and wan.index == 10
    assert by_name(kernel, "eth0") is None
    assert errno_of(kernel.change_link, 10, None, 0, -1, "", "eth1") == errno.EEXIST
    assert errno_of(kernel.change_link, 99, None, 0, -1, "", "lan") == errno.ENODEV
