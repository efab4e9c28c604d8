"""IPv4's default route over a ppp link. Pure; it goes from the kernel with the link's address.

pppd's own `defaultroute` is not used: Debian's puts none while another link has one, whatever the
metric says.
"""

from agent.port.records import RT_TABLE_MAIN, RTPROT_BOOT, Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

WORD = "metric="
MOST = 2**32 - 1  # RTA_PRIORITY, rtnetlink(7)


def metric(word: str) -> int | None:
    """The metric of the word `metric=NUMBER`, as pppd's ipparam has it; None for another."""
    digits = word[len(WORD) :]
    if not word.startswith(WORD) or not digits or digits.strip("0123456789") or len(digits) > 10:
        return None
    return int(digits) if int(digits) <= MOST else None


def default(index: int, metric: int, there: "Iterable[Route]") -> Route:
    """The default route over the link `index`. there: the main table's routes. The kernel takes one
    of the same metric for the same route, so it is the next one that no other link's has."""
    taken = [
        each.metric
        for each in there
        if each.length == 0 and each.destination == "0.0.0.0" and each.index != index
    ]
    while metric in taken and metric < MOST:
        metric += 1
    return Route("unicast", "0.0.0.0", 0, "", index, metric, RT_TABLE_MAIN, RTPROT_BOOT, None)
