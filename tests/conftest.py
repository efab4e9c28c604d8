"""For all tests: `make check` draws the same examples each time, `make soak` new ones.

Any worker (pytest-xdist) takes any test, but for files marked `together`: their tests share what
they set up, and one worker takes them all, in order; of a file that looks at several machines those
of one machine. At the end of a run stand the counts that counted tests ran (FROST_COUNT_SCALE
multiplies them).
"""

import functools
import os
import re
from pathlib import Path
from typing import Any

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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """xdist's scheduler of groups, with our groups: its own are lost on pytest 9.2, which no
    longer lets a plugin change a test's id."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):  # type: ignore[misc,unused-ignore]
        def _split_scope(self, nodeid: str) -> str:
            return scope(nodeid)

    return Together(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Emulated machines compute and labs wait: spread the former's tests among the latter's, the
    longest first, so that workers have some of both at any time. The rest, short tests, comes last.
    """
    machines: dict[str, list[pytest.Item]] = {}
    labs: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        if item.nodeid.startswith("tests/machine/"):
            machines.setdefault(scope(item.nodeid), []).append(item)
        else:
            (labs if item.nodeid.startswith("tests/lab/") else others).append(item)
    mixed: list[pytest.Item] = []
    for number, group in enumerate(sorted(machines.values(), key=len, reverse=True)):
        first, last = (len(labs) * each // len(machines) for each in (number, number + 1))
        mixed += [*group, *labs[first:last]]
    items[:] = [*(mixed or labs), *others]


def scope(nodeid: str) -> str:
    """The tests that one worker takes have the same one."""
    file = nodeid.partition("::")[0]
    if not is_together(file):
        return nodeid
    machine = re.search(r"\[(qemu-\w+)", nodeid)
    return file + machine.group() if machine else file


@functools.cache
def is_together(file: str) -> bool:
    """Whether one worker is to take this whole file. The scheduler sees names of tests alone."""
    return "pytest.mark.together" in (Path(__file__).parents[1] / file).read_text()


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
