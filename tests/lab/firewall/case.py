"""What a case is: packets sent at a side, and what must be seen of each, everywhere. Values only.

A case is a sequence of steps. In each, packets are sent at one side (a link's far end, or "router":
by a program of its own) and all that may be seen of them is said: where they arrive and as what,
which requirement denies them, what is answered. What is not said must not be seen.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scapy.packet import Packet

from tests.lab.firewall import addresses as at

# (what was sent, what came) -> "" or what is wrong with it
Check = Callable[[bytes, bytes], str]


@dataclass(frozen=True)
class Arrival:
    """So many packets of the case at a side; each passes the check."""

    side: str
    check: Check
    least: int = 1
    most: int = 1


@dataclass(frozen=True)
class Entry:
    """A conntrack entry of the case: its protocol's name, how long it lives on, what it says."""

    protocol: str
    least_s: int
    most_s: int
    words: tuple[str, ...] = ()


@dataclass
class Step:
    """One step; its methods say what must be seen of what it sends."""

    side: str
    packets: list[bytes]
    arrivals: list[Arrival] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    denial: str = ""
    denials: tuple[int, int] = (0, 0)  # how many of the packets are denied, at least and at most
    entries: list[Entry] = field(default_factory=list)
    pause_s: float = 0.0  # before it is sent

    def arrives(self, side: str, check: "Check | None" = None) -> "Step":
        """It comes out there: unchanged but for its hop limit, or as the check says."""
        self.arrivals.append(
            Arrival(side, check or forwarded, len(self.packets), len(self.packets))
        )
        return self

    def arrives_about(self, side: str, least: int, most: int, check: "Check") -> "Step":
        """Some of what is sent comes out there, or is answered."""
        self.arrivals.append(Arrival(side, check, least, most))
        return self

    def answered(self, check: "Check") -> "Step":
        """The sender gets that answer."""
        return self.arrives(self.side, check)

    def reaches(self, program: str) -> "Step":
        """A program of the router's gets it: `udp/53`, `icmp6/133`."""
        self.programs.append(program)
        return self

    def denied(self, requirement: str, answer: "Check | None" = None) -> "Step":
        """It is denied in the name of the requirement; with that answer, or without a word."""
        self.denial = requirement
        self.denials = (len(self.packets), len(self.packets))
        return self.answered(answer) if answer else self

    def some_denied(self, requirement: str, least: int, most: int) -> "Step":
        """Some of what is sent is denied."""
        self.denial, self.denials = requirement, (least, most)
        return self

    def nothing(self) -> "Step":
        """It vanishes, and the firewall had no need to deny it."""
        return self

    def leaves(self, protocol: str, least_s: int, most_s: int, *words: str) -> "Step":
        """Then conntrack has such an entry for the case."""
        self.entries.append(Entry(protocol, least_s, most_s, words))
        return self


@dataclass
class Case:
    """A case of a requirement. `level`: the clause's own word: MUST, SHOULD, or HOUSE for ours."""

    requirement: str
    level: str
    name: str
    number: int
    world: str = "home"
    steps: list[Step] = field(default_factory=list)
    groups: tuple[tuple[str, str, str], ...] = ()  # multicast: (source, group, link it comes by)

    def send(self, side: str, *packets: Packet, times: int = 1, after_s: float = 0.0) -> Step:
        """Send packets at a side, at once or after a pause."""
        step = Step(side, [bytes(packet) for packet in packets] * times, pause_s=after_s)
        self.steps.append(step)
        return step

    # --- this case's addresses

    @property
    def far(self) -> str:
        """A host in the Internet."""
        return at.marked(at.FAR6, self.number)

    @property
    def far4(self) -> str:
        """The same by IPv4."""
        return at.far4(self.number)

    def host(self, lan: str = "lan0", prefix: str = at.DELEGATED) -> str:
        """A host on a LAN."""
        return at.marked(at.lan6(lan, prefix), self.number)

    def host4(self, lan: str = "lan0") -> str:
        """The same by IPv4."""
        return at.host4(lan, self.number)

    def under(self, prefix: str) -> str:
        """This case's address under any IPv6 prefix of at most 80 bits."""
        return at.marked(prefix, self.number)

    @property
    def token(self) -> bytes:
        """Payload that says which case it is."""
        return at.MAGIC + self.number.to_bytes(2, "big") + b"frostgate"

    @property
    def port(self) -> int:
        """A port of this case's own, none that anybody knows."""
        return 20000 + self.number


