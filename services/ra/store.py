"""Where the sender's memory is kept: stable storage for what hosts were told, outputs for others.

Thin: the formats are in storage.py and published.py. The file is written only when its text would
be another one, whole and synced (new file, fsync, rename, fsync of the folder).
"""

from agent import outputs
from agent.port import clock, errno, files, process
from agent.report import say
from services.ra import published, storage
from services.ra.arguments import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from services.ra.advertiser import Advertiser
    from services.ra.memory import Memory

BOOT_ID = "/proc/sys/kernel/random/boot_id"
BOOT_OF_NOBODY = "unknown"
# Far more than a memory ever takes (about 50 octets for each thing told), and far less than a
# small router's memory.
STORED_MAX = 256 * 1024


class Store:
    """Reads at start; save() writes what has changed since."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path = settings.state + "/" + settings.service
        self.boot = boot_id()
        self.text = ""
        self.published: tuple[dict[str, str], str] | None = None
        self.last: dict[str, float] = {}

    def load(self, now: float) -> "tuple[dict[str, Memory], dict[str, float]]":
        """({ifname: memory}, {ifname: when its last multicast advertisement left}). Whatever is
        wrong with the file costs one line and what it said."""
        text = ""
        try:
            text = files.read(self.path, STORED_MAX).decode()
        except UnicodeError:
            self._say("expected text, got something else; starting with an empty memory")
        except OSError as error:
            if error.errno != errno.ENOENT:
                reason = process.strerror(error.errno or 0)
                self._say("%s; starting with an empty memory" % reason)
            else:
                self._say("nothing stored yet; starting with an empty memory")
        memories: dict[str, Memory] = {}
        if text:
            memories, complaints = storage.parse(text, self.boot, now)
            if complaints:
                more = " (and %d more)" % (len(complaints) - 1) if len(complaints) > 1 else ""
                self._say(complaints[0] + more)
        self.text = text
        self.last = self._read_last(now)
        return memories, dict(self.last)

    def _say(self, text: str) -> None:
        say(self.settings.service, "%s: %s" % (self.path, text))

    def _read_last(self, now: float) -> dict[str, float]:
        """The outputs live in /run: what they say is of this boot."""
        try:
            memo = outputs.peek(self.settings.root, self.settings.service).memo
        except outputs.OutputsError:
            return {}
        return published.parse_memo(memo, now)

    def multicast(self, name: str, now: float) -> None:
        """A multicast advertisement left on this LAN."""
        self.last[name] = now

    def save(self, advertisers: "list[Advertiser]", now: float) -> list[str]:
        """Write what changed; returns complaints."""
        complaints = []
        memories = {}
        for one in advertisers:
            memories[one.lan.name] = one.told
        text = storage.render(memories, self.boot)
        if text != self.text:
            try:
                self._write(text)
                self.text = text
            except OSError as error:
                reason = process.strerror(error.errno or 0)
                complaints.append(
                    "%s: %s; withdrawn prefixes would be forgotten at a reboot"
                    % (self.path, reason)
                )
        values = published.values_of(advertisers, now)
        memo = published.render_memo(self.last)
        if (values, memo) != self.published:
            try:
                outputs.update(
                    self.settings.root,
                    self.settings.service,
                    lambda _: outputs.Snapshot(values, memo),
                )
                self.published = (values, memo)
            except outputs.OutputsError as error:
                complaints.append(str(error))
        return complaints

    def _write(self, text: str) -> None:
        if files.kind(self.settings.state) == "":
            make_folders(self.settings.state)
        new = self.path + ".new"
        files.write(new, text.encode())
        files.sync(new)
        files.rename(new, self.path)
        files.sync(self.settings.state)


def make_folders(path: str) -> None:
    """The folder and those above it that are missing."""
    above = path.rpartition("/")[0]
    if above and files.kind(above) == "":
        make_folders(above)
    files.make_folder(path)


def boot_id() -> str:
    """This boot's id; without /proc one that equals none of before, so that nothing is trusted
    that should not be."""
    try:
        return files.read(BOOT_ID).decode().strip()
    except OSError:
        return "%s-%d" % (BOOT_OF_NOBODY, int.from_bytes(clock.random(6), "big"))
