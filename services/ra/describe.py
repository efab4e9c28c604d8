"""Advertisements as lines for people. Pure."""

from services.ra import packet


def lines_of(advertisement: packet.Advertisement) -> list[str]:
    """One line for the header, one for each option, in their order."""
    head = "router lifetime %d s, preference %s, hop limit %d, managed %s, other %s" % (
        advertisement.lifetime,
        advertisement.preference if advertisement.lifetime else "medium",
        advertisement.hop_limit,
        "yes" if advertisement.managed else "no",
        "yes" if advertisement.other else "no",
    )
    return [head] + [_line(option) for option in advertisement.options]


def _line(option: "packet.Option") -> str:
    if isinstance(option, packet.Prefix):
        flags = (["on-link"] if option.on_link else []) + (
            ["autonomous"] if option.autonomous else []
        )
        return "prefix %s/%d %s preferred %d s valid %d s" % (
            option.address,
            option.length,
            " ".join(flags) or "no flags",
            option.preferred,
            option.valid,
        )
    if isinstance(option, packet.Route):
        told = (option.address, option.length, option.preference, option.lifetime)
        return "route %s/%d preference %s lifetime %d s" % told
    if isinstance(option, packet.Servers):
        return "name servers %s lifetime %d s" % (" ".join(option.addresses), option.lifetime)
    if isinstance(option, packet.Search):
        return "search domains %s lifetime %d s" % (" ".join(option.names), option.lifetime)
    if isinstance(option, packet.Mtu):
        return "MTU %d octets" % option.octets
    if isinstance(option, packet.LinkAddress):
        return "source link-layer address %s" % option.mac
    return "captive portal %s" % option.uri
