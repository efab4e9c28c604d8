"""The `ifwait` program: subscribe, look, wait. All decisions are in agent/link_states.py."""

import sys

from agent import options, readiness, report
from agent.link_states import STATES, holds, needs_addresses
from agent.names import LINK_NAME, is_link_name
from agent.port import clock, poll, process
from agent.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

USAGE = "ifwait [-v] [-t SECONDS] [-d FD] [-f] IFNAME [%s]" % "|".join(STATES)

OK, TIMED_OUT, WRONG_USAGE, SYSTEM_CALL_FAILED = 0, 99, 100, 111


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run the program; returns its exit code (docs: ifwait/README.md)."""
    try:
        opts, words = options.parse(argv, "vf", "td")
        timeout = options.seconds("t", opts["t"]) if "t" in opts else None
        # Never $NOTIFY_FD: a run script's `if { ifwait wan running }` is not its service ready.
        told = readiness.descriptor(opts.get("d"), {})
        name, state = _operands(words)
    except options.UsageError as error:
        report.say("ifwait", "%s" % error)
        report.say("ifwait", "usage: " + USAGE)
        return WRONG_USAGE
    notify = readiness.usable("ifwait", told)
    try:
        return _wait(name, state, timeout, notify, "f" in opts, "v" in opts)
    except OSError as error:
        report.say("ifwait", "%s: %s" % (name, process.strerror(error.errno or 0)))
        return SYSTEM_CALL_FAILED


def _operands(words: list[str]) -> tuple[str, str]:
    if not 1 <= len(words) <= 2:
        raise options.UsageError("expected a link's name and at most one state")
    if not is_link_name(words[0]):
        raise options.UsageError("expected %s, got %s" % (LINK_NAME, report.show(words[0])))
    state = words[1] if len(words) == 2 else "present"
    if state not in STATES:
        raise options.UsageError(
            "expected a state out of %s, got %s" % (" ".join(STATES), report.show(state))
        )
    return words[0], state


def _wait(
    name: str, state: str, timeout: float | None, notify: int, follow: bool, verbose: bool
) -> int:
    deadline = None if timeout is None else clock.monotonic() + timeout
    view = View(("link", "address") if needs_addresses(state) else ("link",))
    told = None
    for _ in _looks(view, deadline):
        answer = holds(state, name, list(view.links.values()), list(view.addresses.values()))
        if answer == told:
            continue
        told = answer
        if verbose:
            report.say("ifwait", "%s is %s%s" % (name, "" if answer else "not ", state))
        if follow and not report.tell("ifwait", "yes\n" if answer else "no\n"):
            return SYSTEM_CALL_FAILED
        if answer:
            readiness.tell("ifwait", notify)
            notify = readiness.NOBODY
        if answer and not follow:
            return OK
    if told:
        return OK  # only -f comes here: it followed until its time was over
    report.say("ifwait", "%s: not %s within %g s" % (name, state, timeout or 0))
    return TIMED_OUT


def _looks(view: View, deadline: float | None) -> "Iterator[None]":
    """Once at the start and after every single change, until the deadline.

    Each change is looked at by itself, so a bounce that is over before this process wakes up is
    still seen by -f.
    """
    yield
    while True:
        left = None if deadline is None else deadline - clock.monotonic()
        if left is not None and left <= 0:
            return
        if poll.ready([view.fileno()], left):
            for _ in view.read():
                yield


def run() -> None:
    """Console-script and frozen entry."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
