"""Random packets that reach a ruleset's rules: made of the addresses, ports and types in it."""

import ipaddress
import random
from collections.abc import Iterator
from typing import Any

from tests.lab.explain.aim import Aim, Wanted
from tests.lab.explain.octets import (
    AH,
    DCCP,
    ESP,
    ICMP,
    ICMPV6,
    PORTS,
    SCTP,
    TCP,
    UDP,
    UDPLITE,
    Packet,
    Pool,
)

HIP, SHIM6, MOBILITY, OSPF, FREE = 139, 140, 135, 89, 253
OTHERS4 = (ESP, AH, HIP, OSPF, FREE)
OTHERS6 = (ESP, AH, HIP, SHIM6, MOBILITY, OSPF, FREE)
# what flag bits come: mostly beginnings, all others now and then
TCP_FLAGS = (2, 2, 2, 2, 2, 0x10, 0x12, 4, 1, 0x14, 0x11, 0x18, 0, 0x29, 0x3F, 3, 0xC2)


def words(value: Any) -> Iterator[Any]:
    """All strings, numbers, ranges and prefixes in nft's JSON."""
    if isinstance(value, dict):
        if isinstance(value.get("prefix"), dict):
            yield f"{value['prefix']['addr']}/{value['prefix']['len']}"
        elif "range" in value:
            yield from value["range"]
        else:
            for inner in value.values():
                yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)
    else:
        yield value


def pool(objects: list[dict[str, Any]]) -> Pool:
    """What the rules, sets and maps speak of."""
    found = Pool()
    for item in objects:
        body = next(iter(item.values()))
        for word in words([body.get("elem", []), body.get("expr", [])]):
            if isinstance(word, str):
                for address in _addresses(word):
                    kept = found.addresses6 if ":" in address else found.addresses4
                    kept.append(address)
    for item in objects:
        for match in _matches(item):
            _numbers(found, match)
    found.ports += [1, 1023, 40000, 65535]
    found.types4 += [8, 8, 0, 3, 11]
    found.types6 += [128, 128, 129, 1, 2, 135, 136, 133, 134, 130, 143, 139, 144]
    return found


