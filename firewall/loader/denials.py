"""Denied packets to the log: each that the ruleset's rules hand to nflog is one line on stderr."""

from agent.packetlog import Log
from agent.port import clock, process
from agent.report import plain, say
from firewall.loader import denied

FRESH = 1.0  # seconds that the links' names count as known; a link may be renamed


class Denials:
    """One group of nflog. Where it can't be had, that is told and nobody is the worse for it."""

    def __init__(self, program: str, group: int) -> None:
        self.group = group
        self._log: Log | None = None
        self._names: dict[int, str] = {}
        self._known_at = -FRESH
        if group < 0:
            return
        try:
            self._log = Log(group)
        except OSError as error:
            reason = process.strerror(error.errno or 0)
            text = "nflog group %d: expected to have it, got %s; denied packets are not told"
            say(program, text % (group, reason))

    def fileno(self) -> int:
        """Readable when a packet was denied; -1 for never."""
        return self._log.fileno() if self._log else -1

    def close(self) -> None:
        if self._log:
            self._log.close()

    def tell(self) -> None:
        """Write a line for each packet that waits."""
        assert self._log is not None
        for prefix, into, out, packet in self._log.read():
            text = denied.line(prefix, self._name(into), self._name(out), packet)
            try:
                process.write(2, (plain(text) + "\n").encode())
            except OSError:
                return  # nobody listens

    def _name(self, index: int) -> str:
        if index == 0:
            return ""
        now = clock.monotonic()
        if index not in self._names or now - self._known_at > FRESH:
            # Not at the top: where nothing is denied, CPython need not load pyroute2 (0.3 s).
            from agent.port.netlink import Kernel

            kernel = Kernel()
            self._names = {link.index: link.name for link in kernel.dump("link")}
            self._known_at = now
            kernel.close()
        return self._names.get(index, "%d" % index)
