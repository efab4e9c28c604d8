"""What is kept of dhcpcd's halves, how much of it, and what is said of the rest. Both runtimes."""

from odhcp_script import advertised, dhcpcd, halves
from tests.device.test_dhcpcd import ADVERTISED, BOUND, DHCP6_VALUES, Client, united


def test_the_notes_keep_both_halves_as_they_were_told():
    ra = halves.Half(5, {b"nd1_from": b"fe80::1", b"nd1_x": b"a=b c"})
    dhcp6 = halves.Half(6, {b"new_dhcp6_x": b""})
    for told in ({}, {"ra": ra}, {"dhcp6": dhcp6}, {"ra": ra, "dhcp6": dhcp6}):
        assert halves.parse(halves.text(told)) == told


def test_any_octets_are_noted_and_come_back():
    for value in (b"", b"x\ny\xff\x00z\n", b"\\", b"\\5c", b"a=b c", bytes(range(256))):
        told = {"ra": halves.Half(5, {b"nd1_from": value, b"nd1_mtu": b"1"})}
        text = halves.text(told)
        assert [c for c in text if not (c == "\n" or " " <= c <= "~")] == []
        assert halves.parse(text) == told
    assert halves.parse("ra 5\nnd1_mtu=a\\zz\\4").pop("ra").variables == {b"nd1_mtu": b"a"}


class Recorder:
    """Variables of which it is noted which were asked for."""

    def __init__(self, variables):
        self.variables = variables
        self.asked = []

    def get(self, name, default=None):
        self.asked.append(name)
        return self.variables.get(name, default)

    def __getitem__(self, name):
        return self.get(name)

    def __contains__(self, name):
        return self.get(name) is not None


def test_what_is_kept_is_what_is_read():
    """A name that is read and not kept would be read as missing."""
    environ = dict(BOUND)
    environ[b"new_dhcp6_ia_pd1_prefix1_pd_exclude_prefix_len"] = b"64"
    heard = dict(ADVERTISED)
    heard[b"nd1_dnssl1_lifetime"] = b"1"
    read = {"dhcp6": Recorder(environ), "ra": Recorder(heard)}
    told = {}
    for which in read:
        told[which] = halves.Half(0, read[which])  # type: ignore[arg-type]
    dhcpcd._add_leased(told["dhcp6"], "wan", [], {}, [])
    advertised.read(told["ra"], "wan", 1, {}, [])
    for which in ("dhcp6", "ra"):
        prefix, fields, others = dhcpcd.KEPT[which]
        asked = read[which].asked
        assert [name for name in asked if not name.startswith(prefix)] == []
        kinds = {halves._kind(name[len(prefix) :]) for name in asked}
        assert sorted(kinds) == sorted(fields | others)


def prefixes_of(values):
    return sorted([values[name] for name in values if name.endswith("/prefix")])


def test_a_large_variable_that_nobody_reads_costs_nothing():
    environ = dict(BOUND)
    environ[b"new_dhcp6_ia_pd1_prefix2_note"] = b"x" * 23950
    environ[b"new_dhcp6_boot_file_url"] = b"x" * 23950
    environ[b"new_dhcp6_domain_search"] = b"isp.example"
    client = Client()
    assert client.call(environ, 100000) == united(DHCP6_VALUES, {"state": "bound"})
    assert client.complaints == []
    assert len(client.notes) < 700


def test_what_does_not_fit_costs_no_prefix_and_is_named():
    environ = dict(BOUND)
    for number in range(2, 30):
        prefix = b"new_dhcp6_ia_pd1_prefix%d" % number
        environ[prefix] = b"2001:db9:%d00::" % number
        environ[prefix + b"_length"] = b"56"
        environ[prefix + b"_pltime"] = environ[prefix + b"_vltime"] = b"60"
    environ[b"new_dhcp6_domain_search"] = b"a.example " * 2400
    environ[b"new_dhcp6_client_id"] = b"00" * 100000
    client = Client()
    values = client.call(environ, 100000)
    assert len(prefixes_of(values)) == 29
    assert (values["dns"], "domains" in values, "option/1" in values) == (
        DHCP6_VALUES["dns"],
        False,
        False,
    )
    dropped = b"new_dhcp6_domain_search new_dhcp6_client_id"
    assert client.complaints == [("environment", "at most 24000 octets", dropped)]
    again = client.call(ADVERTISED, 101000)
    assert len(prefixes_of(again)) == 29


