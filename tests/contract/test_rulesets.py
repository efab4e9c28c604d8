"""Elements by our own netlink: what the kernel then holds is what nft would have put there."""

from struct import pack

from agent import rulesets
from agent.port import errno, nf_batch, nft
from agent.port.frozen.messages import HEADER, attribute, attributes, messages
from agent.port.netfilter import Socket
from agent.port.nfnetlink import AF_INET, AF_INET6, GENERIC, NLM_F_DUMP
from firewall.loader import contents, elements
from firewall.loader.spec import Set
from tests.contract.tables import errno_of
from tests.contract.test_nft import child, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firewall.loader.contents import Attached, Change

MODULE = b"tests.contract.test_rulesets"
NEWCHAIN, GETSETELEM, NEWSETELEM = 0xA03, 0xA0D, 0xA0C
EXPIRATION = 5  # NFTA_SET_ELEM_EXPIRATION, which counts down
FAMILIES = {"ip": AF_INET, "ip6": AF_INET6}
NOW = 1000.0
LATER = NOW + 3600

SETS = (
    Set("links", "set", "ifname", ""),
    Set("verdicts", "map", "ifname : verdict", ""),
    Set("limits", "map", "ifname : limit", ""),
    Set("hosts", "set", "ADDRESS", ""),
    Set("timed", "set", "ADDRESS", "timeout"),
    Set("lines", "set", "ADDRESS", "interval"),
    Set("stale", "set", "ADDRESS", "interval,timeout"),
    Set("both", "set", "ADDRESS . ifname", ""),
    Set("pairs", "set", "ADDRESS . ifname", "interval"),
    Set("behind", "set", "ifname . ADDRESS", "interval,timeout"),
)
LINKS: "dict[str, Attached]" = {'"ppp0"': None, '"abcdefghijklmno"': None, '"eth0.7"': None}
VERDICTS: "dict[str, Attached]" = {'"ppp0"': "jump wan", '"lan0"': "goto lan"}
LIMITS: "dict[str, Attached]" = {'"ppp0"': '"icmp_1953_ppp0"', '"a+b"': '"icmp_9_a.2bb"'}
# name: what it holds of either family
HELD: "dict[str, tuple[dict[str, Attached], dict[str, Attached]]]" = {
    "links": (LINKS, LINKS),
    "verdicts": (VERDICTS, VERDICTS),
    "limits": (LIMITS, LIMITS),
    "hosts": ({"192.0.2.7": None, "0.0.0.0": None}, {"2001:db8::10": None, "::": None}),
    "timed": ({"192.0.2.7": LATER, "192.0.2.8": None}, {"2001:db8::10": LATER}),
    "lines": (
        {"10.0.0.0/8": None, "11.0.0.0/8": None, "192.0.2.7": None, "224.0.0.0/3": None},
        {"2001:db8:0:1::/64": None, "2001:db8:0:2::/64": None, "2001:db8:5::7": None,
         "ff00::/8": None, "::/96": None},
    ),
    "stale": (
        {"192.0.2.0/24": LATER, "198.51.100.0/24": None},
        {"2001:db8:0:1::/64": LATER, "2001:db8:0:2::/64": None, "2001:db8:9::/48": LATER},
    ),
    "both": ({'192.0.2.7 . "lan0"': None}, {'2001:db8::10 . "lan0"': None}),
    "pairs": (
        {'192.0.2.0/24 . "lan0"': None, '0.0.0.0/0 . "lan1"': None},
        {'2001:db8::/64 . "lan0"': None, '2001:db8:1::1 . "lan1"': None},
    ),
    "behind": ({'"lan0" . 192.0.2.0/24': LATER}, {'"lan0" . 2001:db8::/56': LATER}),
}  # fmt: skip
OTHER: "dict[str, tuple[dict[str, Attached], dict[str, Attached]]]" = {
    "links": ({'"ppp0"': None}, {}),
    "verdicts": ({'"ppp0"': "jump lan", '"lan0"': "goto lan"}, {}),
    "limits": ({}, {}),
    "lines": ({"0.0.0.0/0": None}, {"::/0": None}),
    "stale": ({"192.0.2.128/25": LATER}, {"2001:db8:0:1::/64": None}),
    "pairs": ({'192.0.2.0/24 . "lan0"': None}, {'2001:db8:1::/48 . "lan0"': None}),
}


