"""Which kernel modules a target has, as far as an earlier build left its kernel in the cache."""

import json
from dataclasses import dataclass
from pathlib import Path

from packager.debian.modinfo import Module
from packager.debian.modules import Modules
from packager.freeze import ROOT
from packager.targets import Target

CACHE = ROOT / "build" / "debian"  # packager.image.making's


@dataclass(frozen=True)
class KnownModules:
    """A kernel's modules. kernel: its name, for messages."""

    kernel: str
    names: tuple[str, ...]
    modules: Modules

    def has(self, name: str) -> bool:
        """Whether there is such a module, or one that has it as an alias."""
        return bool(self.modules.named(name))


def known_modules(target: Target | None, cache: Path = CACHE) -> KnownModules | None:
    """Those of the newest kernel of the target in the cache; None: nothing is known."""
    if target is None or target.debian is None:
        return None
    unpacked = cache / target.debian.architecture / "unpacked"
    found = sorted(
        unpacked.glob("linux-image-*/modules.json"), key=lambda path: path.stat().st_mtime
    )
    if not found:
        return None
    rows = json.loads(found[-1].read_text())
    modules = [Module(name, path, *map(tuple, rest)) for name, path, *rest in rows]
    names = tuple(sorted(each.name for each in modules))
    return KnownModules(found[-1].parent.name.partition("_")[0], names, Modules(modules))
