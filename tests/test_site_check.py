"""What a person is told of a broken site: the whole output of `frostgate check`, held exactly.

A case is a folder of tests/golden/site: site.py, with a first line `# arguments: ...` where there
are any, and expected.txt. `pytest --update-golden` writes these; a missing or other one fails.
"""

import difflib
import json
from pathlib import Path

import pytest

from packager.__main__ import main
from packager.site import load

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden" / "site"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
ARGUMENTS = "# arguments: "


def arguments(folder: Path) -> list[str]:
    """The words after `frostgate check`."""
    first = (folder / "site.py").read_text().partition("\n")[0]
    words = first.removeprefix(ARGUMENTS).split() if first.startswith(ARGUMENTS) else []
    return ["site.py", *words]


@pytest.mark.parametrize("name", CASES)
def test_a_broken_site_is_told_so(
    name: str,
    update_golden: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(GOLDEN / name)
    code = main(["check", *arguments(GOLDEN / name)])
    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    path = GOLDEN / name / "expected.txt"
    if update_golden:
        path.write_text(told.err)
    expected = path.read_text() if path.exists() else ""
    lines = (expected.splitlines(), told.err.splitlines())
    diff = "\n".join(difflib.unified_diff(*lines, str(path), "got", lineterm=""))
    assert told.err == expected, diff
    assert "Traceback" not in told.err
    assert all(line.startswith("site.py") or ".py:" in line for line in lines[1])


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.name)
@pytest.mark.parametrize("target", ["qemu-x86_64", "overlay-mips"])
def test_the_examples_have_no_problems(
    path: Path, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    has_radio = path.name != "access_point.py" or target != "qemu-x86_64"
    assert main(["check", str(path), "--target", target]) == (0 if has_radio else 1)
    told = capsys.readouterr()
    if has_radio:
        assert told.err == ""
        assert told.out.startswith(f"{path}: no problems in ")
    else:  # a machine of QEMU's
        assert told.err.splitlines()[:-1] == [
            f"{path}:15: radio: expected a link of qemu-x86_64 (eth0 to eth7) or one that a "
            "service makes, got 'wlan0'; known: br-lan"
        ]


def test_json_has_the_same_problems(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(GOLDEN / "a_typo_in_an_output")
    assert main(["check", "site.py", "-j"]) == 1
    told = capsys.readouterr()
    rows = json.loads(told.out)["problems"]
    lines = [
        ": ".join([f"{row['file']}:{row['line']}", row["subject"], row["text"]]).replace(
            ": : ", ": "
        )
        for row in rows
    ]
    assert lines == Path("expected.txt").read_text().splitlines()[:-1]
    assert told.err == ""


def test_wrong_usage_is_100_and_a_missing_file_a_problem(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check"]) == 100
    assert main(["chekc", "site.py"]) == 100
    assert main(["check", "x.py", "--target", "qemu-vax"]) == 100
    capsys.readouterr()
    assert main(["check", "no/such/site.py"]) == 1
    assert capsys.readouterr().err == (
        "no/such/site.py:1: expected a file that can be read, got: No such file or directory\n"
        "no/such/site.py: 1 problem\n"
    )


def test_verbose_shows_what_the_site_raised(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "site.py"
    path.write_text("1 / 0\n")
    assert main(["check", str(path), "-v"]) == 1
    told = capsys.readouterr().err
    assert "Traceback (most recent call last)" in told
    assert f"{path}:1: ZeroDivisionError: division by zero\n" in told


def test_a_site_may_be_loaded_twice_and_neighbours_are_not_mixed_up(tmp_path: Path) -> None:
    for name, host in (("a", "anna"), ("b", "bert")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "house.py").write_text(f"HOST = {host!r}\n")
        (folder / "site.py").write_text(
            "from house import HOST\nfrom services.model import Site\n"
            "SITE = Site(hostname=HOST, services=())\n"
        )
    names = []
    for name in ("a", "b", "a"):
        site, problems = load(tmp_path / name / "site.py")
        assert site is not None and problems == []
        names.append(site.hostname)
    assert names == ["anna", "bert", "anna"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"A = 1\0", "1: expected Python, got what is none: source code string"),
        (b"\xff = 1", "1: syntax error: (unicode error)"),
        (b"raise SystemExit(0)", "1: expected a file that makes SITE, got one that ends"),
        (b"from services.site.problems import SiteError\nraise SiteError([])", "2: SiteError"),
        (b"def f():\n    f()\nf()", "2: RecursionError: maximum recursion depth exceeded"),
        (b"import house", "1: expected a module to import, got 'house'; known: site"),
        (b"SITE = 5", "1: expected SITE to be a Site, got 5; write SITE = Site(...)"),
        (b"class A: pass\nA().b", "2: expected an attribute of a A, got 'b'"),
        (b"from firewall.ruleset.model import Zone\nZone('a', membrs=())",
         "2: expected a parameter of Zone, got 'membrs'; did you mean 'members'?"),
    ],
)  # fmt: skip
def test_whatever_a_file_does_is_one_line(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "site.py"
    path.write_bytes(content)
    site, problems = load(path)
    assert site is None
    assert [f"{each.where.line}: {each.text}"[: len(told)] for each in problems] == [told]


def test_a_neighbours_syntax_error_has_the_neighbours_line(tmp_path: Path) -> None:
    (tmp_path / "house.py").write_text("A = 1\nB = = 2\n")
    (tmp_path / "site.py").write_text("import house\n")
    site, problems = load(tmp_path / "site.py")
    assert site is None
    assert [str(each) for each in problems] == [
        f"{tmp_path}/house.py:2: syntax error: invalid syntax, in: B = = 2"
    ]
