"""disk: tells where a disk is that comes and goes, and mounts it: three steps of a service.

`disk find` follows the kernel and publishes the device; `disk mount` checks the file system of
$DISK and mounts it; `disk unmount` takes it away, also when the disk is gone or somebody still
holds it.
"""

import sys

from agent import environment, options, outputs, readiness, report
from agent.options import UsageError
from agent.port import clock, files, machine, poll, process
from agent.port.devices import Devices
from agent.port.errno import EBUSY, EINVAL
from agent.port.records import Overrun
from services.boot import mounts
from services.mount import wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.mount.wanted import Disk, Wanted

PROGRAM = "disk"
USAGE = (
    "disk find -c | [-d FD] [-p PATTERN] TYPE LABEL=NAME|UUID=NUMBER|ATTRIBUTE=TEXT|/dev/NAME",
    "disk mount [-o OPTIONS] TYPE FOLDER",
    "disk unmount FOLDER",
)
OPERANDS = {"find": 2, "mount": 2, "unmount": 1}
CHANGED = 1  # fsck(8): "filesystem errors corrected"
MNT_DETACH = 2  # linux/fs.h: out of sight now, gone when the last one lets it go
BUSY_S = 5.0  # for those who end to let it go
LOOK_S = 0.05


class Refused(Exception):
    """It can't be mounted; the text is one line."""


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; the exit code (services/mount/README.md)."""
    try:
        verb = argv[0].decode() if argv and argv[0] in (b"find", b"mount", b"unmount") else ""
        if not verb:
            raise UsageError("expected one of find mount unmount")
        valued = {"find": "dp", "mount": "o"}.get(verb, "")
        given, words = options.parse(argv[1:], "c" if verb == "find" else "", valued)
        if len(words) != (0 if "c" in given else OPERANDS[verb]):
            raise UsageError("%s: expected %d operands" % (verb, OPERANDS[verb]))
        root, service = environment.outputs_root(environ), environment.service(environ, PROGRAM)
        device = environment.variable(environ, b"DISK", "")
        if verb == "mount" and device[:5] != "/dev/":
            raise UsageError("$DISK: expected a device's path, got %s" % report.show(device))
        if verb == "find" and "c" not in given:
            asked = wanted.parse(words[1], words[0], given.get("p", "*"))
            told = readiness.descriptor(given.get("d"), environ)
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        for line in USAGE:
            report.say(PROGRAM, "usage: " + line)
        return 100
    try:
        if "c" in given:
            outputs.clear(root, service)
        elif verb == "find":
            return find(asked, root, service, readiness.usable(PROGRAM, told))
        elif verb == "mount":
            mount(words[0], device, words[1], given.get("o", ""))
        else:
            unmount(words[0])
    except (Refused, outputs.OutputsError) as error:
        report.say(PROGRAM, "%s" % error)
        return 1
    except OSError as error:
        report.say(PROGRAM, "%s: %s" % (" ".join(words), process.strerror(error.errno or 0)))
        return 111
    return 0


def find(asked: "Wanted", root: str, service: str, notify: int) -> int:
    """Publish the device while it is there, until SIGTERM or SIGINT."""
    signals = process.Signals([process.SIGTERM, process.SIGINT])
    events = Devices()
    disks: dict[str, Disk] = {}
    name = ""
    due = True
    while True:
        if due:
            disks = wanted.look(asked, disks)
            name = wanted.choose(asked, disks, name)
            outputs.publish(root, service, _values(disks.get(name)))
            readiness.tell(PROGRAM, notify)
            notify = readiness.NOBODY
        poll.ready([events.fileno(), signals.fileno()], None)
        if signals.read():
            return 0
        due = _is_about_disks(events)


def _is_about_disks(events: Devices) -> bool:
    try:
        return bool([event for event in events.read() if event.subsystem == "block"])
    except Overrun:
        return True


def _values(disk: "Disk | None") -> dict[str, str]:
    if disk is None:
        return {}
    found = {"device": "/dev/" + disk.name, "sequence": disk.sequence}
    told = (("type", disk.system.type), ("label", disk.system.label), ("uuid", disk.system.uuid))
    found.update({name: value for name, value in told if value and _is_plain(value)})
    return found


def _is_plain(text: str) -> bool:
    return not [character for character in text if not " " <= character <= "~"]


def mount(kind: str, device: str, folder: str, given: str) -> None:
    """Check the file system and mount it. Raises Refused and OSError."""
    number, data = mounts.flags(given)
    while [each for each in _mounted() if each.target == folder]:
        # A killed predecessor's: maybe of a disk that has gone
        machine.unmount(folder, MNT_DETACH)
    code = _check(kind, device)
    if code not in (0, CHANGED) and not number & mounts.MS_RDONLY:
        text = "%s: expected a file system without errors, got exit code %d of fsck.%s -p"
        raise Refused(text % (device, code, kind))
    machine.mount(device, folder, kind, number, data)


def _check(kind: str, device: str) -> int:
    """The exit code of the file system's own check (fsck(8)), which mends what is safe to mend; 0
    where the machine has none for this type."""
    for place in ("/sbin/", "/usr/sbin/"):
        program = "%sfsck.%s" % (place, kind)
        if files.kind(program):
            code = process.wait(process.spawn([program.encode(), b"-p", device.encode()]))
            return 0 if code is None else code
    return 0


def unmount(folder: str) -> None:
    """Take the mount away; who still holds it after BUSY_S loses sight of it. Raises OSError."""
    deadline = clock.monotonic() + BUSY_S
    while True:
        try:
            machine.unmount(folder, 0)
            return
        except OSError as error:
            if error.errno == EINVAL:
                return  # nothing is mounted there
            if error.errno != EBUSY:
                raise
        if clock.monotonic() >= deadline:
            report.say(PROGRAM, "%s: still in use; it goes when the last one lets it go" % folder)
            machine.unmount(folder, MNT_DETACH)
            return
        poll.ready([], LOOK_S)


def _mounted() -> list[mounts.Mount]:
    return mounts.mounted(files.read("/proc/self/mountinfo").decode())


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
