"""docs/reference.md is made from the definitions, and is current."""

import difflib
from pathlib import Path

import pytest

from packager import reference
from packager.__main__ import main
from packager.site_errors import definitions
from services.site.described import parameters
from services.site.outputs import declared

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference.md"


def test_the_page_is_current() -> None:
    made = reference.page().splitlines()
    diff = difflib.unified_diff(PAGE.read_text().splitlines(), made, str(PAGE), "made", lineterm="")
    assert "\n".join(diff) == "", "run `make docs`"


def test_every_service_parameter_and_output_is_on_it_with_its_doc() -> None:
    classes = list(reference.services())
    assert len(classes) >= len(definitions())
    text = PAGE.read_text()
    for each in classes:
        section = text.partition(f"\n### {each.__name__}\n")[2].partition("\n### ")[0]
        assert section, each
        for one in parameters(each):
            assert f"\n| `{one.name}` | " in section and one.metadata["doc"], (each, one.name)
        for name, output in declared(reference._outputs(each)):
            assert f"\n| `{name}` | " in section and output.doc, (each, name)


def test_the_verb_prints_the_page_or_writes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reference"]) == 0
    printed = capsys.readouterr().out
    assert main(["reference", "--output", str(tmp_path / "page.md")]) == 0
    assert printed == (tmp_path / "page.md").read_text() == PAGE.read_text()
