"""The frozen binary for this machine: its budget, its names, what it imports, how it ends.

And its making: the same tree gives the same bytes, and an edit costs one file.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from packager import freeze, source
from packager import programs as table
from tests.home_programs import home_programs

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("agent", "ifwait", "odhcp_script", "services", "firewall", "packaging", "tests")
Word = str | bytes | Path
KILO = 1000  # the stricter reading of "KB"


@pytest.fixture(scope="session")
def built() -> Path:
    """build/x86_64 with frost and frost-check, made new where something changed."""
    return freeze.freeze("x86_64", ROOT / "build", check=True, quiet=True)


def programs() -> list[table.Program]:
    return table.read_programs((freeze.FROZEN / "programs").read_text())


def call(
    command: Sequence[Word],
    folder: Path = ROOT,
    environment: dict[bytes, bytes] | None = None,
) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of one run."""
    done = subprocess.run(
        [os.fspath(word) for word in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,  # a whole build beside other tests
    )
    return done.returncode, done.stdout, done.stderr


# The budget of the first two floors, and of what the home router's image holds of ours.
GROUND = ("ifwait", "odhcp_script", "dhcpcd_script", "wan_address", "lan_prefix", "ra")
AGENT = (*GROUND, "frost", "frost-agent", "frost-oneshot")
BUDGETS = {
    "ground": (GROUND, 600, 270),
    "agent": (AGENT, 600, 270),
    "home router": (home_programs(), 800, 300),
}


@pytest.mark.parametrize("what", BUDGETS)
def test_a_binary_keeps_its_budget(built: Path, tmp_path: Path, what: str) -> None:
    only, most, most_compressed = BUDGETS[what]
    made = freeze.freeze("x86_64", ROOT / "build", quiet=True, only=only)
    folder = tmp_path / "root"
    folder.mkdir()
    shutil.copy2(made / "frost", folder / "frost")
    image = tmp_path / "image"
    packed: list[Word] = [
        "mksquashfs",
        folder,
        image,
        "-comp",
        "xz",
        "-all-root",
        "-noappend",
        "-nopad",
    ]
    code, _, errors = call([*packed, "-no-progress"])
    assert (code, errors) == (0, "")
    size, compressed = (made / "frost").stat().st_size, image.stat().st_size
    print(f"{what}: {size} bytes, {compressed} as squashfs-xz")
    assert size <= most * KILO
    assert compressed <= most_compressed * KILO


def test_a_binary_of_some_programs_holds_what_they_need_and_no_more(built: Path) -> None:
    made = freeze.freeze("x86_64", ROOT / "build", quiet=True, only=("ifwait", "frost-agent"))
    assert sorted(path.name for path in made.iterdir() if path.is_symlink()) == [
        "frost-agent",
        "ifwait",
    ]
    assert call([made / "ifwait", "lo", "present"]) == (0, "", "")
    assert call([made / "frost-agent", "-x"])[0] == 100
    modules = (made / "modules.mk").read_text()
    assert "agent/daemon/observer.py" in modules
    assert "odhcp_script" not in modules
    assert "agent/command" not in modules


@pytest.mark.parametrize("name", [program.name for program in programs()])
def test_each_program_alone_needs_nothing_that_is_not_frozen(name: str) -> None:
    """What its modules import, wherever in them, is among the files that it gets, or built in."""
    device, _ = table.read_manifest((freeze.FROZEN / "manifest").read_text(), ROOT)
    files = table.needed(table.chosen(programs(), (name,)), device, ROOT)
    assert 1 < len(files) < len(device)
    for path in files:
        for module in table.imported(ast.parse((ROOT / path).read_text())):
            as_file = module.replace(".", "/")
            known = [each for each in (f"{as_file}.py", f"{as_file}/__init__.py") if each in device]
            assert not known or known[0] in files, (path, module)


def test_a_program_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(table.FreezeError, match="got 'ifwiat'"):
        table.chosen(programs(), ("ifwiat",))


def test_every_program_has_a_link_to_the_one_binary(built: Path) -> None:
    names = {program.name for program in programs()}
    links = {path.name: os.readlink(path) for path in built.iterdir() if path.is_symlink()}
    assert links == dict.fromkeys(names - {"frost"}, "frost")
    checks = {path.name: os.readlink(path) for path in (built / "check").iterdir()}
    assert checks == dict.fromkeys(names, "../frost-check")


def test_every_program_of_the_list_is_a_module_with_run(built: Path) -> None:
    for program in programs():
        path = ROOT / (program.module.replace(".", "/") + ".py")
        assert re.search(r"^def run\(\)", path.read_text(), re.MULTILINE), program


def test_every_device_file_is_compiled_and_no_host_file_is(built: Path) -> None:
    def is_device(path: str) -> bool:
        if path.startswith("services/") and path.endswith(("definition.py", "model.py")):
            return False
        host = ("agent/port/cpython/", "firewall/ruleset/", "firewall/stock/", "services/site/")
        parts = ("services/wlan/channels.py", "services/wlan/texts.py")  # of a definition
        return not path.startswith((*host, *parts))

    folders = ("agent", "firewall", "ifwait", "odhcp_script", "services")
    found = [str(p.relative_to(ROOT)) for name in folders for p in (ROOT / name).rglob("*.py")]
    wanted = sorted(path for path in found if is_device(path))
    device, _ = table.read_manifest((freeze.FROZEN / "manifest").read_text(), ROOT)
    assert device == wanted
    missing = [p for p in device if not (built / "mpy" / p).with_suffix(".mpy").is_file()]
    assert missing == []


def test_an_unknown_name_is_wrong_usage_and_one_line(built: Path, tmp_path: Path) -> None:
    (tmp_path / "nonesuch").symlink_to(built / "frost")
    names = " ".join(program.name for program in programs())
    text = f"frost: called as 'nonesuch': expected one of {names}\n"
    assert call([tmp_path / "nonesuch"]) == (100, "", text)


def test_an_unknown_name_is_shown_escaped(built: Path, tmp_path: Path) -> None:
    name = b"a\x1b[31m\n\\\xff"
    os.symlink(built / "frost", os.fsencode(tmp_path) + b"/" + name)
    code, out, errors = call([os.fsencode(tmp_path) + b"/" + name])
    assert (code, out) == (100, "")
    shown = "a\\x1b[31m\\x0a\\x5c\\xff"
    assert errors.startswith(f"frost: called as '{shown}': expected one of ")
    assert errors.count("\n") == 1


def test_modules_in_the_working_directory_are_not_imported(built: Path, tmp_path: Path) -> None:
    for name in ("agent", "ifwait"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit(42)\n")
    (tmp_path / "json.py").write_text("raise SystemExit(43)\n")
    check = built / "frost-check"
    show: list[Word] = [check, "tests.device.runtime", "import_module", "agent.ip"]
    assert call(show, tmp_path) == (0, "agent/ip.py\n", "")
    path: list[Word] = [check, "tests.device.runtime", "show_path"]
    assert call(path, tmp_path) == (0, "['.frozen']\n", "")
    program: list[Word] = [*show[:3], "ifwait.__main__"]
    assert call(program, tmp_path) == (0, "ifwait/__main__.py\n", "")


def test_a_module_that_is_not_frozen_is_an_import_error(built: Path, tmp_path: Path) -> None:
    (tmp_path / "stranger.py").write_text("print('imported')\n")
    show: list[Word] = [built / "frost-check", "tests.device.runtime", "import_module", "stranger"]
    code, out, errors = call(show, tmp_path)
    assert (code, out) == (1, "")
    assert errors.endswith("ImportError: no module named 'stranger'\n")


def test_the_environment_and_argv_are_bytes(built: Path, tmp_path: Path) -> None:
    odd = b"\xff\x80=\xc3 '\n$(id)"
    show: list[Word] = [built / "frost-check", "tests.device.runtime", "show_environment"]
    assert call([*show, "ODD"], ROOT, {b"ODD": odd}) == (0, odd.hex() + "\n", "")
    assert call([*show, "EMPTY"], ROOT, {b"EMPTY": b""}) == (0, "\n", "")
    assert call([*show, "NONE"], ROOT, {}) == (0, "-\n", "")
    folder = os.fsencode(tmp_path) + b"/\xff\xfe"
    os.mkdir(folder)
    os.symlink(os.fsencode(built / "frost-check"), folder + b"/frost-check")
    called = folder + b"/frost-check"
    shown = call([called, "tests.device.runtime", "show_argv0"])
    assert shown == (0, called.hex() + "\n", "")


@pytest.mark.parametrize(
    ("kind", "code", "errors"),
    [
        ("nothing", 0, ""),
        ("0", 0, ""),
        ("99", 99, ""),
        ("111", 111, ""),
        ("text", 1, "it is over\n"),
    ],
)
def test_sys_exit_gives_the_exit_code(built: Path, kind: str, code: int, errors: str) -> None:
    leave: list[Word] = [built / "frost-check", "tests.device.runtime", "leave", kind]
    assert call(leave) == (code, "before\n", errors)


def test_an_uncaught_exception_is_a_traceback_with_lines(built: Path) -> None:
    leave: list[Word] = [built / "frost-check", "tests.device.runtime", "leave", "exception"]
    code, out, errors = call(leave)
    assert (code, out) == (1, "before\n")
    source = (ROOT / "tests/device/runtime.py").read_text().splitlines()
    line = next(n for n, text in enumerate(source, 1) if "nobody catches this" in text)
    assert errors.startswith("Traceback (most recent call last):\n")
    assert errors.endswith(
        f'  File "tests/device/runtime.py", line {line}, in leave\n'
        "ValueError: nobody catches this\n"
    )


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("recurse", "RuntimeError: maximum recursion depth exceeded"),
        ("devour", "MemoryError: memory allocation failed, allocating 4097 bytes"),
    ],
)
def test_stack_and_heap_end_in_an_exception(built: Path, function: str, error: str) -> None:
    code, out, errors = call([built / "frost-check", "tests.device.runtime", function])
    assert (code, out, errors.splitlines()[-1]) == (1, "", error)


