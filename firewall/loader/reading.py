"""Reading of follow.json; all mistakes at once, one line each. Pure.

What is read here is checked: names go into nft's text as they are.
"""

import json

from agent import ip, names, values
from agent.graph.fields import Errors, Fields, shown
from agent.graph.read import is_complete
from firewall.loader.spec import Follow, Icmp, Set, Source, Spec, SpecError, Table, Zone, table_of

HEADER = "frostgate-firewall"
VERSION = 1
KEYS = (HEADER, "written-by", "ruleset", "tables", "zones", "follow", "forget", "offload",
        "switches", "settings", "log", "groups")  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
IDENTIFIER = "a name in nft: letters, digits, _ and -, the first a letter"
OUTPUT = "an output like wan/ifname"
ENTRIES = "outputs like lan_prefix/lan/*/*"
SETTING = "a path below /proc/sys like net/ipv4/ip_forward"


def read(text: bytes, where: str) -> Spec:
    """The spec that a file holds; raises SpecError. `where` names the file in its lines."""
    errors = Errors(where)
    found = _read(errors, text)
    if found is None or errors.count():
        raise SpecError(errors.lines())
    return found


def _read(errors: Errors, text: bytes) -> Spec | None:
    try:
        top = json.loads(text.decode())
        if not is_complete(text):
            raise ValueError("its brackets do not match")
    except (ValueError, TypeError, RuntimeError) as error:
        errors.expected("", "JSON", "what is none (%s)" % error)
        return None
    if not isinstance(top, dict) or top.get(HEADER) != VERSION:
        got = shown(top.get(HEADER) if isinstance(top, dict) else top)
        writer = top.get("written-by") if isinstance(top, dict) else None
        hint = "; it was written by %s" % writer if isinstance(writer, str) else ""
        errors.expected("", '"%s": %d' % (HEADER, VERSION), got, hint)
        return None
    fields = Fields(errors, "", top, "a firewall", KEYS)
    tables = [
        _table(each) for each in _objects(fields, "tables", ("family", "name", "chains", "sets"))
    ]
    sets = {(t.family, t.name, each.name): each for t in tables for each in t.sets}
    zones = [
        _zone(each, sets) for each in _objects(fields, "zones", ("name", "members", "maps", "icmp"))
    ]
    follow = [
        _follow(each, sets)
        for each in _objects(fields, "follow", ("family", "table", "set", "from"))
    ]
    forget = [_source(each, None) for each in _objects(fields, "forget", _SOURCE)]
    offload = []
    if fields.has("offload"):
        inner = Fields(errors, "offload", fields.get("offload"), "an offload", ("zones",))
        known = [zone.name for zone in zones]
        offload = inner.texts("zones", (lambda name: name in known, "the name of a zone"))
    return Spec(
        fields.text("ruleset", None, (_is_digest, "a SHA-256 in hex")),
        tables,
        zones,
        follow,
        forget,
        offload,
        _settings(fields, "switches"),
        _settings(fields, "settings"),
        fields.integer("log", 0, 65535) if fields.has("log") else -1,
    )


def _objects(fields: Fields, key: str, keys: tuple[str, ...]) -> list[Fields]:
    """The objects of a list; a missing list is an empty one."""
    found = fields.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        fields.expected(key, "a list")
        return []
    place = fields.at(key)
    return [
        Fields(fields.errors, "%s[%d]" % (place, i), item, "an object", keys)
        for i, item in enumerate(found)
    ]


def is_identifier(text: str) -> bool:
    """Whether nft takes this as a name; words that it reserves were refused on the host."""
    return 1 <= len(text) <= 64 and text[0] in LETTERS and not text.strip(LETTERS + "_-0123456789")


_NAME = (is_identifier, IDENTIFIER)


def _table(fields: Fields) -> Table:
    family = fields.one_of("family", ("ip", "ip6"))
    own = table_of(family)
    name = fields.text("name", None, (lambda text: text == own, own))
    sets = []
    for each in _objects(fields, "sets", ("name", "kind", "type", "flags")):
        sets.append(
            Set(
                each.text("name", None, _NAME),
                each.one_of("kind", ("set", "map")),
                each.text("type", None, (_is_type, "a type like ipv6_addr . ifname")),
                each.text("flags", "", (_is_type, "flags like interval,timeout")),
            )
        )
    return Table(family, name, fields.different_texts("chains", _NAME), sets)


