"""Name servers out of outputs, without any I/O. Runs on both runtimes."""

from services.dns import servers

PATHS = [("wan6", "dns"), ("wan4", "dns")]


def gathered(six: str, four: str = "") -> list[str]:
    return servers.gather(PATHS, {"wan6": {"dns": six}, "wan4": {"dns": four}})[0]


def test_servers_come_in_the_order_of_the_outputs_each_once() -> None:
    assert gathered("2001:db8::2\n2001:DB8::1\n192.0.2.1", "192.0.2.1\n192.0.2.7") == [
        "2001:db8::2",
        "2001:db8::1",
        "192.0.2.1",
        "192.0.2.7",
    ]


def test_a_service_that_publishes_nothing_is_passed_over() -> None:
    assert servers.gather(PATHS, {"wan4": {"dns": "192.0.2.1"}}) == (["192.0.2.1"], [])
    assert servers.gather(PATHS, {}) == ([], [])


def test_what_is_no_server_is_left_out_and_told() -> None:
    for strange in (
        "nameserver 192.0.2.1",
        "192.0.2.1#53",
        "192.0.2",
        "",
        "::",
        "0.0.0.0",
        "ff02::1",
        "224.0.0.1",
        "255.255.255.255",
        "fe80::1",
        "fe80::1%",
        "fe80::1%eth0 options",
        "2001:db8::1%eth0",
        "192.0.2.1%eth0",
        "$(id)",
    ):
        found = servers.gather(PATHS[:1], {"wan6": {"dns": strange + "\n192.0.2.9"}})
        assert found == (["192.0.2.9"], [("wan6/dns", strange)]), strange


def test_a_link_local_server_keeps_its_link() -> None:
    assert gathered("fe80::53%eth0") == ["fe80::53%eth0"]


def test_there_are_at_most_sixteen() -> None:
    many = "\n".join(["192.0.2.%d" % number for number in range(1, 40)])
    assert gathered(many) == ["192.0.2.%d" % number for number in range(1, 17)]


def test_outputs_are_both_lists() -> None:
    assert servers.values(["192.0.2.1", "2001:db8::1"]) == {
        "servers": "192.0.2.1\n2001:db8::1",
        "resolv": "nameserver 192.0.2.1\nnameserver 2001:db8::1",
    }
    assert servers.values([]) == {}
    assert servers.resolv_conf(["192.0.2.1"]) == "nameserver 192.0.2.1\n"
    assert servers.resolv_conf([]) == ""


def test_a_path_has_a_service_and_a_rest() -> None:
    assert servers.path("wan6/dns") == ("wan6", "dns")
    assert servers.path("wan.6/option/23") == ("wan.6", "option/23")
    for wrong in ("", "wan6", "wan6/", "/dns", "-x/dns", "a b/dns"):
        assert servers.path(wrong) is None, wrong


def test_time_servers_may_have_names_and_no_link() -> None:
    told = "NTP.example.\n2001:DB8::1\n192.0.2.1\nntp.example"
    found, strange = servers.gather([("wan6", "ntp")], {"wan6": {"ntp": told}}, servers.host)
    assert (found, strange) == (["ntp.example", "2001:db8::1", "192.0.2.1"], [])
    for wrong in ("fe80::1%eth0", "a b", "x iburst", "-x", "#", "1.2.3", "ff02::1", "a\tb", "."):
        found, strange = servers.gather([("wan6", "ntp")], {"wan6": {"ntp": wrong}}, servers.host)
        assert (found, strange) == ([], [("wan6/ntp", wrong)]), wrong


def test_chrony_reads_each_server_on_a_line() -> None:
    assert servers.time_values(["ntp.example", "2001:db8::1"]) == {
        "servers": "ntp.example\n2001:db8::1",
        "lease.sources": "server ntp.example iburst\nserver 2001:db8::1 iburst",
    }
    assert servers.time_values([]) == {}


def test_hosts_are_told_our_domain_first_and_servers_by_address() -> None:
    told = ["isp.example", "lan", "b.example"]
    clocks = ["ntp.example", "2001:db8::1", "192.0.2.1", "2001:db8::2"]
    assert servers.hosts_values("br-lan", "lan", told, clocks) == {
        "options": "tag:br-lan,option6:domain-search,lan,isp.example,b.example\n"
        "tag:br-lan,option6:ntp-server,[2001:db8::1],[2001:db8::2]"
    }
    assert servers.hosts_values("eth2", "", [], clocks[::2]) == {
        "options": "tag:eth2,option6:ntp-server,ntp.example"
    }
    assert servers.hosts_values("eth2", "", [], ["192.0.2.1"]) == {}


def test_no_domain_of_a_lease_breaks_out_of_its_option() -> None:
    paths = [("wan6", "domains")]
    for wrong in (
        "a.example,b.example",
        "a.example\ttag:x",
        "a.example option6:23",
        "-x.example",
        "x" * 64 + ".example",
        ".".join(["a" * 60] * 5),
        "1.2.3.4",
        "a.example#",
        "*",
        '"a"',
    ):
        told = {"wan6": {"domains": wrong + "\nISP.example."}}
        found = servers.gather(paths, told, servers.domain)
        assert found == (["isp.example"], [("wan6/domains", wrong)]), wrong
