"""The device tests on every architecture that can run here, and what is built for the others.

x86_64 runs as it is, mips (big-endian, 32 bit) and aarch64 under qemu-user. Vectors: for every
tests/device/vectors_NAME.py (host only: INPUTS, a hypothesis strategy of JSON values, and
expected(input), the oracle) each target replays `[input, expected]` pairs from a file through
replay(path) of tests/device/NAME.py.
"""

import ast
import importlib
import json
import os
import shutil
import struct
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from packager import freeze

ROOT = Path(__file__).resolve().parents[1]
DEVICE = ROOT / "tests" / "device"
RUNNERS = {"x86_64": [], "mips": ["qemu-mips-static"], "aarch64": ["qemu-aarch64-static"]}
VECTORS = 300 * int(os.environ.get("FROST_COUNT_SCALE", "1"))
# linux_calls holds tests of the frozen binary alone: pytest could not import it.
MODULES = ["linux_calls", *sorted(path.stem for path in DEVICE.glob("test_*.py"))]
VECTOR_NAMES = sorted(path.stem.partition("_")[2] for path in DEVICE.glob("vectors_*.py"))

# target: (bits, byte order, e_machine), elf.h
ELF = {
    "x86_64": (64, "<", 62),
    "mips": (32, ">", 8),
    "mipsel": (32, "<", 8),
    "aarch64": (64, "<", 183),
    "armv7": (32, "<", 40),
    "riscv64": (64, "<", 243),
}
PT_INTERP = 3


@pytest.fixture(scope="module")
def checks() -> dict[str, Path]:
    """frost-check for each target that runs here."""
    return {
        target: freeze.freeze(target, ROOT / "build", check=True, quiet=True) / freeze.CHECK
        for target in RUNNERS
    }


def run_check(checks: dict[str, Path], target: str, *arguments: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of frost-check for that target."""
    for emulator in RUNNERS[target]:
        assert shutil.which(emulator), f"{emulator} is missing: apt-get install qemu-user-static"
    command = [*RUNNERS[target], str(checks[target]), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


def test_names(module: str) -> list[str]:
    """The tests that a module holds, by its source; decorators hand them their arguments."""
    tree = ast.parse((DEVICE / f"{module}.py").read_text())
    return sorted(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and (not node.args.args or node.decorator_list)
    )


test_names.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize("target", RUNNERS)
@pytest.mark.parametrize("module", MODULES)
def test_device_tests_pass_on_the_target(checks: dict[str, Path], module: str, target: str) -> None:
    names = test_names(module)
    expected = "".join(f"{name} ok\n" for name in names) + f"{len(names)} passed\n"
    code, out, errors = run_check(checks, target, f"tests.device.{module}")
    assert (errors, code) == ("", 0)
    assert out == expected


def test_the_targets_differ_in_byte_order(checks: dict[str, Path]) -> None:
    show = ("tests.device.linux_calls", "show_byte_order")
    shown = {target: run_check(checks, target, *show)[1] for target in RUNNERS}
    assert shown == {"x86_64": "little\n", "mips": "big\n", "aarch64": "little\n"}


def examples(strategy: Any, count: int) -> list[Any]:
    """As many different examples as hypothesis finds up to `count`; the same in every run."""
    found: dict[str, Any] = {}

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def gather(example: Any) -> None:
        found[json.dumps(example, sort_keys=True)] = example

    gather()
    return list(found.values())


def vectors_of(name: str) -> list[Any]:
    """[input, expected] pairs, through JSON and back as the targets see them."""
    host: ModuleType = importlib.import_module(f"tests.device.vectors_{name}")
    return [[given_, host.expected(given_)] for given_ in examples(host.INPUTS, VECTORS)]


@pytest.mark.parametrize("name", VECTOR_NAMES)
def test_vectors_made_by_hypothesis_hold_on_every_target(
    checks: dict[str, Path], name: str, tmp_path: Path
) -> None:
    vectors = vectors_of(name)
    assert len(vectors) > VECTORS // 4
    path = tmp_path / "vectors.json"
    path.write_text(json.dumps(vectors))
    importlib.import_module(f"tests.device.{name}").replay(str(path))  # CPython agrees first
    for target in RUNNERS:
        result = run_check(checks, target, f"tests.device.{name}", "replay", str(path))
        assert result == (0, f"{len(vectors)} vectors\n", ""), target
    print(f"{name}: {len(vectors)} vectors on CPython, {', '.join(RUNNERS)}")


def test_a_wrong_vector_fails_on_every_target(checks: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "vectors.json"
    path.write_text(json.dumps([["::1", ["::2", 64, "::", 2]]]))
    for target in RUNNERS:
        code, _, errors = run_check(checks, target, "tests.device.addresses", "replay", str(path))
        assert (code, "AssertionError" in errors) == (1, True), target


def read_elf(data: bytes) -> tuple[int, str, int, set[int]]:
    """(bits, byte order, machine, types of the program headers) of an ELF file."""
    assert data[:4] == b"\x7fELF"
    bits, order = {1: 32, 2: 64}[data[4]], {1: "<", 2: ">"}[data[5]]
    machine = struct.unpack_from(order + "H", data, 18)[0]
    wide = bits == 64
    table = struct.unpack_from(order + ("Q" if wide else "I"), data, 32 if wide else 28)[0]
    size, count = struct.unpack_from(order + "HH", data, 54 if wide else 42)
    kinds = {struct.unpack_from(order + "I", data, table + i * size)[0] for i in range(count)}
    return bits, order, machine, kinds


@pytest.mark.parametrize("target", freeze.TARGETS)
def test_every_target_builds_static_for_its_machine(target: str) -> None:
    folder = freeze.freeze(target, ROOT / "build", quiet=True)
    bits, order, machine, kinds = read_elf((folder / "frost").read_bytes())
    assert (bits, order, machine) == ELF[target]
    assert PT_INTERP not in kinds
