"""The C module `_linux`, call by call; tests/test_on_targets.py runs it, in the frozen binary."""

import struct
import sys

import _linux

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

AF_INET = 2
LOOPBACK = struct.pack("H", AF_INET) + b"\x00\x00\x7f\x00\x00\x01" + bytes(8)
IP_PKTINFO = 8
MSG_TRUNC = 0x20
IN_CREATE, IN_DELETE, IN_ONESHOT = 0x100, 0x200, 0x80000000
LOCK_EX, LOCK_NB = 2, 4


def errno_of(function: "Callable[..., object]", *arguments: object) -> int:
    """The errno that a call fails with, 0 when it does not."""
    try:
        function(*arguments)
    except OSError as error:
        return error.errno or 0
    return 0


def make_folder() -> bytes:
    """A fresh folder of our own."""
    path: bytes = b"/tmp/linux-calls-" + _linux.random(8).hex().encode()
    _linux.mkdir(path, 0o700)
    return path


def test_files_are_written_read_and_told_about_as_bytes() -> None:
    folder = make_folder()
    path = folder + b"/\xff"
    fd = _linux.open(path, _linux.O_WRONLY | _linux.O_CREAT | _linux.O_EXCL, 0o600)
    assert _linux.write(fd, "h\xe9") == 3
    _linux.fsync(fd)
    _linux.close(fd)
    assert errno_of(_linux.close, fd) == _linux.EBADF
    fd = _linux.open(path, _linux.O_RDONLY)
    assert (_linux.read(fd, 100), _linux.read(fd, 100)) == (b"h\xc3\xa9", b"")
    _linux.close(fd)
    mode, size, modified, inode = _linux.lstat(path)
    assert (mode, size) == (0o100600, 3)
    assert modified > 1500000000.0 and inode > 0
    _linux.chmod(path, 0o644)
    assert _linux.stat(path)[0] == 0o100644
    assert _linux.listdir(folder) == [b"\xff"]
    assert errno_of(_linux.rmdir, folder) == _linux.ENOTEMPTY
    _linux.unlink(path)
    _linux.rmdir(folder)


def test_a_file_in_memory_is_opened_again_by_its_descriptor() -> None:
    writer = _linux.memfd_create("some")
    assert _linux.write(writer, b"ab") == 2
    reader = _linux.open("/proc/self/fd/%d" % writer, _linux.O_RDONLY)
    _linux.close(writer)
    assert (_linux.read(reader, 9), errno_of(_linux.write, reader, b"c")) == (b"ab", _linux.EBADF)
    _linux.close(reader)


def test_links_names_and_pipes_in_the_tree() -> None:
    folder = make_folder()
    _linux.symlink("target", folder + b"/a")
    _linux.rename(folder + b"/a", folder + b"/b")
    assert _linux.readlink(folder + b"/b") == b"target"
    assert errno_of(_linux.stat, folder + b"/b") == _linux.ENOENT
    _linux.unlink(folder + b"/b")
    _linux.mkfifo(folder + b"/c", 0o600)
    assert _linux.lstat(folder + b"/c")[0] == 0o010600
    _linux.unlink(folder + b"/c")
    _linux.rmdir(folder)


def test_status_flags_tell_how_a_descriptor_was_opened() -> None:
    reader, writer = _linux.pipe()
    assert (_linux.status_flags(reader) & 3, _linux.status_flags(writer) & 3) == (0, 1)
    _linux.set_nonblocking(reader)
    assert _linux.status_flags(reader) & _linux.O_NONBLOCK
    _linux.close(reader)
    _linux.close(writer)
    assert errno_of(_linux.status_flags, writer) == _linux.EBADF


def test_what_would_be_cut_is_refused() -> None:
    assert errno_of(_linux.open, "/dev/null\x00x", _linux.O_RDONLY) == _linux.EINVAL
    assert errno_of(_linux.close, 1 << 40) == _linux.EINVAL
    assert errno_of(_linux.close, 0xFFFFFFFF) == _linux.EBADF
    assert errno_of(_linux.random, 257) == _linux.EINVAL


def test_inotify_takes_masks_of_32_bits_and_tells_changes() -> None:
    folder = make_folder()
    fd = _linux.inotify_init()
    watch = _linux.inotify_add_watch(fd, folder, IN_CREATE | IN_DELETE | IN_ONESHOT)
    assert _linux.read(fd, 4096) is None
    assert _linux.poll([fd], 0) == []
    _linux.mkdir(folder + b"/new", 0o700)
    assert _linux.poll([fd], 1000) == [fd]
    event = _linux.read(fd, 4096)
    assert struct.unpack("i", event[:4]) == (watch,)
    length = struct.unpack("I", event[12:16])[0]
    assert event[16 : 16 + length].rstrip(b"\x00") == b"new"
    _linux.close(fd)
    _linux.rmdir(folder + b"/new")
    _linux.rmdir(folder)


