"""The outputs tree, on both runtimes: what one publishes, a reader and a watcher see."""

from agent import outputs
from agent.generations import KEEP_MOST, remove_tree
from agent.names import SERVICE_NAME
from agent.port import files, process
from agent.values import is_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

NOT_OURS = ": expected paths and values as a publisher writes them, got something else"
WAN = {"state": "bound", "prefix/k/valid": "7200", "dns": "2001:db8::1\n2001:db8::2", "none": ""}


def with_root(test: "Callable[[str], None]") -> "Callable[[], None]":
    """Run test(root) on a fresh folder and remove it."""

    def run() -> None:
        base = process.environ().get(b"TMPDIR", b"/tmp").decode()
        folder = "%s/fg-outputs-%d" % (base, process.pid())
        try:
            test(folder + "/outputs")
        finally:
            if files.kind(folder):
                remove_tree(folder)

    return run


def refusal(root: str, service: str, values: dict[str, str]) -> str:
    """The error's text; the publication must fail."""
    try:
        outputs.publish(root, service, values)
    except outputs.OutputsError as error:
        return error.args[0]  # type: ignore[no-any-return]
    raise AssertionError("published %r" % values)


def count(folder: str) -> int:
    """How many files, links and folders there are, hidden ones included."""
    total = 0
    for name in files.listing(folder):
        total += 1
        if files.kind(folder + "/" + name) == "folder":
            total += count(folder + "/" + name)
    return total


@with_root
def test_what_is_published_is_read_back(root: str) -> None:
    assert outputs.read(root, "wan") is None
    assert outputs.publish(root, "wan", WAN) is True
    assert outputs.read(root, "wan") == WAN
    assert files.read(root + "/wan/prefix/k/valid") == b"7200\n"
    assert files.read(root + "/wan/dns") == b"2001:db8::1\n2001:db8::2\n"


@with_root
def test_peeking_sees_what_update_would_and_makes_nothing(root: str) -> None:
    assert outputs.peek(root, "wan") == outputs.Snapshot(None, "")
    assert files.kind(root) == ""
    outputs.update(root, "wan", lambda before: outputs.Snapshot({"state": "bound"}, "a note"))
    before = files.listing(root + "/.gen")
    assert outputs.peek(root, "wan") == outputs.Snapshot({"state": "bound"}, "a note")
    assert outputs.peek(root, "lan") == outputs.Snapshot(None, "")
    assert files.listing(root + "/.gen") == before


@with_root
def test_the_next_publication_replaces_every_value(root: str) -> None:
    outputs.publish(root, "wan", WAN)
    assert outputs.publish(root, "wan", {"state": "unbound"}) is True
    assert outputs.read(root, "wan") == {"state": "unbound"}


@with_root
def test_a_value_can_become_a_folder_and_a_folder_a_value(root: str) -> None:
    outputs.publish(root, "wan", {"a": "1", "b/c": "2"})
    outputs.publish(root, "wan", {"a/x": "1", "b": "2"})
    assert outputs.read(root, "wan") == {"a/x": "1", "b": "2"}


@with_root
def test_publishing_no_values_is_not_the_same_as_nothing_published(root: str) -> None:
    assert outputs.publish(root, "wan", {}) is True
    assert outputs.read(root, "wan") == {}


@with_root
def test_equal_content_is_no_event_and_nothing_grows(root: str) -> None:
    outputs.publish(root, "wan", WAN)
    watch = outputs.Watch(root)
    before = count(root)
    for _ in range(1000):
        assert outputs.publish(root, "wan", dict(WAN)) is False
    assert watch.read() == []
    assert count(root) == before
    watch.close()


@with_root
def test_clear_removes_the_service_and_leaves_the_generation_for_slow_readers(root: str) -> None:
    outputs.publish(root, "wan", WAN)
    kept = files.readlink(root + "/wan")
    watch = outputs.Watch(root)
    assert outputs.clear(root, "wan") is True
    assert outputs.clear(root, "wan") is False
    assert outputs.read(root, "wan") is None
    assert watch.read() == ["wan"]
    assert files.read(root + "/" + kept + "/state") == b"bound\n"
    watch.close()