def tables() -> str:
    """nft's text of both tables, empty."""
    text = []
    for family, address in (("ip", "ipv4_addr"), ("ip6", "ipv6_addr")):
        text.append("table %s t {\nchain wan { }\nchain lan { }\n" % family)
        for each in SETS:
            flags = "flags %s; " % each.flags if each.flags else ""
            kind = each.type.replace("ADDRESS", address)
            text.append("%s %s { type %s; %s}\n" % (each.kind, each.name, kind, flags))
        text.append("}\n")
    return "".join(text)


DECLARED = {(family, "t", each.name): each for family in FAMILIES for each in SETS}


def state(held: "dict[str, tuple[dict[str, Attached], dict[str, Attached]]]") -> contents.State:
    """As the loader has it; the limits are those that an element names."""
    sets = {(family, "t", name): held[name][number]
            for number, family in enumerate(sorted(FAMILIES)) for name in held}  # fmt: skip
    limits = [("ppp0", 1953), ("a+b", 9)] if held is HELD else []
    return contents.State(sets, {(family, "t"): limits for family in FAMILIES})


def by_nft(changes: "list[Change]") -> None:
    refusal = nft.apply(contents.text(changes, NOW))
    assert refusal == "", refusal


def by_netlink(changes: "list[Change]") -> None:
    rulesets.Kernel().change(elements.messages(changes, DECLARED, NOW))


def raw(family: str, name: str) -> list[bytes]:
    """Each element as the kernel has it, without what counts down."""
    body = attribute(1, b"t\0") + attribute(2, name.encode() + b"\0")
    found = []
    socket = Socket()
    for octets in socket.ask(GETSETELEM, NLM_F_DUMP, FAMILIES[family], 0, body):
        for kind, _, _, start, end in messages(octets):
            if kind == NEWSETELEM:
                for which, at, to in attributes(octets, start + HEADER + GENERIC, end):
                    if which == 3:
                        found += [_element(octets, a, z) for _, a, z in attributes(octets, at, to)]
    socket.close()
    return sorted(found)


def _element(octets: bytes, at: int, to: int) -> bytes:
    parts = [attribute(which, octets[a:z]) for which, a, z in attributes(octets, at, to)
             if which != EXPIRATION]  # fmt: skip
    return b"".join(parts)


def all_raw() -> "dict[tuple[str, str], list[bytes]]":
    return {(family, each.name): raw(family, each.name) for family in FAMILIES for each in SETS}


def shown() -> str:
    """All that nft shows; what is left of times as whole hours."""
    found = []
    for item in plain(nft.listing(("sets", "maps", "limits"))):
        for kind in item:
            held = item[kind].get("elem", [])
            for each in held:
                if isinstance(each, dict) and "elem" in each:
                    each["elem"].pop("expires", None)
            found.append(
                repr((kind, sorted([(key, _sorted(item[kind][key])) for key in item[kind]])))
            )
    return "\n".join(sorted(found))


def _sorted(value: object) -> object:
    """Elements by their text: hashes have an order of their own in each set."""
    if isinstance(value, dict):
        return sorted([(key, _sorted(value[key])) for key in value])
    return sorted([repr(_sorted(each)) for each in value]) if isinstance(value, list) else value


def test_each_type_is_written_as_nft_writes_it() -> None:
    nothing = state({})
    for before, after in ((nothing, state(HELD)), (state(HELD), state(OTHER))):
        seen = []
        for write in (by_nft, by_netlink):
            assert nft.apply("flush ruleset\n" + tables()) == ""
            if before is not nothing:
                by_nft(contents.changes(nothing, before, elements.intervals(DECLARED)))
            write(contents.changes(before, after, elements.intervals(DECLARED)))
            seen.append((all_raw(), shown()))
        for key in seen[0][0]:
            assert seen[0][0][key] == seen[1][0][key], key
        assert seen[0][1] == seen[1][1]
        assert len(seen[0][0][("ip6", "lines")]) == (9 if before is nothing else 1)
    assert nft.apply("flush ruleset\n") == ""


