"""The machines that images are made for: what Debian, the frozen build and QEMU call each of them.

Facts alone; the packager's other parts read them here instead of asking for a name. A target
without `debian` is an overlay: only our own files, for a machine that somebody else's system runs.
"""

from dataclasses import dataclass
from typing import Literal

ByteOrder = Literal["little", "big"]


class TargetError(Exception):
    """No such target; the text is one line for the user."""


@dataclass(frozen=True)
class Nic:
    """A network card that QEMU offers this machine: its `-device` and the modules that drive it."""

    device: str
    modules: tuple[str, ...]


@dataclass(frozen=True)
class Machine:
    """How QEMU plays the target: `program *argv`, and what the kernel is told of its console, and
    of QEMU itself (`words`)."""

    program: str
    argv: tuple[str, ...]
    console: str  # of the kernel's command line: ttyS0, ttyAMA0
    nics: tuple[Nic, ...]  # the best first
    words: str = ""


@dataclass(frozen=True)
class Debian:
    """What Debian calls the target, and the kernel that it has for it."""

    architecture: str  # dpkg's
    multiarch: str  # the folder of its libraries, /usr/lib/<multiarch>
    kernel_package: str  # the meta package, which depends on the newest kernel
    kernel_image: str  # a pattern of the image's path in that package


@dataclass(frozen=True)
class Target:
    """A machine that an image can be made for."""

    name: str
    frozen: str  # the frozen binary's target, one of packager.freeze.TARGETS
    byte_order: ByteOrder
    debian: Debian | None = None
    machine: Machine | None = None

    @property
    def is_overlay(self) -> bool:
        """Without a kernel and without Debian's packages."""
        return self.debian is None


VIRTIO = Nic("virtio-net-pci", ("virtio_pci", "virtio_net"))
E1000 = Nic("e1000", ("e1000",))
PCNET = Nic("pcnet", ("pcnet32",))

X86_64 = Target(
    name="qemu-x86_64",
    frozen="x86_64",
    byte_order="little",
    debian=Debian("amd64", "x86_64-linux-gnu", "linux-image-amd64", "/boot/vmlinuz-*"),
    machine=Machine(
        "qemu-system-x86_64",
        ("-machine", "pc", "-cpu", "max"),
        "ttyS0",
        (VIRTIO, E1000),
        # On a busy host the emulated timer is late for the kernel's test of it, which panics.
        "no_timer_check",
    ),
)
AARCH64 = Target(
    name="qemu-aarch64",
    frozen="aarch64",
    byte_order="little",
    debian=Debian("arm64", "aarch64-linux-gnu", "linux-image-arm64", "/boot/vmlinuz-*"),
    machine=Machine(
        "qemu-system-aarch64",
        ("-machine", "virt", "-cpu", "cortex-a53"),
        "ttyAMA0",
        (VIRTIO, E1000),
    ),
)
MALTA = Target(
    name="qemu-malta",
    frozen="mipsel",
    byte_order="little",
    debian=Debian("mipsel", "mipsel-linux-gnu", "linux-image-4kc-malta", "/boot/vmlinuz-*"),
    machine=Machine(
        # Debian's mipsel is MIPS32 release 2 with a floating point unit
        "qemu-system-mipsel",
        ("-machine", "malta", "-cpu", "24Kf"),
        "ttyS0",
        (VIRTIO, PCNET, E1000),
    ),
)

# The frozen binary's targets; the big-endian one is why byte order is a fact of a target.
OVERLAYS: dict[str, ByteOrder] = {
    "x86_64": "little",
    "aarch64": "little",
    "armv7": "little",
    "mips": "big",
    "mipsel": "little",
    "riscv64": "little",
}

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        X86_64,
        AARCH64,
        MALTA,
        *(Target(f"overlay-{frozen}", frozen, order) for frozen, order in OVERLAYS.items()),
    )
}


def find_target(name: str) -> Target:
    """The target of this name. TargetError names those that there are."""
    if name not in TARGETS:
        raise TargetError(f"expected a target of {' '.join(TARGETS)}, got {name!r}")
    return TARGETS[name]
