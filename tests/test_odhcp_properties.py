"""Whatever the environment holds, the hook never crashes and publishes only what has a grammar.

hypothesis draws environments of arbitrary octets and of near misses of the real thing. The
published values are checked against regular expressions and CPython's ipaddress, not against the
code that made them. FROST_COUNT_SCALE multiplies the counts.
"""

import ipaddress
import os
import re
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent import outputs, values
from odhcp_script import dhcpcd, hook, odhcp6c, publish
from odhcp_script.lease import Complaint, Lease

SCALE = int(os.environ.get("FROST_COUNT_SCALE", "1"))
COUNT = 300 * SCALE
often = settings(
    max_examples=COUNT, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)

SECONDS = r"(infinity|0|[1-9]\d{0,9})"
UNTIL = r"(infinity|\d+\.\d{3})"
NUMBER = r"(0|[1-9]\d{0,9})"
NAME = r"(?=[^\n]{1,253}$)([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*"
NAME += r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
ADDRESS = r"[0-9a-f:.]+(%wan)?"
SOFTWIRE = r"type=(map-e|map-t|lw4o6)(,fmr)?(,[a-z0-9]+=[0-9a-f:./]+)+"
GRAMMAR = {
    r"state": r"bound|started|unbound|stopped",
    r"ifname": r"wan",
    r"(prefix|address|ra-address|route)/[0-9a-f][0-9a-f.-]*_[0-9a-f]{8}/"
    r"(prefix|address|excluded|destination|gateway)": r"[0-9a-f:.]+",
    r"(prefix|address|ra-address|route)/[^/]+/(length|excluded-length|metric)": NUMBER,
    r"(prefix|address|ra-address|route)/[^/]+/(preferred|valid)": SECONDS,
    r"(prefix|address|ra-address|route)/[^/]+/(preferred|valid)-until": UNTIL,
    r"prefix/[^/]+/class": r"[0-9a-f]{8}",
    r"dns": ADDRESS,
    r"domains": NAME,
    r"(ntp|sip)": rf"{ADDRESS}|{NAME}",
    r"aftr": NAME,
    r"server": ADDRESS,
    r"(mtu|hop-limit|reachable|retransmit)": NUMBER,
    r"captive-portal": r"(?i)https?://[-a-z0-9._~:/?#\[\]@!$&()*+,;=%]+",
    r"softwire": SOFTWIRE,
    r"passthrough|option/[1-9]\d{0,4}": r"([0-9a-f]{2})*",
}


def assert_grammar(published: dict[str, str]) -> None:
    """Every value is of a documented name and fits its documented grammar, line by line."""
    for name, text in published.items():
        patterns = [GRAMMAR[key] for key in GRAMMAR if re.fullmatch(key, name)]
        assert len(patterns) == 1, name
        for line in text.split("\n"):
            assert re.fullmatch(patterns[0], line), (name, text)
    values.check_values("wan", published)
    for name in published:
        if name.endswith(("/prefix", "/destination")):
            length = published[name.rpartition("/")[0] + "/length"]
            ipaddress.IPv6Network(f"{published[name]}/{length}", strict=True)
        elif name.endswith("/address"):
            address = ipaddress.IPv6Address(published[name])
            assert not (address.is_link_local or address.is_multicast or address.is_loopback)


octets = st.binary(max_size=60)
awkward = st.sampled_from(
    [b"", b"0", b"-1", b"4294967295", b"4294967296", b"infinity", b"\n", b" ", b",", b"=", b"\xff"]
    + [b"$(id)", b"`id`", b"../..", b"-n", b"a\nPREFIXES=x", b"\x00", b"%s", b"\\032", b"x" * 300]
)
addresses = st.one_of(
    st.integers(0, 2**128 - 1).map(lambda n: str(ipaddress.IPv6Address(n)).encode()),
    st.integers(0, 2**64).map(
        lambda n: str(ipaddress.IPv6Address((0x20010DB8 << 96) + n)).encode()
    ),
    st.sampled_from([b"::", b"::1", b"fe80::1", b"ff02::1", b"::ffff:192.0.2.1", b"fd00::1"]),
    awkward,
)
numbers = st.one_of(
    st.sampled_from([b"0", b"1", b"600", b"4294967295"]),
    st.integers(0, 2**33).map(lambda n: str(n).encode()),
    awkward,
)
lengths = st.one_of(st.integers(0, 130).map(lambda n: str(n).encode()), awkward)
prefixes = st.tuples(addresses, lengths).map(b"/".join)
pairs = st.one_of(
    prefixes.map(lambda text: b"excluded=" + text), st.binary(max_size=9).map(b"class=".__add__)
)
entries = st.tuples(
    prefixes, st.lists(numbers, max_size=5), st.lists(pairs | octets, max_size=3)
).map(lambda parts: b",".join([parts[0], *parts[1], *parts[2]]))
routes = st.tuples(prefixes, addresses | st.just(b""), numbers, numbers).map(b",".join)
names = st.one_of(
    st.from_regex(rb"([a-zA-Z0-9_.-]{1,9})(\.[a-z]{1,9}){0,3}\.?", fullmatch=True),
    st.from_regex(rb"[a-z]{0,2}[!-~][a-z]{0,2}\.example", fullmatch=True),
    octets,
    awkward,
)
uris = st.one_of(
    st.binary(max_size=30).map(b"https://portal.example/".__add__), names.map(b"http://".__add__)
)
hexes = st.one_of(octets.map(lambda data: data.hex().encode()), octets)
rules = st.tuples(
    st.sampled_from([b"type=map-e,", b"fmr,type=map-t,", b"type=lw4o6,"]),
    numbers,
    addresses,
    octets,
).map(
    lambda p: (
        p[0] + b"prefix4len=24,prefix6len=40,ipv4prefix=192.0.2.0,psid=%b,ipv6prefix=%b,%b," % p[1:]
    )
)


