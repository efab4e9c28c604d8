"""Properties of the advertiser over random histories: sources, lease, time, kills, reboots."""

import os
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.ra import packet, storage
from services.ra.advertiser import ALL_NODES, HOLD_S, Advertiser
from services.ra.packet import Solicitation
from tests.device.ra_world import lan, lease, source, world

SCALE = int(os.environ.get("FROST_COUNT_SCALE", "1"))
PREFIXES = [f"2001:db8:{n:x}::" for n in range(1, 5)]
LEFT = st.one_of(st.just(1e12), st.floats(1.0, 20000.0))
DELAYS = st.one_of(st.floats(0.0, 4.0), st.floats(0.0, 700.0), st.floats(0.0, 6000.0))


def published_deadline(time: float) -> float:
    """A deadline as it can be published: three digits, none before the clock's start."""
    return max(0.0, round(time, 3))


class Histories(RuleBasedStateMachine):
    """A router, and a host that hears everything: what it believes is checked at all times."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.boot = 0
        self.prefixes: dict[str, tuple[float, float]] = {}
        self.published = True
        self.state, self.route, self.running = "bound", 1e12, True
        self.forwards = True
        self.chance = 0.5
        self.file = ""
        self.writes = 0
        self.one = Advertiser(lan(), {}, self.now)
        self.one.link_up("02:00:00:00:00:0a", 1500, self.now)
        self.multicasts: list[float] = []
        # the host: what it may use up to when, and whether a withdrawal of it is owed until then
        self.believed: dict[str, float] = {}
        self.router_until = 0.0
        self.started = self.now
        self.turn()

    # --- the world

    def facts(self) -> Any:
        listed = [(p, *self.prefixes[p]) for p in sorted(self.prefixes)]
        told = source(listed, [("2001:db8::", 32, 1e12)]) if self.published else None
        leased = lease(self.state, self.route, dns="2001:db8::53")
        return world(told, leased, self.running, hosts=() if self.forwards else ("lan0",))

    def live(self) -> dict[str, tuple[float, float]]:
        if not self.published:
            return {}
        return {p: times for p, times in self.prefixes.items() if times[1] > self.now}

    # --- the loop that sender.py runs

    def turn(self) -> None:
        self.one.look(self.facts(), self.now)
        for destination in self.one.messages(self.now):
            told = self.one.advertisement(self.now)
            self.hear(told, destination)
            self.one.delivered(destination, self.now, self.chance)
        text = storage.render({"lan0": self.one.told}, f"boot{self.boot}")
        if text != self.file:
            self.file = text
            self.writes += 1

    def hear(self, told: packet.Advertisement, destination: str) -> None:
        if destination == ALL_NODES:
            if self.multicasts:
                assert self.now - self.multicasts[-1] >= 3.0 - 1e-6, "RFC 4861 6.2.6"
            self.multicasts.append(self.now)
        live = self.live()
        seen = []
        for option in told.options:
            if isinstance(option, packet.Prefix):
                assert option.address not in seen, "a prefix is told once"
                seen.append(option.address)
                if option.address in live:
                    preferred, valid = live[option.address]
                    assert option.valid <= min(5400, valid - self.now), "RFC 7084 L-15, L-16"
                    assert option.preferred <= min(2700, max(0, preferred - self.now))
                    assert option.valid > 0, "a live prefix is never told as stale"
                    self.believed[option.address] = max(
                        self.believed.get(option.address, 0.0), self.now + option.valid
                    )
                else:
                    assert (option.preferred, option.valid) == (0, 0), "RFC 9096 3.5"
                    assert (option.on_link, option.autonomous) == (True, True)
        held = self.now < self.started + HOLD_S
        for prefix, until in self.believed.items():
            if prefix not in live and until > self.now and not held:
                assert prefix in seen, "RFC 9096 3.5: withdrawn for as long as hosts may use it"
        usable = (
            self.state == "bound"
            and self.route > self.now
            and self.running
            and self.forwards
            and any(times[1] > self.now for times in live.values())
        )
        assert told.lifetime == (2700 if usable else 0), "RFC 7084 G-4, L-4"
        routes = [option.lifetime for option in told.options if isinstance(option, packet.Route)]
        if not self.forwards:
            assert not any(routes), "RFC 4861 6.2.5: no route without forwarding"
        elif self.published:
            assert routes == [5400], "RFC 7084 L-3"
        self.router_until = self.now + told.lifetime

    # --- events

    @rule(prefix=st.sampled_from(PREFIXES), preferred=LEFT, valid=LEFT)
    def source_lists(self, prefix: str, preferred: float, valid: float) -> None:
        self.published = True
        self.prefixes[prefix] = (
            published_deadline(self.now + min(preferred, valid)),
            published_deadline(self.now + valid),
        )
        self.turn()

    @rule(prefix=st.sampled_from(PREFIXES))
    def source_drops(self, prefix: str) -> None:
        if self.prefixes.pop(prefix, None):
            self.turn()

    @rule(new=st.sampled_from(PREFIXES), valid=LEFT)
    def source_renumbers(self, new: str, valid: float) -> None:
        self.published = True
        until = published_deadline(self.now + valid)
        self.prefixes = {new: (until, until)}
        self.turn()

    @rule(state=st.sampled_from(["bound", "bound", "unbound", "started"]), left=LEFT)
    def lease_changes(self, state: str, left: float) -> None:
        self.state, self.route = state, published_deadline(self.now + left)
        self.turn()

    @rule(running=st.booleans())
    def carrier_changes(self, running: bool) -> None:
        self.running = running
        self.turn()

    @rule(forwards=st.booleans())
    def forwarding_changes(self, forwards: bool) -> None:
        self.forwards = forwards
        self.turn()

    @rule(source_address=st.sampled_from(["fe80::7", "fe80::8", "::"]), chance=st.floats(0, 0.999))
    def host_asks(self, source_address: str, chance: float) -> None:
        address = "" if source_address == "::" else "02:00:00:00:00:07"
        self.one.solicit(Solicitation(source_address, address), self.now, chance)

    @rule(up=st.booleans())
    def lan_link_changes(self, up: bool) -> None:
        if up:
            self.one.link_up("02:00:00:00:00:0a", 1500, self.now)
            self.turn()
        else:
            self.one.link_down()

    @rule(delay=DELAYS, chance=st.floats(0, 0.999))
    def time_passes(self, delay: float, chance: float) -> None:
        self.chance = chance
        until = self.now + delay
        for _ in range(3000):
            due = self.one.due(self.now)
            if due > until:
                break
            before = self.now
            self.now = max(self.now, due)
            self.turn()
            assert self.one.due(self.now) > self.now or self.now > before, "no busy wake-ups"
        else:
            raise AssertionError("no busy wake-ups")
        self.now = until

    @rule(reboot=st.booleans(), away=st.floats(0.0, 100.0), published=st.booleans())
    def killed(self, reboot: bool, away: float, published: bool) -> None:
        self.now += away
        if reboot:
            self.boot += 1
            self.published = published
            shift = self.now - 5.0  # the monotonic clock starts again
            self.now = 5.0
            self.believed = {p: until - shift for p, until in self.believed.items()}
            self.prefixes = {
                p: (published_deadline(a - shift), published_deadline(b - shift))
                for p, (a, b) in self.prefixes.items()
                if b - shift > 0.001
            }
            self.route = published_deadline(self.route - shift)
            self.multicasts = []
        memories, complaints = storage.parse(self.file, f"boot{self.boot}", self.now)
        assert complaints == []
        last = self.multicasts[-1] if self.multicasts else None
        self.one = Advertiser(lan(), memories.get("lan0", {}), self.now, last)
        self.one.link_up("02:00:00:00:00:0a", 1500, self.now)
        self.started = self.now
        self.turn()

    @invariant()
    def the_same_input_writes_nothing(self) -> None:
        writes, due = self.writes, self.one.due(self.now)
        if due > self.now:
            self.turn()
            assert self.writes == writes

    @invariant()
    def hosts_know_within_3_s_that_we_are_no_default_router(self) -> None:
        usable = self.state == "bound" and self.route > self.now and self.running and self.forwards
        if self.one.up and not usable and self.one.sent is not None and self.one.sent.router:
            assert self.one.schedule.next_multicast() <= self.multicasts[-1] + 3.0, "RFC 7084 G-5"


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=300 * SCALE, stateful_step_count=40, deadline=None, print_blob=True
)


def test_the_count_is_told(capsys: Any) -> None:
    """The histories above are as many as this says."""
    with capsys.disabled():
        print(f"\nra: {300 * SCALE} histories of up to 40 events")
    assert TestHistories.settings.max_examples == 300 * SCALE
