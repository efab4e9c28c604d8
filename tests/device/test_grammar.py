"""What a network may say and what it may not. Runs on both runtimes."""

from odhcp_script import grammar, softwire


def refused(check, *arguments):
    """The text of the GrammarError that `check` must raise."""
    try:
        value = check(*arguments)
    except grammar.GrammarError as error:
        return str(error)
    raise AssertionError("%r gave %r" % (arguments, value))


def test_numbers_are_plain_digits_within_their_limits():
    assert grammar.number(b"0", 0, 9) == 0
    assert grammar.number(b"4294967295", 0, 0xFFFFFFFF) == 4294967295
    for item in (b"", b"-1", b"+1", b" 1", b"1 ", b"01", b"4294967296", b"1e3", b"\xb2", b"9" * 99):
        assert refused(grammar.number, item, 0, 0xFFFFFFFF) == "a number from 0 to 4294967295"


def test_a_preferred_lifetime_beyond_the_valid_one_is_refused():
    assert grammar.lifetimes(b"30", b"30") == (30, 30)
    assert grammar.lifetimes(b"0", b"4294967295") == (0, grammar.INFINITE)
    expected = "a preferred lifetime of at most the valid one"
    assert refused(grammar.lifetimes, b"31", b"30") == expected
    assert refused(grammar.lifetimes, b"4294967295", b"30") == expected


def test_host_bits_of_a_delegated_prefix_are_masked_off():
    assert grammar.delegated(b"2001:db8:1:2:3:4:5:6/56") == (0x20010DB80001 << 80, 56)
    assert grammar.delegated(b"fd00:1234::/48") == (0xFD001234 << 96, 48)
    assert grammar.delegated(b"2001:db8::/128") == (0x20010DB8 << 96, 128)


def test_prefixes_that_nobody_can_delegate_are_refused():
    nowhere = "a prefix in 2000::/3 or fc00::/7 with a length from 16 to 128"
    for item in (
        b"::/0",
        b"::/56",
        b"::1/128",
        b"::ffff:192.0.2.0/120",
        b"fe80::/10",
        b"fe80::/64",
        b"fec0::/48",
        b"ff00::/8",
        b"ff02::/64",
        b"2000::/3",
        b"2001::/15",
        b"64:ff9b::/96",
    ):
        assert refused(grammar.delegated, item) == nowhere
    for item in (b"2001:db8::/129", b"2001:db8::/255", b"2001:db8::/-1", b"2001:db8::/056"):
        assert refused(grammar.delegated, item) == "an IPv6 address and a length from 0 to 128"
    assert refused(grammar.delegated, b"2001:db8::") == "an IPv6 prefix like 2001:db8::/56"


def test_an_excluded_prefix_is_a_part_of_the_delegated_one():
    prefix = 0x20010DB8 << 96
    assert grammar.excluded(b"2001:db8:0:f::1/64", prefix, 56) == (0x20010DB80000000F << 64, 64)
    for item in (b"2001:db8::/56", b"2001:db8::/48", b"2001:db9::/64"):
        expected = "an excluded prefix that is a part of the delegated one"
        assert refused(grammar.excluded, item, prefix, 56) == expected


def test_addresses_are_global_or_unique_local():
    assert grammar.host(b"2001:db8::1/128") == ((0x20010DB8 << 96) + 1, 128)
    for item in (b"fe80::1/64", b"::1/128", b"ff02::1/128", b"::/128", b"::ffff:192.0.2.1/128"):
        expected = "an address in 2000::/3 or fc00::/7 with a length from 16 to 128"
        assert refused(grammar.host, item) == expected


def test_a_link_local_server_gets_its_link():
    assert grammar.server(b"FE80::1", "wan") == "fe80::1%wan"
    assert grammar.server(b"2001:DB8:0:0::53", "wan") == "2001:db8::53"
    assert grammar.server(b"64:ff9b::192.0.2.53", "wan") == "64:ff9b::c000:235"
    for item in (b"::", b"::1", b"ff02::fb", b"::ffff:192.0.2.53"):
        assert refused(grammar.server, item, "wan") == "a server's unicast address"
    for item in (b"", b"192.0.2.1", b"2001:db8::1%wan", b"2001:db8::1\n", b"1" * 46, b"\xff"):
        assert refused(grammar.server, item, "wan") == "an IPv6 address"


def test_routes_lead_everywhere_or_to_unicast():
    assert grammar.destination(b"::/0") == (0, 0)
    assert grammar.destination(b"2000::/3") == (0x2000 << 112, 3)
    assert grammar.destination(b"fc00::/7") == (0xFC00 << 112, 7)
    assert grammar.destination(b"64:ff9b::/96") == (0x64FF9B << 96, 96)
    assert grammar.destination(b"64:ff9b:1::/48") == (0x64FF9B0001 << 80, 48)
    for item in (
        b"::/1",
        b"fe80::/64",
        b"ff00::/8",
        b"::1/128",
        b"2000::/2",
        b"fc00::/6",
        b"64:ff9b::/95",
        b"64:ff9b:1::/47",
    ):
        expected = "a destination: ::/0, or a prefix in 2000::/3 or fc00::/7 or of NAT64"
        assert refused(grammar.destination, item) == expected
    assert grammar.gateway(b"fe80::1") == (0xFE80 << 112) + 1
    for item in (b"::", b"ff02::2", b"::1"):
        assert refused(grammar.gateway, item) == "a link-local, global or unique local gateway"


