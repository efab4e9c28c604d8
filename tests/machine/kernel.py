"""Debian's own kernel, out of its package into build/debian: never installed here.

Modules are loaded one by one in the machine, so that it needs neither kmod nor modules.dep.
"""

from packager.debian.archive import Archive
from packager.debian.kernel import Kernel, open_kernel
from packager.debian.sources import DebianError
from packager.targets import X86_64
from tests.runtimes import ROOT

__all__ = ["Kernel", "Missing", "fetched"]
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
