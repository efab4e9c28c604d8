"""Files, folders, links, locks and inotify. Paths are text; errors are OSError with .errno.

read(path, most=-1) -> bytes, the whole file; EFBIG when it has more than `most` octets.
write(path, data, mode=0o644): creates or truncates, not atomic.
make_folder(path, mode=0o755), remove_file, remove_folder, rename(old, new),
symlink(target, path), readlink(path) -> text, set_mode(path, mode). The umask applies to the
modes of write and make_folder, not to set_mode.
set_owner(path, user, group): by number, -1 leaves it; a link is followed.
send(path, data): opens what is there for writing without waiting, and writes once: for FIFOs.
ENXIO: nobody has the FIFO open to read; EAGAIN: it is full; what does not fit is not written.
listing(path) -> sorted names; one that is not UTF-8 is left out.
kind(path) -> "file", "folder", "link", "other" or "" when missing; a link is not followed.
mode(path) -> permission bits, following. modified(path) -> seconds since 1970, following.
sync(path): fsync of a file or folder.
lock(path, wait=True) -> descriptor, or -1 when somebody else has it and wait is false. The lock
is flock's: it ends with the process. The file is made (mode 0600) and stays. unlock(descriptor).
Watch: inotify. fileno(), add(path, mask) -> wd, remove(wd), close(), read() -> list of
(wd, mask, cookie, name), never waiting; what is left is there at the next read. Masks are
records.IN_*; an overflowed queue is one record (-1, IN_Q_OVERFLOW, 0, "").
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.files import (
        Watch,
        kind,
        listing,
        lock,
        make_folder,
        mode,
        modified,
        read,
        readlink,
        remove_file,
        remove_folder,
        rename,
        send,
        set_mode,
        set_owner,
        symlink,
        sync,
        unlock,
        write,
    )
elif sys.implementation.name == "micropython":
    from agent.port.frozen.files import (
        Watch,
        kind,
        listing,
        lock,
        make_folder,
        mode,
        modified,
        read,
        readlink,
        remove_file,
        remove_folder,
        rename,
        send,
        set_mode,
        set_owner,
        symlink,
        sync,
        unlock,
        write,
    )
else:
    from agent.port.cpython.files import (
        Watch,
        kind,
        listing,
        lock,
        make_folder,
        mode,
        modified,
        read,
        readlink,
        remove_file,
        remove_folder,
        rename,
        send,
        set_mode,
        set_owner,
        symlink,
        sync,
        unlock,
        write,
    )

__all__ = [
    "Watch",
    "kind",
    "listing",
    "lock",
    "make_folder",
    "mode",
    "modified",
    "read",
    "readlink",
    "remove_file",
    "remove_folder",
    "rename",
    "send",
    "set_mode",
    "set_owner",
    "symlink",
    "sync",
    "unlock",
    "write",
]
