"""agent.port.files on CPython."""

import errno
import fcntl
import os
import stat

from inotify_simple import INotify

KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


def read(path: str, most: int = -1) -> bytes:
    """The whole file; EFBIG when it has more than `most` octets."""
    fd = os.open(path, os.O_RDONLY)
    try:
        parts = []
        size = 0
        while part := os.read(fd, 65536):
            parts.append(part)
            size += len(part)
            if 0 <= most < size:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        return b"".join(parts)
    finally:
        os.close(fd)


def write(path: str, data: bytes, mode: int = 0o644) -> None:
    """Create or truncate the file and fill it. Not atomic."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        while data:
            data = data[os.write(fd, data) :]
    finally:
        os.close(fd)


def make_folder(path: str, mode: int = 0o755) -> None:
    """Make one folder; its parent must be there."""
    os.mkdir(path, mode)


def remove_file(path: str) -> None:
    """Remove a file or a link."""
    os.unlink(path)


def remove_folder(path: str) -> None:
    """Remove an empty folder."""
    os.rmdir(path)


def rename(old: str, new: str) -> None:
    """Rename, replacing `new` in one step."""
    os.rename(old, new)


def symlink(target: str, path: str) -> None:
    """Make the link `path` that holds `target`."""
    os.symlink(target, path)


def readlink(path: str) -> str:
    """What the link holds."""
    return os.readlink(path)


def set_mode(path: str, mode: int) -> None:
    """Set the permission bits, whatever the umask is."""
    os.chmod(path, mode)


def set_owner(path: str, user: int, group: int) -> None:
    """Give the file to a user and a group, by number; -1 leaves it."""
    os.chown(path, user, group)


def send(path: str, data: bytes) -> None:
    """Write once to what is there, a FIFO that somebody reads, without waiting."""
    fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    try:
        os.write(fd, data)
    finally:
        os.close(fd)


def listing(path: str) -> list[str]:
    """The names in a folder, sorted; one that is not UTF-8 is left out."""
    names = []
    for name in os.listdir(os.fsencode(path)):
        try:
            names.append(name.decode())
        except UnicodeError:
            continue
    return sorted(names)


def kind(path: str) -> str:
    """The kind of what is there: file, folder, link, other; "" when there is nothing."""
    try:
        return KINDS.get(stat.S_IFMT(os.lstat(path).st_mode), "other")
    except (FileNotFoundError, NotADirectoryError):
        return ""


def mode(path: str) -> int:
    """The permission bits."""
    return stat.S_IMODE(os.stat(path).st_mode)


def modified(path: str) -> float:
    """When the content changed last, seconds since 1970."""
    return os.stat(path).st_mtime


def sync(path: str) -> None:
    """Wait until the file or folder is on the disk."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def lock(path: str, wait: bool = True) -> int:
    """Take the lock and return its descriptor; -1 when it is taken and `wait` is false."""
    # For reading: an existing lock can be taken on a read-only file system too.
    fd = os.open(path, os.O_RDONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return -1
    except OSError:
        os.close(fd)
        raise
    return fd


def unlock(fd: int) -> None:
    """Let the lock go."""
    os.close(fd)


class Watch:
    """One inotify descriptor."""

    def __init__(self) -> None:
        self._inotify = INotify(nonblocking=True)

    def fileno(self) -> int:
        """Readable when something happened."""
        return int(self._inotify.fileno())

    def add(self, path: str, mask: int) -> int:
        """Watch `path`; returns the watch's number."""
        return int(self._inotify.add_watch(path, mask))

    def remove(self, wd: int) -> None:
        """Stop one watch; an IN_IGNORED record follows."""
        self._inotify.rm_watch(wd)

    def read(self) -> list[tuple[int, int, int, str]]:
        """What happened: (wd, mask, cookie, name) each."""
        # inotify(7) hands out the mask as unsigned; inotify_simple's names are fsdecode's.
        return [
            (event.wd, event.mask, event.cookie, _text(os.fsencode(event.name)))
            for event in self._inotify.read(0)
        ]

    def close(self) -> None:
        """End all watches."""
        self._inotify.close()


def _text(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeError:
        return "?"  # no name that the port's other functions could reach
