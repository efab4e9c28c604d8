"""The firewall's room: a router between an ISP, four LANs and a softwire, all of it namespaces.

    isp line ── wan    lan0 ── lan0 host    guest0 ── guest0 host    soft0 ── aftr
                       lan1 ── lan1 host    open0 ── open0 host

Hosts are no kernels but frames that this process sends and takes (sides.py), so the router's
neighbours are static and its ND and ARP stay quiet. With `stacks` the far ends have addresses
too, for programs with sockets. Outputs are published as the services would.
"""

import tempfile
from pathlib import Path

from agent import outputs
from packager.isp import namespaces, wait
from tests.lab.firewall import addresses as at
from tests.lab.firewall.spaces import Space

FAR = {"wan": "isp", at.SOFTWIRE: "aftr"} | {lan: lan for lan in at.LANS}
FAR_LINK = "line"
# Of the stale prefix the LAN's route stays while hosts may use it: RFC 7084 L-14's answer needs it.
FOREVER = "infinity"
QUIET: dict[str, int | str] = {
    "ipv6__conf__default__accept_dad": 0,
    "ipv6__conf__default__router_solicitations": 0,
    "ipv6__conf__all__accept_dad": 0,
    "ipv4__conf__all__rp_filter": 0,
    "ipv4__conf__default__rp_filter": 0,
    "ipv4__conf__all__send_redirects": 0,
    "ipv4__conf__default__send_redirects": 0,
    # Rates of ICMP answers are the kernel's, not the firewall's: each case gets its own.
    "ipv4__icmp_ratelimit": 0,
    "ipv4__tcp_synack_retries": 0,  # what the router says again is nobody's answer
    "ipv4__icmp_ratemask": 0,
    "ipv4__icmp_msgs_per_sec": 1000000,
    "ipv4__icmp_msgs_burst": 1000000,
    "ipv6__icmp__ratelimit": 0,
    "ipv6__icmp__ratemask": "\n",  # none
}


def router_mac(link: str) -> str:
    """The router's MAC on a link; documentation's (RFC 9542)."""
    return f"00:00:5e:00:53:{at.LINKS.index(link) + 0x10:02x}"


def far_mac(link: str) -> str:
    """The MAC at the other end."""
    return f"00:00:5e:00:53:{at.LINKS.index(link) + 0x20:02x}"


