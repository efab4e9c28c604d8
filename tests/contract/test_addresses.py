"""Addresses against the real kernel; each test gets a network namespace of its own."""

from agent.port import errno, netlink
from agent.port.records import (
    IFA_F_DEPRECATED,
    IFA_F_NODAD,
    IFA_F_NOPREFIXROUTE,
    IFA_F_PERMANENT,
    Address,
)
from tests.contract.links import (
    about,
    ip,
    untimed,
    veth,
    with_times,
)
from tests.contract.tables import LOCAL4, LOCAL6, addresses, errno_of, route


def test_address_that_is_put_reads_back_whole() -> None:
    kernel = netlink.Kernel()
    veth()
    for put in (LOCAL4, LOCAL6, Address(10, "2001:db8::2", 128, IFA_F_NODAD, 0, 0, 77)):
        kernel.put_address(put)
    found = addresses(kernel)
    deprecated = Address(10, "2001:db8::2", 128, IFA_F_NODAD | IFA_F_DEPRECATED, 0, 0, -1)
    assert [untimed(a) for a in found[:2]] == [untimed(LOCAL4), untimed(LOCAL6)]
    assert Address(*(found[2][:6] + (-1,))) == deprecated
    assert [about(a.preferred, 1000) and about(a.valid, 2000) for a in found[:2]] == [True, True]
    assert about(found[2].valid, 77)


def test_address_for_ever_has_no_lifetimes() -> None:
    kernel = netlink.Kernel()
    veth()
    kernel.put_address(Address(10, "2001:db8::1", 64, IFA_F_NODAD, 0, None, None))
    kernel.put_address(Address(10, "192.0.2.1", 31, 0, 0, None, None))
    kernel.put_address(Address(10, "2001:db8::2", 64, IFA_F_NODAD, 0, 5000, None))
    found = addresses(kernel)
    assert found[:2] == [
        Address(10, "192.0.2.1", 31, IFA_F_PERMANENT, 0, None, None),
        Address(10, "2001:db8::1", 64, IFA_F_PERMANENT | IFA_F_NODAD, 0, None, None),
    ]
    assert about(found[2].preferred, 5000) and found[2].valid is None


def test_largest_lifetime_is_not_for_ever() -> None:
    kernel = netlink.Kernel()
    veth()
    kernel.put_address(Address(10, "2001:db8::1", 64, IFA_F_NODAD, 0, 4294967294, 4294967294))
    found = addresses(kernel)[0]
    assert found.valid is not None and found.valid > 2147483646 // 100


def test_putting_an_address_again_changes_its_lifetimes() -> None:
    kernel = netlink.Kernel()
    veth()
    for put in (LOCAL4, LOCAL6):
        kernel.put_address(put)
        kernel.put_address(with_times(put, 0, 500))
    found = addresses(kernel)
    assert [a.preferred for a in found] == [0, 0]
    assert [about(a.valid, 500) for a in found] == [True, True]
    assert [a.flags & IFA_F_DEPRECATED for a in found] == [IFA_F_DEPRECATED] * 2
    for put in (LOCAL4, LOCAL6):
        kernel.put_address(with_times(put, None, None))
    assert [a[5:] for a in addresses(kernel)] == [(None, None)] * 2


def test_putting_an_address_with_other_flags_changes_them_for_ipv6_only() -> None:
    kernel = netlink.Kernel()
    veth()
    for put in (LOCAL4, LOCAL6):
        kernel.put_address(put)
        kernel.put_address(Address(*(put[:3] + (put.flags | IFA_F_NOPREFIXROUTE,) + put[4:])))
    assert [a.flags for a in addresses(kernel)] == [0, IFA_F_NODAD | IFA_F_NOPREFIXROUTE]


def test_address_flag_above_eight_bits_is_set_on_a_new_address() -> None:
    kernel = netlink.Kernel()
    veth()
    for put in (LOCAL4, LOCAL6):
        kernel.put_address(Address(*(put[:3] + (put.flags | IFA_F_NOPREFIXROUTE,) + put[4:])))
    flags = [a.flags for a in addresses(kernel)]
    assert flags == [IFA_F_NOPREFIXROUTE, IFA_F_NODAD | IFA_F_NOPREFIXROUTE]
    assert kernel.dump("route") == []


def test_address_with_impossible_lifetimes_is_refused() -> None:
    kernel = netlink.Kernel()
    veth()
    for put in (LOCAL4, LOCAL6):
        for preferred, valid in ((0, 0), (1001, 1000), (None, 1000)):
            wrong = with_times(put, preferred, valid)
            assert errno_of(kernel.put_address, wrong) == errno.EINVAL
    assert addresses(kernel) == []


def test_what_is_no_address_or_route_is_refused() -> None:
    kernel = netlink.Kernel()
    for text in ("", "lan", "2001:db8::g", "192.0.2.256", "fe80::1%lan"):
        assert errno_of(kernel.put_address, Address(1, text, 64, 0, 0, 1, 1)) == errno.EINVAL
        assert errno_of(kernel.remove_address, Address(1, text, 64, 0, 0, 1, 1)) == errno.EINVAL
        assert errno_of(kernel.put_route, route(text, 24, index=1)) == errno.EINVAL
    for wrong in (
        route("2001:db8::", 64, kind="nonsense"),
        route("2001:db8::", 64, gateway="x", index=1),
        route("2001:db8::", 64, gateway="192.0.2.1", index=1),
    ):
        assert errno_of(kernel.put_route, wrong) == errno.EINVAL


def test_address_for_a_link_that_is_not_there_is_refused() -> None:
    kernel = netlink.Kernel()
    for text in ("192.0.2.1", "2001:db8::1"):
        wrong = Address(99, text, 24, 0, 0, 10, 20)
        assert errno_of(kernel.put_address, wrong) == errno.ENODEV


def test_removing_an_address_tells_whether_it_was_there() -> None:
    kernel = netlink.Kernel()
    veth()
    for put in (LOCAL4, LOCAL6):
        kernel.put_address(put)
        longer = Address(put.index, put.address, put.length + 1, *put[3:])
        elsewhere = Address(11, *put[1:])
        nowhere = Address(99, *put[1:])
        assert [kernel.remove_address(a) for a in (longer, elsewhere, nowhere)] == [False] * 3
        assert [kernel.remove_address(put), kernel.remove_address(put)] == [True, False]
    assert addresses(kernel) == []


def test_address_of_a_point_to_point_link_is_the_local_one() -> None:
    kernel = netlink.Kernel()
    veth()
    ip("addr add 192.0.2.1 peer 192.0.2.9 dev lan")
    ip("addr add 2001:db8::1 peer 2001:db8::9 dev lan nodad")
    assert [a[:4] for a in addresses(kernel)] == [
        (10, "192.0.2.1", 32, IFA_F_PERMANENT),
        (10, "2001:db8::1", 128, IFA_F_PERMANENT | IFA_F_NODAD),
    ]
