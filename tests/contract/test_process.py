"""The port's process, poll, clock and errno, on the runtime that runs this."""

from agent.port import clock, errno, files, poll, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MODULE = b"tests.contract.test_process"
SIGPIPE_BIT = 1 << 12  # of /proc/PID/status, SigIgn; SIGPIPE is 13 everywhere


def again(function: bytes, *words: bytes) -> list[bytes]:
    """The command that runs another function of this module as this one is run."""
    command = []
    for word in files.read("/proc/self/cmdline").split(b"\0"):
        if word.startswith(b"tests.contract.") and word != b"tests.contract.run":
            break
        command.append(word)
    return command + [MODULE, function] + list(words)


def drain(fd: int) -> bytes:
    """All that comes until the other end is closed."""
    data = b""
    while True:
        part = process.read(fd, 4096)
        if not part:
            process.close(fd)
            return data
        data += part


def output(argv: list[bytes], environ: dict[bytes, bytes] | None = None) -> bytes:
    """What a program prints; it must exit with 0."""
    reader, writer = process.pipe()
    pid = process.spawn(argv, environ, -1, writer)
    process.close(writer)
    data = drain(reader)
    code = process.wait(pid)
    assert code == 0, (argv, code, data)
    return data


def number_of(function: "Callable[..., object]", *args: object) -> int | None:
    """The errno that a call fails with."""
    try:
        function(*args)
    except OSError as error:
        return error.errno
    raise AssertionError("no error")


def shown(octets: bytes) -> bytes:
    """In hexadecimal."""
    return b"".join([b"%02x" % octet for octet in octets])


def say_argv(*words: object) -> None:
    """Child: its command line in hexadecimal."""
    process.write(1, b" ".join([shown(word) for word in process.argv()]))


def say_environ() -> None:
    """Child: its environment in hexadecimal, sorted."""
    pairs = sorted([key + b"=" + value for key, value in process.environ().items()])
    process.write(1, b"\n".join([shown(pair) for pair in pairs]))


def say_time() -> None:
    """Child: the monotonic clock."""
    process.write(1, b"%.6f" % clock.monotonic())


def test_argv_keeps_every_octet() -> None:
    words = output(again(b"say_argv", b"\xff\xfe", b"", b"a b", "\xe9".encode())).split(b" ")
    assert words[-4:] == [b"fffe", b"", b"612062", b"c3a9"]


def test_environ_keeps_every_octet_and_what_has_no_value() -> None:
    given = {b"A": b"\xff\x01=\n", b"EMPTY": b""}
    given[b"\xfe"] = b"x"
    for name in (b"PATH", b"VIRTUAL_ENV", b"PYTHONPATH"):
        if name in process.environ():
            given[name] = process.environ()[name]
    # CPython itself sets LC_CTYPE where the locale is C (PEP 538).
    given[b"LC_CTYPE"] = b"C.UTF-8"
    expected = b"\n".join([shown(key + b"=" + given[key]) for key in sorted(given)])
    assert output(again(b"say_environ"), given) == expected


def test_a_child_inherits_the_environment_unless_given_one() -> None:
    assert output([b"/bin/sh", b"-c", b"echo $A"], {b"A": b"\xff"}) == b"\xff\n"
    path = process.environ()[b"PATH"]
    assert output([b"sh", b"-c", b"echo $PATH"]) == path + b"\n"


def test_wait_gives_the_exit_code_or_the_signal() -> None:
    assert process.wait(process.spawn([b"true"])) == 0
    assert process.wait(process.spawn([b"sh", b"-c", b"exit 255"])) == 255
    assert process.wait(process.spawn([b"sh", b"-c", b"kill -9 $$"])) == -9
    pid = process.spawn([b"sleep", b"60"])
    assert process.wait(pid, False) is None
    process.kill(pid, process.SIGTERM)
    assert process.wait(pid) == -process.SIGTERM
    assert number_of(process.wait, pid) == errno.ECHILD
    assert number_of(process.kill, pid, 0) == errno.ESRCH


def test_the_end_of_any_process_can_be_waited_for() -> None:
    pid = process.spawn([b"sleep", b"60"])
    end = process.end_of(pid)
    assert poll.ready([end], 0) == []
    process.kill(pid, process.SIGKILL)
    assert poll.ready([end], 10) == [end]
    assert process.wait(pid) == -9
    process.close(end)
    assert number_of(process.end_of, pid) == errno.ESRCH


