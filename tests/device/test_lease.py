"""From odhcp6c's environment to outputs, without any I/O. Runs on both runtimes."""

from odhcp_script import lease, odhcp6c, publish

PREFIX = "prefix/2001-db8-1000--_471263d9"


def told(state, now, previous=None, **variables):
    """The outputs after one call with these variables; it must not complain."""
    environ = {}
    for name in variables:
        environ[name.encode()] = variables[name].encode()
    found, complaints = odhcp6c.read(environ, "wan", state, now)
    assert complaints == [], complaints
    return publish.render(found, "wan", previous)


def complaints_of(state, environ):
    return [tuple(c) for c in odhcp6c.read(environ, "wan", state, 0)[1]]


def test_started_has_no_lease():
    assert told("started", 0) == {"state": "started", "ifname": "wan"}


def test_a_delegated_prefix_is_published_with_its_deadlines():
    values = told("bound", 1000000, PREFIXES="2001:db8:1000::/56,3600,7200,1800,2880")
    assert values == {
        "state": "bound",
        "ifname": "wan",
        PREFIX + "/prefix": "2001:db8:1000::",
        PREFIX + "/length": "56",
        PREFIX + "/preferred": "3600",
        PREFIX + "/preferred-until": "4600.000",
        PREFIX + "/valid": "7200",
        PREFIX + "/valid-until": "8200.000",
    }


def test_both_entry_formats_say_the_same():
    old = told("bound", 5, PREFIXES="2001:db8::/56,1,2,class=0000000a,excluded=2001:db8:0:f::/64")
    new = told(
        "bound", 5, PREFIXES="2001:db8::/56,1,2,0,0,new=x,excluded=2001:db8:0:f::/64,class=A,y"
    )
    assert old == new
    folder = [name for name in old if name.endswith("/class")][0][:-6]
    assert old[folder + "/class"] == "0000000a"
    assert old[folder + "/excluded"] == "2001:db8:0:f::"
    assert old[folder + "/excluded-length"] == "64"


def test_class_and_excluded_are_part_of_the_identity():
    folders = []
    for more in ("", ",class=00000002", ",excluded=2001:db8:0:f::/64", ",class=00000003"):
        values = told("bound", 5, PREFIXES="2001:db8::/56,1,2" + more)
        folders.append([name for name in values if name.endswith("/prefix")][0])
    assert len(set(folders)) == 4
    assert [name[:18] for name in folders] == ["prefix/2001-db8--_"] * 4


def test_an_entry_with_one_or_three_numbers_is_left_out():
    for item in (b"2001:db8::/56", b"2001:db8::/56,1", b"2001:db8::/56,1,2,3"):
        expected = ("PREFIXES", "prefix/length and then 2 or 4 numbers", item)
        assert complaints_of("bound", {b"PREFIXES": item}) == [expected]


def test_a_bad_exclusion_is_left_out_and_the_prefix_stays():
    item = b"2001:db8::/56,1,2,excluded=2001:db9::/64,class=xyz"
    found, complaints = odhcp6c.read({b"PREFIXES": item}, "wan", "bound", 0)
    assert [c.expected for c in complaints] == [
        "an excluded prefix that is a part of the delegated one",
        "1 to 8 hex digits",
    ]
    assert [(e.length, e.klass, e.excluded_length) for e in found.entries] == [(56, "", 0)]


def test_infinite_lifetimes_have_no_deadline():
    values = told("bound", 5, PREFIXES="2001:db8:1000::/56,4294967295,4294967295,0,0")
    assert values[PREFIX + "/valid"] == "infinity"
    assert values[PREFIX + "/valid-until"] == "infinity"
    assert values[PREFIX + "/preferred-until"] == "infinity"


