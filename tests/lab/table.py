"""The demo's last page: what every side of the lab holds, as text."""

from typing import Any

from tests.lab.lab import LANS, Lab
from tests.lab.router import DELEGATION, LEASE

FOREVER = 4294967295


def render(lab: Lab) -> str:
    """Addresses and routes of every machine, then what the router's programs published."""
    lines = []
    links = [("isp", "wan0"), ("router", "wan"), *(("router", lan) for lan in LANS)]
    links += [(f"host{number}", "eth0") for number in range(len(LANS))]
    for role, link in links:
        lines += rows(role, f"address {link}", addresses(lab, role, link))
    for role in ("isp", "router", *(f"host{number}" for number in range(len(LANS)))):
        lines += rows(role, "routes", routes(lab, role))
    for service in (LEASE, DELEGATION):
        published = lab.router.outputs(service)
        lines += rows("router", service, [f"{k} = {published[k]!r}" for k in sorted(published)])
    return "\n".join(lines)


def rows(role: str, what: str, values: list[str]) -> list[str]:
    """Rows of three columns; who and what stand in the first row only."""
    return [
        f"{'' if i else role:8}{'' if i else what:15}{value}"
        for i, value in enumerate(values or ["none"])
    ]


def addresses(lab: Lab, role: str, link: str) -> list[str]:
    """The global addresses of one link with what is left of their lifetimes."""
    shown = lab.machines[role].ip("address", "show", "dev", link, "scope", "global")
    infos = [info for entry in shown for info in entry.get("addr_info", []) if "local" in info]
    return sorted(
        f"{info['local']}/{info['prefixlen']} preferred {left(info['preferred_life_time'])}"
        f" valid {left(info['valid_life_time'])}"
        + (" (deprecated)" if info.get("deprecated") else "")
        for info in infos
    )


def left(seconds: int) -> str:
    """A lifetime in seconds, or the kernel's infinity."""
    return "forever" if seconds == FOREVER else f"{seconds} s"


def routes(lab: Lab, role: str) -> list[str]:
    """The main table without link-locals, a route a line."""
    shown = lab.machines[role].ip("route", "show")
    return sorted(line for route in shown for line in route_lines(route) if "fe80::/64" not in line)


def route_lines(route: dict[str, Any]) -> list[str]:
    """One route as `ip route` words it, a line for each next hop."""
    kind = f"{route['type']} " if route.get("type", "unicast") != "unicast" else ""
    return [
        kind
        + route["dst"]
        + (f" via {hop['gateway']}" if "gateway" in hop else "")
        + (f" dev {hop['dev']}" if "dev" in hop and not kind else "")
        for hop in route.get("nexthops", [route])
    ]
