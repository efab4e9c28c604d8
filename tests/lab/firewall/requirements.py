"""What the conformance table says of each requirement besides its cases' results.

level: the clause's own word; HOUSE: this project's own promise. A requirement without cases says
why it has none; a deviation says why we do otherwise.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Requirement:
    """A row of the table. note: the deviation or what remains to be said."""

    id: str
    level: str
    text: str
    deviation: str = ""
    note: str = ""


def _rec(number: int, level: str, text: str, deviation: str = "", note: str = "") -> Requirement:
    return Requirement(f"RFC 6092 REC-{number}", level, text, deviation, note)


FILTERING = (
    "conntrack filters by address and port; endpoint independent filtering is there as the open "
    "zone and as transparent mode (REC-49)"
)
DCCP = "this kernel (6.15 and later) has no DCCP tracker: DCCP is a generic protocol"

REQUIREMENTS = (
    _rec(1, "MUST", "no multicast sources", note="the kernel drops them before every hook"),
    _rec(2, "MUST", "multicast stays within the scope boundary, organization-local by default"),
    _rec(3, "MUST", "no addresses that may not appear in the Internet"),
    _rec(4, "MUST", "no routing header type 0"),
    _rec(5, "MUST", "outbound sources are of the prefixes inside"),
    _rec(6, "MUST", "no inside sources from outside"),
    _rec(7, "SHOULD", "unique local addresses stay inside"),
    _rec(8, "MUST", "no DNS for the WAN"),
    _rec(9, "MUST", "no DHCPv6 service for the WAN"),
    _rec(10, "SHOULD", "ICMPv6 errors belong to a known flow"),
    _rec(11, "SHOULD", "filtering of generic protocols is endpoint independent", FILTERING),
    _rec(12, "MUST", "generic state lasts 2 minutes at least, 5 by default"),
    _rec(13, "SHOULD", "firmware is updated securely", note="not the packet filter's; no cases"),
    _rec(14, "MUST", "UDP state lasts 2 minutes at least, 5 by default"),
    _rec(15, "MAY", "UDP state of well-known ports may last less", note="it lasts as long"),
    _rec(16, "MUST", "UDP state is refreshed from inside"),
    _rec(17, "SHOULD", "filtering of UDP is endpoint independent", FILTERING),
    _rec(18, "MUST", "ICMPv6 errors about UDP flows pass"),
    _rec(19, "MUST", "no ICMPv6 message ends UDP state"),
    _rec(20, "MUST", "UDP-Lite as UDP, states not mixed"),
    _rec(21, "MUST", "AH passes by default"),
    _rec(22, "MUST", "ESP passes by default"),
    _rec(23, "MUST", "ICMPv6 errors about ESP flows pass"),
    _rec(24, "MUST", "IKE passes by default"),
    _rec(25, "SHOULD", "ESP state is addresses and protocol, without SPI"),
    _rec(26, "MUST", "HIP passes by default"),
    _rec(27, "MUST", "type 2 routing headers pass in known flows",
         note="flows are not told apart by the home address"),
    _rec(28, "MUST", "Mobility Headers pass from inside and back"),
    _rec(29, "MUST", "the tunnel of a mobile node passes"),
    _rec(30, "MUST", "ICMPv6 errors about Mobility Header flows pass"),
    _rec(31, "MUST", "all valid sequences of TCP pass, simultaneous open too"),
    _rec(32, "MUST", "no window checks where window scaling was not seen"),
    _rec(33, "SHOULD", "filtering of TCP is endpoint independent", FILTERING),
    _rec(34, "MUST", "unsolicited SYN: type 1 code 1, after 6 seconds",
         "the answer comes at once: Linux holds no SYN back, and a delay would only serve hosts "
         "that open simultaneously through two such gateways"),
    _rec(35, "MUST", "TCP state lasts 2:04 hours, transitory states 4 minutes"),
    _rec(36, "MUST", "ICMPv6 errors about TCP flows pass"),
    _rec(37, "MUST", "no ICMPv6 message ends TCP state"),
    _rec(38, "MUST", "all valid sequences of SCTP pass, simultaneous open too"),
    _rec(39, "MUST", "unsolicited INIT: type 1 code 1, after 6 seconds",
         "the answer comes at once, as for REC-34"),
    _rec(40, "MUST", "SCTP state lasts 2:04 hours, transitory states 4 minutes"),
    _rec(41, "MUST", "ICMPv6 errors about SCTP flows pass"),
    _rec(42, "MUST", "no ICMPv6 message ends SCTP state"),
    _rec(43, "MUST", "all valid sequences of DCCP pass", note=DCCP),
    _rec(44, "MUST", "DCCP state lasts 2:04 hours, transitory states 8 minutes",
         f"{DCCP}, and idle flows are forgotten after 5 minutes; older kernels get the timers"),
    _rec(45, "MUST", "ICMPv6 errors about DCCP flows pass", note=DCCP),
    _rec(46, "MUST", "no ICMPv6 message ends DCCP state", note=DCCP),
    _rec(47, "MUST", "Shim6 passes from inside and back"),
    _rec(48, "SHOULD", "a protocol by which hosts solicit inbound traffic",
         "no PCP server yet: a site opens hosts by pinholes, which follow the prefix"),
    _rec(49, "MUST", "one switch to transparent mode"),
    _rec(50, "MUST", "no management for the WAN"),
    Requirement("RFC 7084 WPD-5", "MUST", "the unassigned part of the prefix is refused"),
    Requirement("RFC 7084 L-14", "MUST", "sources of a withdrawn prefix: type 1 code 5"),
    Requirement("RFC 7084 ULA-4", "MUST", "the WAN is a site border, LANs are not"),
    Requirement("RFC 7084 S-2", "SHOULD", "ingress filtering (BCP 38)"),
    Requirement("BCP 38", "SHOULD", "the same for IPv4, both directions"),
    Requirement("RFC 7084 W-3", "MUST", "router advertisements come from the WAN"),
    Requirement("RFC 7084 WAA-1", "MUST", "the router's DHCPv6 client hears its servers"),
    Requirement("RFC 7084 L-8", "MUST", "DHCPv6 is served on LANs"),
    Requirement("RFC 7084 L-10", "MUST", "DNS is served on LANs"),
    Requirement("RFC 7084 L-2", "HOUSE", "LANs reach each other"),
    Requirement("RFC 7084 DLW-2", "MUST", "no NAT44 into the softwire"),
    Requirement("RFC 4890 4.3", "SHOULD", "ICMPv6 that passes through, type by type"),
    Requirement("RFC 4890 4.4", "MUST", "ICMPv6 to the router itself, side by side"),
    Requirement("echo limit", "HOUSE", "pings are limited on each link (RFC 4890 4.3.1)"),
    Requirement("RFC 792", "MUST", "ICMP errors about known flows, translated"),
    Requirement("RFC 1812 4.3.3.6", "MUST", "IPv4 pings"),
    Requirement("RFC 1812 5.3.7", "MUST", "IPv4 addresses that are nobody's"),
    Requirement("RFC 1122 3.2.1.3", "MUST", "the router reaches itself"),
    Requirement("RFC 2131 4.1", "MUST", "DHCP on the right sides"),
    Requirement("RFC 3022 4.1", "MUST", "masquerading"),
    Requirement("RFC 4459 3.2", "HOUSE", "TCP segments fit ppp and tunnels"),
    Requirement("port forward", "HOUSE", "port forwards, from outside and from inside (hairpin)"),
    Requirement("pinhole", "HOUSE", "an IPv6 host is reached under whatever prefix it has"),
    Requirement("services", "HOUSE", "the router's services, zone by zone"),
    Requirement("guest zone", "HOUSE", "guests reach the Internet, and the router on their link"),
    Requirement("log limit", "HOUSE", "denials are told by requirement, not too often"),
)  # fmt: skip

BY_ID = {each.id: each for each in REQUIREMENTS}