def _matches(item: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """(left side as text, numbers on the right) of a rule's matches, or of a set's elements."""
    found = []
    for statement in item.get("rule", {}).get("expr", []):
        for word in ("match", "vmap"):
            if word in statement:
                body = statement[word]
                left = body.get("left", body.get("key"))
                found.append((str(left), list(words(body.get("right", body.get("data"))))))
    for kind in ("set", "map"):
        if kind in item:
            found.append((str(item[kind]["type"]), list(words(item[kind].get("elem", [])))))
    return found


def _numbers(found: Pool, match: tuple[str, list[Any]]) -> None:
    left, right = match
    numbers = [word for word in right if isinstance(word, int) and not isinstance(word, bool)]
    if "port" in left or "inet_service" in left:
        near = [n + d for n in numbers for d in (-1, 0, 0, 0, 1)]
        found.ports += [n for n in near if 0 < n < 65536]
    elif "'icmp'" in left:
        found.types4 += [n for n in numbers if n < 256]
    elif "icmpv6" in left:
        found.types6 += [n for n in numbers if n < 256]
    elif "l4proto" in left or "nexthdr" in left or "'protocol'}" in left:
        found.protocols += [n for n in numbers if 0 < n < 256]


def _addresses(word: str) -> list[str]:
    """Addresses in a prefix and at its edges."""
    try:
        network = ipaddress.ip_network(word, strict=False)
    except ValueError:
        return []
    first, last = int(network[0]), int(network[-1])
    inside = [first + (last - first) * part // 7 for part in range(1, 7)]
    most = int(network.max_prefixlen == 128 and (1 << 128) - 1 or (1 << 32) - 1)
    kind = ipaddress.IPv6Address if network.version == 6 else ipaddress.IPv4Address
    near = [value for value in (first - 1, last + 1) if 0 <= value <= most]
    return [str(kind(value)) for value in [first, last, *inside, *near]]


class Draws:
    """A stream of random packets.

    hosts: {link: addresses of its hosts}. far: what else there is. router: its own addresses.
    """

    def __init__(
        self,
        seed: int,
        objects: list[dict[str, Any]],
        hosts: dict[str, list[str]],
        far: list[str],
        router: list[str],
        spy: str,
    ) -> None:
        self._random = random.Random(seed)
        self._pool = pool(objects)
        self._aim = Aim(objects, self._random, spy)
        self._hosts = hosts
        self._far = far
        self._router = router
        self._seen: set[object] = set()

    def draw(self, number: int) -> Packet:
        """A packet of a flow that was not there before; most are aimed at one rule."""
        while True:
            wanted: Wanted = {}
            if self._random.random() < 0.7:
                wanted = self._aim.at(self._random.choice(self._aim.rules))
            packet = self._draw(number, wanted)
            source, destination, protocol, ports = packet.flow
            if packet.flow not in self._seen and source != destination:
                self._seen.add(packet.flow)
                back = (ports[1], ports[0]) if ports else None
                self._seen.add((destination, source, protocol, back))
                return packet

    def _draw(self, number: int, wanted: Wanted) -> Packet:
        pick = self._random.choice
        is6 = self._is6(wanted)
        iif = wanted.get("iif")
        if iif not in self._hosts:
            iif = pick(sorted(self._hosts))
        source, destination = wanted.get("saddr", ""), wanted.get("daddr", "")
        if not _is_address(source, is6):
            source = self._address(is6, iif if self._random.random() < 0.85 else "")
        if not _is_address(destination, is6):
            to = wanted.get("oif", "") if wanted.get("oif") in self._hosts else ""
            if not to and wanted.get("hook") == "input":
                destination = pick([each for each in self._router if (":" in each) == is6])
            else:
                others = [*sorted(self._hosts), *sorted(self._hosts), ""]
                destination = self._address(is6, to or pick(others))
        protocol = wanted.get("protocol")
        if protocol not in self._known(is6):
            protocol = self._protocol(is6, "sport" in wanted or "dport" in wanted)
        hops = wanted.get("hops", pick([64, 64, 64, 255, 1]))
        # An IPv4 packet's is one less where it is forwarded, when the rule is asked.
        hops += 1 if "hops" in wanted and wanted.get("hook") == "forward" and hops < 255 else 0
        packet = Packet(number, iif, source, destination, protocol, hops=hops)
        self._inside(packet, wanted)
        if "routing" in wanted or (is6 and self._random.random() < 0.03):
            packet.routing = wanted.get("routing", pick([0, 2, 4])) if is6 else None
        return packet

    def _is6(self, wanted: Wanted) -> bool:
        if wanted.get("family", "inet") != "inet":
            return bool(wanted["family"] == "ip6")
        for field in ("saddr", "daddr"):
            if field in wanted:
                return ":" in str(wanted[field])
        return self._random.random() < 0.6

    def _inside(self, packet: Packet, wanted: Wanted) -> None:
        """Ports and flags, or type and code."""
        pick = self._random.choice
        ports, free = self._pool.ports, self._random.randint(1, 65535)
        if packet.protocol in PORTS:
            source = wanted.get("sport", pick([self._random.randint(1024, 65535), pick(ports)]))
            packet.numbers = source, wanted.get("dport", pick([free, pick(ports), pick(ports)]))
            packet.flags = wanted.get("flags", pick(TCP_FLAGS)) & 0xFF
        elif packet.protocol in (ICMP, ICMPV6):
            types = self._pool.types6 if packet.is6 else self._pool.types4
            number = wanted.get("type", pick(types))
            packet.numbers = number, wanted.get("code", pick([0, 0, 0, 1, 4]))
            if packet.is6 and number in range(130, 138) and "hops" not in wanted:
                packet.hops = pick([255, 1, 64])

    def _known(self, is6: bool) -> set[int]:
        """Protocols that octets.py can make."""
        return {*PORTS, ICMPV6 if is6 else ICMP, *(OTHERS6 if is6 else OTHERS4)}

    def _protocol(self, is6: bool, ports: bool) -> int:
        pick = self._random.choice
        if ports:
            return pick([TCP, UDP, TCP, UDP, SCTP, UDPLITE, DCCP])
        icmp = ICMPV6 if is6 else ICMP
        usual = [TCP, TCP, TCP, UDP, UDP, UDP, icmp, icmp, SCTP, UDPLITE, DCCP]
        others = list(OTHERS6 if is6 else OTHERS4)
        if self._random.random() < 0.75:
            return pick(usual)
        named = [p for p in self._pool.protocols if p in usual + others]
        return pick(others + named)

    def _address(self, is6: bool, link: str) -> str:
        """A host's of that link, or any that the ruleset or the routes know."""
        if link:
            own = [each for each in self._hosts[link] if (":" in each) == is6]
            address = self._random.choice(own)
            if "/" in address:
                network = ipaddress.ip_network(address)
                return str(network[self._random.randrange(2, min(1 << 16, network.num_addresses))])
            return address
        known = self._pool.addresses6 if is6 else self._pool.addresses4
        far = [each for each in self._far + self._router if (":" in each) == is6]
        return self._random.choice(self._random.choice([far, known or far]))


def _is_address(given: object, is6: bool) -> bool:
    try:
        return ipaddress.ip_address(str(given)).version == (6 if is6 else 4)
    except ValueError:
        return False