def test_a_program_that_can_not_run_is_an_error_of_spawn() -> None:
    assert number_of(process.spawn, [b"frostgate-no-such-program"]) == errno.ENOENT
    assert number_of(process.spawn, [b"/etc/passwd"]) == errno.EACCES


def test_a_child_gets_the_descriptors_it_is_given_and_no_others() -> None:
    to_child, to_us = process.pipe(), process.pipe()
    script = b"cat; echo error >&2; ls /proc/self/fd"
    pid = process.spawn([b"sh", b"-c", script], None, to_child[0], to_us[1], to_us[1])
    process.write(to_child[1], b"input\n")
    for fd in (to_child[0], to_child[1], to_us[1]):
        process.close(fd)
    lines = drain(to_us[0]).split(b"\n")
    assert process.wait(pid) == 0
    assert lines[:2] == [b"input", b"error"]
    ours = [b"%d" % fd for fd in to_child + to_us if fd > 3]  # 3 is the folder that ls reads
    assert [fd for fd in lines[2:] if fd in ours] == []


def test_descriptors_can_be_exchanged() -> None:
    reader, writer = process.pipe()
    # The child's standard error is our pipe; its child's standard output must get there.
    pid = process.spawn(again(b"swap"), None, -1, -1, writer)
    process.close(writer)
    assert (drain(reader), process.wait(pid)) == (b"out\n", 0)


def swap() -> None:
    """Child: start a shell with standard output and error exchanged."""
    assert process.wait(process.spawn([b"sh", b"-c", b"echo out"], None, -1, 2, 1)) == 0


def test_a_child_starts_with_no_signal_blocked_and_sigpipe_at_its_default() -> None:
    signals = process.Signals([process.SIGUSR2])
    status = output([b"cat", b"/proc/self/status"])
    signals.close()
    masks = {}
    for line in status.split(b"\n"):
        name, _, value = line.partition(b":\t")
        if name in (b"SigBlk", b"SigIgn"):
            masks[name] = int(value, 16)
    assert masks[b"SigBlk"] == 0
    assert masks[b"SigIgn"] & SIGPIPE_BIT == 0


def test_signals_are_read_once_each() -> None:
    signals = process.Signals([process.SIGUSR2, process.SIGUSR1])
    assert signals.read() == []
    assert poll.ready([signals.fileno()], 0) == []
    for number in (process.SIGUSR2, process.SIGUSR1, process.SIGUSR1):
        process.kill(process.pid(), number)
    assert poll.ready([signals.fileno()], 10) == [signals.fileno()]
    assert signals.read() == sorted([process.SIGUSR1, process.SIGUSR2])
    assert signals.read() == []
    signals.close()


def test_the_end_of_a_child_is_a_signal_to_read() -> None:
    signals = process.Signals([process.SIGCHLD])
    pid = process.spawn([b"true"])
    assert poll.ready([signals.fileno()], 10) == [signals.fileno()]
    assert signals.read() == [process.SIGCHLD]
    assert process.wait(pid, False) == 0
    signals.close()


def test_notify_writes_a_newline_and_closes() -> None:
    reader, writer = process.pipe()
    process.notify(writer)
    assert drain(reader) == b"\n"
    assert number_of(process.notify, writer) is not None


def test_notify_closes_also_what_cannot_be_written_to() -> None:
    reader, writer = process.pipe()
    assert number_of(process.notify, reader) is not None
    assert number_of(process.close, reader) is not None
    process.close(writer)


def test_writable_is_what_is_open_for_writing() -> None:
    reader, writer = process.pipe()
    assert (process.is_writable(reader), process.is_writable(writer)) == (False, True)
    process.close(reader)
    assert process.is_writable(writer)  # nobody reads: notify() does not mind
    process.close(writer)
    assert not process.is_writable(writer)
    assert not process.is_writable(999999)


def say_standard(path: str) -> None:
    """Child: what descriptors 0 to 2 are, into a file; then what a new one's number is."""
    found = [files.readlink("/proc/self/fd/%d" % fd) for fd in range(3)]
    reader, writer = process.pipe()
    files.write(path, ("%s %d" % (" ".join(found), min(reader, writer))).encode())