# --- The making -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Path:
    """The same tree in another folder, built there with a MicroPython source in a third."""
    folder = tmp_path_factory.mktemp("another") / "place"
    copy_tree(folder)
    (folder / "build").mkdir()
    # Only the C library, compiled once for all, is shared.
    (folder / "build" / "zig").symlink_to(ROOT / "build" / "zig")
    tree = source.prepare_source(ROOT / "build")
    shutil.copytree(tree, folder.parent / "source")
    return folder


def copy_tree(folder: Path) -> None:
    """Bring the copy up to the project; equal files stay as they are."""
    for name in COPIED:
        for path in sorted((ROOT / name).rglob("*")):
            target = folder / path.relative_to(ROOT)
            if path.is_dir() or "__pycache__" in path.parts:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.is_file() or target.read_bytes() != path.read_bytes():
                shutil.copyfile(path, target)
                shutil.copymode(path, target)


def freeze_copy(copy: Path) -> tuple[int, str, str]:
    environment = {
        **os.environb,
        b"PYTHONPATH": b"packaging",
        b"FROST_MICROPYTHON": os.fsencode(copy.parent / "source"),
    }
    return call([sys.executable, "-m", "packager.freeze", "x86_64"], copy, environment)


def frozen_files(output: str) -> list[str]:
    return [line.split()[1] for line in output.splitlines() if line.startswith("FREEZE ")]


