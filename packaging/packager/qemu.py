"""How QEMU is called to play a target with an image: from values to an argument list. Pure.

`frostgate run` and tests/machine start what comes out. Emulated always: KVM is not to be had
everywhere, hangs where it is nested badly, and two of the three targets are other machines anyway.
"""

from dataclasses import dataclass
from pathlib import Path

from packager.isp.isp import ROUTER_MAC
from packager.targets import Machine, Target

MEMORY_MB = 256
LEAST_LINKS, MOST_LINKS = 1, 4


class QemuError(Exception):
    """This can't be run; the text is one line for the user."""


@dataclass(frozen=True)
class Disk:
    """A disk of the machine, /dev/vda and so on: a file with a raw image.

    is_kept: what the machine writes goes into the file; else it is forgotten at the end.
    """

    path: Path
    is_kept: bool = False


@dataclass(frozen=True)
class Boot:
    """What the machine boots. words: the kernel's command line."""

    kernel: Path
    initrd: Path | None = None
    disks: tuple[Disk, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Link:
    """A network card: the far end as `-netdev` takes it, without the id."""

    far_end: str

    @classmethod
    def tap(cls, fileno: int) -> "Link":
        """A tap that is open: QEMU has to inherit the descriptor."""
        return cls(f"tap,fd={fileno}")

    @classmethod
    def named_tap(cls, name: str) -> "Link":
        """A tap of the host's that QEMU makes, or that is there already."""
        return cls(f"tap,ifname={_escaped(name)},script=no,downscript=no")

    @classmethod
    def socket(cls, path: Path) -> "Link":
        """A UNIX socket where another QEMU connects: `-netdev stream,server=off,addr...`."""
        where = _escaped(str(path))
        return cls(f"stream,server=on,addr.type=unix,addr.path={where}")


def mac(number: int) -> str:
    """The address of the n-th card: the WAN's is the one that the simulated ISP knows."""
    return ROUTER_MAC if number == 0 else f"02:00:5e:00:53:{0x10 + number - 1:02x}"


def arguments(
    target: Target,
    boot: Boot,
    links: tuple[Link, ...],
    *,
    serial: str,
    control: Path | None = None,
    memory_mb: int = MEMORY_MB,
) -> list[str]:
    """The whole command. serial: what `-serial` takes. control: a socket to be made for QMP.

    QemuError for a target without a machine and for too many links.
    """
    machine = emulated(target)
    if not LEAST_LINKS <= len(links) <= MOST_LINKS:
        raise QemuError(f"expected {LEAST_LINKS} to {MOST_LINKS} links, got {len(links)}")
    # -nodefaults: no floppy, no graphics, no network but ours. No option ROMs: nothing boots there.
    argv = [machine.program, "-accel", "tcg", *machine.argv, "-smp", "1", "-m", str(memory_mb)]
    argv += ["-nodefaults", "-no-user-config", "-display", "none", "-serial", serial]
    argv += ["-kernel", str(boot.kernel)]
    if boot.initrd:
        argv += ["-initrd", str(boot.initrd)]
    argv += ["-append", f"{boot.words} {machine.words}".rstrip()]
    for number, disk in enumerate(boot.disks):
        forget = "" if disk.is_kept else ",snapshot=on"
        file = f"file={_escaped(str(disk.path))},format=raw,if=none,id=disk{number}{forget}"
        argv += ["-drive", file, "-device", f"virtio-blk-pci,drive=disk{number}"]
    for number, link in enumerate(links):
        argv += ["-netdev", f"{link.far_end},id=net{number}"]
        argv += ["-device", _card(machine, number)]
    if control:
        argv += ["-qmp", f"unix:{_escaped(str(control))},server=on,wait=off"]
    return argv


def emulated(target: Target) -> Machine:
    """The target's machine; QemuError where it has none."""
    if target.machine is None:
        raise QemuError(
            f"{target.name}: expected a target that QEMU plays, an overlay is no machine"
        )
    return target.machine


def _card(machine: Machine, number: int) -> str:
    return f"{machine.nics[0].device},netdev=net{number},mac={mac(number)},romfile="


def _escaped(text: str) -> str:
    return text.replace(",", ",,")  # as QEMU's option syntax has it
