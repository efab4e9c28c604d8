"""The loop around the advertisers: sockets, the kernel's view, outputs, stable storage.

Thin: what to say and when is decided by advertiser.py. Every turn takes all events in, lets each
advertiser look, sends what is due, and only then writes: hosts come before the flash.
"""

from agent import outputs, readiness, view
from agent.port import clock, errno, poll, process
from agent.report import say
from services.ra import advertisement, advertiser, consistency, describe, gate, lan, packet, store
from services.ra.arguments import Arguments, Settings
from services.ra.facts import FOREVER, World

# A link that is on its way: its event follows and tells what to do.
TRANSIENT = (errno.ENODEV, errno.ENXIO, errno.ENETDOWN, errno.ENETUNREACH, errno.EADDRNOTAVAIL)
COMPLAINTS_MAX = 200


class Sender:
    """All LANs' advertisers with what they need. Raises OSError and OutputsError at start."""

    def __init__(self, arguments: Arguments, settings: Settings) -> None:
        self.arguments = arguments
        self.settings = settings
        # -n makes nothing, and watching would make the root.
        self.watch = None if arguments.dry_run else outputs.Watch(settings.root)
        self.view = view.View(("link", "address", "forwarding"))
        self.store = store.Store(settings)
        now = clock.monotonic()
        memories, last = self.store.load(now)
        self.ports = [
            lan.LanPort(
                advertiser.Advertiser(one, memories.get(one.name, {}), now, last.get(one.name))
            )
            for one in arguments.lans
        ]
        self.advertisers = [port.advertiser for port in self.ports]
        self.values: dict[str, dict[str, str] | None] = {}
        self.gate = gate.Gate()
        self.said: dict[str, bool] = {}
        self.read_outputs(None)

    def read_outputs(self, changed: list[str] | None) -> None:
        """Read the outputs of those services that changed, and of those that wait for the firewall;
        None: of all, whatever it knows: hosts do already, or nobody forwards yet."""
        waiting = self.gate.waiting()
        for name in (self.arguments.lease,) + self.arguments.sources:
            if changed is None or name in changed or name in waiting:
                try:
                    values = outputs.read(self.settings.root, name)
                    if changed is None or self.may_tell(name):
                        self.values[name] = values
                except outputs.OutputsError as error:
                    self.complain(str(error))

    def may_tell(self, name: str) -> bool:
        """Whether the firewall has taken in what a source of prefixes publishes."""
        firewall = self.arguments.firewall
        if not firewall or name not in self.arguments.sources:
            return True
        number = outputs.generation(self.settings.root, name)
        known = outputs.read(self.settings.root, firewall)
        return self.gate.lets(name, number, known, clock.monotonic())

    def world(self) -> World:
        """The facts as they are now."""
        lease = self.values.get(self.arguments.lease)
        wan = lan.link_named(self.view, (lease or {}).get("ifname", ""))
        sources = tuple([(name, self.values.get(name)) for name in self.arguments.sources])
        hosts = [
            one.name
            for one in self.arguments.lans
            if not lan.forwards(self.view, lan.link_named(self.view, one.name))
        ]
        return World(sources, self.arguments.lease, lease, lan.runs(wan), tuple(hosts))

    def run(self, signals: process.Signals, ready_fd: int) -> int:
        """Advertise until SIGTERM (cease) or SIGHUP, SIGINT (leave without a word)."""
        self.follow_links(clock.monotonic())
        self.turn(clock.monotonic())
        readiness.tell(self.settings.service, ready_fd)
        while True:
            ready = poll.ready(self.filenos(signals), self.timeout())
            came = signals.read() if signals.fileno() in ready else []
            if process.SIGTERM in came:
                self.cease()
            if came:
                return 0
            now = clock.monotonic()
            self.take_events(ready, now)
            self.turn(now)

    def filenos(self, signals: process.Signals) -> list[int]:
        """What to wait for."""
        sockets = [port.socket.fileno() for port in self.ports if port.socket is not None]
        watches = [self.watch.fileno()] if self.watch is not None else []
        return [signals.fileno(), self.view.fileno()] + watches + sockets

    def timeout(self) -> float | None:
        """Seconds until something is due, None when nothing ever is."""
        now = clock.monotonic()
        due = min([one.due(now) for one in self.advertisers] + [self.gate.due()])
        return None if due == FOREVER else max(0.0, due - now)

    def take_events(self, ready: list[int], now: float) -> None:
        """Bring outputs, solicitations and tables up to date."""
        if self.watch is not None and self.watch.fileno() in ready:
            self.read_outputs(self.watch.read())
        elif now >= self.gate.due():
            self.read_outputs([])
        for port in self.ports:
            if port.socket is not None and port.socket.fileno() in ready:
                self.receive(port, now)
        if self.view.fileno() in ready:
            for _ in self.view.read():
                pass
            self.follow_links(now)

    def follow_links(self, now: float) -> None:
        """Open and close sockets by the tables."""
        for port in self.ports:
            try:
                port.follow(self.view, now)
            except OSError as error:
                self.complain_errno(port.advertiser.lan.name, "open a socket", error)

    def receive(self, port: lan.LanPort, now: float) -> None:
        """Take in all that waits on a LAN's socket."""
        while port.socket is not None:
            try:
                got = port.socket.receive()
            except OSError as error:
                self.complain_errno(port.advertiser.lan.name, "receive", error)
                return
            if got is None:
                return
            data, source, hop_limit = got
            solicitation = packet.parse_solicitation(data, source, hop_limit)
            if solicitation is not None:
                port.advertiser.solicit(solicitation, now, chance())
            elif source not in port.addresses:
                theirs = packet.parse_advertisement(data, source, hop_limit)
                if theirs is not None:
                    self.compare(port.advertiser, theirs, source, now)

    def compare(
        self, ours: advertiser.Advertiser, theirs: packet.Advertisement, source: str, now: float
    ) -> None:
        """Say once for each router what contradicts ours (RFC 4861 section 6.2.7)."""
        text = consistency.conflict(ours.advertisement(now), theirs)
        if text:
            line = "%s: router %s advertises %s" % (ours.lan.name, source, text)
            self.complain(line, "%s router %s" % (ours.lan.name, source))

    def turn(self, now: float) -> None:
        """Look, send what is due, then write down what has changed by it."""
        world = self.world()
        for port in self.ports:
            port.advertiser.look(world, now)
            for destination in port.advertiser.messages(now):
                what = port.advertiser.advertisement(now)
                if self.send(port, what, destination, now):
                    port.advertiser.delivered(destination, now, chance())
                else:
                    port.advertiser.failed(destination, now)
            for text in port.advertiser.content.complaints:
                self.complain(text)
        for text in self.store.save(self.advertisers, now):
            self.complain(text)

    def send(
        self, port: lan.LanPort, what: packet.Advertisement, destination: str, now: float
    ) -> bool:
        """Send one advertisement, in as many messages as it takes; whether it has left."""
        name = port.advertiser.lan.name
        if port.socket is None:
            return False
        try:
            for data in port.advertiser.packets(what):
                port.socket.send(data, destination)
        except OSError as error:
            if error.errno not in TRANSIENT:
                self.complain_errno(name, "send to " + destination, error)
            return False
        if destination == advertiser.ALL_NODES:
            self.store.multicast(name, now)
        if self.arguments.verbose:
            for line in describe.lines_of(what):
                say(self.settings.service, "%s: to %s: %s" % (name, destination, line))
        return True

    def cease(self) -> None:
        """The final advertisements (RFC 4861 section 6.2.5), each when the rate allows it."""
        waiting = [port for port in self.ports if port.advertiser.up]
        waiting.sort(key=lambda port: port.advertiser.schedule.earliest(0.0))
        for port in waiting:
            until = port.advertiser.schedule.earliest(0.0)
            while clock.monotonic() < until:
                poll.ready([], until - clock.monotonic())
            now = clock.monotonic()
            port.advertiser.look(self.world(), now)
            what = advertisement.ceasing(port.advertiser.advertisement(now))
            if self.send(port, what, advertiser.ALL_NODES, now):
                port.advertiser.ceased(now)
        self.store.save(self.advertisers, clock.monotonic())

    def preview(self) -> list[str]:
        """-n: what each LAN would be told now, as lines."""
        lines = []
        now = clock.monotonic()
        for one in self.advertisers:
            one.look(self.world(), now)
            link = lan.link_named(self.view, one.lan.name)
            if not lan.runs(link) or link is None or not lan.link_locals(self.view, link.index):
                lines.append(
                    "%s: not sent: the link is missing, down or has no link-local address"
                    % one.lan.name
                )
            else:
                one.mac = link.mac
            for line in describe.lines_of(one.advertisement(now)):
                lines.append("%s: %s" % (one.lan.name, line))
            if not one.content.forwards:
                lines.append(
                    "%s: the kernel does not forward IPv6 here: no default router, no routes"
                    % one.lan.name
                )
            for text in one.content.complaints:
                self.complain(text)
        return lines

    def complain_errno(self, name: str, what: str, error: OSError) -> None:
        """A system call failed on a link."""
        self.complain("%s: cannot %s: %s" % (name, what, process.strerror(error.errno or 0)))

    def complain(self, text: str, about: str = "") -> None:
        """One line, once for as long as this process runs (once for `about`, when given)."""
        if (about or text) not in self.said and len(self.said) < COMPLAINTS_MAX:
            self.said[about or text] = True
            say(self.settings.service, text)


def chance() -> float:
    """A number from 0 up to 1."""
    return int.from_bytes(clock.random(3), "big") / 16777216
