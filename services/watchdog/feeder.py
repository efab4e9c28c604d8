"""watchdog: feeds the machine's watchdog while services are up.

A thin shell: health.py decides. It wakes to feed and for nothing else. When it is ended the
watchdog stops; at the machine's own end it counts on, so that an end that hangs is a reset.
"""

import sys

from agent import environment, ip, names, options, outputs, readiness, report
from agent.options import UsageError
from agent.port import clock, files, poll, process
from agent.port.watchdog import Watchdog
from agent.s6 import control
from agent.s6.status import StatusError
from services.watchdog import health

PROGRAM = "watchdog"
USAGE = "watchdog [-n] [-d FD] [-e SECONDS] [-g SECONDS] [-t SECONDS] DEVICE SERVICE..."
TIMEOUT, GRACE, END = 60, 300, 120  # seconds
MOST = 65535  # seconds; what drivers count in
LOOKS = 4  # in a timeout: what is down for less than three of them is forgiven


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; the exit code (services/watchdog/README.md)."""
    try:
        given, words = options.parse(argv, "n", "degt")
        seconds = [_seconds(given, *each) for each in (("t", TIMEOUT), ("g", GRACE), ("e", END))]
        scan = environment.scan_folder(environ)
        told = readiness.descriptor(given.get("d"), environ)
        if len(words) < 2 or words[0][0] != "/":
            raise UsageError("expected DEVICE, an absolute path, and one SERVICE or more")
        wrong = [word for word in words[1:] if not names.is_service_name(word)]
        if wrong:
            raise UsageError("SERVICE: expected %s" % names.SERVICE_NAME)
        feeder = Feeder(scan, words[1:], seconds[0], seconds[1])
        if "n" in given:
            lines = ["%s: %s\n" % pair for pair in sorted(health.values(feeder.look()).items())]
            return 0 if report.tell(PROGRAM, "".join(lines)) else 111
        root = environment.outputs_root(environ)
        service = environment.service(environ, PROGRAM)
        notify = readiness.usable(PROGRAM, told)
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100
    ending = environment.run_folder(environ) + "/end"  # services/boot/end.py
    try:
        device = _open(words[0], seconds[0])
        feeder.feed(device, (root, service), notify)
        # A machine that is to halt stays halted.
        if files.kind(ending) and files.read(ending).strip() != b"halt":
            device.set_timeout(max(seconds[2], seconds[0]))
            device.feed()
            device.close(False)
        else:
            device.close(True)
    except OSError as error:
        reason = process.strerror(error.errno or 0)
        report.say(PROGRAM, "%s: timeout %d s: %s" % (words[0], seconds[0], reason))
        return 111
    return 0


def _open(path: str, timeout: int) -> Watchdog:
    """The device with this timeout. Raises OSError; then it counts no more."""
    device = Watchdog(path)
    try:
        device.set_timeout(timeout)
    except OSError:
        device.close(True)
        raise
    return device


def _seconds(given: dict[str, str], letter: str, usual: int) -> int:
    number = ip.decimal(given.get(letter, "%d" % usual), MOST)
    if not number:
        raise UsageError("option -%s: expected 1 to %d seconds" % (letter, MOST))
    return number


class Feeder:
    """Looks at services of s6's folder `scan`. Seconds: `timeout`, the watchdog's; `grace`: of
    uptime, until they must be up."""

    def __init__(self, scan: str, services: list[str], timeout: int, grace: int) -> None:
        self._scan, self._services, self._timeout, self._grace = scan, services, timeout, grace
        self._health = health.START

    def look(self) -> health.Health:
        """How the machine is."""
        missing = [name for name in self._services if not self._is_up(name)]
        self._health = health.decide(self._health, missing, clock.monotonic(), self._grace)
        return self._health

    def _is_up(self, name: str) -> bool:
        """Whether s6 has it up, and ready where it tells that."""
        try:
            status = control.status(self._scan, name)
        except (OSError, StatusError):
            return False
        if status is None or not status.pid or not control.listens(self._scan, name):
            return False
        tells = files.kind("%s/%s/notification-fd" % (self._scan, name)) != ""
        return status.ready or not tells

    def feed(self, device: Watchdog, publish: tuple[str, str], notify: int) -> None:
        """Feed until SIGTERM or SIGINT. publish: root and service of the outputs."""
        signals = process.Signals([process.SIGTERM, process.SIGINT])
        before = health.START
        while True:
            now = self.look()
            if now.state != health.UNHEALTHY:
                device.feed()
            if now != before:
                self._tell(now, publish)
                before = now
            readiness.tell(PROGRAM, notify)
            notify = readiness.NOBODY
            poll.ready([signals.fileno()], self._timeout / LOOKS)
            if signals.read():
                return

    def _tell(self, now: health.Health, publish: tuple[str, str]) -> None:
        if now.state == health.UNHEALTHY:
            text = "not fed, a reset comes within %d s unless they return: %s"
            report.say(PROGRAM, text % (self._timeout, " ".join(now.missing)))
        try:
            outputs.publish(publish[0], publish[1], health.values(now))
        except outputs.OutputsError as error:
            report.say(PROGRAM, "%s" % error)  # no reason not to feed


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
