"""What NAT statements do to a packet that begins a flow. Pure."""

from agent import ip
from firewall.command.expressions import address
from firewall.command.packet import IPS_DST_NAT, IPS_SRC_NAT, WITH_PORTS, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firewall.command.packet import Packet

# HOOK2MANIP: which side is translated at a hook
KINDS = {"prerouting": "dnat", "output": "dnat", "input": "snat", "postrouting": "snat"}
LOCALHOST = {4: 0x7F000001, 6: 1}


def translate(
    packet: "Packet", hook: str, word: str, body: "Any", look_up: "Callable[[Any], Any]"
) -> "tuple[str, str]":
    """Translate one side; ("accept", what it was made). A side that is not known is forgotten.

    look_up: what a map has for the packet.
    """
    kind = KINDS[hook]
    body = body or {}
    target, port = body.get("addr"), body.get("port")
    for part in (target, port):
        if isinstance(part, dict) and "map" in part:
            found = look_up(part["map"])
            if found is None:
                return "break", ""
            if part is target:
                target = found
            else:
                port = found
    if isinstance(target, dict) and "concat" in target:
        target, port = target["concat"]
    if word == "redirect":
        own = [LOCALHOST[packet.family]] if hook == "output" else _own(packet)
        if own == []:
            return "drop", ""  # no address to redirect to
        goal = own[0] if own is not None and len(own) == 1 else None
        packet.redirected = hook == "prerouting"
    elif target is None:
        goal = packet.fields.get(packet.ip + " daddr") if word == "dnat" else None
    else:
        goal = _one(target)
    ports = packet.protocol in WITH_PORTS
    side = ("daddr", "dport") if kind == "dnat" else ("saddr", "sport")
    before = [packet.fields.get(packet.ip + " " + side[0]), packet.fields.get("th " + side[1])]
    # Without an address (masquerade, a range, a link with several) the kernel chooses.
    _set(packet, packet.ip + " " + side[0], goal)
    to = "?" if goal is None else ip.format4(goal) if packet.family == 4 else ip.format6(goal)
    if port is not None:
        chosen = port if isinstance(port, int) else None
        _set(packet, "th " + side[1], chosen)
        to = ("[%s]:%s" if packet.family == 6 else "%s:%s") % (
            to,
            "?" if chosen is None else chosen,
        )
    elif kind == "snat" and ports:
        packet.fields.pop("th " + side[1], None)  # another one if it is taken
    after = [packet.fields.get(packet.ip + " " + side[0]), packet.fields.get("th " + side[1])]
    # nf_nat_setup_info(): it counts as translated when it became something else.
    bit = IPS_DST_NAT if kind == "dnat" else IPS_SRC_NAT
    if None in (before[0], after[0]) or (ports and None in (before[1], after[1])):
        packet.unsure |= bit
    elif before != after:
        packet.status |= bit
    packet.translated.append(kind)
    return "accept", "%s to %s" % (kind, to) if word != "masquerade" else word


def _set(packet: "Packet", name: str, value: int | None) -> None:
    if value is None:
        packet.fields.pop(name, None)
    else:
        packet.fields[name] = value


def _one(target: "Any") -> int | None:
    """The address that a translation goes to; None when it is one of several."""
    if isinstance(target, str):
        return address(target)
    if isinstance(target, dict) and ("range" in target or "prefix" in target):
        return None
    raise Unknown("translation to %s" % (target,))


def _own(packet: "Packet") -> list[int] | None:
    """The addresses that `redirect` may take: the incoming link's. None: they are not known."""
    if packet.facts is None:
        return None
    return packet.facts.own(packet.family, packet.iif, packet.destination)
