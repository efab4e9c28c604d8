"""The targets: each has a frozen binary, and nothing of Debian without all of it."""

import struct
from pathlib import Path

import pytest

from packager import freeze
from packager.targets import TARGETS, TargetError, find_target

ROOT = Path(__file__).resolve().parent.parent


def test_every_frozen_binary_has_an_overlay() -> None:
    overlays = {target.frozen for target in TARGETS.values() if target.is_overlay}
    assert overlays == set(freeze.TARGETS)


def test_a_target_with_debian_packages_has_a_machine() -> None:
    assert [t.name for t in TARGETS.values() if (t.debian is None) != (t.machine is None)] == []


@pytest.mark.parametrize("name", TARGETS)
def test_the_byte_order_is_the_frozen_binarys(name: str) -> None:
    binary = ROOT / "build" / TARGETS[name].frozen / "frost"
    if not binary.exists():
        pytest.skip(f"no frozen build: make frozen TARGET={TARGETS[name].frozen}")
    little = struct.unpack_from("B", binary.read_bytes(), 5) == (1,)  # ELF: EI_DATA, ELFDATA2LSB
    assert TARGETS[name].byte_order == ("little" if little else "big")


def test_an_unknown_target_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(TargetError) as refused:
        find_target("qemu")
    assert str(refused.value) == (
        "expected a target of qemu-x86_64 qemu-aarch64 qemu-malta overlay-x86_64 overlay-aarch64 "
        "overlay-armv7 overlay-mips overlay-mipsel overlay-riscv64, got 'qemu'"
    )
