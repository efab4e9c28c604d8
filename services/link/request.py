"""What ifset is asked to do, from its command line. Pure."""

from collections import namedtuple

from agent import ip, options, report
from agent.names import LINK_NAME, is_link_name
from agent.options import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Request(NamedTuple):
        verb: str
        ifname: str
        bridge: str
        address: str
        length: int
        mtu: int
        mac: str
        like: str
        ipv6: bool
        accepts: bool
        below: str
        vlan: int
        protocol: int
        before: str
else:
    # verb: the first word. ifname: the link that it is about. bridge: whose port it becomes.
    # address, length: canonical. mtu: octets, 0 as it is. mac: "" as it is. like: the link whose
    # MAC a new bridge gets. ipv6: whether the link has IPv6 at all. accepts: router advertisements.
    # below, vlan, protocol: of a VLAN the link that it is on, its id and its tag's EtherType.
    # before: the file that keeps what the link was like, "" for none.
    Request = namedtuple(
        "Request",
        (
            "verb",
            "ifname",
            "bridge",
            "address",
            "length",
            "mtu",
            "mac",
            "like",
            "ipv6",
            "accepts",
            "below",
            "vlan",
            "protocol",
            "before",
        ),
    )

USAGE = (
    "ifset up IFNAME [mtu=OCTETS] [mac=MAC] [ipv6=yes|no] [ra=yes|no] [before=FILE]",
    "ifset bridge IFNAME [mtu=OCTETS] [mac=MAC] [like=IFNAME] [ipv6=yes|no] [ra=yes|no]",
    "ifset vlan IFNAME on=IFNAME id=NUMBER [tag=802.1q|802.1ad] [mtu=...] [mac=...]...",
    "ifset join IFNAME BRIDGE",
    "ifset add|remove IFNAME ADDRESS/LENGTH",
    "ifset down IFNAME [before=FILE]",
    "ifset delete|leave|reset IFNAME",
)
# Words after IFNAME: "" none, else what the one is
OPERAND = {"join": "BRIDGE", "add": "ADDRESS/LENGTH", "remove": "ADDRESS/LENGTH"}
SETTINGS = {
    "up": ("mtu", "mac", "ipv6", "ra", "before"),
    "down": ("before",),
    "bridge": ("mtu", "mac", "like", "ipv6", "ra"),
    "vlan": ("on", "id", "tag", "mtu", "mac", "ipv6", "ra"),
}
UNDOING = ("down", "delete", "leave", "remove", "reset")
VERBS = ("up", "bridge", "vlan", "join", "add", "remove", "down", "delete", "leave", "reset")
MTU_LEAST, MTU_MOST = 68, 65535  # RFC 791: every link carries 68 octets
TAGS = {"802.1q": 0x8100, "802.1ad": 0x88A8}  # linux/if_ether.h, ETH_P_8021Q and ETH_P_8021AD


def parse(argv: list[bytes]) -> Request:
    """The request; raises UsageError, which says what was expected."""
    _, words = options.parse(argv, "", "")
    if not words or words[0] not in VERBS:
        raise UsageError("expected one of %s" % " ".join(VERBS))
    verb = words.pop(0)
    ifname = _link(words.pop(0) if words else "", "IFNAME")
    bridge = address = ""
    length = 0
    if verb in OPERAND:
        word = words.pop(0) if words else ""
        if verb == "join":
            bridge = _link(word, "BRIDGE")
        else:
            address, length = _address(word)
    given = _settings(verb, words)
    return Request(
        verb,
        ifname,
        bridge,
        address,
        length,
        _mtu(given.get("mtu")),
        _mac(given.get("mac", "")),
        _link(given["like"], "like") if "like" in given else "",
        _switch("ipv6", given.get("ipv6", "yes")),
        _switch("ra", given.get("ra", "no")),
        _link(given.get("on", ""), "on") if verb == "vlan" else "",
        _id(given.get("id", "")) if verb == "vlan" else 0,
        _tag(given.get("tag", "802.1q")),
        given.get("before", ""),
    )


def _settings(verb: str, words: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name in given or name not in SETTINGS.get(verb, ()):
            raise UsageError("%s: expected no such word, got %s" % (verb, report.show(word)))
        given[name] = value
    return given


def _link(word: str, where: str) -> str:
    if not is_link_name(word):
        raise UsageError("%s: expected %s, got %s" % (where, LINK_NAME, report.show(word)))
    return word


def _address(word: str) -> tuple[str, int]:
    text, _, bits = word.partition("/")
    parsed = ip.parse(text)
    length = ip.decimal(bits, 128 if ":" in text else 32)
    if parsed is None or length is None:
        raise UsageError("expected ADDRESS/LENGTH, got %s" % report.show(word))
    family, value = parsed
    return (ip.format4(value) if family == 4 else ip.format6(value)), length


def _mtu(word: str | None) -> int:
    if word is None:
        return 0
    mtu = ip.decimal(word, MTU_MOST)
    if mtu is None or mtu < MTU_LEAST:
        text = "mtu: expected %d to %d octets, got %s"
        raise UsageError(text % (MTU_LEAST, MTU_MOST, report.show(word)))
    return mtu


def _id(word: str) -> int:
    number = ip.decimal(word, 4094)  # IEEE 802.1Q: 0 is none, 4095 is reserved
    if not number:
        raise UsageError("id: expected 1 to 4094, got %s" % report.show(word))
    return number


def _tag(word: str) -> int:
    if word not in TAGS:
        raise UsageError("tag: expected 802.1q or 802.1ad, got %s" % report.show(word))
    return TAGS[word]


def _mac(word: str) -> str:
    parts = word.split(":")
    right = [part for part in parts if len(part) == 2 and not part.strip("0123456789abcdef")]
    if word and (len(parts) != 6 or right != parts):
        raise UsageError("mac: expected one as 02:00:5e:00:53:01, got %s" % report.show(word))
    return word


def _switch(name: str, word: str) -> bool:
    if word not in ("yes", "no"):
        raise UsageError("%s: expected yes or no, got %s" % (name, report.show(word)))
    return word == "yes"