@with_root
def test_a_watch_names_the_services_that_changed(root: str) -> None:
    watch = outputs.Watch(root)
    assert watch.read() == []
    outputs.publish(root, "wan", {"a": "1"})
    outputs.publish(root, "lan", {"a": "1"})
    outputs.publish(root, "wan", {"a": "2"})
    assert watch.read() == ["lan", "wan"]
    assert watch.read() == []
    watch.close()


@with_root
def test_hidden_and_foreign_names_are_no_change_of_a_service(root: str) -> None:
    watch = outputs.Watch(root)
    files.write(root + "/.hidden", b"")
    files.write(root + "/not a service", b"")
    assert watch.read() == []
    watch.close()


@with_root
def test_a_watch_survives_the_removal_of_the_root(root: str) -> None:
    watch = outputs.Watch(root)
    remove_tree(root)
    assert watch.read() is None
    outputs.publish(root, "wan", WAN)
    assert watch.read() == ["wan"]
    files.rename(root, root + ".moved")
    assert watch.read() is None
    outputs.publish(root, "wan", WAN)
    assert watch.read() == ["wan"]
    watch.close()


@with_root
def test_update_sees_what_is_published_and_may_leave_it(root: str) -> None:
    seen = []

    def leave(before: outputs.Snapshot) -> None:
        seen.append((before.values, before.memo))

    assert outputs.update(root, "wan", leave) is False
    outputs.update(root, "wan", lambda before: outputs.Snapshot(WAN, "born"))
    assert outputs.update(root, "wan", leave) is False
    assert seen == [(None, ""), (WAN, "born")]


@with_root
def test_a_memo_that_changes_alone_is_no_event_and_no_value(root: str) -> None:
    outputs.update(root, "wan", lambda before: outputs.Snapshot(WAN, "one"))
    watch = outputs.Watch(root)
    link = files.readlink(root + "/wan")
    before = count(root)
    assert outputs.update(root, "wan", lambda now: outputs.Snapshot(now.values, "two")) is False
    assert (watch.read(), files.readlink(root + "/wan"), count(root)) == ([], link, before)
    assert outputs.read(root, "wan") == WAN
    assert outputs.update(root, "wan", lambda now: outputs.Snapshot({"memo": now.memo}, "")) is True
    assert outputs.read(root, "wan") == {"memo": "two"}
    watch.close()


@with_root
def test_publish_keeps_the_memo_and_clear_drops_it(root: str) -> None:
    memos = []

    def look(before: outputs.Snapshot) -> None:
        memos.append(before.memo)

    outputs.update(root, "wan", lambda before: outputs.Snapshot({}, "note\x00\n\xe9"))
    outputs.publish(root, "wan", WAN)
    outputs.update(root, "wan", look)
    outputs.clear(root, "wan")
    outputs.update(root, "wan", look)
    assert memos == ["note\x00\n\xe9", ""]


@with_root
def test_superseded_generations_stay_but_not_without_bound(root: str) -> None:
    for number in range(3):
        outputs.publish(root, "wan", {"n": str(number)})
    assert len(files.listing(root + "/.gen")) == 3 + 1  # and the lock
    for number in range(3 * KEEP_MOST):
        outputs.publish(root, "wan", {"n": str(number)})
    assert len(files.listing(root + "/.gen")) == 1 + KEEP_MOST + 1


@with_root
def test_services_whose_names_share_a_beginning_do_not_touch_each_other(root: str) -> None:
    names = ["wan", "wan.5", "wan.new", "wan.new.7", "wan.lock", "0_-"]
    for turn in range(2):
        for name in names:
            outputs.publish(root, name, {"me": name, "turn": str(turn)})
    for name in names:
        assert outputs.read(root, name) == {"me": name, "turn": "1"}


