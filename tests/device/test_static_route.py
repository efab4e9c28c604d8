"""What static_route is asked for, and what it plans. Runs on both runtimes."""

from agent.options import UsageError
from agent.port.records import Link
from services.dhcp6 import objects
from services.route import request
from services.route.request import Request


def link(index: int, name: str) -> Link:
    return Link(index, name, 0, 0, 1500, "", 0, "")


def asked(text: str) -> Request:
    return request.parse(text.split(" "))


def refusal(text: str) -> str:
    try:
        asked(text)
    except UsageError as error:
        return str(error)
    return "accepted"


def planned(text: str, *links: Link) -> list[tuple]:  # type: ignore[type-arg]
    return list(request.plan(asked(text), list(links)).wanted)


def test_words_are_those_of_ip_route() -> None:
    found = asked("10.8.0.0/16 metric 50 via 192.168.1.2 dev br-lan")
    assert found == Request("unicast", "10.8.0.0", 16, "192.168.1.2", "br-lan", 50)
    found = asked("2001:DB8:0::/48 dev wan via FE80::1")
    assert found == Request("unicast", "2001:db8::", 48, "fe80::1", "wan", 0)
    found = asked("blackhole 10.0.0.0/8")
    assert found == Request("blackhole", "10.0.0.0", 8, "", "", 0)


def test_what_is_no_route_is_refused() -> None:
    for text, told in (
        ("", "expected a prefix as 192.0.2.0/24"),
        ("10.8.0.1/16 dev a", "expected a prefix as 192.0.2.0/24"),
        ("10.8.0.0 dev a", "expected a prefix as 192.0.2.0/24"),
        ("10.8.0.0/33 dev a", "expected a prefix as 192.0.2.0/24"),
        ("10.8.0.0/16", "dev: expected a link name"),
        ("10.8.0.0/16 dev a/b", "dev: expected a link name"),
        ("10.8.0.0/16 dev a via 2001:db8::1", "via: expected an address of the prefix's family"),
        ("10.8.0.0/16 dev a via x", "via: expected an address of the prefix's family"),
        ("10.8.0.0/16 dev a metric -1", "metric: expected 0 to 4294967295"),
        ("10.8.0.0/16 dev", "expected dev via metric with a value, got dev"),
        ("10.8.0.0/16 dev a dev b", "expected dev via metric with a value, got dev"),
        ("unreachable 10.8.0.0/16 dev a", "expected metric with a value, got dev"),
    ):
        assert refusal(text).startswith(told), text


def test_a_route_hangs_on_the_index_of_its_link() -> None:
    text = "10.8.0.0/16 dev wan via 192.0.2.1 metric 5"
    assert planned(text, link(1, "lo"), link(3, "lan")) == []
    for index in (4, 9):
        key = objects.route_key("unicast", "10.8.0.0", 16, "192.0.2.1", index, 5)
        assert planned(text, link(index, "wan")) == [key]
    # IPv6's metric 0 is 1024, and is told so by the kernel
    assert planned("2001:db8::/48 dev wan", link(4, "wan"))[0][-1] == 1024
    assert planned("unreachable 10.0.0.0/8")[0][1:3] == ("unreachable", "10.0.0.0")
