"""Where rules stand: hooks, families and the order in which rulegroups compose.

The order is fixed and does not depend on the order of definition: within a hook by stage, then
rules of all zones before those of some, then by the rulegroup's name and the rule's place in its
group. See firewall/ruleset/README.md.
"""

from dataclasses import dataclass

FAMILIES = ("ip", "ip6")

# What a stage is for. A packet of a flow that is known leaves at `established`, so only what is in
# front of it is paid for by every packet.
STAGES = (
    "check",  # what no packet may be, whatever flow it belongs to
    "mangle",  # what is changed in packets (TCP MSS)
    "established",  # conntrack's word
    "guard",  # what no new flow may be: bogons, spoofed sources, the ULA border
    "errors",  # what belongs to a known flow and is not of it: ICMP errors
    "deny",  # what this site forbids
    "allow",  # what may begin
    "answer",  # how the rest is refused
    "last",  # and what even then nobody has spoken of
)


@dataclass(frozen=True)
class Hook:
    """A base chain (nft(8), CHAINS): its type, netfilter hook, priority and policy; which zones a
    packet has there."""

    type: str
    hook: str
    priority: int
    policy: str
    source: bool
    destination: bool


# The base chain has the name it is listed under. Priorities are netfilter's standard ones
# (include/uapi/linux/netfilter_ipv4.h): raw -300, dstnat -100, filter 0, srcnat 100.
HOOKS = {
    "raw": Hook("filter", "prerouting", -300, "accept", True, False),
    "dstnat": Hook("nat", "prerouting", -100, "accept", True, False),
    "input": Hook("filter", "input", 0, "drop", True, False),
    "forward": Hook("filter", "forward", 0, "drop", True, True),
    "output": Hook("filter", "output", 0, "accept", False, True),
    "srcnat": Hook("nat", "postrouting", 100, "accept", True, True),
}
# These are there without any rule: their policy drops.
ALWAYS = ("input", "forward")


def table_name(family: str) -> str:
    """The name of a family's table. It can't be the family's own: nft reserves those words."""
    return f"frost_{family}"
