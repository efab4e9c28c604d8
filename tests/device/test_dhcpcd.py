"""From dhcpcd's environment to outputs, without any I/O. Runs on both runtimes."""

from odhcp_script import dhcpcd, publish

BOUND = {
    b"reason": b"BOUND6",
    b"new_dhcp6_client_id": b"00030001fa3f276e8031",
    b"new_dhcp6_ia_na1_iaid": b"00000001",
    b"new_dhcp6_ia_na1_ia_addr1": b"2001:db8:1::100",
    b"new_dhcp6_ia_na1_ia_addr1_pltime": b"30",
    b"new_dhcp6_ia_na1_ia_addr1_vltime": b"60",
    b"new_dhcp6_ia_pd1_iaid": b"00000001",
    b"new_dhcp6_ia_pd1_prefix1": b"2001:db8:1000::",
    b"new_dhcp6_ia_pd1_prefix1_length": b"56",
    b"new_dhcp6_ia_pd1_prefix1_pltime": b"30",
    b"new_dhcp6_ia_pd1_prefix1_vltime": b"60",
    b"new_dhcp6_name_servers": b"2001:db8:53::1 2001:db8:53::2",
    b"new_dhcp6_domain_search": b"isp.example $(id)",
    b"old_dhcp6_name_servers": b"2001:db8:53::9",
}
ADVERTISED = {
    b"reason": b"ROUTERADVERT",
    b"nd1_from": b"fe80::1",
    b"nd1_acquired": b"98",
    b"nd1_now": b"100",
    b"nd1_hoplimit": b"60",
    b"nd1_flags": b"MOh",
    b"nd1_lifetime": b"1800",
    b"nd1_prefix_information1_length": b"64",
    b"nd1_prefix_information1_flags": b"LA",
    b"nd1_prefix_information1_vltime": b"600",
    b"nd1_prefix_information1_pltime": b"300",
    b"nd1_prefix_information1_prefix": b"2001:db8:e::",
    b"nd1_rdnss1_lifetime": b"300",
    b"nd1_rdnss1_servers": b"2001:db8:53::1 fe80::53",
    b"nd1_dnssl1_lifetime": b"0",
    b"nd1_dnssl1_search": b"gone.example",
    b"nd1_mtu": b"1492",
    b"nd1_route_information": b"3018000001f420010db8aaaa",
}
DHCP6_VALUES = {
    "dns": "2001:db8:53::1\n2001:db8:53::2",
    "domains": "isp.example",
    "option/1": "00030001fa3f276e8031",
    "prefix/2001-db8-1000--_471263d9/prefix": "2001:db8:1000::",
    "prefix/2001-db8-1000--_471263d9/length": "56",
    "prefix/2001-db8-1000--_471263d9/preferred": "30",
    "prefix/2001-db8-1000--_471263d9/preferred-until": "130.000",
    "prefix/2001-db8-1000--_471263d9/valid": "60",
    "prefix/2001-db8-1000--_471263d9/valid-until": "160.000",
    "address/2001-db8-1--100_38ff8217/address": "2001:db8:1::100",
    "address/2001-db8-1--100_38ff8217/length": "128",
    "address/2001-db8-1--100_38ff8217/preferred": "30",
    "address/2001-db8-1--100_38ff8217/preferred-until": "130.000",
    "address/2001-db8-1--100_38ff8217/valid": "60",
    "address/2001-db8-1--100_38ff8217/valid-until": "160.000",
}
RA_VALUES = {
    "hop-limit": "60",
    "mtu": "1492",
    "ra-address/2001-db8-e--5301_9837c1de/address": "2001:db8:e::5301",
    "ra-address/2001-db8-e--5301_9837c1de/length": "64",
    "ra-address/2001-db8-e--5301_9837c1de/preferred": "300",
    "ra-address/2001-db8-e--5301_9837c1de/preferred-until": "400.000",
    "ra-address/2001-db8-e--5301_9837c1de/valid": "600",
    "ra-address/2001-db8-e--5301_9837c1de/valid-until": "700.000",
    "route/0--_a7d22886/destination": "::",
    "route/0--_a7d22886/length": "0",
    "route/0--_a7d22886/gateway": "fe80::1",
    "route/0--_a7d22886/metric": "384",
    "route/0--_a7d22886/valid": "1800",
    "route/0--_a7d22886/valid-until": "1900.000",
    "route/2001-db8-aaaa--_e98e934a/destination": "2001:db8:aaaa::",
    "route/2001-db8-aaaa--_e98e934a/length": "48",
    "route/2001-db8-aaaa--_e98e934a/gateway": "fe80::1",
    "route/2001-db8-aaaa--_e98e934a/metric": "640",
    "route/2001-db8-aaaa--_e98e934a/valid": "500",
    "route/2001-db8-aaaa--_e98e934a/valid-until": "600.000",
    "route/2001-db8-e--_9917d537/destination": "2001:db8:e::",
    "route/2001-db8-e--_9917d537/length": "64",
    "route/2001-db8-e--_9917d537/metric": "256",
    "route/2001-db8-e--_9917d537/valid": "600",
    "route/2001-db8-e--_9917d537/valid-until": "700.000",
}


