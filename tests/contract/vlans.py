"""VLANs against a kernel that has them (8021q, dummy): the machine of tests/machine calls these in
the frozen binary. What CPython sends is the same to the octet (tests/test_netlink_codecs.py).
"""

from agent.port import errno, files, netlink
from agent.port.records import IFF_UP
from tests.contract.links import by_name
from tests.contract.tables import errno_of

BELOW = "vlan-below"
TAGS = {0x8100: "802.1Q", 0x88A8: "802.1ad"}


def all_of_them() -> None:
    """Each on a link of its own."""
    kernel = netlink.Kernel()
    for check in (vlan_that_is_made_has_its_id, taken_id_is_refused, vlan_goes_with_its_link):
        kernel.add_link(BELOW, "dummy")
        below = by_name(kernel, BELOW)
        assert below is not None
        try:
            check(kernel, below.index)
        finally:
            kernel.remove_link(below.index)
        print("ok", check.__name__)


def vlan_that_is_made_has_its_id(kernel: netlink.Kernel, below: int) -> None:
    for name, number, protocol in (("v1", 1, 0x8100), ("v2", 4094, 0x88A8), ("v3", 1, 0x88A8)):
        kernel.add_link(name, "vlan", "", below, number, protocol)
        made = by_name(kernel, name)
        assert made is not None
        assert (made.kind, made.flags & IFF_UP) == ("vlan", 0), made
        told = files.read("/proc/net/vlan/" + name).decode()
        assert "VID: %d\t" % number in told and "Device: " + BELOW in told, told
        kernel.change_link(below, up=True)
        kernel.change_link(made.index, up=True)


def taken_id_is_refused(kernel: netlink.Kernel, below: int) -> None:
    kernel.add_link("v1", "vlan", "", below, 7)
    assert errno_of(kernel.add_link, "v2", "vlan", "", below, 7) == errno.EEXIST
    kernel.add_link("v3", "vlan", "", below, 7, 0x88A8)
    assert errno_of(kernel.add_link, "v4", "vlan", "", 9999, 7) == errno.ENODEV


def vlan_goes_with_its_link(kernel: netlink.Kernel, below: int) -> None:
    kernel.add_link("v1", "vlan", "", below, 7)
    kernel.remove_link(below)
    assert by_name(kernel, "v1") is None