def test_what_is_there_already_is_no_error_and_what_is_mapped_otherwise_is() -> None:
    assert nft.apply(tables()) == ""
    whole = elements.intervals(DECLARED)
    change = contents.changes(state({}), state(HELD), whole)
    by_netlink(change)
    before = all_raw()
    by_netlink(change)
    assert all_raw() == before
    other = elements.messages(
        [contents.Change("add", ("ip6", "t", "verdicts"), {'"ppp0"': "jump lan"})], DECLARED, NOW
    )
    assert errno_of(rulesets.Kernel().change, other) == errno.EEXIST
    assert all_raw() == before


def test_a_transaction_is_whole_or_not_at_all_over_both_tables() -> None:
    assert nft.apply(tables()) == ""
    kernel = rulesets.Kernel()
    link = nf_batch.element(b"eth9" + bytes(12))
    [good] = nf_batch.add("ip", "t", "links", [link])
    to_nowhere = nf_batch.element(b"eth9" + bytes(12), 0, nf_batch.verdict("jump", "nonesuch"))
    for bad, number in (
        (nf_batch.add("ip6", "t", "nonesuch", [link])[0], errno.ENOENT),
        (nf_batch.add("ip6", "nonesuch", "links", [link])[0], errno.ENOENT),
        (nf_batch.flush("ip6", "t", "nonesuch"), errno.ENOENT),
        (nf_batch.delete_limit("ip6", "t", "nonesuch"), errno.ENOENT),
        (nf_batch.add("ip6", "t", "verdicts", [to_nowhere])[0], errno.ENOENT),
        (nf_batch.add("ip6", "t", "links", [nf_batch.element(b"eth9")])[0], errno.EINVAL),
    ):
        for batch in ([good, bad], [bad, good], [bad]):
            assert errno_of(kernel.change, batch) == number, batch
            assert raw("ip", "links") == []
    kernel.change([good] + nf_batch.add("ip6", "t", "links", [link]))
    assert len(raw("ip", "links")) == len(raw("ip6", "links")) == 1
    kernel.change([nf_batch.flush("ip", "t", "links"), nf_batch.flush("ip6", "t", "links")])
    assert raw("ip", "links") == raw("ip6", "links") == []


def test_many_elements_are_put_and_too_many_refused() -> None:
    assert nft.apply(tables()) == ""
    kernel = rulesets.Kernel()
    some = [nf_batch.element(bytes([10, 0, n >> 8, n & 255])) for n in range(5000)]
    kernel.change(nf_batch.add("ip", "t", "hosts", some))
    assert len(raw("ip", "hosts")) == 5000
    kernel.change([nf_batch.flush("ip", "t", "hosts")])
    # refused in its last element: the kernel's answer holds the whole message
    some[249] = nf_batch.element(b"12345")
    assert errno_of(kernel.change, nf_batch.add("ip", "t", "hosts", some[:250])) == errno.EINVAL
    assert raw("ip", "hosts") == []
    assert errno_of(kernel.change, nf_batch.add("ip", "t", "hosts", some * 4)) != 0
    kernel.change(nf_batch.add("ip", "t", "hosts", some[:100]))
    assert len(raw("ip", "hosts")) == 100


