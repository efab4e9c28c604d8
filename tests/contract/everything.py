"""What the one runtime writes, the other reads: tests/test_contract.py calls these on both."""

from agent.port import netlink
from agent.port.records import (
    IFA_F_NODAD,
    IFA_F_NOPREFIXROUTE,
    Address,
)
from tests.contract.links import (
    untimed,
    veth,
)
from tests.contract.tables import LOCAL4, LOCAL6, route


def write_everything() -> None:
    """Put addresses and routes of every sort; prepares its links itself."""
    kernel = netlink.Kernel()
    veth()
    for put in (
        LOCAL4,
        LOCAL6,
        Address(11, "2001:db8::ffff", 128, IFA_F_NOPREFIXROUTE | IFA_F_NODAD, 0, 0, 5000),
        Address(11, "10.1.2.3", 8, IFA_F_NOPREFIXROUTE, 253, None, None),
    ):
        kernel.put_address(put)
    for kind in ("unreachable", "blackhole", "prohibit", "throw"):
        kernel.put_route(route("2001:db8:ffff::", 48, kind=kind, metric=len(kind)))
        kernel.put_route(route("172.16.0.0", 12, kind=kind, metric=len(kind)))
    kernel.put_route(route("::", 0, gateway="fe80::2", index=11, metric=5, expires=100000))
    kernel.put_route(route("0.0.0.0", 0, gateway="192.0.2.77", index=10, protocol=16))


def remove_everything() -> None:
    """Remove what write_everything put, as it is read."""
    kernel = netlink.Kernel()
    for address in kernel.dump("address"):
        if address.index in (10, 11):
            assert kernel.remove_address(address), address
    for each in kernel.dump("route"):
        assert kernel.remove_route(each), each


def print_everything() -> None:
    """Print every record of the namespace."""
    kernel = netlink.Kernel()
    for what in ("link", "address", "route"):
        for line in sorted([repr(untimed(record)) for record in kernel.dump(what)]):
            print(line)
