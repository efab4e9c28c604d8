"""What `ra` publishes as outputs, and its private note there. Pure.

withdrawn/<key>/{prefix,length,until}   prefixes that hosts are told not to use any more, and
                                        that no LAN has; until: the deadline of the withdrawal
router-lifetime/<ifname>                seconds: as told last, 2700 or 0
"""

from services.ra import facts
from services.ra.facts import PREFIX
from services.ra.memory import WITHDRAWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.ra.advertiser import Advertiser


def values_of(advertisers: "list[Advertiser]", now: float) -> dict[str, str]:
    """The outputs. Nothing in them counts down, so only facts are events."""
    values = {}
    live = [i.what for one in advertisers for i in one.content.items if i.kind == PREFIX]
    until: dict[str, float] = {}
    for one in advertisers:
        router = one.sent is not None and one.sent.router
        values["router-lifetime/" + one.lan.name] = str(facts.ND_PREFERRED_LIMIT if router else 0)
        for told in one.told.values():
            if told.kind == PREFIX and told.state == WITHDRAWN and told.what not in live:
                if told.until > now:
                    until[told.what] = max(told.until, until.get(told.what, 0.0))
    for what in until:
        address, length = facts.split_prefix(what)
        folder = "withdrawn/%s_%d/" % (address.replace(":", "-").strip("-"), length)
        values[folder + "prefix"] = address
        values[folder + "length"] = str(length)
        values[folder + "until"] = "%.3f" % until[what]
    return values


def render_memo(last: dict[str, float]) -> str:
    """When each LAN's last multicast advertisement left: a restart keeps the 3 s between two."""
    return "".join(["%s %.3f\n" % (name, last[name]) for name in sorted(last)])


def parse_memo(text: str, now: float) -> dict[str, float]:
    """The same, read; times in the future are of no clock of ours."""
    last = {}
    for line in text.split("\n"):
        name, _, time = line.rpartition(" ")
        when = facts.deadline(time)
        if name and when is not None and when <= now:
            last[name] = when
    return last
