"""For all tests: `make check` draws the same examples each time, `make soak` new ones.

Workers (pytest-xdist) take whole files, since a file's tests share what they set up; a test marked
`apart` shares nothing and goes to any worker. At the end of a run stand the counts that counted
tests ran (FROST_COUNT_SCALE multiplies them).
"""

import os

import hypothesis
import pytest

SCALE = os.environ.get("FROST_COUNT_SCALE", "1")

hypothesis.settings.register_profile("frostgate", derandomize=SCALE == "1", database=None)
hypothesis.settings.load_profile("frostgate")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write expected files anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written instead of compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.hookimpl(tryfirst=True)  # before xdist looks for its groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name the group that each test stays in."""
    for item in items:
        apart = item.get_closest_marker("apart")
        item.add_marker(pytest.mark.xdist_group(item.nodeid if apart else str(item.path)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what passing tests printed: how many sequences, kills, vectors, and their seeds."""
    lines = [
        f"{report.nodeid.partition('@')[0].split('/')[-1]}: {line}"
        for report in terminalreporter.getreports("passed")
        if report.when == "call"
        for line in report.capstdout.splitlines()
        if line.strip()
    ]
    if lines:
        terminalreporter.section(f"counts, FROST_COUNT_SCALE={SCALE}")
        for line in sorted(lines):
            terminalreporter.write_line(line)
