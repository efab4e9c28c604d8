"""How a build keeps what it has made, and what it says while it works."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from packager.image.kept import RECORD, Kept, KeptError
from packager.image.progress import Progress


def writes(octets: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(octets)


def never(path: Path) -> object:
    raise AssertionError(f"{path}: made again")


def make(folder: Path, octets: bytes = b"one", digest: str = "d", name: str = "root") -> bool:
    with Kept(folder) as kept:
        return kept.make(name, digest, writes(octets))


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_what_is_there_from_the_same_is_not_made_again(tmp_path: Path) -> None:
    assert make(tmp_path)
    with Kept(tmp_path) as kept:
        assert not kept.make("root", "d", never)
        assert kept.sizes() == {"root": 3}
    assert make(tmp_path, b"two", "e")
    assert (tmp_path / "root").read_bytes() == b"two"
    assert names(tmp_path) == [RECORD, "root"]


def test_what_was_changed_is_made_again_whatever_its_time_says(tmp_path: Path) -> None:
    make(tmp_path)
    root = tmp_path / "root"
    stat = root.stat()
    for octets in (b"onf", b"", bytes(3)):
        root.write_bytes(octets)
        os.utime(root, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert make(tmp_path)
        assert root.read_bytes() == b"one"
    root.unlink()
    assert make(tmp_path)


def test_a_second_build_in_the_folder_is_refused_while_the_first_is_at_work(tmp_path: Path) -> None:
    with Kept(tmp_path) as kept:
        kept.make("root", "d", writes(b"one"))
        with pytest.raises(KeptError) as refused, Kept(tmp_path):
            pass
        assert str(refused.value) == (
            f"{tmp_path}: expected one build at a time, another one is at work there; "
            "wait for it, or choose another folder (-o)"
        )
    assert (tmp_path / "root").read_bytes() == b"one"
    assert not make(tmp_path)


def test_a_time_alone_is_no_change(tmp_path: Path) -> None:
    make(tmp_path)
    os.utime(tmp_path / "root", (1, 1))
    assert not make(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"root": 1}', '{"root": ["d"]}', "\udcff"])
def test_a_record_that_is_none_makes_all_again(text: str, tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / RECORD).write_bytes(text.encode(errors="surrogateescape"))
    assert make(tmp_path)
    assert not make(tmp_path)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_what_fails_on_the_way_leaves_all_as_it_was(
    error: type[BaseException], tmp_path: Path
) -> None:
    make(tmp_path, name="kernel")
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}

    def breaks(path: Path) -> object:
        path.write_bytes(b"half")
        path.with_name(path.name + ".new").write_bytes(b"of a format")
        raise error

    with pytest.raises(error), Kept(tmp_path) as kept:
        kept.make("kernel", "e", writes(b"new"))
        kept.put("image.json", "new")
        kept.make("root", "e", breaks)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_new_results_take_their_places_together(tmp_path: Path) -> None:
    make(tmp_path, name="kernel")
    with Kept(tmp_path) as kept:
        kept.make("kernel", "e", writes(b"four"))
        assert (tmp_path / "kernel").read_bytes() == b"one"
        assert kept.path("kernel").read_bytes() == b"four"
        kept.put("packages.lock", "l")
        kept.make("root", "e", writes(b"r"))
        assert kept.sizes() == {"kernel": 4, "packages.lock": 1, "root": 1}
    assert names(tmp_path) == [RECORD, "kernel", "packages.lock", "root"]


def test_another_formats_result_goes_but_not_what_is_somebodys(tmp_path: Path) -> None:
    for name in ("root.ext4", "root.tar"):
        (tmp_path / "notes").write_text("mine")
        make(tmp_path, name=name)
    assert names(tmp_path) == [RECORD, "notes", "root.tar"]
    (tmp_path / "root.tar").write_text("changed by hand")
    make(tmp_path, name="root.ext4")
    assert names(tmp_path) == [RECORD, "notes", "root.ext4", "root.tar"]


def test_what_holds_secrets_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        seen = []

        def write(path: Path) -> object:
            path.write_bytes(b"x")
            seen.append(path.stat().st_mode & 0o777)
            return None

        for is_private in (True, False):
            with Kept(tmp_path, is_private) as kept:
                kept.make("root", str(is_private), write)
        assert seen == [0o600, 0o644]
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_the_record_is_the_same_for_the_same(tmp_path: Path) -> None:
    texts = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        make(tmp_path / name)
        os.utime(tmp_path / name / "root", (1, 1))
        make(tmp_path / name)
        texts.add((tmp_path / name / RECORD).read_text())
    assert len(texts) == 1


# Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_step_is_a_line_with_its_seconds() -> None:
    said = io.StringIO()
    progress = Progress(said)
    with progress.step("the root") as told:
        told.append("5 octets")
    progress.end("box")
    lines = said.getvalue().splitlines()
    assert [line.lstrip(" .0123456789") for line in lines] == ["s the root, 5 octets", "s box"]
    assert all(float(line.split()[0]) < 60 for line in lines)


def test_a_terminal_shows_the_step_that_runs_and_quiet_is_quiet() -> None:
    for quiet, running in ((False, "        the root ...\r"), (True, "")):
        said = Terminal()
        progress = Progress(said, quiet=quiet)
        with progress.step("the root"):
            assert said.getvalue() == running
        assert said.getvalue().endswith("\x1b[K\n") != quiet


def test_a_step_that_fails_says_nothing_of_itself() -> None:
    said = io.StringIO()
    with pytest.raises(OSError), Progress(said).step("the root"):
        raise OSError
    assert said.getvalue() == ""
