"""The command line of `ra`, on both runtimes."""

from agent.options import UsageError
from services.ra import arguments
from services.ra.arguments import Arguments, Lan

PLAIN = Lan("lan0", 600, False, False, "medium", 0, True, True, ("lease",), ("lease",), "")


def refusal(*argv: bytes) -> str:
    try:
        arguments.parse(list(argv))
    except UsageError as error:
        return str(error)
    return "accepted"


def test_a_lan_needs_its_name_only() -> None:
    assert arguments.parse([b"-l", b"wan", b"-p", b"lan_prefix", b"lan0"]) == Arguments(
        False, False, None, "wan", ("lan_prefix",), (PLAIN,), ""
    )


def test_every_option_has_its_place() -> None:
    told = arguments.parse(
        [b"-nv", b"-d3", b"-f", b"firewall", b"-l", b"wan.dhcp6", b"-p", b"lan_prefix,ula"]
        + [b"br-lan,interval=1800,managed=yes,other=yes,preference=high,mtu=1480,onlink=no"]
        + [
            b"lan1,autonomous=no,dns=self,dns=2001:DB8::53,domain=home.arpa,domain=lease,portal=lease"
        ]
    )
    assert told == Arguments(
        True,
        True,
        3,
        "wan.dhcp6",
        ("lan_prefix", "ula"),
        (
            Lan("br-lan", 1800, True, True, "high", 1480, False, True, ("lease",), ("lease",), ""),
            Lan(
                "lan1",
                600,
                False,
                False,
                "medium",
                0,
                True,
                False,
                ("self", "2001:db8::53"),
                ("home.arpa", "lease"),
                "lease",
            ),
        ),
        "firewall",
    )


def test_what_is_wrong_is_named() -> None:
    need = [b"-l", b"wan", b"-p", b"lan_prefix"]
    cases = [
        ([b"-p", b"lan_prefix", b"lan0"], "expected option -l"),
        ([b"-l", b"wan", b"lan0"], "expected option -p"),
        (need, "expected the name of at least one LAN"),
        (need + [b"lan0", b"lan0"], "lan0: expected each LAN once"),
        (
            need + [b"lan0,color=red"],
            "lan0: expected an option out of managed other onlink autonomous interval preference"
            ' mtu portal dns domain, got "color"',
        ),
        (need + [b"lan0,mtu=1280,mtu=1280"], "lan0: mtu: expected once"),
        (need + [b"lan0,mtu=1279"], 'lan0: mtu: expected 0 or 1280 to 65535, got "1279"'),
        (need + [b"lan0,mtu=x"], 'lan0: mtu: expected 0 or 1280 to 65535, got "x"'),
        (need + [b"lan0,interval=3"], 'lan0: interval: expected 4 to 1800 seconds, got "3"'),
        (need + [b"lan0,interval=1801"], 'lan0: interval: expected 4 to 1800 seconds, got "1801"'),
        (need + [b"lan0,managed"], 'lan0: managed: expected yes or no, got ""'),
        (
            need + [b"lan0,preference=10"],
            'lan0: preference: expected low, medium or high, got "10"',
        ),
        (
            need + [b"lan0,dns=192.0.2.1"],
            'lan0: dns: expected lease, self, none or a unicast IPv6 address, got "192.0.2.1"',
        ),
        (
            need + [b"lan0,domain=a..b"],
            'lan0: domain: expected lease, none or a domain name, got "a..b"',
        ),
        (
            need + [b"lan0,portal="],
            'lan0: portal: expected none, lease or a URI of at most 255 octets, got ""',
        ),
    ]
    for argv, expected in cases:
        assert refusal(*argv) == expected, (argv, refusal(*argv))
    assert refusal(*(need + [b"lan/0"])).startswith("expected a link name")
    assert refusal(b"-l", b"../etc", b"-p", b"x", b"lan0").startswith("expected a service name")


def test_a_name_server_is_one_that_hosts_can_ask() -> None:
    for address in ("::", "::1", "ff02::1", "ff0e::53"):
        expected = 'lan0: dns: expected lease, self, none or a unicast IPv6 address, got "%s"'
        found = refusal(b"-l", b"wan", b"-p", b"x", b"lan0,dns=" + address.encode())
        assert found == expected % address
    assert arguments.parse_lan("lan0,dns=fe80::1").dns == ("fe80::1",)


def test_rfc_8910_a_portal_is_a_uri_of_at_most_255_octets() -> None:
    longest = "https://p.example/" + "a" * 237
    assert len(longest) == 255
    for uri in (longest, "urn:ietf:params:capport:unrestricted", "none", "lease"):
        assert arguments.parse_lan("lan0,portal=" + uri).portal == uri.replace("none", "")
    for uri in (longest + "a", "example", "https:", "://x", "1http://x", "h t://x", "a://b c"):
        expected = 'lan0: portal: expected none, lease or a URI of at most 255 octets, got "%s"'
        found = refusal(b"-l", b"wan", b"-p", b"x", b"lan0,portal=" + uri.encode())
        assert found == expected % uri


def test_the_notification_descriptor_is_an_option_or_a_variable() -> None:
    words = [b"-l", b"wan", b"-p", b"x", b"lan0"]
    environ = {b"NOTIFY_FD": b"4"}
    assert arguments.settings(arguments.parse(words), environ).notify_fd == 4
    assert arguments.settings(arguments.parse([b"-d3"] + words), environ).notify_fd == 3
    assert arguments.settings(arguments.parse([b"-n"] + words), environ).notify_fd == -1
    assert arguments.settings(arguments.parse(words), {}).notify_fd == -1


def test_rfc_4861_6_2_1_the_shortest_interval_follows_the_longest() -> None:
    assert [arguments.shortest_interval(n) for n in (4, 8, 9, 600, 1800)] == [
        3.0,
        6.0,
        3.0,
        198.0,
        594.0,
    ]
