"""Generations of outputs and their folders, on both runtimes."""

from agent.generations import KEEP_MOST, KEEP_S, disposable, make_folders, number_of, remove_tree
from agent.port import files
from agent.port.errno import ENOENT
from tests.device.test_outputs import with_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SECOND = 1000000


def test_a_generation_may_go_five_seconds_after_the_next_one_was_made() -> None:
    now = 1000 * SECOND
    old = now - KEEP_S * SECOND
    assert disposable([old - 9, old - 8, old + 1, now], now, now) == [old - 9]
    assert disposable([old - 9, old, now], now, now) == [old - 9]
    assert disposable([7], 7, now) == []


def test_a_cleared_generation_stays_until_another_one_followed() -> None:
    now = 1000 * SECOND
    assert disposable([5], 0, now) == []
    assert disposable([5, now - SECOND], 0, now) == []
    assert disposable([5, 6], 0, now) == [5]


def test_generations_from_before_a_reboot_go() -> None:
    now = 10 * SECOND
    assert disposable([now - 2, now - 1, now + 5, now + 6], now + 5, now) == [now + 6]


def test_no_more_than_the_bound_stay() -> None:
    now = 1000 * SECOND
    numbers = [now - step for step in range(40)]
    gone = disposable(numbers, now, now)
    assert gone == sorted(numbers)[: 39 - KEEP_MOST]


def test_a_number_is_digits_as_a_publisher_writes_them() -> None:
    for text, number in (("1", 1), ("1913662151", 1913662151), ("9" * 18, 10**18 - 1)):
        assert number_of(text) == number
    for text in ("", "0", "07", "+7", "-7", " 7", "7 ", "7\n", "1_0", "\u00b2", "\u0663", "1" * 19):
        assert number_of(text) == 0


@with_root
def test_folders_that_another_makes_meanwhile_are_no_error(root: str) -> None:
    """Whoever comes between two system calls may have made any of the folders."""
    real = files.make_folder
    for quicker in range(6):
        made = root + str(quicker)
        calls: list[str] = []

        files.make_folder = overtaken(made, quicker, calls)  # type: ignore[assignment]
        try:
            make_folders(made + "/outputs/.gen")
        finally:
            files.make_folder = real
        assert files.kind(made + "/outputs/.gen") == "folder"
        assert len(calls) >= min(quicker, 4)


def overtaken(made: str, quicker: int, calls: list[str]) -> "Callable[[str, int], None]":
    """make_folder(), but another publisher makes all folders before the call of that number."""
    real = files.make_folder

    def slow(path: str, mode: int = 0o755) -> None:
        calls.append(path)
        if len(calls) == quicker:
            above = made.rpartition("/")[0]
            for folder in (above, made, made + "/outputs", made + "/outputs/.gen"):
                if not files.kind(folder):
                    real(folder)
        real(path, mode)

    return slow


@with_root
def test_folders_by_way_of_a_missing_one_are_made(root: str) -> None:
    make_folders(root + "/new/../x/./y/")
    assert [files.kind(root + name) for name in ("/new", "/x/y")] == ["folder"] * 2
    files.symlink("nowhere", root + "/x/link")
    try:
        make_folders(root + "/x/link/a/b")
        raise AssertionError("made a folder below nothing")
    except OSError as error:
        assert error.errno == ENOENT


@with_root
def test_a_tree_is_removed_without_what_its_links_name(root: str) -> None:
    make_folders(root + "/keep")
    files.write(root + "/keep/x", b"")
    make_folders(root + "/tree/a/b")
    files.symlink(root + "/keep", root + "/tree/a/link")
    files.symlink("../keep", root + "/link")
    files.write(root + "/file", b"")
    for name in ("link", "tree", "file"):
        remove_tree(root + "/" + name)
    assert (files.listing(root), files.listing(root + "/keep")) == (["keep"], ["x"])
