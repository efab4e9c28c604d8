"""agent.port.files in the frozen binary."""

import struct

import _linux

# The numbers of these are the same on every architecture that Linux has.
S_IFMT = 0o170000
KINDS = {0o100000: "file", 0o040000: "folder", 0o120000: "link"}
ANEW = _linux.O_WRONLY | _linux.O_CREAT | _linux.O_TRUNC
LOCK_EX = 2
LOCK_NB = 4
EVENT_SIZE = 16  # struct inotify_event without the name
PART = 16384


def read(path: str, most: int = -1) -> bytes:
    """The whole file; EFBIG when it has more than `most` octets."""
    fd = _linux.open(path, _linux.O_RDONLY)
    try:
        # To the empty part: the files of /proc may give less than there is.
        parts = [_linux.read(fd, PART)]
        size = len(parts[0])
        while parts[-1]:
            if 0 <= most < size:
                raise OSError(_linux.EFBIG)
            parts.append(_linux.read(fd, PART))
            size += len(parts[-1])
        return b"".join(parts)
    finally:
        _linux.close(fd)


def write(path: str, data: bytes, mode: int = 0o644) -> None:
    """Create or truncate the file and fill it. Not atomic."""
    fd = _linux.open(path, ANEW, mode)
    try:
        while data:
            data = data[_linux.write(fd, data) :]
    finally:
        _linux.close(fd)


def make_folder(path: str, mode: int = 0o755) -> None:
    """Make one folder; its parent must be there."""
    _linux.mkdir(path, mode)


def remove_file(path: str) -> None:
    """Remove a file or a link."""
    _linux.unlink(path)


def remove_folder(path: str) -> None:
    """Remove an empty folder."""
    _linux.rmdir(path)


def rename(old: str, new: str) -> None:
    """Rename, replacing `new` in one step."""
    _linux.rename(old, new)


def symlink(target: str, path: str) -> None:
    """Make the link `path` that holds `target`."""
    _linux.symlink(target, path)


def set_mode(path: str, mode: int) -> None:
    """Set the permission bits, whatever the umask is."""
    _linux.chmod(path, mode)


def set_owner(path: str, user: int, group: int) -> None:
    """Give the file to a user and a group, by number; -1 leaves it."""
    _linux.chown(path, user, group)


def send(path: str, data: bytes) -> None:
    """Write once to what is there, a FIFO that somebody reads, without waiting."""
    fd = _linux.open(path, _linux.O_WRONLY | _linux.O_NONBLOCK)
    try:
        _linux.write(fd, data)
    finally:
        _linux.close(fd)


def readlink(path: str) -> str:
    """What the link holds."""
    return str(_linux.readlink(path), "utf-8")


def listing(path: str) -> list[str]:
    """The names in a folder, sorted; one that is not UTF-8 is left out."""
    names = []
    for name in _linux.listdir(path):
        try:
            names.append(str(name, "utf-8"))
        except UnicodeError:
            continue
    names.sort()
    return names


def kind(path: str) -> str:
    """The kind of what is there: file, folder, link, other; "" when there is nothing."""
    try:
        return KINDS.get(_linux.lstat(path)[0] & S_IFMT, "other")
    except OSError as error:
        if error.errno in (_linux.ENOENT, _linux.ENOTDIR):
            return ""
        raise


def mode(path: str) -> int:
    """The permission bits."""
    return _linux.stat(path)[0] & 0o7777  # type: ignore[no-any-return]


def modified(path: str) -> float:
    """When the content changed last, seconds since 1970."""
    return _linux.stat(path)[2]  # type: ignore[no-any-return]


def sync(path: str) -> None:
    """Wait until the file or folder is on the disk."""
    fd = _linux.open(path, _linux.O_RDONLY)
    try:
        _linux.fsync(fd)
    finally:
        _linux.close(fd)


def lock(path: str, wait: bool = True) -> int:
    """Take the lock and return its descriptor; -1 when it is taken and `wait` is false."""
    # For reading: an existing lock can be taken on a read-only file system too.
    fd = _linux.open(path, _linux.O_RDONLY | _linux.O_CREAT, 0o600)
    try:
        _linux.flock(fd, LOCK_EX if wait else LOCK_EX | LOCK_NB)
    except OSError as error:
        _linux.close(fd)
        if error.errno == _linux.EAGAIN:
            return -1
        raise
    return fd  # type: ignore[no-any-return]


def unlock(fd: int) -> None:
    """Let the lock go."""
    _linux.close(fd)


class Watch:
    """One inotify descriptor."""

    def __init__(self) -> None:
        self._fd = _linux.inotify_init()
        _linux.set_nonblocking(self._fd)

    def fileno(self) -> int:
        """Readable when something happened."""
        return self._fd  # type: ignore[no-any-return]

    def add(self, path: str, mask: int) -> int:
        """Watch `path`; returns the watch's number."""
        return _linux.inotify_add_watch(self._fd, path, mask)  # type: ignore[no-any-return]

    def remove(self, wd: int) -> None:
        """Stop one watch; an IN_IGNORED record follows."""
        _linux.inotify_rm_watch(self._fd, wd)

    def read(self) -> list[tuple[int, int, int, str]]:
        """What happened: (wd, mask, cookie, name) each."""
        data = _linux.read(self._fd, 4096) or b""
        events = []
        position = 0
        while position < len(data):
            wd, mask, cookie, size = struct.unpack_from("iIII", data, position)
            start = position + EVENT_SIZE
            position = start + size
            name = data[start:position]
            end = name.find(b"\0")
            events.append((wd, mask, cookie, _text(name if end < 0 else name[:end])))
        return events

    def close(self) -> None:
        """End all watches."""
        _linux.close(self._fd)


def _text(name: bytes) -> str:
    try:
        return str(name, "utf-8")
    except UnicodeError:
        return "?"  # no name that the port's other functions could reach
