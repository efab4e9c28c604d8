"""When to send (RFC 4861 sections 6.2.4 to 6.2.6, RFC 7772). Pure; one Schedule per LAN.

Times are seconds on the monotonic clock, `chance` is a number from 0 up to 1 that the caller drew.
Two multicast advertisements are never less than MIN_DELAY_BETWEEN_RAS apart, whatever happens.
"""

# RFC 4861 section 10, seconds
MIN_DELAY_BETWEEN_RAS = 3.0
MAX_RA_DELAY_TIME = 0.5
MAX_INITIAL_RTR_ADVERT_INTERVAL = 16.0
MAX_INITIAL_RTR_ADVERTISEMENTS = 3

# This many unicast answers may wait at a time; when more hosts ask at once (a power cut ended), one
# multicast answer serves them all.
ANSWERS_MAX = 8


class Schedule:
    """`last` is when the last multicast advertisement left, or None. Before start() and after
    stop() nothing is due."""

    def __init__(self, shortest: float, longest: float, last: float | None = None) -> None:
        self.shortest = shortest  # MinRtrAdvInterval
        self.longest = longest  # MaxRtrAdvInterval
        self.last = last
        self.periodic: float | None = None
        self.urgent: float | None = None  # a change waits to be told
        self.initial_left = 0
        self.answers: list[tuple[float, str]] = []

    def earliest(self, time: float) -> float:
        """`time`, or when the last multicast advertisement is MIN_DELAY_BETWEEN_RAS old."""
        return time if self.last is None else max(time, self.last + MIN_DELAY_BETWEEN_RAS)

    def start(self, now: float) -> None:
        """The link has become an advertising interface: at once, and twice again soon."""
        self.urgent = self.earliest(now)
        self.periodic = self.urgent
        self.answers = []

    def stop(self) -> None:
        """It has ceased to be one (it is gone, down, or without a link-local address)."""
        self.periodic = self.urgent = None
        self.initial_left = 0
        self.answers = []

    def tell_change(self, now: float, settle: float) -> None:
        """The content differs from what was told last. `settle` seconds may pass before it is
        sent, in which more can change; the first change's time counts."""
        if self.periodic is not None:
            time = self.earliest(now + settle)
            self.urgent = time if self.urgent is None else min(self.urgent, time)

    def no_change(self) -> None:
        """What was different is again as it was told: nothing to hurry for."""
        self.urgent = None

    def solicit(self, source: str, unicast: bool, now: float, chance: float) -> None:
        """A valid solicitation came from `source`; `unicast`: it can be answered to it alone
        (RFC 7772 section 5.1: not from the unspecified address, with its link-layer address)."""
        if self.periodic is None:
            return
        delay = chance * MAX_RA_DELAY_TIME
        due = now + delay
        if self.next_multicast() <= due:
            return  # section 6.2.6: the one already scheduled is the answer
        if unicast and source in [address for _, address in self.answers]:
            return
        if unicast and len(self.answers) < ANSWERS_MAX:
            self.answers.append((due, source))
            return
        if self.last is not None and now < self.last + MIN_DELAY_BETWEEN_RAS:
            due = self.last + MIN_DELAY_BETWEEN_RAS + delay
        self.periodic = min(self.periodic, due)

    def next_multicast(self) -> float:
        """When the next multicast advertisement is due; far away when none is."""
        times = [time for time in (self.periodic, self.urgent) if time is not None]
        return min(times, default=float("inf"))

    def next(self) -> float:
        """When something is due."""
        return min([self.next_multicast()] + [due for due, _ in self.answers])

    def take_answers(self, now: float) -> list[str]:
        """The addresses whose unicast answer is due, and no longer waiting after this."""
        due = [address for time, address in self.answers if time <= now]
        self.answers = [answer for answer in self.answers if answer[0] > now]
        return due

    def sent_multicast(self, now: float, chance: float) -> None:
        """A multicast advertisement has left at `now`. It answers all who wait."""
        if self.urgent is not None and self.urgent <= now:
            self.initial_left = MAX_INITIAL_RTR_ADVERTISEMENTS
        self.urgent = None
        self.initial_left = max(0, self.initial_left - 1)
        interval = self.shortest + chance * (self.longest - self.shortest)
        if self.initial_left:
            interval = min(interval, MAX_INITIAL_RTR_ADVERT_INTERVAL)
        self.last = now
        self.periodic = now + interval
        self.answers = []

    def failed(self, now: float) -> None:
        """Sending failed: again in a while, and no sooner."""
        later = now + MIN_DELAY_BETWEEN_RAS
        self.periodic = later
        if self.urgent is not None:
            self.urgent = later
