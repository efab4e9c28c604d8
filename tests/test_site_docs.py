"""The page about sites says what is so: its sites check, and its mistakes are told as shown."""

import re
from pathlib import Path

import pytest

from packager.__main__ import main

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "site.md").read_text()
BLOCKS = [
    re.sub(r"^    ", "", block, flags=re.M).strip() + "\n"
    for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE, re.M)
]
SITE, TOLD, OWN = BLOCKS


def told(text: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and output of a check of this site, in the current folder."""
    Path("site.py").write_text(text)
    code = main(["check", "site.py", "--target", "qemu-x86_64"])
    output = capsys.readouterr()
    return code, output.out + output.err


def test_the_sites_of_the_page_have_no_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert told(SITE, capsys) == (0, "site.py: no problems in 7 services\n")
    use = 'SITE = Site(hostname="box", services=(Script(name="hello", text="#!/bin/sh"),))\n'
    assert told(OWN + "from services.model import Site\n" + use, capsys)[0] == 0


def test_the_mistakes_of_the_page_are_told_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = SITE.replace("wan6.outputs.dns,)", "wan6.outputs.nds,), cache=70000")
    wrong = wrong.replace("wan6, dns, Ssh", "wan6, dsn, Ssh")
    assert told(wrong, capsys) == (1, TOLD.partition("\n")[2])
