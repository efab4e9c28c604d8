"""The firewall's requirements by packets, and the page that tells of them."""

import pytest

from tests.lab.firewall import conformance, suite
from tests.runtimes import ROOT

pytestmark = pytest.mark.root
PAGE = ROOT / "docs" / "firewall-conformance.md"
COMMAND = f"python -m tests.lab.firewall.conformance --write {PAGE.relative_to(ROOT)}"


@pytest.fixture(scope="module")
def table() -> list[conformance.Row]:
    return conformance.run()[0]


def test_no_case_of_any_requirement_fails(table: list[conformance.Row]) -> None:
    failed = [f"{c.requirement} ({c.level}): {c.name}: {p}" for row in table for c, p in row.failed]
    assert failed == []
    packets = sum(len(step.packets) for case in suite.cases() for step in case.steps)
    print(f"conformance: {len(suite.cases())} cases, {packets} packets")


def test_the_page_tells_what_was_seen(table: list[conformance.Row]) -> None:
    assert PAGE.read_text() == conformance.page(table), f"write it anew: {COMMAND}"
