"""One machine with the agent for all tests of a file, for each runtime."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from packager.isp import namespaces
from tests import runtimes
from tests.lab.supervision import room


@pytest.fixture(scope="module")
def machine(runtime: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[namespaces.Machine]:
    """A machine with the agent of that runtime."""
    if os.geteuid() != 0:
        pytest.skip("needs root for namespaces: run `make check` as root")
    if runtime == "frozen" and not (room.FROZEN / "frost-agent").exists():
        pytest.skip("no frost-agent: make frozen TARGET=x86_64")
    folder: Path = tmp_path_factory.mktemp(runtime)
    with room.running(runtime, folder) as made:
        yield made


@pytest.fixture(scope="module", params=runtimes.NAMES)
def runtime(request: pytest.FixtureRequest) -> str:
    """Which runtime the agent has."""
    name: str = request.param
    return name
