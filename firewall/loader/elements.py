"""Changes of sets and maps as messages to the kernel. Pure.

An element is nft's text of it, as a load has it and as people are shown it; here it becomes the
octets that nft would make of it, by the type that the ruleset declares.
"""

from agent.port import nf_batch
from firewall.loader import prefixes
from firewall.loader.contents import left_s, limit_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.nf_batch import Message
    from firewall.loader.contents import Attached, Change, Key
    from firewall.loader.spec import Set, Spec

    Kinds = dict[Key, Set]

LONGEST_NAME = 16  # octets of a link's name, IFNAMSIZ


def kinds(spec: "Spec") -> "Kinds":
    """What the ruleset declares, by (family, table, name)."""
    return {(table.family, table.name, each.name): each
            for table in spec.tables for each in table.sets}  # fmt: skip


def intervals(declared: "Kinds") -> "set[Key]":
    """Those that the kernel keeps as beginnings and ends, and that are changed as a whole."""
    return {key for key in declared if _is_line(declared[key])}


def messages(changes: "list[Change]", declared: "Kinds", now: float) -> "list[Message]":
    """One transaction of these changes."""
    found: list[Message] = []
    for action, key, what in changes:
        if action == "limit":
            found.append(nf_batch.add_limit(key[0], key[1], limit_name(what), what[1]))
        elif action == "unlimit":
            found.append(nf_batch.delete_limit(key[0], key[1], limit_name(what)))
        elif action == "flush":
            found.append(nf_batch.flush(key[0], key[1], key[2]))
        else:
            elements = _elements(declared[(key[0], key[1], key[2])], what, now)
            found += nf_batch.add(key[0], key[1], key[2], elements)
    return found


def _elements(kind: "Set", held: "dict[str, Attached]", now: float) -> list[bytes]:
    made = []
    lines = []
    for each in sorted(held):
        first, last = _key(each)
        timeout_s = left_s(held[each], now)
        if _is_line(kind):
            lines.append((first, last, timeout_s))
        else:
            end = last if "interval" in kind.flags else b""
            made.append(nf_batch.element(first, timeout_s, _data(held[each]), end))
    return nf_batch.intervals(lines) if lines else made


def _is_line(kind: "Set") -> bool:
    """Intervals of one field, sets only: nothing here follows a map of intervals."""
    return "interval" in kind.flags and " . " not in kind.type and kind.kind == "set"


def _key(element: str) -> tuple[bytes, bytes]:
    """The first and the last key of an element; the same when it is a single one."""
    first, last = b"", b""
    for field in element.split(" . "):
        prefix = prefixes.parse_word(field)
        if prefix is None:
            name = field[1:-1].encode()  # a link's, in quotes
            low = high = name + bytes(LONGEST_NAME - len(name))
        else:
            size = prefixes.bits(prefix.family)
            low = prefix.value.to_bytes(size // 8, "big")
            high = (prefix.value | (1 << (size - prefix.length)) - 1).to_bytes(size // 8, "big")
        first, last = first + low, last + high
    return first, last


def _data(attached: "Attached") -> bytes:
    """What a map maps to: `jump CHAIN`, or a limit's name in quotes."""
    if not isinstance(attached, str):
        return b""
    word, _, chain = attached.partition(" ")
    return nf_batch.verdict(word, chain) if chain else nf_batch.limit_reference(word[1:-1])
