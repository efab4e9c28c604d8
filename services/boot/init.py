"""The `frost-init` program: the machine's first process until s6-svscan takes its place.

`/sbin/init` (or `/init` of an initramfs) is a link to it. s6-svscan's scripts call it again: with
`finish` and `crash` it is process 1 once more, with an end's name a process that brings it about.
"""

import sys

from agent import report
from agent.environment import SCAN
from agent.port import clock, files, machine, poll, process
from agent.s6.paths import S6_FOLDERS
from services.boot import end, finish, mounts, root, scan, system
from services.boot.steps import NOTICE, Steps, log, text_of
from services.boot.words import command_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.boot.mounts import Mount

PROGRAM = "frost-init"
USAGE = "frost-init [halt|poweroff|reboot]; it boots the machine when the kernel starts it"
STAGE = b"FROST_BOOT"  # from one root's init to the next: what was done when
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
RESCUE = system.SITE + "/rescue"
WAIT_S = 10.0  # with a message on the console, before a machine without a root tries again

OK, WRONG_USAGE, SYSTEM_CALL_FAILED = 0, 100, 111


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run the program; process 1 only returns when nothing is left to try."""
    verb = argv[1].decode() if len(argv) > 1 and argv[1] in finish.VERBS else ""
    if verb == finish.LAST_RESORT:
        return finish.last_resort(argv[2].decode())
    if process.pid() == 1:
        if verb in ("finish", "crash"):
            return finish.finish(argv[0], end.wanted(), verb == "crash")
        return _boot(environ)
    if verb not in end.ENDS:
        report.say(PROGRAM, "usage: " + USAGE)
        return WRONG_USAGE
    end.bring_about(argv[0], verb)
    return OK


def _boot(environ: dict[bytes, bytes]) -> int:
    """From the kernel to s6-svscan."""
    now = clock.monotonic()
    first, *lines = (environ.get(STAGE) or b"%.3f" % now).decode().split(";")
    steps = Steps(PROGRAM, float(first), lines)
    try:
        _stages(steps, environ)
    except root.RootError as error:
        steps.fail("%s" % error)
    except Exception as error:  # whatever it is, this is process 1: what is left is tried
        steps.fail("a bug: %r" % error)
    # Only when no other program took this one's place.
    _rescue(steps)
    steps.fail("nothing to run the machine from: it starts again in %g s" % WAIT_S)
    poll.ready([], WAIT_S)
    machine.sync()
    machine.end("reboot")
    return SYSTEM_CALL_FAILED


def _stages(steps: Steps, environ: dict[bytes, bytes]) -> None:
    system.mount_all(steps, mounts.EARLY, _mounted())
    words = command_line(text_of("/proc/cmdline"))
    there = _mounted()
    now = mounts.root(there)
    if now is not None and not root.is_final(now, words):
        system.load(steps, words)
        steps.done("early-modules")
        init = root.change(steps, now, words)
        steps.done("root")
        environ[STAGE] = ";".join(["%.3f" % steps.begun] + steps.lines).encode()
        machine.become([init.encode()], environ)
    if now is not None:
        system.open_root(steps, now, words)
    _ready(steps, there, words)
    if "frost.rescue" in words:
        _rescue(steps)
    _hand_over(steps, environ)


def _ready(steps: Steps, there: "list[Mount]", words: dict[str, str]) -> None:
    """All that services find done."""
    system.mount_site(steps, there)
    steps.done("mounts")
    system.name(steps)
    system.raise_loopback(steps)
    system.load(steps, words)
    steps.done("modules")
    system.set_all(steps)
    steps.done("sysctls")


def _hand_over(steps: Steps, environ: dict[bytes, bytes]) -> None:
    """s6-svscan becomes process 1; its messages, and s6-supervise's, go to the kernel's log."""
    binary = files.readlink("/proc/self/exe")
    folder = binary.rpartition("/")[0] or "/"
    path = PATH if folder in PATH.split(":") else PATH + ":" + folder
    scan.prepare(steps, scan.program(binary), path)
    steps.done("scan-folder")
    steps.attempt("/run/frost/boot", files.write, "/run/frost/boot", steps.text().encode())
    log(PROGRAM, steps.summary(), NOTICE)
    steps.attempt("ctrl-alt-del", machine.keys, False)
    given = {name: environ[name] for name in environ if name in (b"TERM", b"HOME")}
    given[b"PATH"] = path.encode()
    for place in S6_FOLDERS:
        program = place + "/s6-svscan"
        if files.kind(program):
            argv = [program.encode(), SCAN.encode()]
            steps.attempt(program, machine.become, argv, given, "/dev/null", "/dev/kmsg")
    steps.fail("s6-svscan: expected it in one of %s" % " ".join(S6_FOLDERS))


def _rescue(steps: Steps) -> None:
    """A shell on the console, where the site allows it; the boot goes on when it ends."""
    command = text_of(RESCUE).split()
    if command:
        log(PROGRAM, "rescue: %s; the boot goes on at its end" % " ".join(command))
        try:
            process.wait(process.spawn([word.encode() for word in command]))
        except OSError as error:
            steps.fail("%s: %s" % (command[0], process.strerror(error.errno or 0)))


def _mounted() -> "list[Mount]":
    return mounts.mounted(text_of("/proc/self/mountinfo"))


def run() -> None:
    """Console-script and frozen entry."""
    sys.exit(main(process.argv(), process.environ()))


if __name__ == "__main__":
    run()