def test_a_large_field_costs_its_own_prefix_alone():
    environ = dict(BOUND)
    environ[b"new_dhcp6_ia_pd1_prefix1_vltime"] = b"\n" * 23990
    for part, text in ((b"", b"2001:db8:7000::"), (b"_length", b"56")):
        environ[b"new_dhcp6_ia_pd1_prefix2" + part] = text
    environ[b"new_dhcp6_ia_pd1_prefix2_pltime"] = b"1"
    environ[b"new_dhcp6_ia_pd1_prefix2_vltime"] = b"1"
    environ[b"new_dhcp6_domain_search"] = b""
    client = Client()
    assert prefixes_of(client.call(environ, 0)) == ["2001:db8:7000::"]
    where = "new_dhcp6_ia_pd1_prefix1_pltime,vltime"
    expected = "a number from 0 to 4294967295"
    assert client.complaints == [(where, expected, b"30," + b"\n" * 64)]


def test_a_complaint_shows_what_came():
    first = "new_dhcp6_ia_pd1_prefix1"
    slash = "an IPv6 address and a length from 0 to 128"
    for name, value, complaint in (
        ("_length", b"56\n", (first, slash, b"2001:db8:1000::/56\n")),
        ("", b"$(id)\xff", (first, slash, b"$(id)\xff/56")),
        (
            "_pltime",
            b"61",
            (
                first + "_pltime,vltime",
                "a preferred lifetime of at most the valid one",
                b"61,60",
            ),
        ),
    ):
        environ = dict(BOUND)
        environ[b"new_dhcp6_domain_search"] = b""
        environ[(first + name).encode()] = value
        client = Client()
        client.call(environ, 0)
        assert client.complaints == [complaint]
        client.call({b"reason": b"ROUTERADVERT"}, 1)  # from the notes
        assert client.complaints == [complaint]
    environ = dict(ADVERTISED)
    environ[b"nd1_prefix_information1_vltime"] = b"\t1"
    client = Client()
    client.call(environ, 102000)
    where, expected = "nd1_prefix_information1_pltime,vltime", "a number from 0 to 4294967295"
    assert client.complaints == [(where, expected, b"300,\t1")]


def test_no_more_than_64_of_a_kind_are_published():
    environ = dict(BOUND)
    for ia in range(1, 4):
        environ[b"new_dhcp6_ia_pd%d_iaid" % ia] = b"1"
        for number in range(1, 33):
            prefix = b"new_dhcp6_ia_pd%d_prefix%d" % (ia, number)
            environ[prefix] = b"2001:db8:%d:%d00::" % (ia, number)
            environ[prefix + b"_length"] = b"56"
            environ[prefix + b"_pltime"] = environ[prefix + b"_vltime"] = b"60"
    environ[b"new_dhcp6_domain_search"] = b""
    client = Client()
    assert len(prefixes_of(client.call(environ, 0))) == 64
    assert client.complaints == [("new_dhcp6_ia_pd_prefix", "at most 64 items", b"more")]
    environ = dict(ADVERTISED)
    for router in range(1, 33):
        for name in ADVERTISED:
            environ[name.replace(b"nd1", b"nd%d" % router)] = ADVERTISED[name]
        environ[b"nd%d_from" % router] = b"fe80::%d" % router
        environ[b"nd%d_prefix_information1_prefix" % router] = b"2001:db8:%d::" % router
        servers = b" ".join([b"2001:db8:%d::%d" % (router, number) for number in range(3)])
        environ[b"nd%d_rdnss1_servers" % router] = servers
    values = client.call(environ, 102000)
    assert values["dns"].count("\n") == 63
    assert len([name for name in values if name.endswith("/destination")]) == 64
    assert ("routes", "at most 64 items", b"more") in client.complaints
