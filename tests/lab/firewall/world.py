"""The firewalls that the room's router may have: stock home routers in each of their choices."""

from dataclasses import replace

from firewall.ruleset import compose
from firewall.ruleset.model import Firewall, IcmpLimit, Log, Output, Zone
from firewall.ruleset.rendered import Ruleset
from firewall.stock import translation
from firewall.stock.home_router import home_router
from tests.lab.firewall import addresses as at

# Each denied packet is heard of: how many are told is for the case that tests the limit.
LOUD = Log(rate=100000, burst=100000)
GUEST = Zone("guest", (Output("guest/ifname"),))
OPEN = Zone("open", (Output("open/ifname"),))
SOFTWIRE = Zone("softwire", (Output("softwire/ifname"),))
PINHOLE = "::fa5e:cafe:7ff"  # the host that is opened: case 2047's address


def stock(
    *, transparent: bool = False, log: Log = LOUD, bare: bool = False, echoes: int = 100000
) -> Firewall:
    """The home router with all that it can have; `bare`: with nothing but what it must."""
    if bare:
        made = home_router(permit=("2001:2::/48",), log=log)
    else:
        made = home_router(
            guest=GUEST,
            open_zone=OPEN,
            softwire=SOFTWIRE,
            groups=(
                translation.port_forward("web", "tcp", 8080, at.SERVER, to_port=80),
                translation.port_forward("game", "udp", 3074, at.SERVER),
                translation.pinhole("nas", "tcp", 443, link="lan0", suffix=PINHOLE),
            ),
            permit=("2001:2::/48",),
            clamped=True,
            transparent=transparent,
            log=log,
        )
    limit = IcmpLimit(default=echoes)
    return replace(made, zones=tuple(replace(zone, icmp=limit) for zone in made.zones))


# `patient` is `home` for cases that wait; mutation leaves them out.
WORLDS = {
    "home": lambda: stock(),
    "patient": lambda: stock(),
    "limited": lambda: stock(echoes=10),
    "transparent": lambda: stock(transparent=True),
    "bare": lambda: stock(bare=True),
    "quiet": lambda: stock(log=Log()),
}


def ruleset(world: str) -> Ruleset:
    """The composed ruleset of one of WORLDS."""
    return compose.compose(WORLDS[world]())
