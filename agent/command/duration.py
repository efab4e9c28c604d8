"""How long something took or takes, for people. Pure."""


def show(seconds: float) -> str:
    """`0.3 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `5 d 3 h`: two units at most."""
    if seconds < 0:
        seconds = 0.0
    if seconds < 9.95:
        return "%.1f s" % seconds
    whole = int(seconds + 0.5)
    for unit, name, size, smaller in UNITS:
        if whole >= unit:
            rest = whole % unit // size
            return "%d %s %d %s" % (whole // unit, name, rest, smaller)
    return "%d s" % whole


# seconds in it, its name; the same of the next smaller one
UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))