def test_standard_descriptors_that_are_closed_at_the_start_are_dev_null() -> None:
    path = "/tmp/fg-standard-%d" % process.pid()
    for closing, expected in (
        (b"<&- >&- 2>&-", "/dev/null /dev/null /dev/null 3"),
        (b"</dev/zero >&- 2>/dev/full", "/dev/zero /dev/null /dev/full 3"),
    ):
        script = b'exec "$@" ' + closing
        command = [b"sh", b"-c", script, b"sh"] + again(b"say_standard", path.encode())
        assert process.wait(process.spawn(command)) == 0
        assert str(files.read(path), "utf-8") == expected
        files.remove_file(path)


def test_notify_does_not_mind_that_nobody_listens() -> None:
    reader, writer = process.pipe()
    process.close(reader)
    process.notify(writer)


def test_write_writes_all_and_a_reader_that_is_gone_is_an_error() -> None:
    reader, writer = process.pipe()
    counted, to_us = process.pipe()
    pid = process.spawn([b"wc", b"-c"], None, reader, to_us)
    process.close(reader)
    process.close(to_us)
    process.write(writer, b"x" * 300000)
    process.close(writer)
    assert (drain(counted), process.wait(pid)) == (b"300000\n", 0)
    reader, writer = process.pipe()
    process.close(reader)
    assert number_of(process.write, writer, b"x") == errno.EPIPE
    process.close(writer)


def test_a_start_time_tells_processes_apart_whatever_they_are_called() -> None:
    folder = "/tmp/fg-start-%d" % process.pid()
    files.make_folder(folder)
    files.symlink("/bin/sleep", folder + "/x) S 1 (y")
    try:
        mine = process.start_time(process.pid())
        pid = process.spawn([folder.encode() + b"/x) S 1 (y", b"60"])
        theirs = process.start_time(pid)
        stat = files.read("/proc/%d/stat" % pid)
        process.kill(pid, process.SIGKILL)
        assert process.wait(pid) == -9
        assert b"(x) S 1 (y)" in stat
        assert mine is not None and mine <= int(stat.split()[21 + 3]) == theirs
        assert process.start_time(pid) is None
    finally:
        files.remove_file(folder + "/x) S 1 (y")
        files.remove_folder(folder)


def test_pid_and_strerror() -> None:
    assert files.readlink("/proc/self") == str(process.pid())
    assert process.strerror(errno.ENOENT) == "No such file or directory"


def test_poll_gives_the_readable_ones_in_the_order_asked() -> None:
    pipes = [process.pipe() for _ in range(3)]
    readers = [reader for reader, _ in pipes]
    assert poll.ready(readers, 0) == []
    process.write(pipes[2][1], b"x")
    process.close(pipes[0][1])  # hung up counts as readable
    assert poll.ready(readers, None) == [readers[0], readers[2]]
    assert poll.ready([readers[2], readers[1], readers[0]], 1) == [readers[2], readers[0]]
    for fd in readers + [pipes[1][1], pipes[2][1]]:
        process.close(fd)


def test_poll_never_comes_back_early() -> None:
    for timeout in (0.0001, 0.02, 0.1301):
        start = clock.monotonic()
        assert poll.ready([], timeout) == []
        assert clock.monotonic() - start >= timeout
    assert poll.ready([], -5) == []


def test_poll_takes_timeouts_longer_than_the_system_call_can() -> None:
    reader, writer = process.pipe()
    process.write(writer, b"x")
    assert poll.ready([reader], 1e9) == [reader]
    process.close(reader)
    process.close(writer)


def test_the_monotonic_clock_is_the_same_in_every_process() -> None:
    before = clock.monotonic()
    theirs = float(output(again(b"say_time")))
    assert before - 0.001 <= theirs <= clock.monotonic() + 0.001


def test_random_gives_so_many_octets() -> None:
    assert [len(clock.random(size)) for size in (0, 1, 256)] == [0, 1, 256]
    assert clock.random(16) != clock.random(16)
    assert number_of(clock.random, 257) == errno.EINVAL


def test_error_numbers_are_the_kernels() -> None:
    assert number_of(files.make_folder, "/tmp") == errno.EEXIST
    assert number_of(files.read, "/tmp/.fg-none") == errno.ENOENT
    assert number_of(files.read, "/dev/null/x") == errno.ENOTDIR
    assert number_of(files.read, "/tmp") == errno.EISDIR
    assert number_of(files.remove_folder, "/proc/self/..") in (errno.ENOTEMPTY, errno.EPERM)
    assert number_of(files.readlink, "/tmp") == errno.EINVAL
    names = [name for name in dir(errno) if name[0] == "E"]
    assert len(names) == 28 and len({getattr(errno, name) for name in names}) == 28
