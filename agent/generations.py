"""The files behind one service's outputs: complete generations in `.gen/`, and the link to one.

Called by agent.outputs only. Everything but current() and load() needs the service's lock. Kill
the publisher after any system call: the link names a complete generation, values and memo
together, and clean() finds what is left over.

    .gen/SERVICE.N     a complete generation; N: microseconds on the monotonic clock. A file for
                       each value, for scripts and people, and `.values` with all of them, for
                       programs: it is opened once, so what is read of it is never torn
    .gen/SERVICE.new   one that is being written
    .gen/SERVICE.link  its link, about to be renamed to ROOT/SERVICE
    .gen/SERVICE.old   one that is being removed
    .gen/SERVICE.note  a memo, about to be renamed into the current generation
    .gen/SERVICE.lock  held by the publisher whose turn it is; stays

Nothing is synced: the tree lives on a tmpfs and what is published is gone with the power anyway.
"""

from agent.port import clock, files
from agent.port.errno import EEXIST, EFBIG, EISDIR, ENOENT, ENOTDIR
from agent.report import show
from agent.values import LONGEST_ALL, LONGEST_VALUE, OutputsError, pack, unpack

KEEP_S = 5  # a superseded generation stays so long, for readers that work on it
KEEP_MOST = 16  # superseded ones at most; one costs about 5 KiB a value on a tmpfs
VALUES = ".values"
MEMO = ".memo"
FOLDER_MODE = 0o755  # all may read: a secret is never among the outputs
FILE_MODE = 0o644
KINDS = {
    "": "nothing",
    "file": "a file",
    "folder": "a folder",
    "link": "a link",
    "other": "a FIFO, socket or device",
}


def number_of(text: str) -> int:
    """The number in a generation's name, as publish() writes it; 0: it is none. Pure."""
    # isdigit() takes more than int() does, and "07" would be another name.
    if not 1 <= len(text) <= 18 or text[0] == "0" or text.strip("0123456789"):
        return 0
    return int(text)


def disposable(numbers: list[int], current: int, now: int) -> list[int]:
    """The generations that may be removed. Pure.

    A generation was superseded when the next one was made. current: the linked one, 0 for none.
    now: microseconds, as the numbers are.
    """
    numbers = sorted(numbers)
    kept = []
    for number, following in zip(numbers, numbers[1:] + [0]):
        # One from the future was made before a reboot.
        if number == current or number > now:
            continue
        if not following or now - following < KEEP_S * 1000000:
            kept.append(number)
    kept = kept[-KEEP_MOST:]
    return [number for number in numbers if number not in kept and number != current]


def make_folders(path: str) -> None:
    """Make the folder and what is missing above it, for all to read whatever the umask is."""
    parent = path.rpartition("/")[0]
    for is_again in (False, True):
        try:
            files.make_folder(path)
            files.set_mode(path, FOLDER_MODE)
            return
        except OSError as error:
            # Another publisher may be quicker, in either round.
            if error.errno == EEXIST:
                return
            if error.errno != ENOENT or is_again or not parent:
                raise
        make_folders(parent)


def remove_tree(path: str) -> None:
    """Remove a folder with all that is in it, or whatever else is there. Links aren't followed."""
    if files.kind(path) != "folder":
        files.remove_file(path)
        return
    below = path + "/"
    for name in files.listing(path):
        try:
            files.remove_file(below + name)
        except OSError as error:
            if error.errno != EISDIR:
                raise
            remove_tree(below + name)
    files.remove_folder(path)


