"""The port's mounts, modules and ends, on the runtime that runs this.

What would change this machine runs in a child under unshare(1): mounts of its own, and processes
of its own, where reboot(2) ends the first process and not the machine (reboot(2), "Behavior inside
PID namespaces").
"""

from agent.generations import remove_tree
from agent.port import clock, errno, files, machine, process
from tests.contract.test_process import drain, number_of, shown

MODULE = b"tests.contract.test_machine"
MS_RDONLY, MS_NODEV, MS_REMOUNT = 1, 4, 32


def again(function: bytes, *words: bytes) -> list[bytes]:
    """The command that runs another function of this module as this one is run."""
    command = []
    for word in files.read("/proc/self/cmdline").split(b"\0"):
        if word.startswith(b"tests.contract.") and word != b"tests.contract.run":
            break
        command.append(word)
    return command + [MODULE, function] + list(words)


def apart(function: bytes, *words: bytes) -> tuple[int | None, bytes]:
    """Exit code and output of a function of this module with mounts and processes of its own."""
    reader, writer = process.pipe()
    command = [b"unshare", b"--mount", b"--pid", b"--fork", b"--mount-proc"]
    pid = process.spawn(command + again(function, *words), None, -1, writer)
    process.close(writer)
    return process.wait(pid), drain(reader)


def options(target: bytes) -> bytes:
    """The last mount's options on `target`, as the kernel tells them; b"" for no such mount."""
    rows = [line.split(b" ") for line in files.read("/proc/self/mounts").split(b"\n")]
    found = [row[3] for row in rows if len(row) > 3 and row[1] == target]
    return found[-1] if found else b""


def test_mounts_come_change_and_go() -> None:
    assert apart(b"mounts") == (0, b"")


def mounts() -> None:
    """Child: a tmpfs on /mnt, written to, made read-only, taken away."""
    machine.mount("none", "/mnt", "tmpfs", MS_NODEV, "mode=0700,size=64k")
    told = options(b"/mnt")
    assert told.startswith(b"rw,nodev,") and b"size=64k" in told and b"mode=700" in told, told
    files.write("/mnt/a", b"a")
    machine.mount("none", "/mnt", "", MS_REMOUNT | MS_RDONLY)
    assert number_of(files.write, "/mnt/b", b"b") == errno.EROFS
    machine.unmount("/mnt")
    assert options(b"/mnt") == b""
    assert number_of(machine.unmount, "/mnt") == errno.EINVAL
    assert number_of(machine.mount, "none", "/mnt", "nonesuch") == errno.ENODEV
    assert number_of(machine.mount, "none", "/mnt/nonesuch", "tmpfs") == errno.ENOENT


def test_another_root_takes_the_place_of_the_root() -> None:
    assert apart(b"root") == (0, b"")


def root() -> None:
    """Child: a tmpfs becomes the root."""
    machine.mount("none", "/mnt", "tmpfs")
    files.make_folder("/mnt/only")
    machine.switch_root("/mnt")
    assert files.listing("/") == ["only"]
    assert files.listing(".") == ["only"] and files.listing("..") == ["only"]
    assert number_of(machine.switch_root, "/only") == errno.EINVAL  # nothing is mounted there


def test_the_ends_reach_the_kernel() -> None:
    # Seen by the first process's parent as SIGHUP for a reboot, SIGINT for the other two; unshare
    # dies by what its child died of.
    assert apart(b"ends", b"reboot")[0] == -process.SIGHUP
    assert apart(b"ends", b"halt")[0] == -process.SIGINT
    assert apart(b"ends", b"poweroff")[0] == -process.SIGINT


def ends(how: str) -> None:
    """Child, first of its namespace: the end."""
    machine.sync()
    machine.end(how)


def test_what_is_no_module_is_not_loaded() -> None:
    number = number_of(machine.load_module, "/proc/self/cmdline")
    assert number != errno.ENOENT  # the kernel was asked, whatever it says of that
    assert number_of(machine.load_module, "/nonesuch.ko") == errno.ENOENT


def test_the_head_of_a_file_is_read_and_no_more() -> None:
    assert machine.head("/dev/zero", 5) == bytes(5)
    assert machine.head("/proc/self/cmdline", 4) == files.read("/proc/self/cmdline")[:4]
    assert machine.head("/dev/null", 4) == b""
    assert number_of(machine.head, "/nonesuch", 4) == errno.ENOENT


def test_a_program_takes_the_place_of_another() -> None:
    folder = "/tmp/frostgate-become-%s" % shown(clock.random(8)).decode()
    files.make_folder(folder)
    files.write(folder + "/in", b"input\n")
    files.write(folder + "/out", b"")
    reader, writer = process.pipe()
    pid = process.spawn(again(b"be_shell", folder.encode()), None, -1, writer)
    process.close(writer)
    assert (drain(reader), process.wait(pid)) == (b"", 0)
    # Nothing went to the pipe: both outputs are the file now, in the order of the writes.
    told = files.read(folder + "/out")
    assert told == b"A= ff input\n0000000000000000\n", told
    remove_tree(folder)


def be_shell(folder: str) -> None:
    """Child: become a shell that tells what it got, and the signals that it blocks."""
    script = b'printf "A=%s " "$(printf "%s" "$A" | od -An -tx1)"; cat'
    script += b"; sed -n 's/^SigBlk:.//p' /proc/self/status >&2"
    environ = {b"A": b"\xff", b"PATH": b"/usr/bin:/bin"}
    argv = [b"/bin/sh", b"-c", script]
    machine.become(argv, environ, folder + "/in", folder + "/out")


def test_a_program_that_is_not_there_is_an_error() -> None:
    assert number_of(machine.become, [b"/nonesuch"], {}) == errno.ENOENT
