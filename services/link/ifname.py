"""ifname: gives links the names that a site promises them, whenever they appear.

A thin shell: naming.py decides. A link is set down to be renamed; its service sets it up again,
since that waits for the output that this publishes: nothing ever runs on the wrong link.
"""

import sys

from agent import environment, ip, options, outputs, readiness, report
from agent.options import UsageError
from agent.port import files, netlink, poll, process
from agent.port.errno import ENODEV
from agent.view import View
from services.link import naming

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.link.naming import Place, Promise

PROGRAM = "ifname"
USAGE = "ifname [-c] [-d FD] IFNAME,mac=MAC|path=PATH|label=LABEL..."
NET = "/sys/class/net"
AGAIN_S = 1.0  # after a rename that failed


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Run as the command line says; the exit code (services/link/README.md)."""
    try:
        given, words = options.parse(argv, "c", "d")
        promises = [naming.parse(word) for word in words]
        root = environment.outputs_root(environ)
        service = environment.service(environ, PROGRAM)
        told = readiness.descriptor(given.get("d"), environ)
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100
    try:
        if "c" in given:
            outputs.clear(root, service)
            return 0
        notify = readiness.usable(PROGRAM, told)
        return Names(promises, root, service).follow(notify)
    except outputs.OutputsError as error:
        report.say(PROGRAM, "%s" % error)
        return 1
    except OSError as error:
        report.say(PROGRAM, process.strerror(error.errno or 0))
        return 111


class Names:
    """The promises, and the links that they are kept to."""

    def __init__(self, promises: "list[Promise]", root: str, service: str) -> None:
        self._promises = promises
        self._root = root
        self._service = service
        self._view = View(("link",))
        self._kernel = netlink.Kernel()
        self._places: dict[int, Place] = {}
        # What a killed predecessor found: its links may have another MAC by now.
        before = outputs.read(root, service) or {}
        wanted = [promise.ifname for promise in promises]
        self._found = {}
        for name in before:
            index = ip.decimal(before[name], 0x7FFFFFFF)
            link = self._view.links.get(index or 0)
            if name in wanted and link is not None and link.name == name:
                self._found[name] = link.index
        self._said: list[str] = []

    def follow(self, notify: int) -> int:
        """Rename now and whenever links come, until SIGTERM or SIGINT."""
        signals = process.Signals([process.SIGTERM, process.SIGINT])
        while True:
            is_settled = self.step()
            readiness.tell(PROGRAM, notify)
            notify = readiness.NOBODY
            filenos = [self._view.fileno(), signals.fileno()]
            poll.ready(filenos, None if is_settled else AGAIN_S)
            if signals.read():
                return 0

    def step(self) -> bool:
        """Rename what has a wrong name and publish who has the right one; whether all have."""
        failures: list[str] = []
        while True:
            for _ in self._view.read():
                pass
            links = self._view.links
            self._look()
            found, notes = naming.identify(self._promises, links, self._places, self._found)
            self._found = found
            steps = naming.renames(self._promises, found, links)
            # The name is taken back before it is another link's
            outputs.publish(self._root, self._service, naming.values(found, links))
            if not steps or failures:
                self._say(notes + failures)
                return not failures
            failures = [text for text in [self._rename(*step) for step in steps] if text]

    def _look(self) -> None:
        """Read of new links where they are. One that has another name by now is looked at when
        that is told."""
        links = self._view.links
        self._places = {index: self._places[index] for index in self._places if index in links}
        for index in links:
            if index not in self._places:
                found = _place(links[index].name, index)
                if found is not None:
                    self._places[index] = found

    def _rename(self, index: int, name: str) -> str:
        """Give a link a name; "" or what went wrong."""
        try:
            self._kernel.change_link(index, up=False)  # Linux before 6.2 renames none that is up
            self._kernel.change_link(index, name=name)
        except OSError as error:
            if error.errno == ENODEV:
                return ""  # gone meanwhile
            return "link %d: rename to %s: %s" % (index, name, process.strerror(error.errno or 0))
        report.say(PROGRAM, "link %d is %s" % (index, name))
        return ""

    def _say(self, notes: list[str]) -> None:
        for note in notes:
            if note not in self._said:
                report.say(PROGRAM, note)
        self._said = notes


def _place(name: str, index: int) -> "Place | None":
    """Where the link is; None when this is another one's name by now."""
    folder = "%s/%s/" % (NET, name)
    try:
        if files.read(folder + "ifindex").strip() != b"%d" % index:
            return None
        target = files.readlink(folder[:-1])
    except OSError:
        return None
    label = b""
    # A switch's port has a node of its own, other links that of their device.
    for node in ("of_node/label", "device/of_node/label"):
        try:
            label = files.read(folder + node)
            break
        except OSError:
            pass  # most have none
    return naming.place(target, label)


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