def _zone(fields: Fields, sets: "dict[tuple[str, str, str], Set]") -> Zone:
    members = []
    for each in _objects(fields, "members", ("output", "link")):
        if each.has("output"):
            members.append(("output", each.text("output", None, (is_output, OUTPUT))))
        else:
            members.append(("link", each.text("link", None)))
    maps = []
    for each in _objects(fields, "maps", ("family", "table", "map", "verdict")):
        key = _set_key(each, "map", sets)
        maps.append(key + (each.text("verdict", None, (_is_verdict, "jump CHAIN")),))
    icmp = None
    if fields.has("icmp"):
        inner = Fields(fields.errors, fields.at("icmp"), fields.get("icmp"), "an ICMP limit",
                       ("bandwidth", "share", "default"))  # fmt: skip
        path = ""
        if inner.has("bandwidth"):
            output = Fields(inner.errors, inner.at("bandwidth"), inner.get("bandwidth"),
                            "an output", ("output",))  # fmt: skip
            path = output.text("output", None, (is_output, OUTPUT))
        icmp = Icmp(path, inner.integer("share", 1, 1000), inner.integer("default", 1, 1000000))
    return Zone(fields.text("name", None, _NAME), members, maps, icmp)


def _follow(fields: Fields, sets: "dict[tuple[str, str, str], Set]") -> Follow:
    key = _set_key(fields, "set", sets)
    kind = sets.get(key)
    sources = [_source(each, kind) for each in _objects(fields, "from", _SOURCE)]
    return Follow(key[0], key[1], key[2], sources)


def _set_key(
    fields: Fields, which: str, sets: "dict[tuple[str, str, str], Set]"
) -> tuple[str, str, str]:
    """The set or map that an object names; an error unless a table declares it."""
    key = (fields.text("family"), fields.text("table"), fields.text(which, None, _NAME))
    if key not in sets or sets[key].kind != which:
        fields.expected(which, "a %s of a table above" % which)
    return key


_SOURCE = ("entries", "values", "value", "address", "length", "link", "until", "suffix")


def _source(fields: Fields, kind: Set | None) -> Source:
    """One source of addresses; `kind` is the set that gets them, None where there is none."""
    given = [key for key in ("entries", "values", "value") if fields.has(key)]
    if len(given) != 1:
        fields.errors.expected(fields.place, "one of entries, values and value", "%d" % len(given))
        return Source("value", "", "", "", -1, "", 0)
    claims = {"entries": (_is_pattern, ENTRIES), "values": (is_output, OUTPUT), "value": None}
    what = fields.text(given[0], None, claims[given[0]])
    if given[0] != "entries":
        return Source(given[0], what, "", "", -1, "", 0)
    stars = what.split("/").count("*")
    link = fields.integer("link", 0, max(0, stars - 1)) if fields.has("link") else -1
    if kind is not None and ("ifname" in kind.type) != (link >= 0):
        fields.errors.expected(fields.at("link"), "a link where the set has ifname and only there",
                               shown(fields.get("link")))  # fmt: skip
    until = fields.text("until")
    if until and kind is not None and "timeout" not in kind.flags:
        fields.expected("until", "a set with the flag timeout")
    suffix = ip.parse6(fields.text("suffix", "::"))
    if suffix is None:
        fields.expected("suffix", "an identifier like ::10")
    address = fields.text("address", None)
    return Source(given[0], what, address, fields.text("length"), link, until, suffix or 0)


def _settings(fields: Fields, key: str) -> list[tuple[str, str]]:
    """(path below /proc/sys, value) by path."""
    found = fields.get(key)
    if found is None:
        return []
    paths = sorted(found) if isinstance(found, dict) else []
    inner = Fields(fields.errors, key, found, "an object of settings", tuple(paths))
    for path in paths:
        if not path.startswith("net/") or ".." in path or not values.is_path(path):
            fields.errors.expected(key, SETTING, shown(path))
    return [(path, inner.text(path, None, (_is_word, "a short word"))) for path in paths]


def is_output(text: str) -> bool:
    """Whether this names an output, SERVICE/PATH."""
    service, _, path = text.partition("/")
    return names.is_service_name(service) and values.is_path(path)


def _is_pattern(text: str) -> bool:
    return is_output(text.replace("*", "x"))


def _is_digest(text: str) -> bool:
    return len(text) == 64 and not text.strip("0123456789abcdef")


def _is_type(text: str) -> bool:
    return not text.strip(LETTERS + "_0123456789 .:,")


def _is_word(text: str) -> bool:
    return 1 <= len(text) <= 64 and not text.strip(LETTERS + "_0123456789 .:-")


def _is_verdict(text: str) -> bool:
    word, _, chain = text.partition(" ")
    return word in ("jump", "goto") and is_identifier(chain)
