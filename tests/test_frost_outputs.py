"""`frost outputs` as a user runs it, on both runtimes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent import outputs

ROOT = Path(__file__).resolve().parent.parent
RUNTIMES = {
    "frozen": [str(ROOT / "build/x86_64/frost")],
    "cpython": [sys.executable, "-m", "agent"],
}


@pytest.fixture(params=sorted(RUNTIMES))
def argv(request: pytest.FixtureRequest) -> list[str]:
    return RUNTIMES[request.param]


def frost(argv: list[str], root: Path, *words: str) -> tuple[int, str, str]:
    environ = {**os.environ, "FROST_OUTPUTS": str(root), "FROST_GRAPH": str(root / "no graph")}
    done = subprocess.run([*argv, *words], capture_output=True, text=True, cwd=ROOT, env=environ)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    outputs.publish(str(tmp_path), "dhcp6", {"dns": "2001:db8::1\n2001:db8::2", "state": "bound"})
    outputs.publish(str(tmp_path), "ra", {"router-lifetime/lan0": "2700"})
    return tmp_path


def test_all_services_are_shown(argv: list[str], tree: Path) -> None:
    assert frost(argv, tree, "outputs") == (
        0,
        "dhcp6/dns: 2001:db8::1 2001:db8::2\ndhcp6/state: bound\nra/router-lifetime/lan0: 2700\n",
        "",
    )


def test_one_path_or_the_paths_under_it_can_be_asked_for(argv: list[str], tree: Path) -> None:
    assert frost(argv, tree, "outputs", "dhcp6", "state") == (0, "dhcp6/state: bound\n", "")
    assert frost(argv, tree, "outputs", "ra", "router-lifetime") == (
        0,
        "ra/router-lifetime/lan0: 2700\n",
        "",
    )


def test_what_is_not_published_is_said(argv: list[str], tree: Path) -> None:
    assert frost(argv, tree, "outputs", "dhcp6", "aftr") == (
        1,
        "",
        f"frost: dhcp6/aftr: expected an output in {tree}, got nothing\n",
    )


def test_wrong_usage_is_said(argv: list[str], tree: Path) -> None:
    code, out, err = frost(argv, tree, "output")
    assert (code, out) == (100, "")
    first = 'frost: expected a verb, got "output"\nfrost: usage: frost status [-j] [NAME]\n'
    assert err.startswith(first)
    assert "frost: usage: frost outputs [-j] [SERVICE [PATH]]\n" in err
    code, out, err = frost(argv, tree, "outputs", "-x")
    assert (code, out) == (100, "")
    assert err == (
        "frost: expected one of the options below, got -x\n"
        "frost: usage: frost outputs [-j] [SERVICE [PATH]]\n"
    )
    assert frost(argv, tree, "outputs", "a", "b", "c")[0] == 100
    assert frost(argv, tree, "outputs", "../etc")[0] == 100


def test_a_missing_tree_has_nothing_published(argv: list[str], tmp_path: Path) -> None:
    root = tmp_path / "none"
    assert frost(argv, root, "outputs") == (1, "", f"frost: {root}: nothing published\n")
    text = f"frost: dhcp6: expected an output in {root}, got nothing\n"
    assert frost(argv, root, "outputs", "dhcp6") == (1, "", text)
    assert not root.exists()


def test_json_is_one_object_a_line(argv: list[str], tree: Path) -> None:
    code, out, err = frost(argv, tree, "outputs", "dhcp6", "--json")
    assert (code, err) == (0, "")
    assert [json.loads(line) for line in out.splitlines()] == [
        {"service": "dhcp6", "path": "dns", "value": "2001:db8::1\n2001:db8::2"},
        {"service": "dhcp6", "path": "state", "value": "bound"},
    ]


def test_of_a_generation_that_no_publisher_wrote_nothing_is_shown(
    argv: list[str], tree: Path
) -> None:
    """Somebody else may have written it: control characters, octets that are no text."""
    values = (tree / "ra").resolve() / ".values"
    for octets in (b"a\x1b[2J\0red", b"a\0red \x1b[31m", "a\0\x9b \u202e".encode(), b"a\0\xff"):
        values.write_bytes(octets)
        text = f"frost: {values}: expected paths and values as a publisher writes them, "
        assert frost(argv, tree, "outputs", "ra") == (1, "", text + "got something else\n")


def test_only_regular_files_are_read(argv: list[str], tree: Path, tmp_path: Path) -> None:
    values = (tree / "ra").resolve() / ".values"
    other = tmp_path / ".other"
    values.rename(other)
    values.symlink_to(other)
    text = f"frost: {values}: expected a file, got a link\n"
    assert frost(argv, tree, "outputs", "ra") == (1, "", text)
    values.unlink()
    os.mkfifo(values)  # reading it would never end
    text = f"frost: {values}: expected a file, got something else\n"
    assert frost(argv, tree, "outputs", "ra") == (1, "", text)
    # The others are shown all the same.
    code, out, err = frost(argv, tree, "outputs")
    assert (code, out.count("dhcp6/"), err) == (1, 2, text)


def test_a_full_standard_output_is_named(argv: list[str], tree: Path) -> None:
    environ = {**os.environ, "FROST_OUTPUTS": str(tree)}
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*argv, "outputs"], stdout=full, stderr=subprocess.PIPE, cwd=ROOT, env=environ
        )
    text = b"frost: standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (111, text)
