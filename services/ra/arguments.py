"""The command line of `ra`. Pure."""

from collections import namedtuple

from agent import environment, ip, names, options, readiness
from agent.options import UsageError
from services.ra import facts, packet

USAGE = "ra [-nv] [-d FD] [-f FIREWALL] -l LEASE -p SERVICE[,SERVICE...] LAN[,OPTION=VALUE...]..."

# What one LAN is told beyond the lease. interval: MaxRtrAdvInterval, seconds. dns, domains: words
# in the order of preference. mtu: octets, 0 for no option. portal: "", "lease" or an address.
Lan = namedtuple(
    "Lan",
    (
        "name",
        "interval",
        "managed",
        "other",
        "preference",
        "mtu",
        "on_link",
        "autonomous",
        "dns",
        "domains",
        "portal",
    ),
)
# firewall: the service that has to know a prefix before hosts do, "" for none.
Arguments = namedtuple(
    "Arguments", ("dry_run", "verbose", "notify_fd", "lease", "sources", "lans", "firewall")
)

# root: of the outputs. service: the name to publish as, and the file's. state: the folder of
# stable storage. notify_fd: as agent.readiness has it.
Settings = namedtuple("Settings", ("root", "service", "state", "notify_fd"))

SWITCHES = ("managed", "other", "onlink", "autonomous")
SINGLE = SWITCHES + ("interval", "preference", "mtu", "portal")
REPEATED = ("dns", "domain")


def parse(argv: list[bytes]) -> Arguments:
    """The arguments, checked. Raises UsageError."""
    flags, words = options.parse(argv, "nv", "dflp")
    for letter in ("l", "p"):
        if letter not in flags:
            raise UsageError("expected option -%s" % letter)
    sources = tuple(flags["p"].split(","))
    firewall = flags.get("f", "")
    for service in (flags["l"],) + sources + ((firewall,) if firewall else ()):
        if not names.is_service_name(service):
            raise UsageError('expected %s, got "%s"' % (names.SERVICE_NAME, service))
    if not words:
        raise UsageError("expected the name of at least one LAN")
    lans = tuple([parse_lan(word) for word in words])
    for one in lans:
        if len([other for other in lans if other.name == one.name]) > 1:
            raise UsageError("%s: expected each LAN once" % one.name)
    descriptor = options.descriptor(flags["d"]) if "d" in flags else None
    return Arguments("n" in flags, "v" in flags, descriptor, flags["l"], sources, lans, firewall)


def settings(arguments: Arguments, environ: dict[bytes, bytes]) -> Settings:
    """What the environment tells. Raises UsageError."""
    service = environment.service(environ, "ra")
    notify_fd = arguments.notify_fd
    if notify_fd is None:
        notify_fd = readiness.descriptor(None, environ)
    return Settings(
        environment.outputs_root(environ),
        service,
        environment.state_folder(environ),
        readiness.NOBODY if arguments.dry_run else notify_fd,
    )


def parse_lan(word: str) -> Lan:
    """A LAN from `NAME,option=value,...`. Raises UsageError."""
    name, _, rest = word.partition(",")
    if not names.is_link_name(name):
        raise UsageError('expected %s, got "%s"' % (names.LINK_NAME, name))
    given: dict[str, list[str]] = {}
    for pair in rest.split(",") if rest else []:
        option, _, value = pair.partition("=")
        if option not in SINGLE + REPEATED:
            known = " ".join(SINGLE + REPEATED)
            raise UsageError('%s: expected an option out of %s, got "%s"' % (name, known, option))
        if option in given and option not in REPEATED:
            raise UsageError("%s: %s: expected once" % (name, option))
        given.setdefault(option, []).append(_checked(name, option, value))

    def one(option: str, default: str) -> str:
        return given.get(option, [default])[0]

    return Lan(
        name,
        int(one("interval", "600")),
        one("managed", "no") == "yes",
        one("other", "no") == "yes",
        one("preference", "medium"),
        int(one("mtu", "0")),
        one("onlink", "yes") == "yes",
        one("autonomous", "yes") == "yes",
        tuple(given.get("dns", ["lease"])),
        tuple(given.get("domain", ["lease"])),
        "" if one("portal", "none") == "none" else one("portal", "none"),
    )


def _checked(name: str, option: str, value: str) -> str:
    """The value in its canonical form. Raises UsageError."""
    if option in SWITCHES:
        expected, good = "yes or no", value in ("yes", "no")
    elif option == "interval":  # RFC 4861 section 6.2.1
        expected, good = "4 to 1800 seconds", (ip.decimal(value, 1800) or 0) >= 4
    elif option == "mtu":  # 1280: the least that IPv6 may use (RFC 8200 section 5)
        octets = ip.decimal(value, 65535)
        expected, good = "0 or 1280 to 65535", octets == 0 or (octets or 0) >= 1280
    elif option == "preference":
        expected, good = "low, medium or high", value in packet.PREFERENCES
    elif option == "dns":
        address = ip.parse6(value)
        if address is not None and facts.can_serve(address):
            return ip.format6(address)
        expected = "lease, self, none or a unicast IPv6 address"
        good = value in ("lease", "self", "none")
    elif option == "domain":
        expected, good = "lease, none or a domain name", packet.encode_name(value) is not None
    else:
        expected = "none, lease or a URI of at most %d octets" % facts.PORTAL_OCTETS
        good = value in ("none", "lease") or facts.is_portal(value)
    if not good:
        raise UsageError('%s: %s: expected %s, got "%s"' % (name, option, expected, value))
    return value


def shortest_interval(longest: int) -> float:
    """MinRtrAdvInterval for a MaxRtrAdvInterval (RFC 4861 section 6.2.1): a third of it, but at
    least 3 s; below 9 s three quarters, the most that is allowed."""
    return max(3.0, (0.33 if longest >= 9 else 0.75) * longest)