def test_lifetimes_that_count_down_change_nothing():
    first = told("bound", 1000400, PREFIXES="2001:db8:1000::/56,3600,7200,1800,2880")
    for now, item in ((1010100, "3590,7190"), (1021850, "3579,7179"), (1099999, "3499,7099")):
        item = "2001:db8:1000::/56," + item + ",1,2"
        assert told("ra-updated", now, first, PREFIXES=item) == first


def test_a_renewed_lifetime_is_told_anew():
    first = told("bound", 1000000, PREFIXES="2001:db8:1000::/56,3600,7200,1800,2880")
    second = told("updated", 1001501, first, PREFIXES="2001:db8:1000::/56,3600,7200,1800,2880")
    assert second[PREFIX + "/valid-until"] == "8201.501"
    third = told("updated", 1001500, first, PREFIXES="2001:db8:1000::/56,3600,7200,1800,2880")
    assert third == first


def test_zero_counts_from_when_it_was_told_first():
    first = told("bound", 1000000, PREFIXES="2001:db8:1000::/56,3600,7200,0,0")
    second = told("updated", 1010000, first, PREFIXES="2001:db8:1000::/56,0,0,0,0")
    assert second[PREFIX + "/valid"] == "0"
    assert second[PREFIX + "/valid-until"] == "1010.000"
    assert told("updated", 1020000, second, PREFIXES="2001:db8:1000::/56,0,0,0,0") == second
    again = told("updated", 1030000, second, PREFIXES="2001:db8:1000::/56,0,60,0,0")
    assert again[PREFIX + "/valid-until"] == "1090.000"
    assert again[PREFIX + "/preferred-until"] == "1010.000"


def test_a_lifetime_that_ran_out_by_itself_keeps_its_own_deadline():
    first = told("bound", 1000000, PREFIXES="2001:db8:1000::/56,10,100,0,0")
    second = told("ra-updated", 1050000, first, PREFIXES="2001:db8:1000::/56,0,50,0,0")
    assert second[PREFIX + "/preferred"] == "0"
    assert second[PREFIX + "/preferred-until"] == "1010.000"
    assert second[PREFIX + "/valid"] == "100"


def test_without_prefixes_what_dhcpv6_told_is_left_over():
    values = told(
        "ra-updated",
        1000,
        {"state": "unbound", "ifname": "wan"},
        RDNSS="2001:db8::1",
        DOMAINS="old.example",
        AFTR="aftr.example",
        OPTION_1="00",
        PASSTHRU="00",
        SNTP_IP="2001:db8::2",
        SERVER="fe80::1",
        MAPE="nonsense",
        RA_DNS="2001:db8::3",
        RA_DOMAINS="ra.example",
        RA_MTU="1492",
        RA_HOPLIMIT="64",
        RA_REACHABLE="0",
        RA_RETRANSMIT="0",
    )
    assert values == {
        "state": "unbound",
        "ifname": "wan",
        "dns": "2001:db8::3",
        "domains": "ra.example",
        "mtu": "1492",
        "hop-limit": "64",
    }


def test_prefixes_inherited_from_whoever_started_the_client_are_no_lease():
    for state in ("started", "unbound", "stopped"):
        values = told(state, 0, PREFIXES="2001:db8:1000::/56,1,2,0,0", RDNSS="2001:db8::1")
        assert values == {"state": state, "ifname": "wan"}


def test_empty_prefixes_are_a_lease_without_prefixes():
    values = told("informed", 0, PREFIXES="", ADDRESSES="", RDNSS="2001:db8::1")
    assert values == {"state": "bound", "ifname": "wan", "dns": "2001:db8::1"}


def test_an_update_without_a_lease_keeps_the_word_unless_it_cannot_be():
    words: list[tuple[str | None, str]] = [("started", "started"), ("unbound", "unbound")]
    words += [("bound", "unbound"), ("stopped", "started"), (None, "started")]
    for before, after in words:
        previous = None if before is None else {"state": before}
        assert told("ra-updated", 0, previous)["state"] == after


