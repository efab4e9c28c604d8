"""Mutants that no packet can tell from the ruleset, each with the reason.

A pattern (fnmatch) matches a mutant's key, `FAMILY CHAIN: RULE: KIND`. A pattern that no survivor
matches any more is an error too.
"""

POLICY = "a packet comes there by goto from a base chain, whose policy is the next and drops too"

SURVIVORS: tuple[tuple[str, str], ...] = (
    ("ip* deny_answers*: answers/8 drop: removed", POLICY),
    ("ip* deny_bogons*: bogons/* drop: removed", POLICY),
    ("ip* deny_icmp: icmp/* drop: removed", POLICY),
    ("ip* deny_state: state/* drop: removed", POLICY),
    ("ip deny_spoofing: spoofing/4 drop: removed", POLICY),
    ("ip6 deny_routing-header: routing-header/1 drop: removed", POLICY),
)
