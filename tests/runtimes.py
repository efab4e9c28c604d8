"""The two runtimes as command lines: how host tests run one function of a device module on each."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FROST_CHECK = ROOT / "build" / platform.machine() / "frost-check"
NAMES = ("cpython", "frozen")
SCALE = int(os.environ.get("FROST_COUNT_SCALE", "1"))

CALL = (
    "import importlib, sys; sys.path.insert(0, %r); "
    "getattr(importlib.import_module(sys.argv[1]), sys.argv[2])(*sys.argv[3:])"
)


def command(runtime: str, module: str, function: str, *words: str) -> list[str]:
    """The command that calls FUNCTION(*words) of a module below tests/ on that runtime."""
    if runtime == "cpython":
        return [sys.executable, "-c", CALL % str(ROOT), module, function, *words]
    if not FROST_CHECK.exists():
        pytest.skip(f"no {FROST_CHECK.name}: make frozen-check TARGET={platform.machine()}")
    return [str(FROST_CHECK), module, function, *words]


def run(runtime: str, module: str, function: str, *words: str) -> str:
    """Run it to its end and return what it printed; its failure is this test's."""
    done = subprocess.run(
        command(runtime, module, function, *words), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{runtime}: {function}: {done.stdout}{done.stderr}"
    return done.stdout