class Client:
    """What is published and noted over a sequence of calls."""

    def __init__(self):
        self.values = None
        self.notes = ""
        self.complaints = []

    def call(self, environ, now):
        """One hook call at `now` ms; returns what is published then."""
        lease, complaints, self.notes = dhcpcd.read(environ, "wan", 0x5301, now, self.notes)
        self.complaints = [tuple(complaint) for complaint in complaints]
        self.values = publish.render(lease, "wan", self.values)
        return self.values


def united(*parts):
    values = {"ifname": "wan"}
    for part in parts:
        values.update(part)
    return values


def after(*reasons):
    """The client after PREINIT, both halves and these calls with nothing in them."""
    client = Client()
    client.call({b"reason": b"PREINIT"}, 99000)
    client.call(BOUND, 100000)
    client.call(ADVERTISED, 102000)
    for reason in reasons:
        client.call({b"reason": reason}, 103000)
    return client


def test_a_call_that_is_about_nothing_published_is_no_concern():
    for reason in (b"CARRIER", b"BOUND", b"IPV4LL", b"DELEGATED6", b"TIMEOUT", b"", b"\xff"):
        assert not dhcpcd.concerns({b"reason": reason})
    assert not dhcpcd.concerns({})
    assert dhcpcd.concerns({b"reason": b"BOUND6"})


def test_each_call_brings_one_half_and_the_other_holds():
    client = Client()
    assert client.call({b"reason": b"PREINIT"}, 99000) == united({"state": "started"})
    assert client.call(BOUND, 100000) == united(DHCP6_VALUES, {"state": "bound"})
    assert [complaint[2] for complaint in client.complaints] == [b"$(id)"]
    both = united(DHCP6_VALUES, RA_VALUES, {"state": "bound"})
    both["dns"] += "\nfe80::53%wan"
    assert client.call(ADVERTISED, 102000) == both
    assert [complaint[2] for complaint in client.complaints] == [b"$(id)"]
    assert client.call({b"reason": b"ROUTERADVERT"}, 102500) == united(
        DHCP6_VALUES, {"state": "bound"}
    )


def test_router_advertisements_alone_are_no_lease():
    client = Client()
    values = client.call(ADVERTISED, 102000)
    expected = united(RA_VALUES, {"state": "started", "dns": "2001:db8:53::1\nfe80::53%wan"})
    assert values == expected


def test_a_half_that_is_told_again_and_only_counted_down_changes_nothing():
    client = after()
    before = dict(client.values)
    again = dict(ADVERTISED)
    again[b"nd1_now"] = b"109"  # 11 s old now, told with another router's news
    assert client.call(again, 110900) == before


def test_expiry_release_and_stop_end_the_lease_and_not_the_advertisements():
    for reason in (b"EXPIRE6", b"RELEASE6", b"STOP6"):
        expected = united(RA_VALUES, {"state": "unbound", "dns": "2001:db8:53::1\nfe80::53%wan"})
        assert after(reason).values == expected


def test_a_lost_carrier_ends_both_halves():
    for reason in (b"NOCARRIER", b"DEPARTED"):
        assert after(reason).values == united({"state": "unbound"})
    assert after(b"NOCARRIER", b"EXPIRE6", b"ROUTERADVERT").values == united({"state": "unbound"})


def test_stopped_and_started_again():
    assert after(b"STOPPED").values == united({"state": "stopped"})
    assert after(b"STOPPED", b"PREINIT").values == united({"state": "started"})
    assert after(b"PREINIT").values == united({"state": "started"})


def test_an_informed_client_is_bound_without_prefixes():
    environ = {b"reason": b"INFORM6", b"new_dhcp6_name_servers": b"2001:db8:53::1"}
    values = Client().call(environ, 0)
    assert values == united({"state": "bound", "dns": "2001:db8:53::1"})


def test_a_client_that_was_told_nothing_that_is_published_is_bound():
    client = Client()
    environ = {b"reason": b"INFORM6", b"new_dhcp6_info_refresh_time": b"86400"}
    assert client.call(environ, 0) == united({"state": "bound"})
    assert client.call({b"reason": b"ROUTERADVERT"}, 1) == united({"state": "bound"})
    assert client.call({b"reason": b"EXPIRE6"}, 2) == united({"state": "unbound"})


