"""Replays router advertisements that scapy encoded: `[[header, options], hexadecimal octets]`."""

import json

from agent.port import files
from services.ra import packet

OPTIONS = {
    "prefix": packet.Prefix,
    "route": packet.Route,
    "mtu": packet.Mtu,
    "link": packet.LinkAddress,
    "servers": packet.Servers,
    "domains": packet.Search,
}


def replay(path: str) -> None:
    """Encode every vector of the file and compare; print how many there were."""
    vectors = json.loads(files.read(path).decode())
    for (header, options), octets in vectors:
        told = tuple([OPTIONS[option[0]](*option[1:]) for option in options])
        message = packet.encode(packet.Advertisement(*(header + [told])))
        found = "".join(["%02x" % octet for octet in message])
        assert found == octets, (header, options, found, octets)
    print(len(vectors), "vectors")
