"""probe: a command is run again and again; while it succeeds, the check is up.

A thin shell: tally.py counts. Ready with the first success; so many failures in a row end it with
exit code 1, after a service was restarted where one is named. The agent starts it again.
"""

import sys

from agent import ip, names, options, readiness, report
from agent.command import client
from agent.command.errors import CommandError, NotRunning
from agent.daemon import places
from agent.options import UsageError
from agent.port import clock, poll, process
from services.health import tally

PROGRAM = "probe"
USAGE = "probe [-d FD] [-f FAILURES] [-i SECONDS] [-r SERVICE] [-t SECONDS] COMMAND [ARGUMENT]..."
FAILURES, INTERVAL, TIMEOUT = 3, 60, 10
MOST = 86400
SAID = 1024  # octets of what a command writes that are kept, the last


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; the exit code (services/health/README.md)."""
    try:
        given, words = _split(argv)
        failures = _number(given, "f", FAILURES)
        interval, timeout = _number(given, "i", INTERVAL), _number(given, "t", TIMEOUT)
        restarted = given.get("r", "")
        if not words or (restarted and not names.is_service_name(restarted)):
            raise UsageError("expected a COMMAND, and for -r %s" % names.SERVICE_NAME)
        where = places.from_environment(environ)
        notify = readiness.usable(PROGRAM, readiness.descriptor(given.get("d"), environ))
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100
    signals = process.Signals([process.SIGCHLD, process.SIGTERM, process.SIGINT])
    state = tally.START
    try:
        while True:
            begun = clock.monotonic()
            said = _attempt(words, begun + timeout, signals)
            if said is None:
                return 0
            state = tally.count(state, not said)
            if not said:
                readiness.tell(PROGRAM, notify)
                notify = readiness.NOBODY
            elif state.failures >= failures:
                report.say(PROGRAM, tally.words(state.failures, said))
                if restarted:
                    _restart(where, restarted)
                return 1
            if _sleep(signals, begun + interval):
                return 0
    except OSError as error:
        report.say(PROGRAM, "%s: %s" % (report.show(words[0]), process.strerror(error.errno or 0)))
        return 111


def _split(argv: list[bytes]) -> tuple[dict[str, str], list[bytes]]:
    """Options, and the command as it came: its words are nobody's business."""
    count = 0
    while count < len(argv) and argv[count][:1] == b"-":
        count += 1 if argv[count] == b"--" or len(argv[count]) > 2 else 2
        if argv[count - 1] == b"--":
            break
    given, rest = options.parse(argv[:count], "", "dfirt")
    if rest:
        raise UsageError("expected options before COMMAND")
    return given, argv[count:]


def _number(given: dict[str, str], letter: str, usual: int) -> int:
    number = ip.decimal(given.get(letter, "%d" % usual), MOST)
    if not number:
        raise UsageError("option -%s: expected 1 to %d" % (letter, MOST))
    return number


def _attempt(words: list[bytes], deadline: float, signals: process.Signals) -> str | None:
    """Run the command once: "" when it succeeded, else what is wrong; None: to end now."""
    reader, writer = process.pipe()
    child = process.spawn(words, None, -1, writer, writer)
    process.close(writer)
    filenos = [signals.fileno(), reader]
    said, code = b"", None
    try:
        while True:
            code = process.wait(child, False) if code is None else code
            left = 0.0 if code is not None else max(0.0, deadline - clock.monotonic())
            ready = poll.ready(filenos, left)
            if reader in ready:
                data = process.read(reader, SAID) or b""
                said = (said + data)[-SAID:]
                if not data:
                    filenos.remove(reader)  # it may go on without a word
            elif code is not None:
                break
            if signals.fileno() in ready and _is_over(signals):
                _end(child)
                return None
            if code is None and clock.monotonic() >= deadline:
                _end(child)
                return "no end in time"
    finally:
        process.close(reader)
    if not code:
        return ""
    lines = [line for line in said.split(b"\n") if line.strip()]
    return "exit code %d, %s" % (code, report.show(lines[-1]) if lines else "without a word")


def _is_over(signals: process.Signals) -> bool:
    """Whether a signal came that ends this program."""
    return [number for number in signals.read() if number != process.SIGCHLD] != []


def _sleep(signals: process.Signals, until: float) -> bool:
    """Wait until that time; True: this program is to end."""
    while True:
        left = until - clock.monotonic()
        if left <= 0:
            return False
        if poll.ready([signals.fileno()], left) and _is_over(signals):
            return True


def _end(child: int) -> None:
    try:
        process.kill(child, process.SIGKILL)
        process.wait(child)
    except OSError:
        pass  # it has ended by itself, and was waited for


def _restart(where: "places.Places", service: str) -> None:
    try:
        client.ask(where, ["restart", service])
        report.say(PROGRAM, "%s: restarted" % service)
    except (NotRunning, CommandError) as error:
        report.say(PROGRAM, "%s: expected to restart it, got %s" % (service, error))


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
