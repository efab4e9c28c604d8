"""The loader's room, on either runtime."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import runtimes
from tests.lab.firewall.loader_room import Room


@pytest.fixture(params=runtimes.NAMES)
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    """A namespace with the loader in it; skipped without root or a frozen build."""
    if os.geteuid() != 0:
        pytest.skip("needs root for network namespaces: run `make check` as root")
    if request.param == "frozen" and not (runtimes.FROST_CHECK.parent / "firewall").exists():
        pytest.skip("no frozen build: make frozen-check")
    made = Room(tmp_path, request.param)
    try:
        yield made
    finally:
        made.close()
