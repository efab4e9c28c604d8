"""The port's files, locks and watches, on the runtime that runs this."""

from agent.port import errno, files, poll, process
from agent.port.records import (
    IN_CREATE,
    IN_DELETE,
    IN_IGNORED,
    IN_ISDIR,
    IN_MOVED_FROM,
    IN_MOVED_TO,
    IN_Q_OVERFLOW,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ALL = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO


def in_folder(test: "Callable[[str], None]") -> "Callable[[], None]":
    """Run test(folder) on a fresh folder and remove it with all that is in it."""

    def run() -> None:
        folder = "/tmp/fg-files-%d" % process.pid()
        files.make_folder(folder)
        try:
            test(folder)
        finally:
            shell('rm -rf "$1"', folder)

    return run


def shell(script: str, *words: str) -> None:
    """Run a script with the words as $1, $2..."""
    argv = [b"sh", b"-c", script.encode(), b"sh"] + [word.encode() for word in words]
    code = process.wait(process.spawn(argv))
    assert code == 0, (script, code)


def number_of(function: "Callable[..., object]", *args: object) -> int | None:
    """The errno that a call fails with."""
    try:
        function(*args)
    except OSError as error:
        return error.errno
    raise AssertionError("no error")


def events(watch: files.Watch) -> list[tuple[int, int, int, str]]:
    """All that is queued."""
    found: list[tuple[int, int, int, str]] = []
    while True:
        more = watch.read()
        if not more:
            return found
        found += more


@in_folder
def test_what_is_written_is_read(folder: str) -> None:
    every = bytes(range(256))
    for data in (every * 1000, b"", b"\n", every * 2, every[:511], b"x" * 513):
        files.write(folder + "/f", data)
        assert files.read(folder + "/f") == data
    assert b"Pid:\t%d\n" % process.pid() in files.read("/proc/self/status")


@in_folder
def test_no_more_is_read_than_asked_for(folder: str) -> None:
    files.write(folder + "/f", b"x" * 40000)
    assert len(files.read(folder + "/f", 40000)) == 40000
    for most in (39999, 16384, 1, 0):
        assert process.strerror(number_of(files.read, folder + "/f", most) or 0) == "File too large"
    assert process.strerror(number_of(files.read, "/dev/zero", 100000) or 0) == "File too large"
    files.write(folder + "/f", b"")
    assert files.read(folder + "/f", 0) == b""


@in_folder
def test_modes_are_what_is_asked_for(folder: str) -> None:
    files.write(folder + "/f", b"", 0o600)
    files.make_folder(folder + "/d", 0o700)
    assert [files.mode(folder + name) for name in ("/f", "/d")] == [0o600, 0o700]
    files.set_mode(folder + "/f", 0o640)
    files.symlink("f", folder + "/l")
    assert files.mode(folder + "/l") == 0o640


@in_folder
def test_a_listing_is_sorted_and_has_text_only(folder: str) -> None:
    for name in ("b", "a", ".c", "\xe9", "d e"):
        files.write(folder + "/" + name, b"")
    shell('touch "$1/$(printf "\\377")"', folder)
    assert files.listing(folder) == [".c", "a", "b", "d e", "\xe9"]
    assert number_of(files.listing, folder + "/none") == errno.ENOENT
    assert number_of(files.listing, folder + "/a") == errno.ENOTDIR


@in_folder
def test_the_kind_of_what_is_there(folder: str) -> None:
    files.write(folder + "/file", b"")
    files.make_folder(folder + "/folder")
    files.symlink("nowhere", folder + "/link")
    shell('mkfifo "$1/other"', folder)
    names = ("file", "folder", "link", "other")
    assert [files.kind(folder + "/" + name) for name in names] == list(names)
    assert [files.kind(folder + name) for name in ("/none", "/none/x", "/file/x")] == ["", "", ""]


@in_folder
def test_rename_replaces_and_links_say_what_they_hold(folder: str) -> None:
    files.symlink("/some where/\xe9", folder + "/l")
    files.write(folder + "/f", b"1")
    files.rename(folder + "/l", folder + "/f")
    assert files.listing(folder) == ["f"]
    assert files.readlink(folder + "/f") == "/some where/\xe9"
    assert number_of(files.symlink, "x", folder + "/f") == errno.EEXIST
    assert number_of(files.rename, folder + "/none", folder + "/f") == errno.ENOENT
    files.make_folder(folder + "/d")
    assert number_of(files.rename, folder + "/f", folder + "/d") == errno.EISDIR


@in_folder
def test_removing_tells_files_from_folders(folder: str) -> None:
    files.make_folder(folder + "/d")
    files.write(folder + "/d/f", b"")
    assert number_of(files.remove_file, folder + "/d") == errno.EISDIR
    assert number_of(files.remove_folder, folder + "/d/f") == errno.ENOTDIR
    assert number_of(files.remove_folder, folder + "/d") == errno.ENOTEMPTY
    files.remove_file(folder + "/d/f")
    files.remove_folder(folder + "/d")
    assert files.listing(folder) == []


@in_folder
def test_sync_and_the_time_of_the_last_change(folder: str) -> None:
    files.write(folder + "/f", b"x")
    files.sync(folder + "/f")
    files.sync(folder)
    shell('touch -d @1000000000.5 "$1/f"', folder)
    assert files.modified(folder + "/f") == 1000000000.5
    assert number_of(files.sync, folder + "/none") == errno.ENOENT


@in_folder
def test_a_lock_keeps_others_out_until_it_is_let_go(folder: str) -> None:
    held = files.lock(folder + "/lock")
    assert files.lock(folder + "/lock", False) == -1
    assert files.mode(folder + "/lock") == 0o600
    files.unlock(held)
    held = files.lock(folder + "/lock", False)
    assert held >= 0
    files.unlock(held)
    assert files.listing(folder) == ["lock"]
    assert number_of(files.lock, folder + "/none/lock") == errno.ENOENT


@in_folder
def test_a_lock_ends_with_the_process_that_held_it(folder: str) -> None:
    held = files.lock(folder + "/lock")
    reader, writer = process.pipe()
    script = b'exec 9>>"$1/lock"; echo waits; flock 9; echo has; exec sleep 60'
    pid = process.spawn([b"bash", b"-c", script, b"sh", folder.encode()], None, -1, writer)
    process.close(writer)
    assert process.read(reader, 100) == b"waits\n"
    files.unlock(held)
    assert process.read(reader, 100) == b"has\n"
    assert files.lock(folder + "/lock", False) == -1
    process.kill(pid, process.SIGKILL)
    assert process.wait(pid) == -9
    files.unlock(files.lock(folder + "/lock"))
    process.close(reader)


@in_folder
def test_a_watch_tells_what_happened_in_order(folder: str) -> None:
    watch = files.Watch()
    wd = watch.add(folder, ALL)
    assert (watch.read(), poll.ready([watch.fileno()], 0)) == ([], [])
    files.write(folder + "/a", b"")
    files.make_folder(folder + "/d")
    files.rename(folder + "/a", folder + "/\xe9")
    files.remove_folder(folder + "/d")
    assert poll.ready([watch.fileno()], 0) == [watch.fileno()]
    found = events(watch)
    cookie = found[2][2]
    assert cookie != 0
    assert found == [
        (wd, IN_CREATE, 0, "a"),
        (wd, IN_CREATE | IN_ISDIR, 0, "d"),
        (wd, IN_MOVED_FROM, cookie, "a"),
        (wd, IN_MOVED_TO, cookie, "\xe9"),
        (wd, IN_DELETE | IN_ISDIR, 0, "d"),
    ]
    watch.close()


@in_folder
def test_one_watch_follows_several_folders_and_forgets_them(folder: str) -> None:
    files.make_folder(folder + "/a")
    files.make_folder(folder + "/b")
    watch = files.Watch()
    first = watch.add(folder + "/a", ALL)
    second = watch.add(folder + "/b", ALL)
    files.write(folder + "/b/y", b"")
    watch.remove(second)
    files.write(folder + "/b/z", b"")
    files.write(folder + "/a/x", b"")
    assert events(watch) == [
        (second, IN_CREATE, 0, "y"),
        (second, IN_IGNORED, 0, ""),
        (first, IN_CREATE, 0, "x"),
    ]
    assert number_of(watch.add, folder + "/none", ALL) == errno.ENOENT
    assert number_of(watch.remove, second) == errno.EINVAL
    watch.close()


@in_folder
def test_a_folder_that_is_removed_ends_its_watch(folder: str) -> None:
    files.make_folder(folder + "/a")
    watch = files.Watch()
    wd = watch.add(folder + "/a", ALL)
    files.remove_folder(folder + "/a")
    assert events(watch) == [(wd, IN_IGNORED, 0, "")]
    watch.close()


@in_folder
def test_more_events_than_one_read_takes_all_arrive(folder: str) -> None:
    watch = files.Watch()
    wd = watch.add(folder, ALL)
    names = ["%03d" % number + "x" * 200 for number in range(100)]
    for name in names:
        files.symlink("x", folder + "/" + name)
    assert events(watch) == [(wd, IN_CREATE, 0, name) for name in names]
    watch.close()


@in_folder
def test_a_name_that_is_no_text_is_still_an_event(folder: str) -> None:
    watch = files.Watch()
    wd = watch.add(folder, ALL)
    shell('touch "$1/$(printf "\\377")"', folder)
    assert events(watch) == [(wd, IN_CREATE, 0, "?")]
    watch.close()


@in_folder
def test_an_overflow_is_told_after_the_events_that_fitted(folder: str) -> None:
    watch = files.Watch()
    watch.add(folder, ALL)
    room = int(files.read("/proc/sys/fs/inotify/max_queued_events"))
    for _ in range(room // 2 + 1):
        files.symlink("x", folder + "/l")
        files.remove_file(folder + "/l")
    count = 0
    last = (0, 0, 0, "")
    while True:
        found = watch.read()
        if not found:
            break
        count += len(found)
        last = found[-1]
    assert (count, last) == (room + 1, (-1, IN_Q_OVERFLOW, 0, ""))
    files.symlink("x", folder + "/l")
    assert [event[1] for event in events(watch)] == [IN_CREATE]
    watch.close()


@in_folder
def test_a_file_is_given_to_a_user_and_a_group(folder: str) -> None:
    files.write(folder + "/f", b"")
    files.set_owner(folder + "/f", 12, 34)
    files.set_owner(folder + "/f", -1, 56)
    shell('test "$(stat -c %u:%g "$1/f")" = 12:56', folder)
    assert number_of(files.set_owner, folder + "/none", 0, 0) == errno.ENOENT


@in_folder
def test_sending_reaches_a_reader_and_never_waits_for_one(folder: str) -> None:
    shell('mkfifo "$1/fifo"', folder)
    path = folder + "/fifo"
    assert number_of(files.send, path, b"o") == errno.ENXIO
    assert number_of(files.send, folder + "/none", b"o") == errno.ENOENT
    assert files.listing(folder) == ["fifo"]
    # <> holds the FIFO open from before the shell says so
    script = b'exec 8<>"$1"; echo reads; exec sleep 60'
    reader, writer = process.pipe()
    pid = process.spawn([b"bash", b"-c", script, b"bash", path.encode()], None, -1, writer)
    assert process.read(reader, 100) == b"reads\n"
    files.send(path, b"od")
    shell('exec 8<>"$1"; test "$(head -c 2 <&8)" = od', path)
    for _ in range(16):  # pipe(7): 65536 octets
        files.send(path, b"x" * 4096)
    assert number_of(files.send, path, b"x") == errno.EAGAIN
    process.kill(pid, process.SIGKILL)
    assert process.wait(pid) == -9
    process.close(reader)
    process.close(writer)
