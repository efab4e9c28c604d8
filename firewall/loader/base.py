"""The ruleset that stands until the site's own is in: nothing is forwarded, nobody is answered.

Its chains are those of the site's rulesets (firewall/ruleset/hooks.py: names, hooks, priorities),
which therefore take their place without a moment between. Constant text.
"""

from firewall.loader.spec import Table, table_of

# Without its neighbours the router could not even ask for a lease: neighbour discovery (RFC 4861
# sections 4.2 to 4.4) comes from the link itself, which a hop limit of 255 proves.
_NEIGHBOURS = """\
\t\ticmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 \
counter accept comment "base/3 RFC 4861"
"""
_TEXT = """\
table %s %s {
}
flush table %s %s
table %s %s {
\tchain input {
\t\ttype filter hook input priority 0; policy drop;
\t\tiifname "lo" counter accept comment "base/1 loopback"
\t\tct state established,related counter accept comment "base/2 own connections"
%s\t}
\tchain forward {
\t\ttype filter hook forward priority 0; policy drop;
\t}
}
"""
FAMILIES = ("ip", "ip6")
CHAINS = ["forward", "input"]


def text(family: str) -> str:
    """The base ruleset of one family, as `nft -f` takes it; it can be loaded again."""
    named = (family, table_of(family)) * 3
    return _TEXT % (named + (_NEIGHBOURS if family == "ip6" else "",))


def clear(family: str) -> str:
    """Nothing of ours in one family, whatever there is, as `nft -f` takes it."""
    return "table %s %s {\n}\ndelete table %s %s\n" % ((family, table_of(family)) * 2)


def table(family: str) -> Table:
    """What text() makes."""
    return Table(family, table_of(family), CHAINS, [])
