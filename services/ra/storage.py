"""Memory in stable storage: one small text file, one line for each thing told (RFC 9096 3.5).

    frostgate-ra 1
    boot 6f5c1f0e-8f0a-4be0-9a52-1c6f5d0a77aa
    br-lan prefix 2001:db8:1::/64 LA lan_prefix live
    br-lan prefix 2001:db8:2::/64 LA lan_prefix 8123.500

Pure. A live line has no deadline, so refreshing it changes nothing and writes nothing: no lifetime
is ever told beyond ND_VALID_LIMIT, and that much is assumed when the line is read. A withdrawn line
has the deadline of its withdrawal, which means something only within the boot it was written in;
after a reboot nobody knows how much time has passed, so the whole limit is assumed again.
"""

from agent import ip
from services.ra import facts, packet
from services.ra.memory import LIVE, PENDING, WITHDRAWN, Told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.ra.memory import Memory

HEAD = "frostgate-ra 1"


def render(memories: "dict[str, Memory]", boot: str) -> str:
    """The file's text for {ifname: memory}; the same memory gives the same text."""
    lines = [HEAD, "boot " + boot]
    for name in sorted(memories):
        for key in sorted(memories[name]):
            told = memories[name][key]
            if told.until == 0.0:
                continue  # not advertised yet
            # What is pending was live when it was last told.
            state = "%.3f" % told.until if told.state == WITHDRAWN else LIVE
            source = told.source or "-"
            lines.append(" ".join([name, told.kind, told.what, told.flags or "-", source, state]))
    return "\n".join(lines) + "\n"


def parse(text: str, boot: str, now: float) -> "tuple[dict[str, Memory], list[str]]":
    """{ifname: memory} from the file's text, and a complaint for each line that is not understood.
    `boot` is this boot's id."""
    lines = text.split("\n")
    if lines[0] != HEAD:
        return {}, ['line 1: expected "%s", got "%s"' % (HEAD, lines[0][:40])]
    same_boot = "boot " + boot in lines[1:2]
    memories: "dict[str, Memory]" = {}
    complaints = []
    for number in range(2, len(lines)):
        words = lines[number].split(" ")
        if words == [""] and number == len(lines) - 1:
            continue
        told = _told(words, same_boot, now) if len(words) == 6 else None
        if told is None:
            complaints.append(
                "line %d: expected LINK KIND WHAT FLAGS SOURCE STATE, got %r; left out"
                % (number + 1, lines[number][:80])
            )
        else:
            memories.setdefault(words[0], {})[(told.kind, told.what)] = told
    if lines[-1] != "":
        complaints.append("line %d: expected an end of line, the file is cut off" % len(lines))
    return memories, complaints


def _told(words: list[str], same_boot: bool, now: float) -> Told | None:
    _, kind, what, flags, source, state = words
    until = facts.deadline(state) if state != LIVE else 0.0
    if not _valid(kind, what) or flags not in ("LA", "L", "A", "-") or until is None:
        return None
    bound = now + facts.ND_VALID_LIMIT
    if state == LIVE or not same_boot or until > bound:
        until = bound
    flags, source = flags.replace("-", ""), "" if source == "-" else source
    return Told(kind, what, flags, until, PENDING if state == LIVE else WITHDRAWN, source)


def _valid(kind: str, what: str) -> bool:
    """Whether a line can be advertised again: a damaged file must not become a damaged packet."""
    if kind in (facts.PREFIX, facts.ROUTE):
        address, _, length = what.partition("/")
        bits = ip.decimal(length, 128)
        value = ip.parse6(address)
        if bits is None or value is None or (kind == facts.PREFIX and bits != 64):
            return False
        return ip.format6(value) == address and ip.mask(value, bits) == value
    if kind == facts.SERVER:
        return ip.parse6(what) is not None
    return kind == facts.DOMAIN and packet.encode_name(what) is not None
