"""What the WAN shall have of IPv4: the lease's address and routes, for as long as it lasts. Pure.

The kernel makes the address's own on-link route, and removes the address when its lifetime is over
should nobody be there to do so. Routes have no lifetime in IPv4: they go with the address's link or
by us. A gateway outside the address's network (RFC 3442: also with a mask of all ones) is reached
by an on-link route to it alone.
"""

from agent import ip
from agent.port import records
from services.dhcp4.grammar import network
from services.dhcp6 import deadlines, objects
from services.dhcp6.objects import State
from services.dhcp6.plan import Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.dhcp4.lease import Lease
    from services.dhcp6.objects import Key

PROTOCOL = records.RTPROT_DHCP


def decide(now: float, lease: "Lease", index: int | None, metric: int) -> Plan:
    """The plan at `now`; index: the link's, None while there is no such link. metric: the routes',
    lower ones are preferred."""
    values = {"ifname": lease.ifname} if lease.ifname else {}
    wanted: dict[Key, State] = {}
    wake_at = deadlines.FOREVER
    if index is not None:
        values["ifindex"] = "%d" % index
    if index is not None and lease.address and deadlines.lasts(lease.until, now):
        wake_at = lease.until - 1
        values["address"] = lease.address
        values["length"] = "%d" % lease.length
        key = objects.address_key(index, lease.address, lease.length)
        wanted[key] = State(0, lease.until, lease.until, 0.0)
        for route in lease.routes:
            if route.gateway and not _is_near(lease, route.gateway):
                _add(wanted, route.gateway, 32, "", index, metric)
            _add(wanted, route.destination, route.length, route.gateway, index, metric)
    return Plan(values, [], wanted, lease.problems, wake_at, None)


def _add(
    wanted: "dict[Key, State]", where: str, length: int, gateway: str, index: int, metric: int
) -> None:
    key = objects.route_key("unicast", where, length, gateway, index, metric)
    wanted[key] = State(PROTOCOL, deadlines.FOREVER, deadlines.FOREVER, 0.0)


def _is_near(lease: "Lease", gateway: str) -> bool:
    """Whether the gateway is in the address's own network."""
    address, there = ip.parse4(lease.address) or 0, ip.parse4(gateway) or 0
    return network(address, lease.length) == network(there, lease.length)