class Room:
    """Everything but the firewall. Close it, or end: nothing of it outlives this process."""

    def __init__(self, *, stacks: bool = False) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="frost-firewall-")
        self.outputs = Path(self.folder.name, "outputs")
        self.router = Space("router")
        self.far = {link: Space(name) for link, name in FAR.items()}
        try:
            self.router.sysctl(**QUIET)
            for space in self.far.values():
                space.sysctl(**QUIET)
            self._cable()
            self._route()
            if stacks:
                self._give_stacks()
            self._publish()
            wait.until("links and addresses are ready", self._unready, lambda left: not left)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove it all."""
        for space in [self.router, *self.far.values()]:
            space.close()
        self.folder.cleanup()

    def _cable(self) -> None:
        for link in at.LINKS:
            namespaces.run(
                ["ip", "link", "add", link, "netns", self.router.path]
                + ["address", router_mac(link), "type", "veth", "peer", "name", FAR_LINK]
                + ["netns", self.far[link].path, "address", far_mac(link)]
            )
        for space in self.far.values():
            space.ip(f"link set {FAR_LINK} addrgenmode none up", "link set lo up")
            space.sysctl(ipv6__conf__line__disable_ipv6=1, ipv4__conf__line__arp_ignore=8)
        self.router.ip(
            "link set lo up",
            *[f"link set {link} addrgenmode none up" for link in at.LINKS],
            # as a ppp link and a softwire have them
            "link set wan mtu 1492",
            f"link set {at.SOFTWIRE} mtu 1460",
        )

    def _unready(self) -> str:
        """What is not in use yet: the kernel takes up to a second to notice a carrier."""
        links = self.router.run("ip", "-o", "link", "show")
        waiting = [line for line in links.splitlines() if "state UP" not in line]
        waiting = [line for line in waiting if ": lo:" not in line]
        tentative = self.router.run("ip", "-o", "-6", "address", "show", "tentative")
        return "\n".join([*waiting, *tentative.splitlines()])

    def _route(self) -> None:
        commands = [
            f"address add {at.WAN6_ROUTER}/64 dev wan",
            f"address add {at.WAN4_ROUTER}/24 dev wan",
            "route add default via fe80::2 dev wan",
            f"route add default via {at.WAN4_GATEWAY} dev wan",
            f"route add unreachable {at.DELEGATED} metric 2147483647",
            # of the delegated prefix, yet no unreachable route: the firewall alone refuses
            f"route add {at.UNROUTED}/64 via fe80::2 dev wan",
            f"address add {at.B4}/29 dev {at.SOFTWIRE}",
            f"route add 198.19.6.0/23 dev {at.SOFTWIRE} via 192.0.0.1",
        ]
        first = [f"neighbour add {at.WAN4_GATEWAY} lladdr {far_mac('wan')} dev wan"]
        first += [f"neighbour add 192.0.0.1 lladdr {far_mac(at.SOFTWIRE)} dev {at.SOFTWIRE}"]
        for link in at.LINKS:
            first += [f"address add fe80::1/64 dev {link}"]
            first += [f"neighbour add fe80::2 lladdr {far_mac(link)} dev {link}"]
        first += [f"neighbour add {at.SERVER} lladdr {far_mac('lan0')} dev lan0"]
        for lan in at.LANS:
            commands += self._route_lan(lan)
        self.router.ip(*first, *commands)

    def _route_lan(self, lan: str) -> list[str]:
        """The LAN's addresses; its hosts are behind one neighbour, so that there may be many."""
        host4 = at.router4(lan)[:-1] + "2"
        commands = [
            f"address add {at.router4(lan)}/20 dev {lan}",
            f"neighbour add {host4} lladdr {far_mac(lan)} dev {lan}",
            f"route add {at.host4(lan, 0)}/21 via {host4} dev {lan}",
        ]
        for prefix in (at.DELEGATED, at.ULA):
            commands += [
                f"address add {at.router6(lan, prefix)}/64 dev {lan}",
                f"route add {at.marked(at.lan6(lan, prefix), 0)}/112 via fe80::2 dev {lan}",
            ]
        # No address any more, but the way to those that still use it (RFC 7084 L-14).
        stale = at.marked(at.lan6(lan, at.STALE), 0)
        return [*commands, f"route add {stale}/112 via fe80::2 dev {lan}"]

    def _give_stacks(self) -> None:
        for link, space in self.far.items():
            space.sysctl(ipv6__conf__line__disable_ipv6=0)
            mac = router_mac(link)
            commands = [
                f"address add fe80::2/64 dev {FAR_LINK}",
                f"neighbour add fe80::1 lladdr {mac} dev {FAR_LINK}",
                f"route add default via fe80::1 dev {FAR_LINK}",
            ]
            if link == "wan":
                commands += [
                    f"address add {at.WAN4_GATEWAY}/24 dev {FAR_LINK}",
                    f"neighbour add {at.WAN4_ROUTER} lladdr {mac} dev {FAR_LINK}",
                    f"route add default via {at.WAN4_ROUTER} dev {FAR_LINK}",
                    f"address add {at.marked(at.FAR6, 1)}/128 dev lo",
                    f"address add {at.far4(1)}/32 dev lo",
                ]
            elif link in at.LANS:
                commands += [
                    f"address add {at.marked(at.lan6(link), 1)}/64 dev {FAR_LINK}",
                    f"address add {at.host4(link, 1)}/20 dev {FAR_LINK}",
                    f"neighbour add {at.router4(link)} lladdr {mac} dev {FAR_LINK}",
                    f"route add default via {at.router4(link)} dev {FAR_LINK}",
                    # the router takes this for its next hop on the LAN
                    f"address add {at.router4(link)[:-1]}2/20 dev {FAR_LINK}",
                ]
            space.ip(*commands)

    # --- what the services tell

    def publish(self, service: str, values: dict[str, str] | None) -> None:
        """Publish a service's outputs; None: it has none any more."""
        self.outputs.mkdir(exist_ok=True)
        if values is None:
            outputs.clear(str(self.outputs), service)
        else:
            outputs.publish(str(self.outputs), service, values)

    def publish_lease(self, *, more: bool = False) -> None:
        """What the LANs have of the delegated prefix; `more`: and of a second one."""
        values = _entry("delegated", at.DELEGATED) | {"lease": "bound"}
        prefixes = [at.DELEGATED]
        if more:
            values |= _entry("delegated", at.SECOND)
            prefixes.append(at.SECOND)
        for lan in at.LANS:
            for prefix in prefixes:
                address = at.router6(lan, prefix)
                values |= _entry(f"lan/{lan}", at.lan6(lan, prefix) + "/64", address=address)
        self.publish("lan_prefix", values)

    def _publish(self) -> None:
        self.publish("wan", {"ifname": "wan", "bandwidth": "100000"})
        self.publish("softwire", {"ifname": at.SOFTWIRE})
        self.publish("lan", {"ifname": "lan0\nlan1"})
        self.publish("guest", {"ifname": "guest0"})
        self.publish("open", {"ifname": "open0"})
        self.publish("dhcp6", _entry("prefix", at.DELEGATED) | {"state": "bound"})
        self.publish("wan_address", {"ifname": "wan"} | _address(at.WAN6_ROUTER, 64))
        self.publish_lease()
        ula: dict[str, str] = {}
        for lan in at.LANS:
            ula |= _entry(f"lan/{lan}", at.lan6(lan, at.ULA) + "/64")
        self.publish("ula", ula)
        withdrawn: dict[str, str] = {}
        for lan in at.LANS:
            withdrawn |= _entry("withdrawn", at.lan6(lan, at.STALE) + "/64", until=FOREVER)
        self.publish("ra", withdrawn)
        self.publish("dhcp4", {"address": at.WAN4_ROUTER, "ifname": "wan"})


def _entry(folder: str, prefix: str, **more: str) -> dict[str, str]:
    """An entry of a folder of prefixes, under a name of its own."""
    address, _, length = prefix.partition("/")
    key = folder + "/" + prefix.replace("::/", "--_").replace(":", "-").replace("/", "_")
    return {f"{key}/{name}": value for name, value in
            {"prefix": address, "length": length, **more}.items()}  # fmt: skip


def _address(address: str, length: int) -> dict[str, str]:
    key = "address/" + address.replace("::", "--").replace(":", "-")
    return {f"{key}/address": address, f"{key}/length": str(length)}
