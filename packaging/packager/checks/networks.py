"""Links that are used in two ways of which the kernel lets only one work, and routes that lead
nowhere. Told where it is certain: a service of the site's own may do what is not seen here."""

import ipaddress
from collections.abc import Iterator

from packager.checks.singletons import who
from packager.gathered import Gathered
from services.dhcp4.definition import Dhcp4
from services.dhcp6.definition import Dhcp6
from services.link.definition import Address, Bridge, Link, Vlan
from services.model import Service
from services.route.definition import Route
from services.site.problems import Problem


def check(found: Gathered) -> Iterator[Problem]:
    """Ports of bridges that are uplinks, too, and routers on no network."""
    whole = [each for each in found.site.services if not each.broken]
    yield from _ports(whole)
    for route in whole:
        if isinstance(route, Route) and route.via and route.on is not None:
            yield from _router(route, route.on, whole)


def _ports(services: list[Service]) -> Iterator[Problem]:
    """What a port of a bridge receives is the bridge's alone, but for the frames of a VLAN."""
    bridges: dict[str, Bridge] = {}
    for bridge in services:
        if isinstance(bridge, Bridge):
            for member in bridge.members:
                first = bridges.setdefault(member.ifname, bridge)
                if first is not bridge:
                    text = f"expected a link in one bridge, got {member.name} in {first.name}, too"
                    yield Problem(bridge.where, f"{who(bridge)}.members", text)
    for service in services:
        on = getattr(service, "on", None)
        if isinstance(on, Link) and on.ifname in bridges and not isinstance(service, Vlan):
            bridge = bridges[on.ifname]
            text = f"expected a link that is in no bridge, got {on.name}, a member of {bridge.name}"
            hint = f"; write on={bridge.name}, or take it out of the bridge"
            yield Problem(service.where, f"{who(service)}.on", text + hint)


def _router(route: Route, on: Link, services: list[Service]) -> Iterator[Problem]:
    """A router that no address of the link has for a neighbour."""
    via = ipaddress.ip_address(route.via)
    there = [each for each in services if getattr(each, "on", None) is on]
    known = [each.interface.network for each in there if isinstance(each, Address)]
    networks = [each for each in known if each.version == via.version]
    # A lease, or a prefix that is delegated, may bring further ones
    others = (Dhcp4,) if via.version == 4 else (Dhcp6,)
    leased = [each for each in there if isinstance(each, others)]
    delegated = [
        lan
        for each in services
        if isinstance(each, Dhcp6) and via.version == 6
        for lan in each.lans
        if lan.on is on
    ]
    if not networks or leased or delegated or (via.version == 6 and via.is_link_local):
        return
    if not any(via in network for network in networks):
        text = " or ".join(str(network) for network in networks)
        text = f"expected a router on {on.name}, an address of {text}, got {route.via}"
        yield Problem(route.where, f"{route.name}.via", text)