@with_root
def test_a_reader_that_is_overtaken_begins_again(root: str) -> None:
    outputs.publish(root, "wan", {"a": "1", "b": "1"})
    real = files.read
    turns: list[str] = []

    def slow(path: str, most: int = -1) -> bytes:
        """The publisher overtakes the reader between the link and the generation."""
        if not turns:
            turns.append(path)
            for turn in range(2 * KEEP_MOST):
                outputs.publish(root, "wan", {"a": str(turn), "b": str(turn)})
        return real(path, most)

    files.read = slow
    try:
        last = str(2 * KEEP_MOST - 1)
        assert outputs.read(root, "wan") == {"a": last, "b": last}
    finally:
        files.read = real
    assert len(turns) == 1


@with_root
def test_scripts_and_programs_read_the_same(root: str) -> None:
    """A script reads a file for each value, a program `.values`, which has all."""
    odd = {"none": "", "a/b/c": "1", "a/b.c": "2\n\n3", "a/d/e": "\u20ac", "z": "/"}
    empty: dict[str, str] = {}
    for values in (odd, WAN, empty):
        outputs.publish(root, "wan", values)
        found: dict[str, str] = {}
        collect(root + "/wan/", "", found)
        assert found == outputs.read(root, "wan") == values


def collect(top: str, folder: str, found: dict[str, str]) -> None:
    """The text of each file, without its newline, by its path."""
    for name in files.listing(top + folder):
        path = folder + name
        if files.kind(top + path) == "folder":
            collect(top, path + "/", found)
        elif name[0] != ".":
            text = files.read(top + path).decode()
            assert text[-1] == "\n", path
            found[path] = text[:-1]