def test_lists_hold_dhcpv6_before_ra_without_duplicates():
    values = told(
        "bound",
        0,
        PREFIXES="",
        RDNSS="2001:db8::1 2001:db8::2",
        RA_DNS="2001:db8::2 2001:DB8:0::3 fe80::1",
        DOMAINS="isp.example Isp.Example.",
        RA_DOMAINS="ISP.example ra.example",
        SNTP_IP="2001:db8::7",
        NTP_IP="2001:db8::7 2001:db8::8",
        NTP_FQDN="ntp.example",
    )
    assert values["dns"] == "2001:db8::1\n2001:db8::2\n2001:db8::3\nfe80::1%wan"
    assert values["domains"] == "isp.example\nra.example"
    assert values["ntp"] == "2001:db8::7\n2001:db8::8\nntp.example"


def test_what_only_dhcpv6_tells_is_published_while_bound():
    values = told(
        "bound",
        0,
        PREFIXES="",
        AFTR="aftr.example",
        SERVER="fe80::1",
        SIP_IP="2001:db8::5060",
        SIP_DOMAIN="sip.example",
        PASSTHRU="0A0b",
        OPTION_65535="",
        OPTION_17="00007ED9",
        CAPTIVE_PORTAL_URI="https://portal.example/api",
        LW4O6="type=lw4o6,prefix4len=32,prefix6len=64,ipv4prefix=192.0.2.1,ipv6prefix=2001:db8::, ",
    )
    softwire = "type=lw4o6,prefix4len=32,prefix6len=64,ipv4prefix=192.0.2.1,ipv6prefix=2001:db8::"
    assert values == {
        "state": "bound",
        "ifname": "wan",
        "aftr": "aftr.example",
        "server": "fe80::1",
        "sip": "2001:db8::5060\nsip.example",
        "passthrough": "0a0b",
        "option/65535": "",
        "option/17": "00007ed9",
        "captive-portal": "https://portal.example/api",
        "softwire": softwire,
    }


def test_a_newline_does_not_separate_names():
    got = complaints_of("bound", {b"PREFIXES": b"", b"DOMAINS": b"new\nline.example"})
    assert got == [("DOMAINS", "a domain name of A-Z a-z 0-9 _ - in labels", b"new\nline.example")]


def test_routes_are_published_with_and_without_a_gateway():
    values = told("ra-updated", 0, RA_ROUTES="::/0,fe80::1,1800,512 2001:db8:1::/64,,3600,256")
    assert values == {
        "state": "started",
        "ifname": "wan",
        "route/0--_a7d22886/destination": "::",
        "route/0--_a7d22886/length": "0",
        "route/0--_a7d22886/gateway": "fe80::1",
        "route/0--_a7d22886/valid": "1800",
        "route/0--_a7d22886/valid-until": "1800.000",
        "route/0--_a7d22886/metric": "512",
        "route/2001-db8-1--_9df4e4cb/destination": "2001:db8:1::",
        "route/2001-db8-1--_9df4e4cb/length": "64",
        "route/2001-db8-1--_9df4e4cb/valid": "3600",
        "route/2001-db8-1--_9df4e4cb/valid-until": "3600.000",
        "route/2001-db8-1--_9df4e4cb/metric": "256",
    }


def test_a_metric_is_a_preference_among_routers():
    route = b"::/0,fe80::1,1800,"
    for metric in (b"1", b"256", b"384", b"512", b"640", b"65535"):
        assert complaints_of("ra-updated", {b"RA_ROUTES": route + metric}) == []
    for metric in (b"0", b"65536", b"4294967295", b"-1", b""):
        got = complaints_of("ra-updated", {b"RA_ROUTES": route + metric})
        assert got == [("RA_ROUTES", "a number from 1 to 65535", route + metric)]