def test_what_there_is_is_told_as_nft_lists_it() -> None:
    kernel = rulesets.Kernel()
    assert kernel.listing() == []
    types = ("ifname", "ipv4_addr", "ether_addr", "inet_service", "inet_proto", "mark", "icmp_type",
             "icmpv6_type", "ct_state", "iface_index", "ether_type", "uid", "dscp", "ifname . mark",
             "ipv6_addr . inet_service . inet_proto", "pkt_type", "fib_addrtype", "devgroup",
             "realm", "time", "cgroupsv2", "tcp_flag", "igmp_type")  # fmt: skip
    text = tables() + "table inet other {\n"
    for number, kind in enumerate(types):
        text += "set s%d { type %s; flags dynamic,timeout; }\n" % (number, kind)
        text += "map m%d { type ifname : %s; }\n" % (number, kind)
    text += "set anonymous { type ipv4_addr; flags constant,interval; elements = { 10.0.0.0/8 } }\n"
    text += "limit l { rate 9/second; }\ncounter c { }\nquota q { over 9 bytes }\n"
    for kind in ("counter", "quota", "limit"):
        text += "map of_%s { type ifname : %s; }\n" % (kind, kind)
    text += "chain d {\ntcp dport { 22, 80 } accept\n}\n}\n"
    assert nft.apply(text) == ""
    expected = []
    for item in nft.listing("ruleset"):
        for kind in item:
            each = item[kind]
            if kind not in ("table", "rule"):
                expected.append(
                    (each["family"], kind, each["table"], each["name"], _type(kind, each))
                )
    assert len(expected) > 70
    found = kernel.listing()
    assert len([1 for each in found if each[4].endswith(" flags dynamic,timeout")]) == len(types)
    # nft's JSON knows no such flag
    assert sorted(expected) == sorted(
        [each[:4] + (each[4].replace("dynamic,", ""),) for each in found]
    )


def _type(kind: str, each: "dict[str, object]") -> str:
    """nft's JSON of a type, in its text."""
    if kind not in ("set", "map"):
        return ""
    words = [each["type"]] + ([each["map"]] if "map" in each else [])
    text = " : ".join([" . ".join(word) if isinstance(word, list) else str(word) for word in words])
    flags = each.get("flags", [])
    assert isinstance(flags, list)
    return text + (" flags " + ",".join(sorted(flags)) if flags else "")


def test_others_hear_of_elements_as_of_nfts() -> None:
    assert nft.apply(tables()) == ""
    changes = rulesets.Changes()
    rulesets.Kernel().change(nf_batch.add("ip6", "t", "links", [nf_batch.element(b"x" * 16)]))
    assert changes.read() == [("new", "element", "ip6", "t")]
    assert changes.read() == [("new", "generation", "", "")]
    rulesets.Kernel().change([nf_batch.flush("ip6", "t", "links")])
    assert changes.read() == [("del", "element", "ip6", "t")]


def say_forbidden() -> None:
    """Child: what is said without CAP_NET_ADMIN."""
    kernel = rulesets.Kernel()
    assert errno_of(kernel.change, [nf_batch.flush("ip6", "t", "links")]) == errno.EPERM
    assert errno_of(kernel.listing) == errno.EPERM


def test_who_may_not_is_told_so() -> None:
    child(b"say_forbidden", "", "exec setpriv --bounding-set -net_admin", MODULE)


class Disturbed(rulesets.Kernel):
    """A chain goes behind the first datagram of as many dumps of chains: one that is further behind
    is then passed over."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times
        self.disturbed = 0

    def _socket(self) -> "Any":
        self.real = super()._socket()
        return self

    def ask(self, kind: int, *words: "Any") -> "Any":
        """As the socket's."""
        is_first = True
        for octets in self.real.ask(kind, *words):
            yield octets
            if is_first and self.disturbed < self.times and octets[4:6] == pack("H", NEWCHAIN):
                self.disturbed += 1
                assert nft.apply("delete chain inet many c%d\n" % self.disturbed) == ""
            is_first = False


def many_chains() -> None:
    """More than a datagram holds."""
    names = ["chain c%d { }\n" % number for number in range(1500)]
    assert nft.apply("table inet many {\n" + "".join(names) + "}\n") == ""


def test_a_listing_that_was_disturbed_is_done_again() -> None:
    many_chains()
    kernel = Disturbed(1)
    found = kernel.listing()
    assert kernel.disturbed == 1
    assert len(found) == len(set(found)) == 1499
    assert found == rulesets.Kernel().listing()


def test_a_listing_that_is_disturbed_for_ever_is_an_error() -> None:
    many_chains()
    kernel = Disturbed(10000)
    assert errno_of(kernel.listing) == errno.EAGAIN
    assert kernel.disturbed == rulesets.TRIES