def test_a_renumbering_keeps_the_old_prefix_at_zero_and_drops_the_old_address():
    client = after()
    environ = dict(BOUND)
    environ[b"reason"] = b"RENEW6"
    for number, network, times in ((1, b"2", (b"30", b"60")), (2, b"1", (b"0", b"0"))):
        prefix = b"new_dhcp6_ia_pd1_prefix%d" % number
        address = b"new_dhcp6_ia_na1_ia_addr%d" % number
        environ[prefix] = b"2001:db8:" + network + b"000::"
        environ[prefix + b"_length"] = b"56"
        environ[address] = b"2001:db8:" + network + b"::100"
        for name in (prefix, address):
            environ[name + b"_pltime"], environ[name + b"_vltime"] = times
    values = client.call(environ, 120000)
    valid = {}
    for name in values:
        if name.endswith("/valid") and name[0] in "pa":
            valid[name.split("_")[0]] = values[name]
    assert valid == {
        "prefix/2001-db8-1000--": "0",
        "prefix/2001-db8-2000--": "60",
        "address/2001-db8-2--100": "60",
    }


def test_several_identity_associations_are_read():
    environ = dict(BOUND)
    environ[b"new_dhcp6_ia_pd2_iaid"] = b"0000000A"
    environ[b"new_dhcp6_ia_pd2_prefix1"] = b"2001:db8:2000::7"
    environ[b"new_dhcp6_ia_pd2_prefix1_length"] = b"60"
    environ[b"new_dhcp6_ia_pd2_prefix1_pltime"] = b"4294967295"
    environ[b"new_dhcp6_ia_pd2_prefix1_vltime"] = b"4294967295"
    values = Client().call(environ, 0)
    folder = [name for name in values if "2001-db8-2000--_" in name][0].rpartition("/")[0]
    assert values[folder + "/prefix"] == "2001:db8:2000::"
    assert values[folder + "/class"] == "0000000a"
    assert values[folder + "/valid"] == "infinity"
    assert values[folder + "/valid-until"] == "infinity"


def test_an_excluded_prefix_is_put_together_from_its_subnet_id():
    environ = dict(BOUND)
    first = b"new_dhcp6_ia_pd1_prefix1"
    environ[first + b"_pd_exclude_prefix_len"] = b"64"
    environ[first + b"_pd_exclude_subnetID"] = b"ef"
    client = Client()
    values = client.call(environ, 0)
    excluded = [name for name in values if name.endswith("/excluded")][0]
    assert values[excluded] == "2001:db8:1000:ef::"
    assert values[excluded + "-length"] == "64"
    environ[first] = b"2001:db8:dead:bee0::"  # RFC 6603 section 4.2, the example
    environ[first + b"_length"] = b"59"
    environ[first + b"_pd_exclude_subnetID"] = b"78"
    values = client.call(environ, 0)
    excluded = [name for name in values if name.endswith("/excluded")][0]
    assert values[excluded] == "2001:db8:dead:beef::"
    environ[first + b"_pd_exclude_subnetID"] = b"7800"
    values = client.call(environ, 0)
    assert [name for name in values if name.endswith("/excluded")] == []
    name = "new_dhcp6_ia_pd1_prefix1_pd_exclude_"
    assert client.complaints[0] == (name, "a subnet id of 5 bits in hex", b"64,7800")


def test_a_prefix_with_a_missing_or_odd_field_is_left_out_and_the_next_is_read():
    for name, value in (
        (b"_length", b""),
        (b"_length", b"129"),
        (b"_vltime", b"29"),
        (b"_pltime", b"x"),
        (b"", b"fe80::"),
    ):
        environ = dict(BOUND)
        environ[b"new_dhcp6_ia_pd1_prefix1" + name] = value
        for part, text in ((b"", b"2001:db8:7000::"), (b"_length", b"56")):
            environ[b"new_dhcp6_ia_pd1_prefix2" + part] = text
        environ[b"new_dhcp6_ia_pd1_prefix2_pltime"] = b"1"
        environ[b"new_dhcp6_ia_pd1_prefix2_vltime"] = b"1"
        values = Client().call(environ, 0)
        prefixes = [values[found] for found in values if found.endswith("/prefix")]
        assert prefixes == ["2001:db8:7000::"], name


def test_a_router_that_is_no_default_router_is_listed_with_zero():
    environ = dict(ADVERTISED)
    environ[b"nd1_lifetime"] = b"0"
    values = Client().call(environ, 102000)
    assert values["route/0--_a7d22886/valid"] == "0"


def test_the_preference_of_a_router_is_its_metric():
    for flags, metric in (
        (b"", "512"),
        (b"MO", "512"),
        (b"Hh", "384"),
        (b"HL", "512"),
        (b"l", "640"),
    ):
        environ = dict(ADVERTISED)
        environ[b"nd1_flags"] = flags
        assert Client().call(environ, 102000)["route/0--_a7d22886/metric"] == metric


def test_a_reserved_route_preference_and_short_options_are_left_out():
    for item in (b"3010000001f420010db8aaaa", b"30", b"xy", b"81080000000120010db8"):
        environ = dict(ADVERTISED)
        environ[b"nd1_route_information"] = item
        client = Client()
        values = client.call(environ, 102000)
        assert len([name for name in values if name.endswith("/destination")]) == 2
        assert [complaint[2] for complaint in client.complaints] == [item]
