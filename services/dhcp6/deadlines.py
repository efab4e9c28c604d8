"""Deadlines on the monotonic clock, as the outputs hold them: decimal seconds, or `infinity`.

Pure. A deadline is a float here, FOREVER is the float infinity. What is left of it is always
rounded down, so that no lifetime made from it outlives the lease (RFC 9915 section 6.3).
"""

FOREVER = float("inf")

# A deadline jitters by up to a second, because hooks get whole seconds (docs/design.md, Outputs).
JITTER = 1.5


def parse(text: str) -> float | None:
    """The deadline that an output's text tells, or None when it is no deadline."""
    if text == "infinity":
        return FOREVER
    whole, dot, part = text.partition(".")
    digits = whole + part
    if not digits or len(digits) > 18 or (dot and not part) or not whole:
        return None
    for character in digits:
        if not "0" <= character <= "9":
            return None
    return float(text)


def render(until: float) -> str:
    """The text of a deadline, with three digits after the point."""
    return "infinity" if until == FOREVER else "%.3f" % until


def left(until: float, now: float) -> int | None:
    """Whole seconds left until a deadline, never below 0; None for ever."""
    if until == FOREVER:
        return None
    return max(0, int(until - now))


def lasts(until: float, now: float) -> bool:
    """True while more than a second is left: the kernel takes no smaller valid lifetime than 1."""
    return until - now > 1


def settle(before: float, told: float) -> float:
    """The deadline to go by when `told` follows `before`: the earlier one unless it really moved.

    A deadline that only jitters upwards stays as it was, so that nobody downstream hears of it;
    one that comes nearer is always followed, because nothing may outlive the lease.
    """
    return before if before <= told <= before + JITTER else told
