"""One LAN's advertiser: content, memory and schedule together. Pure: time, chance and the world
are handed in, messages are handed out; sender.py does the rest.
"""

from services.ra import advertisement, arguments, content, memory, packet
from services.ra.schedule import Schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.ra.facts import World
    from services.ra.memory import Memory

ALL_NODES = "ff02::1"
IPV6_HEADER_OCTETS = 40
# A change of the lease often comes just before the prefixes made from it: let them travel together.
SETTLE_S = 0.1
# How long the sources may take after a start until what they do not list counts as gone.
HOLD_S = 30.0


class Advertiser:
    """`told`: the LAN's memory from storage. `last`: when the last multicast advertisement left,
    if another run of this program sent one. Call look() after every event and whenever due()
    has come, then deliver what messages() gives and report it with delivered() or failed()."""

    def __init__(
        self, lan: arguments.Lan, told: "Memory", now: float, last: float | None = None
    ) -> None:
        self.lan = lan
        self.told = told
        self.content = content.NOTHING
        self.sent: advertisement.Sent | None = None
        self.hold_until = now + HOLD_S
        shortest = arguments.shortest_interval(lan.interval)
        self.schedule = Schedule(shortest, float(lan.interval), last)
        self.mac = ""
        self.mtu = 0
        self.up = False

    def link_up(self, mac: str, mtu: int, now: float) -> None:
        """The link can carry advertisements: it runs and has a link-local address. Also for a
        change of its addresses (RFC 4861 section 6.2.8)."""
        self.mac, self.mtu, self.up = mac, mtu, True
        self.sent = None
        self.schedule.start(now)

    def link_down(self) -> None:
        """It cannot any more."""
        self.up = False
        self.schedule.stop()

    def look(self, world: "World", now: float) -> None:
        """Take in the present facts and decide whether hosts must hear of them soon."""
        self.content = content.content_of(self.lan, world, now, self.content)
        self.told = memory.follow(self.told, self.content, now, self.hold_until)
        if not self.up:
            return
        urgency = advertisement.urgency(self.sent, self.content, self.told, now, self.lan.interval)
        if urgency == advertisement.SAME:
            self.schedule.no_change()
        else:
            settle = SETTLE_S if urgency == advertisement.SOON else 0.0
            self.schedule.tell_change(now, settle)

    def solicit(self, solicitation: packet.Solicitation, now: float, chance: float) -> None:
        """A valid solicitation arrived."""
        unicast = solicitation.source != "::" and solicitation.link_address != ""
        self.schedule.solicit(solicitation.source, unicast, now, chance)

    def advertisement(self, now: float) -> packet.Advertisement:
        """What would be sent at `now`."""
        return advertisement.build(self.lan, self.content, self.told, self.mac, now)

    def messages(self, now: float) -> list[str]:
        """The destinations that are due: all nodes alone, or those with a unicast answer."""
        if self.schedule.next_multicast() <= now:
            return [ALL_NODES]
        return self.schedule.take_answers(now)

    def packets(self, what: packet.Advertisement) -> list[bytes]:
        """Its messages: more than one when it does not fit the link (RFC 4861 section 6.2.3)."""
        room = max(self.mtu, 1280) - IPV6_HEADER_OCTETS
        return [packet.encode(part) for part in packet.split(what, room)]

    def delivered(self, destination: str, now: float, chance: float) -> None:
        """An advertisement of `now` has left for `destination`."""
        lifetimes = advertisement.lifetimes_of(self.content, now)
        self.told = memory.remember(self.told, lifetimes, now)
        if destination == ALL_NODES:
            self.sent = advertisement.sent(self.content, self.told, now)
            self.schedule.sent_multicast(now, chance)

    def ceased(self, now: float) -> None:
        """The final advertisement has left at `now`."""
        self.delivered(ALL_NODES, now, 0.0)
        self.sent = None
        self.link_down()

    def failed(self, destination: str, now: float) -> None:
        """It could not be sent. A lost unicast answer is the asking host's to ask for again."""
        if destination == ALL_NODES:
            self.schedule.failed(now)

    def due(self, now: float) -> float:
        """When look() and messages() have something to do without any event."""
        times = [
            advertisement.next_deadline(self.content, now),
            memory.next_deadline(self.told, now, self.hold_until),
            self.schedule.next(),
        ]
        return min([time for time in times if time is not None])