def test_a_lock_is_held_by_one() -> None:
    folder = make_folder()
    flags = _linux.O_CREAT | _linux.O_RDWR
    first, second = _linux.open(folder + b"/lock", flags), _linux.open(folder + b"/lock", flags)
    _linux.flock(first, LOCK_EX)
    assert errno_of(_linux.flock, second, LOCK_EX | LOCK_NB) == _linux.EAGAIN
    _linux.close(first)
    _linux.flock(second, LOCK_EX | LOCK_NB)
    _linux.close(second)
    _linux.unlink(folder + b"/lock")
    _linux.rmdir(folder)


def read_all(fd: int) -> bytes:
    """Everything until the end."""
    pieces: list[bytes] = []
    while not pieces or pieces[-1]:
        pieces.append(_linux.read(fd, 4096))
    return b"".join(pieces)


def test_children_get_their_descriptors_and_environment() -> None:
    reader, writer = _linux.pipe()
    empty = _linux.open("/dev/null", _linux.O_RDONLY)
    script = 'printf "%s" "$ODD"; echo error >&2; cat; exit 7'
    variables = [b"PATH=/usr/bin:/bin", b"ODD=\xff"]
    child = _linux.spawn(["sh", "-c", script], variables, empty, writer, writer)
    _linux.close(writer)
    _linux.close(empty)
    assert read_all(reader) == b"\xfferror\n"
    _linux.close(reader)
    assert _linux.waitpid(child, 0) == (child, 7 << 8)
    assert errno_of(_linux.waitpid, child, 0) == _linux.ECHILD


def test_standard_descriptors_can_be_exchanged_and_children_killed() -> None:
    child = _linux.spawn(["sh", "-c", "kill -9 $$"], None, 1, 0, -1)
    assert _linux.waitpid(child, 0) == (child, _linux.SIGKILL)
    missing = errno_of(_linux.spawn, ["no-such-program"], None, -1, -1, -1)
    assert missing == _linux.ENOENT


def test_signals_arrive_by_a_descriptor_and_not_in_children() -> None:
    fd = _linux.signalfd([_linux.SIGUSR1, _linux.SIGUSR2])
    assert _linux.read(fd, 128) is None
    _linux.kill(_linux.getpid(), _linux.SIGUSR1)
    assert _linux.poll([fd], 1000) == [fd]
    assert struct.unpack("I", _linux.read(fd, 128)[:4]) == (_linux.SIGUSR1,)
    _linux.close(fd)
    child = _linux.spawn(["sh", "-c", "kill -USR1 $$; exit 7"], None, -1, -1, -1)
    assert _linux.waitpid(child, 0) == (child, _linux.SIGUSR1)


def test_messages_carry_address_control_data_and_flags() -> None:
    fd = _linux.socket(AF_INET, _linux.SOCK_DGRAM, 0)
    _linux.bind(fd, LOOPBACK)
    address = _linux.getsockname(fd)
    assert (len(address), address[4:8]) == (16, b"\x7f\x00\x00\x01")
    assert _linux.recvmsg(fd, 100) is None
    _linux.setsockopt(fd, _linux.SOL_SOCKET, _linux.SO_RCVBUF, 65536)
    assert _linux.getsockopt(fd, _linux.SOL_SOCKET, _linux.SO_RCVBUF) >= 65536
    _linux.setsockopt(fd, 0, IP_PKTINFO, struct.pack("I", 1))
    assert _linux.sendto(fd, b"hello", address) == 5
    assert _linux.poll([fd], 1000) == [fd]
    data, source, control, flags = _linux.recvmsg(fd, 3)
    assert (data, source, flags & MSG_TRUNC) == (b"hel", address, MSG_TRUNC)
    assert [(level, kind, len(value)) for level, kind, value in control] == [(0, IP_PKTINFO, 12)]
    _linux.close(fd)


def test_links_have_indexes() -> None:
    assert _linux.if_nametoindex("lo") == 1
    assert _linux.if_nametoindex("no-such-link") == 0


def show_byte_order() -> None:
    """Which of the two this target has."""
    print(sys.byteorder)