@with_root
def test_after_an_overflow_nothing_is_known(root: str) -> None:
    watch = outputs.Watch(root)
    room = int(files.read("/proc/sys/fs/inotify/max_queued_events"))
    for _ in range(room // 2 + 1):
        files.symlink("x", root + "/.x")
        files.remove_file(root + "/.x")
    outputs.publish(root, "wan", WAN)
    assert watch.read() is None
    assert watch.read() == []
    outputs.publish(root, "wan", {})
    assert watch.read() == ["wan"]
    watch.close()


@with_root
def test_modes_do_not_depend_on_the_umask(root: str) -> None:
    outputs.publish(root, "wan", WAN)
    paths = [
        "",
        "/.gen",
        "/wan",
        "/wan/prefix",
        "/wan/state",
        "/wan/prefix/k/valid",
        "/wan/.values",
        "/.gen/wan.lock",
    ]
    modes = [files.mode(root + path) for path in paths]
    assert modes == [0o755] * 4 + [0o644] * 3 + [0o600], modes


@with_root
def test_a_broken_tree_is_a_clear_error_and_publishing_repairs_what_it_can(root: str) -> None:
    outputs.publish(root, "wan", WAN)
    remove_tree(root + "/" + files.readlink(root + "/wan"))
    try:
        outputs.read(root, "wan")
        raise AssertionError("read a generation that is not there")
    except outputs.OutputsError as error:
        assert error.args[0] == root + "/wan: expected its generation, got none"
    assert outputs.publish(root, "wan", WAN) is True
    assert outputs.read(root, "wan") == WAN
    damaged = root + "/" + files.readlink(root + "/wan") + "/.values"
    files.write(damaged, b"dns\0\xff")
    try:
        outputs.read(root, "wan")
        raise AssertionError("read what is no text")
    except outputs.OutputsError as error:
        path = root + "/.gen/" + damaged.rpartition("/.gen/")[2]
        assert error.args[0] == path + NOT_OURS
    assert outputs.publish(root, "wan", WAN) is True
    assert outputs.read(root, "wan") == WAN
    files.make_folder(root + "/lan")
    text = root + "/lan: expected a link to .gen/lan.N, got a folder; remove it"
    assert refusal(root, "lan", {}) == text


@with_root
def test_a_refused_publication_names_service_path_and_value_and_changes_nothing(root: str) -> None:
    outputs.publish(root, "wan", WAN)
    printable = "expected printable text without a newline at either end"
    cases = [
        ({"a": "x\x00"}, 'wan: a: %s, got "x\\x00"' % printable),
        ({"a": "\x1b[31m"}, 'wan: a: %s, got "\\x1b[31m"' % printable),
        ({"a": "x\n"}, 'wan: a: %s, got "x\\x0a"' % printable),
        ({"a": "\nx"}, 'wan: a: %s, got "\\x0ax"' % printable),
        ({"a": "\x7f"}, 'wan: a: %s, got "\\x7f"' % printable),
        ({"a": "\u202e"}, 'wan: a: %s, got "\\xe2\\x80\\xae"' % printable),
        ({"a": "\x85"}, 'wan: a: %s, got "\\xc2\\x85"' % printable),
        ({"a": "y" * 65537}, "wan: a: expected at most 65536 octets, got 65537"),
        (
            {str(number): "y" * 65536 for number in range(16)},
            "wan: expected at most 1048576 octets in all, got 1048630",
        ),
        ({"a": "1", "a/b": "2"}, "wan: a: expected a value or a folder of values, got both"),
        (
            {"a/b": "1", "a/b/c/d": "2"},
            "wan: a/b: expected a value or a folder of values, got both",
        ),
    ]
    for values, text in cases:
        assert refusal(root, "wan", values) == text, (values, text)
    assert outputs.read(root, "wan") == WAN


@with_root
def test_values_of_any_printable_text_come_back_unchanged(root: str) -> None:
    values = {
        "a": "\xe9\u20ac\U0001f600",
        "b": "x" * 65536,
        "c": " ",
        "d": "a\n\nb",
        "e": "$(x) `'\"",
    }
    outputs.publish(root, "wan", values)
    assert outputs.read(root, "wan") == values


@with_root
def test_a_service_has_the_same_name_here_as_everywhere(root: str) -> None:
    outputs.publish(root, "wan", WAN)
    for name in ("", ".gen", "_a", "a:b", "a/b", "a" * 101):
        text = 'expected %s, got "%s"' % (SERVICE_NAME, name)
        assert refusal(root, name, {}) == text
        try:
            outputs.read(root, name)
            raise AssertionError("read " + name)
        except outputs.OutputsError as error:
            assert error.args[0] == text


def test_paths_follow_the_grammar() -> None:
    good = ["a", "_", "0", "br-lan", "eth0.7", "a:b", "a" * 200, "A_z-:.", "a/b/c", "a/_/0"]
    bad = ["", ".", "..", ".a", "-a", ":a", "a b", "a\n", "a\0", "\xe9", "a" * 201, "a*"]
    worse = ["/", "/a", "a/", "a//b", "a/.b", "a/../b", "a/-b", "a/:b"]
    assert [path for path in good if not is_path(path)] == []
    assert [path for path in bad + worse if is_path(path)] == []


@with_root
def test_every_path_of_a_publication_follows_the_grammar(root: str) -> None:
    """Paths are checked by what they do not share with the one before."""
    for path in ("x/-b", "x/b\n", "x/", "x/" + "b" * 199, "x/y/.c", "-x/y", "x/\xe9/y"):
        assert refusal(root, "wan", {"x/a": "1", path: "2"}).startswith("wan: path: expected ")
    values = {"x/a": "1", "x/b/c": "2", "x/b/d": "3", "x/c": "4", "x-/a": "5", "x": "6"}
    text = "wan: x: expected a value or a folder of values, got both"
    assert refusal(root, "wan", values) == text
    del values["x"]
    outputs.publish(root, "wan", values)
    assert outputs.read(root, "wan") == values


def test_a_path_as_deep_as_it_gets_is_published_and_removed() -> None:
    @with_root
    def deep(root: str) -> None:
        path = "/".join(["d"] * 100)
        outputs.publish(root, "wan", {path: "1"})
        assert outputs.read(root, "wan") == {path: "1"}

    deep()
