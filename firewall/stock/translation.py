"""IPv4's addresses: masquerading, port forwards, the softwire of DS-Lite; TCP's segment size; and
hosts that are opened under a changing prefix."""

from firewall.ruleset.model import Entries, Rule, Rulegroup, Set, Values


def masquerade(wan: tuple[str, ...], address: str = "dhcp4/address") -> Rulegroup:
    """What leaves through `wan` has the router's address. `address`: the output that tells it; when
    it changes the old one's conntrack entries go, so that no flow is sent from it any more. "": it
    never changes."""
    return Rulegroup(
        name="masquerade",
        requirement="RFC 3022 4.1",
        text="IPv4 hosts reach the internet with the router's address",
        rules=(Rule("srcnat", "masquerade", "", (), wan, "ip"),),
        forget=(Values(address),) if address else (),
        parameters=(("address", address),) if address else (),
    )


def dslite(inside: tuple[str, ...], softwire: tuple[str, ...]) -> Rulegroup:
    """IPv4 goes through the softwire as it is: the AFTR translates. So `softwire` is in no
    masquerade(), and this rulegroup only lets flows begin."""
    return Rulegroup(
        name="dslite",
        requirement="RFC 7084 DLW-2",
        text="IPv4 hosts begin flows through the softwire, untranslated",
        rules=(Rule("forward", "accept", "", inside, softwire, "ip"),),
    )


def port_forward(
    name: str,
    protocol: str,
    port: int,
    to: str,
    *,
    to_port: int = 0,
    wan: tuple[str, ...] = ("wan",),
    inside: tuple[str, ...] = ("lan",),
    address: str = "dhcp4/address",
) -> Rulegroup:
    """Connections to `port` of the router's IPv4 address go to the host `to`, also from inside.

    to_port: the host's port where it differs. Hosts inside use the outside address too (hairpin):
    their connections get the router's address, so that the answers come back through it.
    """
    target = to_port or port
    begins = f"ip daddr {to} {protocol} dport {target} ct status dnat"
    verdict = f"dnat to {to}:{target}"
    rules = (
        Rule("dstnat", verdict, f"{protocol} dport {port}", wan, (), "ip"),
        Rule("dstnat", verdict, f"ip daddr @wan4 {protocol} dport {port}", inside, (), "ip"),
        Rule("forward", "accept", begins, wan, inside, "ip"),
        Rule("srcnat", "masquerade", begins, inside, inside, "ip"),
    )
    return Rulegroup(
        name=f"forward-{name}",
        requirement=f"port forward {name}",
        text=f"{protocol} port {port} of the IPv4 address leads to {to} port {target}",
        rules=rules,
        sets=(Set("wan4", "ipv4_addr", "ip", follow=(Values(address),)),),
        parameters=(("protocol", protocol), ("port", str(port)), ("to", f"{to}:{target}")),
    )


def pinhole(
    name: str,
    protocol: str,
    port: int,
    *,
    link: str,
    suffix: str,
    wan: tuple[str, ...] = ("wan",),
    inside: tuple[str, ...] = ("lan",),
    prefixes: str = "lan_prefix",
) -> Rulegroup:
    """An IPv6 host inside may be reached on a port, whatever prefix its link has now.

    link: the LAN's. suffix: the host's interface identifier, `::10`.
    """
    host = Set(f"host-{name}", "ipv6_addr", "ip6", follow=(
        Entries(f"{prefixes}/lan/{link}/*", length="length", suffix=suffix),))  # fmt: skip
    match = f"ip6 daddr @host-{name} {protocol} dport {port}"
    return Rulegroup(
        name=f"pinhole-{name}",
        requirement=f"pinhole {name}",
        text=f"{protocol} port {port} of the host {suffix} on {link} may be reached from outside",
        rules=(Rule("forward", "accept", match, wan, inside, "ip6"),),
        sets=(host,),
        parameters=(("protocol", protocol), ("port", str(port)), ("host", f"{link} {suffix}")),
    )


def clamp(zones: tuple[str, ...], softwires: tuple[str, ...] = ()) -> Rulegroup:
    """TCP's segment size follows the MTU of the route in both directions, for links whose MTU is
    smaller than that of hosts (ppp, tunnels) and paths that swallow ICMP. softwires: zones that
    carry IPv4 alone."""
    # Flags first: zones are looked up for the first segments of a flow alone.
    begins = "tcp flags & (syn | rst) == syn"
    verdict = "tcp option maxseg size set rt mtu"
    rules = tuple(
        Rule("forward", verdict, f"{begins} {side} @{zone}", family=family)
        for zone, family in [(each, "") for each in zones] + [(each, "ip") for each in softwires]
        for side in ("iifname", "oifname")
    )
    return Rulegroup(
        name="clamp",
        requirement="RFC 4459 3.2",
        text="TCP segments fit the MTU of ppp and tunnel links",
        rules=rules,
        stage="mangle",
    )
