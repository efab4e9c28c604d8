"""The stock home router: all rulegroups together, with the choices that a home makes."""

from firewall.ruleset.model import Firewall, Log, Output, Rulegroup, Zone
from firewall.stock import flows, icmp, services, sources, state, translation

WAN = Zone("wan", (Output("wan/ifname"),))
LAN = Zone("lan", (Output("lan/ifname"),))
INSIDE_SERVICES = ("dns", "dhcp", "ssh", "ntp")
GUEST_SERVICES = ("dns", "dhcp")


def home_router(
    wan: Zone = WAN,
    lan: Zone = LAN,
    guest: Zone | None = None,
    open_zone: Zone | None = None,
    softwire: Zone | None = None,
    *,
    groups: tuple[Rulegroup, ...] = (),
    offered: tuple[str, ...] = INSIDE_SERVICES,
    permit: tuple[str, ...] = (),
    clamped: bool = False,
    transparent: bool = False,
    offload: bool = False,
    prefixes: str = "lan_prefix",
    advertiser: str = "ra",
    address: str = "dhcp4/address",
    log: Log | None = None,
) -> Firewall:
    """A router between `wan` and `lan`.

    guest: reaches the internet alone. open_zone: for those who protect themselves: reaches the
    internet and is reached from it. softwire: DS-Lite's tunnel. groups: the site's own, such as
    port forwards and pinholes. offered: the router's services for the LAN. permit: bogons that
    this site uses. clamped: TCP segments fit the WAN (ppp). transparent: RFC 6092's transparent
    mode (REC-49). offload: established flows take the kernel's flowtable. prefixes, advertiser,
    address: the services and the output that tell the lease; "" where the site has none.
    """
    outside = (wan.name,)
    inside = (lan.name,)
    guests = (guest.name,) if guest else ()
    opened = (open_zone.name,) if open_zone else ()
    hosts = inside + guests + opened
    found = [
        state.state(),
        state.timers(),
        sources.routing_header(),
        sources.stale(outside, advertiser),
        sources.bogons(permit),
        sources.spoofing(outside, hosts, prefixes),
        sources.ula_border(outside),
        sources.unassigned(outside, prefixes),
        icmp.icmp(outside, hosts, inside + guests),
        flows.outbound(hosts, outside),
        flows.inbound(outside, inside + guests),
        flows.between(inside, inside + guests + opened),
        flows.answers(outside),
        services.local(),
        services.dhcp_client(outside),
        services.services("inside", inside, offered),
        translation.masquerade(outside, address),
        *groups,
    ]
    if guests or opened:
        found.append(services.services("guests", guests + opened, GUEST_SERVICES))
        found.append(flows.isolation(guests + opened, hosts))
    if transparent:
        found.append(flows.transparent(outside, inside + guests))
    if opened:
        found.append(
            Rulegroup("open", "RFC 6092 REC-49", "flows from the internet may begin to open hosts",
                      flows.transparent(outside, opened).rules)
        )  # fmt: skip
    tunnels = (softwire.name,) if softwire else ()
    if softwire:
        found.append(translation.dslite(hosts, tunnels))
    if clamped or softwire:
        found.append(translation.clamp(outside * clamped, tunnels))
    zones = (wan, lan, guest, open_zone, softwire)
    # The most restricted first: a link that is in two zones belongs to the first.
    return Firewall(
        zones=tuple(zone for zone in zones if zone),
        groups=tuple(found),
        log=log or Log(),
        offload=hosts + outside if offload else (),
    )
