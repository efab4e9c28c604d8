"""An outputs tree that somebody else wrote into, on both runtimes: nothing blocks a service."""

from agent import outputs
from agent.port import files, process
from tests.device.test_outputs import NOT_OURS, WAN, with_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[[str], None]


def run(*words: bytes) -> None:
    """Run a program to its end."""
    assert process.wait(process.spawn(list(words))) == 0, words


def fifo(path: str) -> None:
    run(b"mkfifo", path.encode())


def strange_link(path: str) -> None:
    """A link whose target is no text."""
    run(b"ln", b"-s", b".gen/wan.\xff", path.encode())


def full_folder(path: str) -> None:
    files.make_folder(path)
    files.write(path + "/x", b"")


def a_file(path: str) -> None:
    files.write(path, b"x")


def link_to(target: str) -> "Make":
    return lambda path: files.symlink(target, path)


KINDS: "list[Make]" = [
    fifo,
    strange_link,
    full_folder,
    a_file,
    link_to("nonsense"),
    link_to(".gen/wan.\u00b2"),
    link_to(".gen/wan.7"),
    link_to("/dev/zero"),
]


def publishing(
    values: dict[str, str], memo: str
) -> "Callable[[outputs.Snapshot], outputs.Snapshot]":
    """What update() takes to publish this."""
    return lambda before: outputs.Snapshot(values, memo)


def generation(root: str) -> str:
    """The folder that the link names."""
    return root + "/" + files.readlink(root + "/wan")


def read_error(root: str) -> str:
    """What a reader is told; reading must fail."""
    try:
        values = outputs.read(root, "wan")
    except outputs.OutputsError as error:
        return error.args[0]  # type: ignore[no-any-return]
    raise AssertionError("read %r" % values)


@with_root
def test_whatever_lies_in_the_place_of_a_leftover_is_removed(root: str) -> None:
    turn = 0
    for name in ("new", "old", "link", "note", "3", "07", "\u00b2"):
        for make in KINDS:
            outputs.publish(root, "wan", WAN)
            make(root + "/.gen/wan." + name)
            turn += 1
            values = {"turn": str(turn)}
            assert outputs.publish(root, "wan", values) is True
            memo = "memo %d" % turn
            outputs.update(root, "wan", publishing(values, memo))
            assert outputs.peek(root, "wan") == outputs.Snapshot(values, memo)
            path = root + "/.gen/wan." + name
            if files.kind(path):
                assert name in ("07", "\u00b2")  # no name of ours: it is in nobody's way
                run(b"rm", b"-r", path.encode())


@with_root
def test_a_link_in_the_tree_is_never_followed_to_what_it_names(root: str) -> None:
    outputs.publish(root, "wan", WAN)
    victim = root + "/../victim"
    full_folder(victim)
    for name in ("new", "old", "link", "note", "5"):
        files.symlink(victim, root + "/.gen/wan." + name)
        outputs.publish(root, "wan", {"name": name})
        assert files.listing(victim) == ["x"]
    outputs.publish(root, "wan", WAN)
    target = generation(root)
    files.symlink(victim, target + "/prefix/link")
    files.rename(target, root + "/.gen/wan.1")  # a generation that is due
    outputs.publish(root, "wan", WAN)
    assert (files.kind(root + "/.gen/wan.1"), files.listing(victim)) == ("", ["x"])


@with_root
def test_a_lock_that_is_no_file_is_a_clear_error(root: str) -> None:
    outputs.publish(root, "wan", WAN)
    path = root + "/.gen/wan.lock"
    for make, got in (
        (fifo, "a FIFO, socket or device"),
        (full_folder, "a folder"),
        (link_to("x"), "a link"),
    ):
        run(b"rm", b"-r", path.encode())
        make(path)
        try:
            outputs.publish(root, "wan", {})
            raise AssertionError("published with " + got + " as lock")
        except outputs.OutputsError as error:
            assert error.args[0] == path + ": expected a file, got " + got + "; remove it"
    assert outputs.read(root, "wan") == WAN