class Generations:
    """The generations of one service."""

    def __init__(self, root: str, service: str) -> None:
        self.link = root + "/" + service
        self._folder = root + "/.gen"
        self._prefix = service + "."
        self._base = self._folder + "/" + self._prefix
        self.at = ""  # the path of the value in work, for the text of an error
        self._current = 0  # what current() and clean() found last, under the lock
        self._is_linked = False  # whether something is in the link's place
        self._numbers: list[int] = []

    def lock(self, wait: bool = True) -> int:
        """Wait for the turn; returns the lock's descriptor. Makes the folders when missing.

        Without `wait`: -1 when it is somebody else's.
        """
        path = self._base + "lock"
        kind = files.kind(path)
        if kind not in ("file", ""):  # to open a FIFO would wait for ever
            raise OutputsError("%s: expected a file, got %s; remove it" % (path, KINDS[kind]))
        try:
            return files.lock(path, wait)
        except OSError as error:
            if error.errno != ENOENT:
                raise
        make_folders(self._folder)
        return files.lock(path, wait)

    def current(self) -> int:
        """The number of the generation that the link names; 0: nothing is published."""
        self._current = 0
        self._is_linked = True
        try:
            target = files.readlink(self.link)
            got = "one to " + show(target.encode())
        except OSError as error:
            if error.errno == ENOENT:
                self._is_linked = False
                return 0
            kind = files.kind(self.link)
            if kind in ("", "link"):
                raise
            target, got = "", KINDS[kind]
        except UnicodeError:
            target, got = "", "one to other octets than UTF-8"
        prefix = ".gen/" + self._prefix
        if target.startswith(prefix):
            self._current = number_of(target[len(prefix) :])
        if not self._current:
            text = "%s: expected a link to %sN, got %s; remove it"
            raise OutputsError(text % (self.link, prefix, got))
        return self._current

    def is_replaceable(self) -> bool:
        """Whether a publication can put its link in the place of what current() refused."""
        return files.kind(self.link) != "folder"

    def load(self, number: int, in_full: bool = True) -> dict[str, str] | None:
        """All values of one generation, see unpack(); None when it was removed meanwhile."""
        top = self._base + str(number)
        kind = files.kind(top)
        if kind not in ("folder", ""):
            raise OutputsError("%s: expected a folder, got %s" % (top, KINDS[kind]))
        path = top + "/" + VALUES
        data = _read(path, LONGEST_ALL)
        if data is None:
            return None
        try:
            return unpack(data, in_full)
        except ValueError:  # UnicodeError is one
            text = "%s: expected paths and values as a publisher writes them, got something else"
            raise OutputsError(text % path) from None

    def memo(self, number: int) -> str:
        """The note that was published with this generation. UnicodeError: it can't have been."""
        data = _read(self._base + "%d/%s" % (number, MEMO), LONGEST_VALUE)
        return "" if data is None else str(data, "utf-8")

    def clean(self) -> None:
        """Take stock of the generations, and remove what a killed publisher left."""
        numbers = []
        leftovers = []
        for name in files.listing(self._folder):
            if name.startswith(self._prefix):
                rest = name[len(self._prefix) :]
                number = number_of(rest)
                if number:
                    numbers.append(number)
                elif rest in ("new", "old", "link", "note"):
                    leftovers.append(rest)
        self._numbers = numbers
        for rest in reversed(leftovers):  # "old" first: _remove() needs the name
            path = self._base + rest
            if rest == "link" and files.kind(path) == "link":
                # Its generation may be complete, but was never published.
                number = _linked(path)
                if number in numbers and number != self._current:
                    self._remove(number)
            remove_tree(path)

    def expire(self) -> bool:
        """Remove the generations that may go; whether there was one."""
        gone = disposable(self._numbers, self._current, _now())
        for number in gone:
            self._remove(number)
        return len(gone) > 0

    def _remove(self, number: int) -> None:
        old = self._base + "old"
        files.rename(self._base + str(number), old)  # its name stands for a whole one
        remove_tree(old)
        self._numbers.remove(number)

    def publish(self, entries: list[tuple[str, bytes]], memo: bytes) -> None:
        """Write the next generation and switch the link to it."""
        new = self._base + "new"
        try:
            self._write_all(new, entries, memo)
        except OSError:
            try:
                remove_tree(new)
            except OSError:
                pass  # the next publisher tries again; what went wrong first is told
            raise
        number = _now()
        while number in self._numbers:
            number += 1
        files.symlink(".gen/%s%d" % (self._prefix, number), self._base + "link")
        files.rename(new, self._base + str(number))
        files.rename(self._base + "link", self.link)
        self._numbers.append(number)
        self._current = number

    def clear(self) -> bool:
        """Remove the link; whether there was one. The generation stays for its readers."""
        if not self._is_linked:
            return False
        files.remove_file(self.link)
        self._current = 0
        self._is_linked = False
        return True

    def _write_all(self, top: str, entries: list[tuple[str, bytes]], memo: bytes) -> None:
        """Write the folders and files of a generation, and its memo if there is one."""
        entries = entries + [(VALUES, pack(entries))]
        if memo:
            entries.append((MEMO, memo))
        below = top + "/"
        folders: list[str] = []
        files.make_folder(top, FOLDER_MODE)
        folder = ""  # of the last path, with its slash
        for path, data in entries:
            self.at = path
            end = path.rfind("/") + 1
            if end != len(folder) or not path.startswith(folder):
                folder = path[:end]
                _make_folder(below, folder, folders)
            files.write(below + path, data, FILE_MODE)
        self.at = ""
        if files.mode(top) != FOLDER_MODE:  # the umask took something away
            for folder in [""] + folders:
                files.set_mode(below + folder, FOLDER_MODE)
            for path, _ in entries:
                files.set_mode(below + path, FILE_MODE)

    def replace_memo(self, memo: bytes) -> None:
        """Put another note into the current generation, in one step."""
        files.write(self._base + "note", memo, FILE_MODE)
        files.rename(self._base + "note", self._base + "%d/%s" % (self._current, MEMO))


def _now() -> int:
    return int(clock.monotonic() * 1000000)


def _read(path: str, most: int) -> bytes | None:
    """A regular file of a generation; None: it is gone. OutputsError: no publisher made this."""
    kind = files.kind(path)
    if kind not in ("file", ""):
        raise OutputsError("%s: expected a file, got %s" % (path, KINDS[kind]))
    try:
        return files.read(path, most) if kind else None
    except OSError as error:
        if error.errno in (ENOENT, ENOTDIR):
            return None
        if error.errno == EFBIG:
            text = "%s: expected at most %d octets, got more"
            raise OutputsError(text % (path, most)) from None
        raise


def _linked(path: str) -> int:
    """The number of the generation that a left link names; 0: of none."""
    try:
        return number_of(files.readlink(path).rpartition(".")[2])
    except UnicodeError:
        return 0


def _make_folder(top: str, folder: str, made: list[str]) -> None:
    """Make a generation's folder and those above it, unless made; all names end in a slash."""
    if not folder or folder in made:
        return
    _make_folder(top, folder[: folder[:-1].rfind("/") + 1], made)
    files.make_folder(top + folder, FOLDER_MODE)
    made.append(folder)
