"""The states of a link that can be waited for, from links and addresses alone. Pure.

`ifwait` waits for them, the agent's conditions name them.

The name is looked up afresh each time: a link may not exist yet, may be renamed, or may vanish and
return under another index, and none of that is special here.
"""

from agent.port.records import (
    IFA_F_TENTATIVE,
    IFF_LOWER_UP,
    IFF_RUNNING,
    IFF_UP,
    RT_SCOPE_UNIVERSE,
    Address,
    Link,
)

CARRIED = IFF_RUNNING | IFF_LOWER_UP
STATES = (
    "present",
    "up",
    "running",
    "addressed",
    "addressed4",
    "addressed6",
    "absent",
    "down",
)


def needs_addresses(state: str) -> bool:
    """Whether the answer depends on addresses, so that the kernel must be asked for them."""
    return state.startswith("addressed")


def holds(state: str, name: str, links: "list[Link]", addresses: "list[Address]") -> bool:
    """Whether the link called `name` is in `state` now.

    `up` is the administrative IFF_UP; `running` is IFF_RUNNING, which the kernel derives from
    the operational state of RFC 2863, an unknown one (ppp, tun) included (linux/netdevice.h,
    netif_oper_up), with IFF_LOWER_UP, the carrier: a link that is set up without one has an
    unknown state, too, for the milliseconds until the kernel has noticed. `down` is what is not
    `up`, `absent` what is not `present`: a link that is missing is both. `addressed` wants an
    address of global scope that has passed duplicate address detection (RFC 4862 section 5.4).
    """
    found = [link for link in links if link.name == name]
    if state == "absent":
        return not found
    if state == "down":
        return not found or not found[0].flags & IFF_UP
    if not found:
        return False
    if state == "present":
        return True
    if state == "up":
        return bool(found[0].flags & IFF_UP)
    if state == "running":
        return found[0].flags & CARRIED == CARRIED
    return _is_addressed(found[0].index, state[len("addressed") :], addresses)


def standing(name: str, links: "list[Link]", addresses: "list[Address]") -> str | None:
    """All positive states of a link after its index, "3 present up running"; None: no such link.

    The index is the link's identity: one that returned under its old name has another.
    """
    for link in links:
        if link.name == name:
            held = [s for s in STATES[:6] if holds(s, name, [link], addresses)]
            return "%d %s" % (link.index, " ".join(held))
    return None


def _is_addressed(index: int, family: str, addresses: "list[Address]") -> bool:
    for address in addresses:
        if address.index != index or address.scope != RT_SCOPE_UNIVERSE:
            continue
        if address.flags & IFA_F_TENTATIVE:
            continue
        if family in ("", "6" if ":" in address.address else "4"):
            return True
    return False
