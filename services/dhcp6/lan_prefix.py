"""lan_prefix: give every LAN its /64 of each prefix that a lease delegates, for as long as it does.

A thin shell: lan_plan decides, applier does. The rule: nothing here outlives the lease.
"""

import sys

from agent import environment, ip, names, options, outputs
from agent.options import UsageError
from agent.port import files, process
from agent.report import say
from services.dhcp6 import applier, lan_plan, settings, ula
from services.dhcp6.allocator import Lan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.records import Link
    from services.dhcp6.lease import Lease
    from services.dhcp6.memory import Used
    from services.dhcp6.plan import Plan

PROGRAM = "lan_prefix"
USAGE = (
    "lan_prefix [-cnv] [-d FD] [-w SECONDS] [-u auto|PREFIX] LEASE "
    "LAN[,id=HEX][,suffix=::HEX][,priority=NUMBER][,lease=SECONDS]..."
)
HOLD = 10.0


def parse_lan(text: str) -> Lan:
    """The LAN that an operand describes; raises UsageError."""
    words = text.split(",")
    name, number, suffix, priority, lease = words[0], None, 1, 0, 0
    if not names.is_link_name(name):
        raise UsageError('LAN "%s": expected %s' % (text, names.LINK_NAME))
    given: list[str] = []
    for word in words[1:]:
        kind, _, value = word.partition("=")
        if kind in given:
            raise UsageError('LAN "%s": expected %s once, got it twice' % (text, kind))
        given.append(kind)
        found = None
        if kind == "id":
            number = found = _hex(value)
        elif kind == "suffix":
            found = ip.parse6(value)
            suffix = found if found is not None and 0 < found < 1 << 64 else 0
            found = suffix or None
        elif kind == "priority":
            found = ip.decimal(value, 1000000)
            priority = found or 0
        elif kind == "lease":
            found = ip.decimal(value, 1000000)
            lease = found or 0
        if found is None:
            raise UsageError(
                'LAN "%s": expected id=HEX, suffix=::HEX, priority=NUMBER or lease=SECONDS, '
                'got "%s"' % (text, word)
            )
    return Lan(name, number, suffix, priority, lease)


def _hex(text: str) -> int | None:
    if not 1 <= len(text) <= 16 or [c for c in text.lower() if c not in "0123456789abcdef"]:
        return None
    return int(text, 16)


def parse_lans(words: list[str]) -> list[Lan]:
    """All LANs; raises UsageError when two have the same name or the same id."""
    lans = [parse_lan(word) for word in words]
    if not lans:
        raise UsageError("expected at least one LAN, got none")
    seen = []
    for lan in lans:
        for what in ("LAN %s" % lan.name, "id %x" % lan.id if lan.id is not None else ""):
            if what and what in seen:
                raise UsageError("%s: expected once, got twice" % what)
            seen.append(what)
    return lans


def _own(text: str, state: str, is_idle: bool) -> "list[Used]":
    """The LANs' unique local prefix as -u tells it; an idle call makes none. Raises UsageError."""
    if text == ula.AUTO and not (is_idle and files.kind(state + "/ula") == ""):
        return [ula.used(ula.kept(PROGRAM, state))]
    value = ula.parse(text)
    if value is None and text not in ("", ula.AUTO):
        raise UsageError('option -u: expected auto or a /48 of fd00::/8, got "%s"' % text)
    return [] if value is None else [ula.used(value)]


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; returns the exit code."""
    try:
        given, words = options.parse(argv, "cnv", "duw")
        chosen = settings.read(given, environ, PROGRAM)
        lease = settings.lease_name(words)
        hold = options.seconds("w", given["w"]) if "w" in given else HOLD
        lans = parse_lans(words[1:])
        state = environment.state_folder(environ)
        own = _own(given.get("u", ""), state, chosen.preview or chosen.clean)
    except UsageError as error:
        say(PROGRAM, str(error))
        say(PROGRAM, "usage: " + USAGE)
        return 100

    def decide(now: float, told: "Lease", used: "list[Used]", links: "list[Link]") -> "Plan":
        return lan_plan.decide(now, told, used, lans, links, hold, own)

    try:
        return applier.start(PROGRAM, chosen, lease, decide)
    except outputs.OutputsError as error:
        say(PROGRAM, str(error))
        return 1
    except OSError as error:
        say(PROGRAM, process.strerror(error.errno or 0))
        return 111


def run() -> None:
    """The entry point of the console script and of the frozen binary."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
