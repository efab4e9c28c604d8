"""What conntrack knows: flows that were allowed to begin, and errors that belong to them."""

from firewall.ruleset.model import Rule, Rulegroup

ICMP = {"ip": "icmp", "ip6": "icmpv6"}


def state() -> Rulegroup:
    """Packets of known flows pass; ICMP errors pass when the packet that they quote belongs to one.

    Errors come behind the guards: whoever sends one, its source has to be right. Nothing else
    conntrack calls related passes: helpers that expect further flows have to be asked for by a
    rulegroup of their own. What conntrack calls invalid, errors about flows that nobody has among
    them, is dropped before any rule could let it begin something.
    """
    rules = []
    for hook in ("forward", "input"):
        rules.append(Rule(hook, "accept", "ct state established", requirement="RFC 6092 REC-31"))
        for family, protocol in ICMP.items():
            match = f"ct state related meta l4proto {protocol}"
            rules.append(Rule(hook, "accept", match, family=family, stage="errors"))
        rules.append(
            Rule(hook, "drop", "ct state invalid", requirement="RFC 6092 REC-10", stage="deny")
        )
    return Rulegroup(
        name="state",
        requirement="RFC 6092 REC-18, 23, 30, 36, 41, 45",
        text="known flows and the ICMP errors that belong to them pass, invalid packets do not",
        rules=tuple(rules),
        stage="established",
    )


# RFC 6092's limits in seconds, and what Linux calls the states that they are for. TIME-WAIT and
# what follows a RST are left open by REC-35; Linux keeps an association that has only begun as
# CLOSED.
GENERIC = 300  # REC-12: at least 120, 300 by default
UDP = 300  # REC-14
ESTABLISHED = 86400  # REC-35, REC-40, REC-44: at least 7440
TRANSITORY = 240  # REC-35, REC-40
DCCP_TRANSITORY = 480  # REC-44
TCP_STATES = ("syn_sent", "syn_recv", "fin_wait", "close_wait", "last_ack")
SCTP_STATES = ("closed", "cookie_wait", "cookie_echoed", "shutdown_sent", "shutdown_recd",
               "shutdown_ack_sent", "heartbeat_sent")  # fmt: skip
DCCP_STATES = ("request", "respond", "partopen", "closereq", "closing")


def timers(established: int = ESTABLISHED, udp: int = UDP, generic: int = GENERIC) -> Rulegroup:
    """How long conntrack remembers an idle flow, in seconds. Kernels after 6.15 track no DCCP."""
    settings = {"generic_timeout": generic, "udp_timeout": udp, "udp_timeout_stream": udp,
               "tcp_timeout_established": established,
               "sctp_timeout_established": established,
               "dccp_timeout_open": established}  # fmt: skip
    for protocol, states, value in (
        ("tcp", TCP_STATES, TRANSITORY),
        ("sctp", SCTP_STATES, TRANSITORY),
        ("dccp", DCCP_STATES, DCCP_TRANSITORY),
    ):
        settings.update({f"{protocol}_timeout_{name}": value for name in states})
    # REC-32: a flow whose beginning was not seen is picked up, and its windows are not checked.
    settings["tcp_loose"] = 1
    # A packet whose checksum Linux takes for wrong would be invalid. It is mistaken about UDP-Lite
    # (REC-20) and about what comes behind a type 2 routing header (REC-27); hosts look anyway.
    settings["checksum"] = 0
    return Rulegroup(
        name="timers",
        requirement="RFC 6092 REC-12, 14, 20, 27, 32, 35, 40, 44",
        text="idle flows are remembered for as long as RFC 6092 asks",
        settings=tuple(
            (f"net/netfilter/nf_conntrack_{name}", str(value))
            for name, value in sorted(settings.items())
        ),  # fmt: skip
        parameters=(
            ("established", str(established)),
            ("udp", str(udp)),
            ("generic", str(generic)),
        ),  # fmt: skip
    )
