"""Which servers outputs name, and resolv.conf's or chrony's lines of them. Pure."""

from agent import ip, names
from services.dhcp4 import grammar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 16  # servers; a resolver that has asked so many in vain asks no further


def path(word: str) -> "tuple[str, str] | None":
    """(service, path) of SERVICE/PATH; None when it is none."""
    service, slash, rest = word.partition("/")
    if not slash or not rest or not names.is_service_name(service):
        return None
    return service, rest


def address(text: str) -> str:
    """The canonical text of a server's address, "" for what is none.

    A link-local address has its link behind `%`; any other has none.
    """
    host, percent, zone = text.partition("%")
    parsed = ip.parse(host)
    if parsed is None:
        return ""
    family, value = parsed
    is_local = family == 6 and value >> 118 == 0x3FA  # fe80::/10
    if is_local != bool(percent) or (percent and not names.is_link_name(zone)):
        return ""
    if not value or (family == 4 and value >> 28 >= 14) or (family == 6 and value >> 120 == 0xFF):
        return ""  # nobody's, multicast, reserved
    return (ip.format6(value) if family == 6 else ip.format4(value)) + percent + zone


def host(text: str) -> str:
    """The canonical text of a time server: an address without a link, or a name; "" for what is
    none."""
    if "%" in text or ip.parse(text) is not None:
        return "" if "%" in text else address(text)
    return domain(text)


def gather(
    paths: list[tuple[str, str]],
    published: "dict[str, dict[str, str]]",
    check: "Callable[[str], str]" = address,
) -> tuple[list[str], list[tuple[str, str]]]:
    """(servers, what is none) in the order of the paths, each once.

    published: the values of each service. check: address or host. What is none is (SERVICE/PATH,
    the line)."""
    found: list[str] = []
    strange = []
    for service, rest in paths:
        text = published.get(service, {}).get(rest, "")
        for line in text.split("\n") if text else []:
            server = check(line)
            if not server:
                strange.append((service + "/" + rest, line))
            elif server not in found and len(found) < MOST:
                found.append(server)
    return found, strange


def values(servers: list[str]) -> dict[str, str]:
    """The outputs: `servers`, one a line, and `resolv`, the same as resolv.conf's lines."""
    if not servers:
        return {}
    return {"servers": "\n".join(servers), "resolv": resolv_conf(servers)[:-1]}


def time_values(servers: list[str]) -> dict[str, str]:
    """The outputs for a clock: `servers`, and `lease.sources`, a file of chrony's sourcedir."""
    if not servers:
        return {}
    lines = ["server %s iburst" % server for server in servers]
    return {"servers": "\n".join(servers), "lease.sources": "\n".join(lines)}


def domain(text: str) -> str:
    """A domain as it is written here; "" for what is none."""
    try:
        return grammar.domain(text).lower()
    except grammar.GrammarError:
        return ""


def hosts_values(link: str, own: str, domains: list[str], servers: list[str]) -> dict[str, str]:
    """The outputs for hosts of a link: `options`, the lines of dnsmasq's dhcp-optsfile that tell
    them the domains behind our own, and the time servers, in DHCPv6 (RFC 3646, RFC 5908)."""
    search = [own] if own else []
    search += [each for each in domains if each != own]
    # dnsmasq takes addresses or names, not both, and IPv6 alone.
    clocks = ["[%s]" % each for each in servers if ":" in each]
    clocks = clocks or [each for each in servers if ip.parse4(each) is None]
    lines = []
    for option, told in (("domain-search", search), ("ntp-server", clocks)):
        if told:
            lines.append("tag:%s,option6:%s,%s" % (link, option, ",".join(told)))
    return {"options": "\n".join(lines)} if lines else {}


def resolv_conf(servers: list[str]) -> str:
    """The content of resolv.conf(5)."""
    return "".join(["nameserver " + server + "\n" for server in servers])