def compiled_files(output: str) -> list[str]:
    return [Path(x.split()[1]).name for x in output.splitlines() if x.startswith("CC ")]


def test_equal_trees_in_two_folders_give_the_same_bytes(built: Path, copy: Path) -> None:
    code, output, errors = freeze_copy(copy)
    assert code == 0, output + errors
    assert len(compiled_files(output)) > 100, "the second build did not compile anything"
    # That took a while: somebody may be working on the project at the same time.
    copy_tree(copy)
    assert freeze_copy(copy)[0] == 0
    freeze.freeze("x86_64", ROOT / "build", check=True, quiet=True)
    assert (copy / "build/x86_64/frost").read_bytes() == (built / "frost").read_bytes()


def test_an_edit_compiles_one_file_and_what_is_made_of_all(copy: Path) -> None:
    assert freeze_copy(copy)[0] == 0
    before = (copy / "build/x86_64/frost").read_bytes()
    edited = copy / "agent/ip.py"
    text = edited.read_text()
    edited.write_text(text + "\nEDITED = 12345\n")
    code, output, errors = freeze_copy(copy)
    assert code == 0, output + errors
    assert frozen_files(output) == ["agent/ip.py"]
    assert compiled_files(output) == ["frozen_content.c"]
    assert (copy / "build/x86_64/frost").read_bytes() != before
    edited.write_text(text)
    assert freeze_copy(copy)[0] == 0
    assert (copy / "build/x86_64/frost").read_bytes() == before


def test_a_file_that_comes_and_goes_leaves_no_trace(copy: Path) -> None:
    assert freeze_copy(copy)[0] == 0
    before = (copy / "build/x86_64/frost").read_bytes()
    visitor = copy / "agent/visitor.py"
    visitor.write_text("VISITOR = 1\n")
    assert freeze_copy(copy)[0] == 0
    assert b"agent/visitor.py" in (copy / "build/x86_64/frost").read_bytes()
    visitor.unlink()
    assert freeze_copy(copy)[0] == 0
    assert (copy / "build/x86_64/frost").read_bytes() == before


def test_what_micropython_does_not_compile_is_refused_by_file_and_line(copy: Path) -> None:
    broken = copy / "agent/broken.py"
    broken.write_text("VALUE = 1\nmatch VALUE:\n    case 1:\n        pass\n")
    code, _, errors = freeze_copy(copy)
    broken.unlink()
    assert code == 1
    assert 'agent/broken.py", line 2\nSyntaxError: invalid syntax\n' in errors
    assert errors.splitlines()[-1].startswith("freeze: x86_64: failed: make ")


def test_lines_that_do_not_parse_are_named() -> None:
    with pytest.raises(table.FreezeError) as refused:
        table.read_programs("# fine\nifwait ifwait.__main__ much\n")
    expected = "programs: line 2: expected 'name module KiB', got 'ifwait ifwait.__main__ much'"
    assert str(refused.value) == expected
    with pytest.raises(table.FreezeError) as refused:
        table.read_manifest("devise agent/*.py\n", ROOT)
    expected = "manifest: line 1: expected 'device|check|never PATTERN', got 'devise agent/*.py'"
    assert str(refused.value) == expected


def test_the_manifest_keeps_never_and_counts_nothing_twice(tmp_path: Path) -> None:
    for name in ("agent/a.py", "agent/b.py", "agent/host/c.py", "tests/a.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    text = "device agent/**/*.py\nnever agent/host/**/*.py\ncheck tests/*.py\ncheck agent/a.py\n"
    assert table.read_manifest(text, tmp_path) == (["agent/a.py", "agent/b.py"], ["tests/a.py"])
