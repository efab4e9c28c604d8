"""Who has which address in the firewall's room, and how a packet says which case it belongs to.

Each case has a number, and every packet of it carries the number: in an address (the last 16 bits
of an IPv6 interface identifier, the last octets of an IPv4 address) or behind MAGIC in its
payload. So all cases run side by side, and an ICMP error is known by what it quotes.

Global addresses are of 2001:2::/48 (RFC 5180) and 198.18.0.0/15 (RFC 2544), which are for testing:
the documentation's own prefixes are bogons here.
"""

import ipaddress

MAGIC = bytes.fromhex("fa5ecafe")

DELEGATED = "2001:2:0:1000::/56"
STALE = "2001:2:0:2000::/56"  # delegated before, withdrawn
SECOND = "2001:2:0:3000::/56"  # delegated besides, at times
UNROUTED = "2001:2:0:10dd::"  # of the delegated prefix, with a route back to the ISP
ULA = "fd00:1:2::/48"
WAN6 = "2001:2:0:1::"  # /64, the router is ::1000
WAN6_ROUTER = "2001:2:0:1::1000"
FAR6 = "2001:2:0:f000::"
WAN4 = "198.18.0."
WAN4_ROUTER = "198.18.0.2"
WAN4_GATEWAY = "198.18.0.1"

SERVER = "192.168.16.10"  # on lan0, behind the port forwards

LANS = ("lan0", "lan1", "guest0", "open0")
SOFTWIRE = "soft0"
B4 = "192.0.0.2"  # RFC 6333: the softwire's addresses
LINKS = ("wan", *LANS, SOFTWIRE)

# A site has at most 2047 cases: an IPv4 LAN has room for so many hosts.
MOST = 2047


def lan6(lan: str, prefix: str = DELEGATED) -> str:
    """The LAN's /64 below a prefix, without its length."""
    network = ipaddress.IPv6Network(prefix)
    number = LANS.index(lan) + 1
    return str(ipaddress.IPv6Address(int(network.network_address) | number << 64))


def lan4(lan: str) -> str:
    """The LAN's IPv4 network, a /20."""
    return f"192.168.{16 * (LANS.index(lan) + 1)}.0"


def router6(lan: str, prefix: str = DELEGATED) -> str:
    """The router's address on the LAN."""
    return str(ipaddress.IPv6Address(lan6(lan, prefix)) + 1)


def router4(lan: str) -> str:
    """The router's IPv4 address on the LAN."""
    return str(ipaddress.IPv4Address(lan4(lan)) + 1)


def marked(prefix: str, number: int) -> str:
    """The address of case `number` under a /64 (or any IPv6 prefix that leaves 48 bits)."""
    host = int.from_bytes(MAGIC, "big") << 16 | number
    return str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | host))


def far4(number: int) -> str:
    """Case `number`'s IPv4 address in the Internet."""
    return f"198.19.{number >> 8}.{number & 255}"


def host4(lan: str, number: int) -> str:
    """Case `number`'s IPv4 host on the LAN: its upper half is of hosts, the lower the router's."""
    return str(ipaddress.IPv4Address(lan4(lan)) + 2048 + number)


def number_of(packet: bytes) -> int:
    """The case that an IP packet belongs to; 0: none."""
    at = packet.find(MAGIC)
    if at >= 0 and len(packet) >= at + 6:
        return int.from_bytes(packet[at + 4 : at + 6], "big")
    if packet and packet[0] >> 4 == 4:
        number = _number4(packet)
        quoted = packet[20 + 8 :]
        if not number and packet[9] == 1 and len(quoted) >= 20 and quoted[0] >> 4 == 4:
            number = _number4(quoted)
        return number
    return 0


def _number4(header: bytes) -> int:
    for at in (12, 16):
        first, second, third, fourth = header[at : at + 4]
        if (first, second) == (198, 19):
            return third << 8 | fourth
        if (first, second) == (192, 168) and third & 8:
            return (third & 7) << 8 | fourth
    return 0
