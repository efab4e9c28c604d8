"""Established flows by the kernel's flowtable, where it has one. Pure.

The renderer makes a chain `established` when offload is asked for; it accepts. In front of that
stands a jump to our chain, which is emptied and filled as a whole when the zones' links change: a
flowtable in use can't be taken away, and one with a missing link can't be made.
"""

from firewall.loader.spec import table_of

# The flowtable can't be called `offload`: nft reserves the word.
CHAIN, FLOWTABLE, ESTABLISHED = "offloaded", "known_flows", "established"


def begin(family: str) -> str:
    """The jump, after each load of the ruleset."""
    where = (family, table_of(family))
    return (
        "add chain %s %s " % where
        + CHAIN
        + "\ninsert rule %s %s " % where
        + '%s jump %s comment "offload/1 flowtable"\n' % (ESTABLISHED, CHAIN)
    )


def devices(family: str, links: list[str]) -> str:
    """The flowtable with these links, whatever it had before."""
    where = (family, table_of(family))
    name = "%s %s " % where + FLOWTABLE
    made = _made(name)
    named = ", ".join(['"%s"' % link for link in links])
    text = "flush chain %s %s " % where + CHAIN + "\n" + end(family)
    if not links:
        return text
    text += "add " + made + "devices = { %s }; }\n" % named
    return text + 'add rule %s %s %s flow add @%s counter comment "offload/2 flowtable"\n' % (
        where + (CHAIN, FLOWTABLE)
    )


def end(family: str) -> str:
    """No flowtable any more. Added first: what is not there can't be deleted."""
    name = "%s %s " % (family, table_of(family)) + FLOWTABLE
    return "add " + _made(name) + "}\n" + "delete flowtable " + name + "\n"


def _made(name: str) -> str:
    return "flowtable %s { hook ingress priority 0; " % name
