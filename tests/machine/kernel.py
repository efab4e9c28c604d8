"""Debian's own kernel, out of its package into build/debian: never installed here.

Modules are loaded one by one in the machine, so that it needs neither kmod nor modules.dep.
"""

import lzma
import os
import struct
from pathlib import Path

from packager.debian.archive import Archive
from packager.debian.kernel import Kernel, open_kernel
from packager.debian.sources import DebianError
from packager.targets import X86_64
from tests.runtimes import ROOT

__all__ = ["Kernel", "Missing", "fetched", "unpacked"]
CACHE = ROOT / "build" / "debian"


class Missing(Exception):
    """What a machine needs can't be had here; the text says what to do."""


def fetched() -> Kernel:
    """The newest kernel of Debian's release, fetched once. Raises Missing."""
    assert X86_64.debian is not None
    try:
        return open_kernel(Archive(CACHE, X86_64.debian.architecture), X86_64.debian)
    except DebianError as error:
        raise Missing(str(error)) from None


def unpacked(kernel: Kernel) -> Path:
    """The kernel without its compression, as an ELF file that qemu boots by PVH (CONFIG_PVH): an
    emulated processor takes 5 s for the xz, at each boot."""
    path = CACHE / f"vmlinux-{kernel.release}"
    if not path.is_file():
        octets = kernel.image.read_bytes()
        # Linux, Documentation/x86/boot.rst: setup_sects, payload_offset, payload_length
        begin = (octets[0x1F1] + 1) * 512
        offset, length = struct.unpack_from("<II", octets, 0x248)
        payload = octets[begin + offset : begin + offset + length]
        new = path.with_name(f"{path.name}.{os.getpid()}")
        new.write_bytes(lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(payload))
        new.rename(path)
    return path