def several(items: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.lists(items, max_size=5).map(b" ".join)


def environments(
    known: dict[bytes, st.SearchStrategy[bytes]],
) -> st.SearchStrategy[dict[bytes, bytes]]:
    """Some of the known variables, each good, nearly good or arbitrary; and strangers."""
    optional = {name: items | octets for name, items in known.items()}
    strangers = st.dictionaries(st.binary(max_size=12), octets, max_size=3)
    return st.tuples(strangers, st.fixed_dictionaries({}, optional=optional)).map(
        lambda both: both[0] | both[1]
    )


ODHCP6C = environments(
    {
        b"PREFIXES": several(entries),
        b"ADDRESSES": several(entries),
        b"RA_ADDRESSES": several(entries),
        b"RA_ROUTES": several(routes),
        b"RDNSS": several(addresses),
        b"RA_DNS": several(addresses),
        b"SNTP_IP": several(addresses),
        b"NTP_IP": several(addresses),
        b"SIP_IP": several(addresses),
        b"DOMAINS": several(names),
        b"RA_DOMAINS": several(names),
        b"NTP_FQDN": several(names),
        b"SIP_DOMAIN": several(names),
        b"AFTR": names,
        b"SERVER": addresses,
        b"CAPTIVE_PORTAL_URI": uris,
        b"RA_MTU": numbers,
        b"RA_HOPLIMIT": numbers,
        b"RA_REACHABLE": numbers,
        b"RA_RETRANSMIT": numbers,
        b"PASSTHRU": hexes,
        b"OPTION_17": hexes,
        b"OPTION_x": hexes,
        b"OPTION_70000": hexes,
        b"MAPE": several(rules),
        b"MAPT": several(rules),
        b"LW4O6": several(rules),
    }
)
STATES = st.sampled_from([*odhcp6c.LEASED, *odhcp6c.UNLEASED, "something"])
PD = b"new_dhcp6_ia_pd1_prefix1"
NA = b"new_dhcp6_ia_na1_ia_addr1"
PI = b"nd1_prefix_information1_"
DHCPCD = environments(
    {
        PD: addresses,
        PD + b"_length": lengths,
        PD + b"_pltime": numbers,
        PD + b"_vltime": numbers,
        PD + b"_pd_exclude_prefix_len": lengths,
        PD + b"_pd_exclude_subnetID": hexes,
        b"new_dhcp6_ia_pd1_iaid": hexes,
        NA: addresses,
        NA + b"_pltime": numbers,
        NA + b"_vltime": numbers,
        b"new_dhcp6_name_servers": several(addresses),
        b"new_dhcp6_domain_search": several(names),
        b"new_dhcp6_ntp_server_fqdn": several(names),
        b"new_dhcp6_aftr_name": names,
        b"new_dhcp6_captive_portal_uri": uris,
        b"new_dhcp6_client_id": hexes,
        b"nd1_from": addresses,
        b"nd1_now": numbers,
        b"nd1_acquired": numbers,
        b"nd1_lifetime": numbers,
        b"nd1_mtu": numbers,
        b"nd1_hoplimit": numbers,
        b"nd1_flags": octets,
        PI + b"prefix": addresses,
        PI + b"length": lengths,
        PI + b"pltime": numbers,
        PI + b"vltime": numbers,
        PI + b"flags": st.sampled_from([b"LA", b"A", b""]),
        b"nd1_rdnss1_lifetime": numbers,
        b"nd1_rdnss1_servers": several(addresses),
        b"nd1_dnssl1_lifetime": numbers,
        b"nd1_dnssl1_search": several(names),
        b"nd1_route_information": hexes,
    }
)
REASONS = st.sampled_from(sorted(dhcpcd.REASONS))


def test_the_counts_that_run() -> None:
    print(f"{COUNT} examples of each property")


@often
@given(ODHCP6C, STATES, ODHCP6C, STATES)
def test_nothing_outside_its_grammar_is_published_for_odhcp6c(
    first: dict[bytes, bytes], one: str, second: dict[bytes, bytes], two: str
) -> None:
    published = None
    for environ, state, now in ((first, one, 1000), (second, two, 9000)):
        lease, _ = odhcp6c.read(environ, "wan", state, now)
        published = publish.render(lease, "wan", published)
        assert_grammar(published)


@often
@given(st.lists(st.tuples(DHCPCD, REASONS), min_size=1, max_size=4))
def test_nothing_outside_its_grammar_is_published_for_dhcpcd(
    calls: list[tuple[dict[bytes, bytes], bytes]],
) -> None:
    published, notes = None, ""
    for number, (environ, reason) in enumerate(calls):
        environ[b"reason"] = reason
        now = number * 7000 + 10**9
        lease, complaints, notes = dhcpcd.read(environ, "wan", 0x5301, now, notes)
        published = publish.render(lease, "wan", published)
        assert_grammar(published)
        told = publish.new_complaints(complaints, "")[1]
        memo = publish.Memo(1, 1, "", told, notes)
        assert publish.parse_memo(publish.memo_text(memo)) == memo
        values.check_memo("wan", publish.memo_text(memo))


@often
@given(st.dictionaries(st.binary(max_size=20), st.binary(max_size=200), max_size=9), STATES)
def test_arbitrary_octets_never_crash_either_front_end(
    environ: dict[bytes, bytes], state: str
) -> None:
    lease, _ = odhcp6c.read(environ, "wan", state, 0)
    assert_grammar(publish.render(lease, "wan", None))
    environ[b"reason"] = b"BOUND6"
    assert_grammar(publish.render(dhcpcd.read(environ, "wan", None, 0, "")[0], "wan", None))


@often
@given(
    st.text(max_size=80)
    | st.from_regex(r"[0-9²٣]{1,3} [0-9²]{1,3} - -\n(ra|dhcp6) [0-9²]{1,3}\nnd1_.{0,9}=.{0,9}")
)
def test_arbitrary_notes_never_crash(notes: str) -> None:
    memo = publish.parse_memo(notes)
    rest = memo.rest if memo else notes
    lease = dhcpcd.read({b"reason": b"ROUTERADVERT"}, "wan", None, 0, rest)[0]
    assert_grammar(publish.render(lease, "wan", None))


@often
@given(ODHCP6C, st.text(max_size=8) | st.sampled_from(["²", "1.²²²", "0", "infinity"]), STATES)
def test_damaged_outputs_never_crash_and_are_not_published_again(
    environ: dict[bytes, bytes], damage: str, state: str
) -> None:
    environ[b"PREFIXES"] = b"2001:db8::/56,60,120"
    lease, _ = odhcp6c.read(environ, "wan", "bound", 1000)
    before = publish.render(lease, "wan", None)
    for name in before:
        damaged = before | {name: damage}
        later, _ = odhcp6c.read(environ, "wan", state, 2000)
        assert_grammar(publish.render(later, "wan", damaged))


@often
@given(
    st.lists(st.tuples(prefixes, numbers, numbers, st.lists(pairs, max_size=2)), max_size=4),
)
def test_the_old_entry_format_says_the_same_as_the_new(
    parts: list[tuple[bytes, bytes, bytes, list[bytes]]],
) -> None:
    shown = []
    for times in ([], [b"100", b"200"]):
        text = b" ".join(b",".join([p[0], p[1], p[2], *times, *p[3]]) for p in parts)
        lease, complaints = odhcp6c.read({b"PREFIXES": text}, "wan", "bound", 5)
        shown.append((lease, len(complaints)))
    good = [p for p in parts if not re.search(rb"[ ,]", b"".join([p[0], p[1], p[2], *p[3]]))]
    if len(good) == len(parts) and all(p[1].isdigit() and p[2].isdigit() for p in parts):
        assert shown[0] == shown[1]


def lease_of(number: int) -> Lease:
    """A lease that is told apart by its prefix."""
    text = b"2001:db8:%x::/56,60,120" % number
    return odhcp6c.read({b"PREFIXES": text}, "wan", "bound", number * 1000)[0]


@settings(max_examples=40 * SCALE, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True), st.data())
def test_calls_in_any_order_end_in_the_one_that_was_forked_last(
    forks: list[int], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(forks))
    with tempfile.TemporaryDirectory() as folder:
        for number in order:

            def read(_notes: str, number: int = number) -> tuple[Lease, list[Complaint], str]:
                return lease_of(number), [], ""

            start = number // 3  # several share a clock tick
            hook.perform(hook.Call(folder, "wan", "wan", start, 500 + number), read, -1)
        published = outputs.read(folder, "wan")
        assert published == publish.render(lease_of(max(forks)), "wan", published)
        assert Path(folder, "wan").is_symlink()
