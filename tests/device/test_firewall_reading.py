"""follow.json on both runtimes: what is taken, and one clear line for each mistake."""

from firewall.loader import reading
from firewall.loader.spec import Icmp, SpecError, Zone
from tests.device.firewall_specs import encoded, folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def mistakes(change: "Any") -> list[str]:
    """The lines for a spec that `change` has spoilt."""
    told = folder()[1]
    change(told)
    return lines(encoded(told))


def lines(text: bytes) -> list[str]:
    try:
        reading.read(text, "F")
    except SpecError as error:
        return error.lines
    return []


def put(*way: "Any") -> "Any":
    """A change: the last of `way` is put where the others lead."""

    def change(told: "Any") -> None:
        for step in way[:-2]:
            told = told[step]
        told[way[-2]] = way[-1]

    return change


def test_a_spec_is_read_whole() -> None:
    found = reading.read(encoded(folder()[1]), "F")
    assert [table.name for table in found.tables] == ["frost_ip", "frost_ip6"]
    assert found.tables[1].sets[2] == ("assigned", "set", "ipv6_addr . ifname", "interval")
    assert found.zones[0] == Zone(
        "wan",
        [("output", "wan/ifname")],
        [
            ("ip", "frost_ip", "forward_from", "jump forward_wan"),
            ("ip6", "frost_ip6", "forward_from", "jump forward_wan"),
        ],
        Icmp("wan/bandwidth", 20, 100),
    )
    assert found.follow[0].sources[0] == (
        "entries", "lan_prefix/lan/*/*", "prefix", "length", 0, "", 0)  # fmt: skip
    assert found.follow[2].sources[0].suffix == 16
    assert found.switches == [("net/ipv4/ip_forward", "1"), ("net/ipv6/conf/all/forwarding", "1")]
    assert found.log == 31
    assert found.offload == []


def test_each_mistake_is_one_line() -> None:
    for change, expected in (
        (put("frostgate-firewall", 2),
         'F: expected "frostgate-firewall": 1, got 2; it was written by frostgate 0.1.0'),
        (put("ruleset", "abc"), 'F: ruleset: expected a SHA-256 in hex, got "abc"'),
        (put("rulesets", 1), 'F: expected a key of a firewall, got "rulesets"; '
         'did you mean "ruleset"?'),
        (put("tables", 0, "name", "fw4"), 'F: tables[0].name: expected frost_ip, got "fw4"'),
        (put("tables", 0, "family", "inet"),
         'F: tables[0].family: expected ip or ip6, got "inet"'),
        (put("tables", 0, "chains", 0, "a; flush ruleset"),
         "F: tables[0].chains[0]: expected a name in nft: letters, digits, _ and -, the first a "
         'letter, got "a; flush ruleset"'),
        (put("tables", 0, "sets", 5, "type", "x; }"),
         'F: tables[0].sets[5].type: expected a type like ipv6_addr . ifname, got "x; }"'),
        (put("zones", 1, "members", 0, "output", "nonesuch"),
         'F: zones[1].members[0].output: expected an output like wan/ifname, got "nonesuch"'),
        (put("zones", 0, "maps", 0, "verdict", "accept }"),
         'F: zones[0].maps[0].verdict: expected jump CHAIN, got "accept }"'),
        (put("zones", 0, "maps", 0, "map", "lan"),
         'F: zones[0].maps[0].map: expected a map of a table above, got "lan"'),
        (put("zones", 0, "icmp", "share", 0),
         "F: zones[0].icmp.share: expected a whole number from 1 to 1000, got 0"),
        (put("follow", 0, "set", "nonesuch"),
         'F: follow[0].set: expected a set of a table above, got "nonesuch"'),
        (put("follow", 0, "from", 0, "entries", "lan_prefix/../x"),
         "F: follow[0].from[0].entries: expected outputs like lan_prefix/lan/*/*, "
         'got "lan_prefix/../x"'),
        (put("follow", 1, "from", 0, "link", 0),
         "F: follow[1].from[0].link: expected a link where the set has ifname and only there, "
         "got 0"),
        (put("follow", 2, "from", 0, "until", "until"),
         'F: follow[2].from[0].until: expected a set with the flag timeout, got "until"'),
        (put("follow", 2, "from", 0, "suffix", "10"),
         'F: follow[2].from[0].suffix: expected an identifier like ::10, got "10"'),
        (put("follow", 2, "from", 0, "values", "wan/address"),
         "F: follow[2].from[0]: expected one of entries, values and value, got 2"),
        (put("switches", "kernel/core_pattern", "|x"),
         "F: switches: expected a path below /proc/sys like net/ipv4/ip_forward, "
         'got "kernel/core_pattern"'),
        (put("settings", "net/ipv4/ip_forward", "1\n2"),
         'F: settings.net/ipv4/ip_forward: expected a short word, got "1\\x0a2"'),
        (put("log", 65536), "F: log: expected a whole number from 0 to 65535, got 65536"),
        (put("offload", {"zones": ["guest"]}),
         'F: offload.zones[0]: expected the name of a zone, got "guest"'),
    ):  # fmt: skip
        assert expected in mistakes(change), mistakes(change)


def test_what_is_no_json_is_one_line() -> None:
    whole = encoded(folder()[1])
    for text in (b"", b"{", whole[:-1], whole + b"}", b"[]", b"null", b"\xff\xfe", b'{"a" 1}'):
        found = lines(text)
        assert len(found) == 1 and found[0].startswith("F: expected "), (text[:20], found)


def test_kinds_that_are_wrong_are_told() -> None:
    for key in ("tables", "zones", "follow", "forget", "switches", "settings", "log", "offload"):
        for value in (7, "x", [7], ["x"], None, True) if key != "log" else ("x", None, True):
            if value is not None:
                assert mistakes(put(key, value)), (key, value)
