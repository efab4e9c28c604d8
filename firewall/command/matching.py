"""Whether a value fits what a rule or a set asks for: ranges, prefixes, sets, flags. Pure."""

from firewall.command.expressions import address, check_status, number, value
from firewall.command.packet import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firewall.command.expressions import Value
    from firewall.command.packet import Packet
    from firewall.command.ruleset import Sets

SWAPPED = {0xDD86: 0x86DD, 0x0008: 0x0800}


def matches(body: "Any", packet: "Packet", sets: "Sets") -> bool:
    """A rule's `match`. Raises Unknown."""
    op, right = body["op"], body["right"]
    left = value(body["left"], packet)
    if left is None:
        return False  # the kernel breaks off, whatever the operator
    if op in ("in", "!"):
        return bool(_flags(left, right, packet) == (op == "in"))
    if left[0] == "bits":
        raise Unknown("ct status but for snat and dnat")
    if op in ("==", "!="):
        return bool(fits(left, right, sets) == (op == "=="))
    kind, one = left
    if kind not in ("number", "address"):
        raise Unknown('comparison "%s" of a %s' % (op, kind))
    other = address(right) if kind == "address" else number(right)
    if op == "<":
        return one < other  # type: ignore[no-any-return]
    if op == ">":
        return one > other  # type: ignore[no-any-return]
    if op == "<=":
        return one <= other  # type: ignore[no-any-return]
    if op == ">=":
        return one >= other  # type: ignore[no-any-return]
    raise Unknown('operator "%s"' % op)


def _flags(left: "Value", right: "Any", packet: "Packet") -> bool:
    """Whether one of the flags is set."""
    kind, bits = left
    wanted = number(right)
    if kind == "bits":
        check_status(wanted, packet)
    if kind not in ("number", "bits"):
        raise Unknown("flags of a %s" % kind)
    return (bits & wanted) != 0  # type: ignore[no-any-return]


def fits(left: "Value", right: "Any", sets: "Sets") -> bool:
    """Whether a value is what stands on the right: one value, or one of a set."""
    if isinstance(right, dict) and "set" in right:
        return find(left, right["set"]) is not None
    if isinstance(right, str) and right[:1] == "@" and sets.known(right[1:]):
        return sets.holds(right[1:], left)
    return element(left, right)


def find(left: "Value", elements: "list[Any]") -> "Any":
    """The element of a set that a value falls into; of a map the [key, data] pair. None: none.

    The catch-all element counts when no other does.
    """
    rest = None
    for each in elements:
        key = each[0] if isinstance(each, list) else each
        if isinstance(key, dict) and "elem" in key:
            key = key["elem"]["val"]
        if key == "*":
            rest = each
        elif element(left, key):
            return each
    return rest


def element(left: "Value", right: "Any") -> bool:
    """Whether a value is this element: a value, a prefix, a range, a concatenation of these."""
    kind, one = left
    if isinstance(right, dict) and "elem" in right:
        right = right["elem"]["val"]
    if kind == "concat":
        if not isinstance(right, dict) or len(right.get("concat", ())) != len(one):
            raise Unknown("element %s" % (right,))
        pairs = zip(one, right["concat"])
        return all([element(part, asked) for part, asked in pairs])
    if kind == "name":
        return _is_name(one, right)
    if kind == "fib":
        if isinstance(right, bool):
            return bool((one != "") == right)
        return one == ("" if right in ("0", 0) else right)  # type: ignore[no-any-return]
    if isinstance(right, dict) and "range" in right:
        low, high = [_scalar(kind, end) for end in right["range"]]
        return low <= one <= high  # type: ignore[no-any-return]
    if isinstance(right, dict) and "prefix" in right:
        if kind != "address":
            raise Unknown("prefix of a %s" % kind)
        text, length = right["prefix"]["addr"], right["prefix"]["len"]
        width = 128 if ":" in text else 32
        return (one ^ address(text)) >> (width - length) == 0  # type: ignore[no-any-return]
    return one == _scalar(kind, right)  # type: ignore[no-any-return]


def _scalar(kind: str, right: "Any") -> int:
    if kind == "address":
        return address(right)
    if kind == "ethertype":
        # nft 1.0.6 prints it as the host's number of the network's octets.
        return SWAPPED.get(number(right), number(right))
    return number(right)


def _is_name(one: str, right: "Any") -> bool:
    """Link names; one that ends in `*` stands for all that begin so."""
    if not isinstance(right, str):
        # of a link that is gone nft shows the number
        if isinstance(right, int):
            return False
        raise Unknown("link %s" % (right,))
    if right[-2:] == "\\*":
        return one == right[:-2] + "*"
    if right[-1:] == "*":
        return one.startswith(right[:-1])
    return one == right