def test_64_of_a_kind_are_read_and_one_line_tells_of_more():
    def told_of(**variables):
        environ = {b"PREFIXES": b""}
        for name in variables:
            environ[name.encode()] = b"  ".join(variables[name]) + b" "
        found, complaints = odhcp6c.read(environ, "wan", "bound", 0)
        return found, [tuple(c) for c in complaints]

    def cut(name):
        return (name, "at most 64 items", b"more")

    for count, complaints in ((64, []), (65, [cut("PREFIXES")]), (3000, [cut("PREFIXES")])):
        prefixes = [b"2001:db8:%x::/48,1,2" % number for number in range(count)]
        found, got = told_of(PREFIXES=prefixes)
        assert got == complaints
        assert [e.value >> 80 & 0xFFFF for e in found.entries] == list(range(64))
    servers = [b"2001:db8::%x" % number for number in range(1, 8001)]
    for mine, routers, name in (
        (servers[:64], servers[:64], ""),
        (servers, [], "RDNSS"),
        (servers[:60], servers[:20] + servers[60:64], ""),
        (servers[:60], servers[60:65], "RA_DNS"),
    ):
        found, got = told_of(RDNSS=mine, RA_DNS=routers)
        assert found.plain["dns"].encode() == b"\n".join(servers[:64])
        assert got == ([cut(name)] if name else [])
    many = [b"::/0"] * 70
    found, got = told_of(RA_ROUTES=many, ADDRESSES=many, RA_ADDRESSES=many, MAPE=many)
    for name in ("RA_ROUTES", "ADDRESSES", "RA_ADDRESSES", "MAPE"):
        of_it = [complaint for complaint in got if complaint[0] == name]
        assert (len(of_it), of_it.count(cut(name))) == (65, 1)


def test_one_item_of_too_many_fields_is_one_complaint():
    for name, item, expected in (
        (b"PREFIXES", b"2001:db8::/56,1,2" + b",class=x" * 9000, "an entry of at most 16 fields"),
        (b"MAPE", b"type=map-e" + b",psid=x" * 9000, "a softwire rule of at most 32 fields"),
    ):
        got = complaints_of("bound", {b"PREFIXES": b"", name: item})
        assert got == [(name.decode(), expected, item)]


def test_the_options_of_the_lowest_numbers_are_published():
    environ = {b"PREFIXES": b""}
    for number in range(1, 101):
        environ[b"OPTION_%d" % number] = b"%04x" % number
    found, complaints = odhcp6c.read(environ, "wan", "bound", 0)
    assert sorted(found.plain) == sorted(["option/%d" % number for number in range(1, 65)])
    assert [tuple(c) for c in complaints] == [("OPTION_", "at most 64 items", b"more")]


def test_an_unbound_never_moves_a_published_deadline_up():
    first = told("ra-updated", 1000000, RA_ROUTES="::/0,fe80::1,30,512")
    for state in ("unbound", "stopped"):
        later = told(state, 1023000, first, RA_ROUTES="::/0,fe80::1,30,512")
        assert later["route/0--_a7d22886/valid-until"] == "1030.000"
        sooner = told(state, 1023000, first, RA_ROUTES="::/0,fe80::1,2,512")
        assert sooner["route/0--_a7d22886/valid-until"] == "1025.000"
    later = told("ra-updated", 1023000, first, RA_ROUTES="::/0,fe80::1,30,512")
    assert later["route/0--_a7d22886/valid-until"] == "1053.000"


def test_what_is_told_twice_holds_for_the_longer_time():
    one = "2001:db8:1000::/56,0,0,0,0"
    two = "2001:db8:1000::1/56,3600,7200,0,0"
    three = "2001:db8:1000::/56,60,7200,0,0"
    first = told("bound", 0, PREFIXES=one + " " + two + " " + three)
    assert first[PREFIX + "/preferred"] == "3600"
    assert told("bound", 0, PREFIXES=three + " " + two + " " + one) == first
    assert told("bound", 5, first, PREFIXES=two + " " + one + " " + three) == first