# --- checks


def forwarded(sent: bytes, got: bytes) -> str:
    """Unchanged but for the hop limit, which is one less."""
    if sent[0] >> 4 == 6:
        wanted = sent[:7] + bytes([sent[7] - 1]) + sent[8:]
        return "" if wanted == got else f"changed: {got.hex()}"
    wanted = sent[:8] + bytes([sent[8] - 1]) + sent[9:10] + sent[12:]
    return "" if wanted == got[:10] + got[12:] else f"changed: {got.hex()}"


def icmp6(kind: int, code: int) -> Check:
    """An ICMPv6 error or answer of that type and code; an error quotes what was sent."""

    def check(sent: bytes, got: bytes) -> str:
        if got[0] >> 4 != 6 or got[6] != 58 or tuple(got[40:42]) != (kind, code):
            return f"expected ICMPv6 type {kind} code {code}, got {told(got)}"
        if kind < 128 and got[48 + 8 : 48 + 40] != sent[8:40]:
            return f"type {kind} code {code} quotes {told(got[48:])}"
        return ""

    return check


def icmp4(kind: int, code: int) -> Check:
    """The same for ICMP."""

    def check(sent: bytes, got: bytes) -> str:
        if got[0] >> 4 != 4 or got[9] != 1 or tuple(got[20:22]) != (kind, code):
            return f"expected ICMP type {kind} code {code}, got {told(got)}"
        if kind in (3, 11) and got[28 + 12 : 28 + 20] != sent[12:20]:
            return f"type {kind} code {code} quotes {told(got[28:])}"
        return ""

    return check


def tcp(flags: str) -> Check:
    """A TCP segment with these flags, as scapy writes them ("SA", "RA")."""

    def check(sent: bytes, got: bytes) -> str:
        decoded = decode(got)
        seen = str(decoded["TCP"].flags) if "TCP" in decoded else ""
        return "" if seen == flags else f"expected TCP {flags}, got {told(got)}"

    return check


def having(**fields: object) -> Check:
    """The decoded packet's fields: having(src=..., sport=...); TCP options as `mss`."""

    def check(sent: bytes, got: bytes) -> str:
        decoded = decode(got)
        wrong = {
            name: seen for name, value in fields.items() if (seen := _field(decoded, name)) != value
        }
        return f"expected {fields}, got {wrong} in {told(got)}" if wrong else ""

    return check


def _field(decoded: Packet, name: str) -> Any:
    if name == "mss":
        return dict(decoded["TCP"].options).get("MSS") if "TCP" in decoded else None
    for layer in decoded.layers():
        if name in [each.name for each in layer.fields_desc]:
            return decoded[layer].getfieldval(name)
    return None


def inner(check: Check, skip: int) -> Check:
    """The check for what an ICMP error quotes, which begins after `skip` octets."""
    return lambda sent, got: check(sent, got[skip:])


def both(*checks: Check) -> Check:
    """All of them."""
    return lambda sent, got: "; ".join(filter(None, [check(sent, got) for check in checks]))


def decode(packet: bytes) -> Packet:
    """The packet as scapy sees it."""
    from scapy.layers.inet import IP
    from scapy.layers.inet6 import IPv6

    return IPv6(packet) if packet[0] >> 4 == 6 else IP(packet)


def told(packet: bytes) -> str:
    """A packet for people."""
    try:
        return str(decode(packet).summary())
    except (IndexError, struct.error):
        return packet.hex()