def test_domain_names_are_labels_of_letters_digits_and_hyphens():
    assert grammar.domain_name(b"_sip._udp.Isp.example.") == "_sip._udp.Isp.example"
    assert grammar.domain_name(b"a" * 63 + b".b") == "a" * 63 + ".b"
    assert grammar.domain_name(b"ntp.4u") == "ntp.4u"
    for item in (
        b"",
        b".",
        b"..",
        b"a..b",
        b".a",
        b"a" * 64,
        b".".join([b"abcdefg"] * 32),
        b"-n",
        b"a.-n.b",
        b"a-.b",
        b"*.isp.example",
        b"192.0.2.1",
        b"$(reboot)",
        b"a$b",
        b"a b",
        b"a/b",
        b"a%b",
        b"a~",
        b"a:b",
        b"a@b",
        b"sp\\032ace",
        b"new\nline",
        b"tab\t",
        b"../../etc/passwd",
        b"caf\xc3\xa9.example",
        b"nul\x00",
        b"a;b",
        b"`a`",
        b"a'b",
    ):
        expected = "a domain name of A-Z a-z 0-9 _ - in labels"
        assert refused(grammar.domain_name, item) == expected


def test_uris_are_http_with_a_host_and_nothing_outside_rfc_3986():
    for item in (
        b"https://portal.example/api?a=b&c=%2f#top",
        b"http://[2001:db8::1]:8080/",
        b"https://192.0.2.1",
        b"HTTPS://portal.example:443",
        b"https://portal.example/" + b"a" * 232,
        b"urn:ietf:params:capport:unrestricted",
    ):
        assert grammar.uri(item) == item.decode()
    for item in (
        b"",
        b"portal.example",
        b"ftp://portal.example/",
        b"https:///path",
        b"https://user@portal.example/",
        b"https://portal.example:0/",
        b"https://portal.example:99999/",
        b"https://[2001:db8::1/",
        b"https://[fe80::1%25wan]/",
        b"https://portal.example/[x]",
        b"https://portal.example/%2",
        b"https://portal.example/#a#b",
        b"https://portal.example/a b",
        b"https://portal.example/\n",
        b"https://portal.example/'",
        b'https://portal.example/"',
        b"https://portal.example/`id`",
        b"https://portal.example/\\",
        b"https://portal.example/<>",
        b"https://portal.example/\xff",
        b"https://-n/",
        b"javascript://portal.example/",
        b"https://portal.example/" + b"a" * 233,
        b"urn:ietf:params:capport:other",
    ):
        expected = "an http or https URI (RFC 3986) of at most 255 octets"
        assert refused(grammar.uri, item) == expected


def test_octets_in_hex_come_in_pairs():
    assert grammar.hexadecimal(b"00AAff") == "00aaff"
    assert grammar.hexadecimal(b"") == ""
    for item in (b"0", b"0x", b"00 0", b"0g", b"00" * 4097):
        assert refused(grammar.hexadecimal, item) == "octets in hex"


RULE = (
    b"fmr,type=map-e,ealen=16,prefix4len=24,prefix6len=40,ipv4prefix=192.0.2.0,"
    b"ipv6prefix=2001:DB8::,offset=6,psidlen=8,psid=0,br=2001:db8::1,"
)


def test_a_softwire_rule_keeps_its_fields_in_a_fixed_order():
    expected = (
        "type=map-e,fmr,ealen=16,prefix4len=24,prefix6len=40,ipv4prefix=192.0.2.0,"
        "ipv6prefix=2001:db8::,offset=6,psidlen=8,psid=0,br=2001:db8::1"
    )
    assert softwire.rule(RULE, "MAPE") == expected
    assert softwire.rule(RULE + b"new=thing,flag", "MAPE") == expected
    mapt = RULE.replace(b"map-e", b"map-t").replace(b"br=2001:db8::1", b"dmr=2001:db8:f::/64")
    assert softwire.rule(mapt, "MAPT").split(",")[-1] == "dmr=2001:db8:f::/64"


def test_a_softwire_rule_with_a_bad_field_is_refused():
    assert refused(softwire.rule, RULE, "MAPT") == "a rule of type map-t"
    short = RULE.replace(b"prefix4len=24,", b"")
    assert refused(softwire.rule, short, "MAPE") == "a softwire rule with prefix4len"
    for old, new, expected in (
        (b"ealen=16", b"ealen=49", "a number from 0 to 48"),
        (b"192.0.2.0", b"192.0.2", "an IPv4 address"),
        (b"2001:db8::1", b"$(id)", "an IPv6 address"),
        (b"psid=0", b"psid=", "a number from 0 to 65535"),
    ):
        assert refused(softwire.rule, RULE.replace(old, new), "MAPE") == expected
