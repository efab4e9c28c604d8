"""DHCPv4: from udhcpc's environment to outputs, and from these to the kernel's objects. Runs on
both runtimes."""

from services.dhcp4 import grammar, lease, plan, told
from services.dhcp4.grammar import GrammarError
from services.dhcp6.objects import address_key, route_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

BOUND = {
    b"ip": b"100.64.0.7",
    b"subnet": b"255.255.255.0",
    b"mask": b"24",
    b"router": b"100.64.0.1 100.64.0.2",
    b"dns": b"198.18.0.53 100.64.0.1",
    b"domain": b"isp.example",
    b"search": b"isp.example home.example.",
    b"lease": b"3600",
    b"serverid": b"100.64.0.1",
    b"ntpsrv": b"198.18.0.123",
    b"mtu": b"1492",
}
VALUES = {
    "ifname": "eth0",
    "state": "bound",
    "address": "100.64.0.7",
    "length": "24",
    "lease": "3600",
    "lease-until": "3700.000",
    "gateway": "100.64.0.1",
    "route/0.0.0.0_0/destination": "0.0.0.0",
    "route/0.0.0.0_0/length": "0",
    "route/0.0.0.0_0/gateway": "100.64.0.1",
    "dns": "198.18.0.53\n100.64.0.1",
    "domains": "isp.example\nhome.example",
    "ntp": "198.18.0.123",
    "server": "100.64.0.1",
    "mtu": "1492",
}


def published(state: str = "bound", **changed: "Any") -> "Any":
    """(outputs, what was left out) of a lease with these variables instead."""
    environ = dict(BOUND)
    for name in changed:
        environ[name.encode()] = changed[name]
    values, complaints = told.read(environ, "eth0", state, 100.0)
    return values, [variable for variable, _, _ in complaints]


def refused(call: "Callable[[], object]") -> bool:
    try:
        call()
    except GrammarError:
        return True
    return False


def test_a_lease_is_published_whole() -> None:
    assert published() == (VALUES, [])
    assert published("renew") == (VALUES, [])


def test_without_a_lease_there_is_the_state_alone() -> None:
    unbound = {"ifname": "eth0", "state": "unbound"}
    assert published("deconfig") == (unbound, [])
    assert published("leasefail") == (unbound, [])
    assert published("nak") == (None, [])
    for address in (b"", b"0.0.0.0", b"127.0.0.1", b"224.0.0.1", b"255.255.255.255", b"1.2.3"):
        values, left_out = published(ip=address)
        assert values == unbound, address
        assert left_out == (["ip"] if address else [])


def test_classless_routes_take_the_routers_place() -> None:
    values, left_out = published(
        staticroutes=b"10.0.0.0/8 100.64.0.9 0.0.0.0/0 100.64.0.3 192.0.2.0/24 0.0.0.0"
    )
    routes = {name: values[name] for name in values if name.startswith("route/")}
    assert routes == {
        "route/10.0.0.0_8/destination": "10.0.0.0",
        "route/10.0.0.0_8/length": "8",
        "route/10.0.0.0_8/gateway": "100.64.0.9",
        "route/0.0.0.0_0/destination": "0.0.0.0",
        "route/0.0.0.0_0/length": "0",
        "route/0.0.0.0_0/gateway": "100.64.0.3",
        "route/192.0.2.0_24/destination": "192.0.2.0",
        "route/192.0.2.0_24/length": "24",
    }
    assert (values["gateway"], left_out) == ("100.64.0.3", [])


def test_what_does_not_fit_is_left_out_alone() -> None:
    for name, octets, output in (
        ("dns", b"$(id) 198.18.0.53", "dns"),
        ("ntpsrv", b"ntp.example", "ntp"),
        ("domain", b"isp..example", "domains"),
        ("search", b"a\nb", "domains"),
        ("domain", b"bad", "domains"),
        ("domain", b"ba", "domains"),
        ("router", b"host", "gateway"),
        ("serverid", b"0.0.0.1", "server"),
        ("mtu", b"68", "mtu"),
        ("lease", b"0", "lease"),
        ("dns", b"\xff\xfe", "dns"),
    ):
        values, left_out = published("bound", **{name: octets})
        assert left_out == [name], (name, octets)
        for text in values.values():
            assert "$" not in text and "\xff" not in text
        if name not in ("dns", "domain", "search"):
            assert output not in values, (name, octets)


def test_half_a_route_and_a_route_nowhere_are_left_out() -> None:
    values, left_out = published(staticroutes=b"10.1.0.0/8 100.64.0.9 192.0.2.0/24")
    assert left_out == ["staticroutes", "staticroutes"]
    assert not [name for name in values if name.startswith("route/")]


def test_a_mask_is_ones_then_zeros() -> None:
    for text, length in (("255.255.255.255", 32), ("255.255.240.0", 20), ("128.0.0.0", 1)):
        assert grammar.mask(text) == length
    for wrong in ("0.0.0.0", "255.0.255.0", "24", "", "255.255.255.253"):
        assert refused(lambda text=wrong: grammar.mask(text)), wrong  # type: ignore[misc]
    assert published(subnet=b"0.0.0.0")[0]["length"] == "32"


def test_an_endless_lease_has_no_deadline() -> None:
    values = published(lease=b"4294967295")[0]
    assert (values["lease"], values["lease-until"]) == ("infinity", "infinity")


def wanted(index: int | None = 2, now: float = 100.0, **changed: "Any") -> "Any":
    """What the kernel shall have of such a lease, as sorted keys."""
    found = plan.decide(now, lease.read(published(**changed)[0]), index, 512)
    return sorted(found.wanted, key=str), found


def test_the_lease_becomes_an_address_and_a_route() -> None:
    keys, found = wanted()
    assert keys == [
        address_key(2, "100.64.0.7", 24),
        route_key("unicast", "0.0.0.0", 0, "100.64.0.1", 2, 512),
    ]
    assert found.wanted[keys[0]].valid_until == 3700.0
    assert found.wake_at == 3699.0
    assert found.values == {
        "ifname": "eth0",
        "ifindex": "2",
        "address": "100.64.0.7",
        "length": "24",
    }


def test_a_gateway_elsewhere_is_reached_by_a_route_of_its_own() -> None:
    keys, _ = wanted(subnet=b"255.255.255.255")
    assert route_key("unicast", "100.64.0.1", 32, "", 2, 512) in keys
    assert address_key(2, "100.64.0.7", 32) in keys


def test_nothing_is_wanted_without_a_link_or_after_the_lease() -> None:
    assert wanted(index=None)[0] == []
    assert wanted(now=3699.5)[0] == []


def test_a_lease_that_somebody_else_wrote_is_checked_again() -> None:
    assert lease.read(None).address == ""
    for name, text in (
        ("address", "100.64.0"),
        ("length", "33"),
        ("length", "0"),
        ("lease-until", "soon"),
        ("ifname", "../x"),
    ):
        values = dict(VALUES)
        values[name] = text
        read = lease.read(values)
        assert read.address == "" and len(read.problems) == 1, (name, text)
    values = dict(VALUES)
    values["route/0.0.0.0_0/gateway"] = "gateway"
    assert lease.read(values).routes == [] and len(lease.read(values).problems) == 1