@with_root
def test_a_link_that_is_none_of_ours_is_an_error_for_readers_and_replaced(root: str) -> None:
    for make, got in (
        (fifo, "a FIFO, socket or device"),
        (a_file, "a file"),
        (strange_link, "one to other octets than UTF-8"),
        (link_to("nonsense"), 'one to "nonsense"'),
        (link_to(".gen/wan."), 'one to ".gen/wan."'),
        (link_to(".gen/wan.0"), 'one to ".gen/wan.0"'),
        (link_to(".gen/wan.\u00b2"), 'one to ".gen/wan.\\xc2\\xb2"'),
        (link_to(".gen/wan.\u0663"), 'one to ".gen/wan.\\xd9\\xa3"'),
        (link_to(".gen/lan.3"), 'one to ".gen/lan.3"'),
    ):
        outputs.publish(root, "wan", WAN)
        files.remove_file(root + "/wan")
        make(root + "/wan")
        text = "%s/wan: expected a link to .gen/wan.N, got %s; remove it"
        assert read_error(root) == text % (root, got)
        assert outputs.peek(root, "wan") == outputs.Snapshot(None, "")
        assert outputs.publish(root, "wan", WAN) is True
        assert outputs.read(root, "wan") == WAN
        files.remove_file(root + "/wan")
        make(root + "/wan")
        assert outputs.clear(root, "wan") is True
        assert outputs.read(root, "wan") is None
    full_folder(root + "/lan")
    for act in (lambda: outputs.peek(root, "lan"), lambda: outputs.clear(root, "lan")):
        try:
            act()
            raise AssertionError("a folder is not replaced")
        except outputs.OutputsError as error:
            expected = "/lan: expected a link to .gen/lan.N, got a folder; remove it"
            assert error.args[0] == root + expected


@with_root
def test_readers_take_only_what_a_publisher_writes(root: str) -> None:
    """A damaged generation counts as none of ours: one line for readers, publishing repairs it."""
    outputs.publish(root, "wan", {"state": "bound"})
    for data in (
        b"state",
        b"state\0bound\0dns",
        b"state\0bound\0state\0bound",
        b"../state\0bound",
        b"a/b\0c\0a/.b\0d",
        b"sta\nte\0bound",
        b"\0bound",
        b"state\0bo\x1bund",
        b"state\0bo\x7fund",
        b"state\0\nbound",
        b"state\0bound\n",
        b"state\0bound\n\0a\0b",
        b"state\0\xe2\x80\xae",
        b"state\0\xff",
        b"state\0" + b"x" * (1 << 20),
    ):
        path = generation(root) + "/.values"
        files.write(path, data)
        long = ": expected at most 1048576 octets, got more"
        assert read_error(root) == path + (long if len(data) > 1 << 20 else NOT_OURS)
        assert outputs.peek(root, "wan") == outputs.Snapshot(None, "")
        assert outputs.publish(root, "wan", {"state": "bound"}) is True
        assert outputs.read(root, "wan") == {"state": "bound"}


@with_root
def test_readers_open_regular_files_alone(root: str) -> None:
    for name in (".values", ".memo"):
        for make, got in (
            (fifo, "a FIFO, socket or device"),
            (full_folder, "a folder"),
            (link_to("/etc/passwd"), "a link"),
            (link_to("/dev/zero"), "a link"),
        ):
            outputs.update(root, "wan", lambda before: outputs.Snapshot(WAN, "memo"))
            path = generation(root) + "/" + name
            files.remove_file(path)
            make(path)
            if name == ".values":
                assert read_error(root) == "%s: expected a file, got %s" % (path, got)
            assert outputs.peek(root, "wan") == outputs.Snapshot(None, "")
            assert outputs.publish(root, "wan", WAN) is True
            assert outputs.read(root, "wan") == WAN
    target = generation(root)
    files.rename(target, root + "/elsewhere")
    files.symlink("../elsewhere", target)
    assert read_error(root) == target + ": expected a folder, got a link"
    assert outputs.publish(root, "wan", {}) is True


@with_root
def test_an_endless_memo_is_none_of_ours(root: str) -> None:
    outputs.update(root, "wan", lambda before: outputs.Snapshot(WAN, "memo"))
    files.write(generation(root) + "/.memo", b"x" * 65537)
    assert outputs.peek(root, "wan") == outputs.Snapshot(None, "")
    files.write(generation(root) + "/.memo", b"\xff")
    assert outputs.peek(root, "wan") == outputs.Snapshot(None, "")
    assert outputs.publish(root, "wan", WAN) is True