def test_an_unknown_state_is_reported_and_keeps_the_word():
    assert complaints_of("renewed", {}) == [("STATE", "one of odhcp6c's states", b"renewed")]
    found = odhcp6c.read({b"PREFIXES": b""}, "wan", "renewed", 0)[0]
    assert publish.render(found, "wan", None) == {"state": "bound", "ifname": "wan"}


def test_calls_are_ordered_by_start_and_then_by_pid():
    memo = publish.Memo(100, 5000, "", "", "")
    assert not publish.is_stale(None, 1, 1)
    stale = [(99, 9999), (100, 4999), (100, 30000)]
    fresh = [(101, 1), (100, 5000), (100, 5001), (100, 5000 + publish.HALF - 1)]
    assert [publish.is_stale(memo, start, pid) for start, pid in stale] == [True] * 3
    assert [publish.is_stale(memo, start, pid) for start, pid in fresh] == [False] * 4
    late = publish.Memo(100, 32767, "", "", "")
    assert not publish.is_stale(late, 100, 300)  # the kernel began again at the lowest pid


def test_the_memo_survives_being_written():
    for memo in (
        publish.Memo(1, 2, "", "", ""),
        publish.Memo(9, 8, "pipe:[77]", "", "a b\nc\n"),
        publish.Memo(9, 8, "", "01234567,89abcdef", "x"),
    ):
        assert publish.parse_memo(publish.memo_text(memo)) == memo
    for text in ("", "x", "1 2", "1 x - -", "-1 2 - -", "1 2 -", "1 2 3 4 5"):
        assert publish.parse_memo(text) is None


def test_a_complaint_is_new_until_the_call_before_had_it():
    def complaint(where, got):
        return lease.Complaint(where, "a prefix", got)

    old = complaint("PREFIXES", b"::/0,7200,7200")
    counted_down = complaint("PREFIXES", b"::/0,6600,6600")
    first, told = publish.new_complaints([old, old], "")
    assert first == [old, old]
    assert publish.new_complaints([counted_down], told) == ([], told)
    others = [complaint("PREFIXES", b"::/1,9,9"), complaint("ADDRESSES", b"::/0,1,1")]
    others.append(lease.Complaint("PREFIXES", "another", b"::/0"))
    assert publish.new_complaints([old] + others, told)[0] == others
    assert publish.new_complaints([], told) == ([], "")
    assert publish.new_complaints([old], "")[0] == [old]


def test_what_is_remembered_of_complaints_is_bounded():
    many = [lease.Complaint("DOMAINS", "a domain name", b"%d\xff" % n) for n in range(200)]
    new, told = publish.new_complaints(many, "")
    assert (new, len(told)) == (many, 128 * 9 - 1)
    assert publish.new_complaints(many, told) == (many[128:], told)


def test_clock_texts_are_the_same_on_every_runtime():
    for number, text in (
        (0, "0.000"),
        (999, "0.999"),
        (1234567, "1234.567"),
        (10**13, "1" + "0" * 10 + ".000"),
    ):
        assert lease.clock_text(number) == text
        assert lease.clock_value(text) == number
    for text in ("", "infinity", "1", "1.5", "-1.000", "1.0000"):
        assert lease.clock_value(text) is None


def test_ready_means_a_prefix_or_an_address_that_is_valid():
    def usable(state, **variables):
        environ = {}
        for name in variables:
            environ[name.encode()] = variables[name].encode()
        return lease.is_usable(odhcp6c.read(environ, "wan", state, 0)[0])

    assert usable("bound", PREFIXES="2001:db8::/56,0,1,0,0")
    assert usable("bound", PREFIXES="", ADDRESSES="2001:db8::1/128,1,2,0,0")
    assert usable("ra-updated", RA_ADDRESSES="2001:db8::1/64,1,2,0,0")
    assert not usable("bound", PREFIXES="2001:db8::/56,0,0,0,0", RDNSS="2001:db8::53")
    assert not usable("ra-updated", RA_ROUTES="::/0,fe80::1,1800,512")
    assert not usable("started")
