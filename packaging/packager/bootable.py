"""What `frostgate build` has written, as something that QEMU can boot."""

import json
from dataclasses import dataclass
from pathlib import Path

from packager.qemu import Boot, Disk
from packager.targets import Target, TargetError, find_target

MANIFEST = "image.json"


class NotBootable(Exception):
    """There is no image here, or none that boots; the text is one line for the user."""


@dataclass(frozen=True)
class Bootable:
    """An image's files and what the kernel has to be told of them."""

    target: Target
    kernel: Path
    initrd: Path | None
    disk: Path | None
    words: str

    def boot(self, *, is_kept: bool = False, words: str = "") -> Boot:
        """For QEMU. is_kept: what the machine writes stays in the image. words: more of them."""
        disks = (Disk(self.disk, is_kept),) if self.disk else ()
        return Boot(self.kernel, self.initrd, disks, f"{self.words} {words}".strip())


def bootable(folder: Path) -> Bootable:
    """The image in this folder. Raises NotBootable."""
    path = folder / MANIFEST
    try:
        told = json.loads(path.read_text())
        target = find_target(str(told["target"]))
        boot = told.get("boot")
    except (FileNotFoundError, NotADirectoryError):
        raise NotBootable(
            f"{folder}: expected the folder of an image, with {MANIFEST} in it; "
            "`frostgate build SITE` makes one"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotBootable(f"{path}: expected an image's manifest: {error}") from None
    except TargetError as error:
        raise NotBootable(f"{path}: {error}") from None
    if not isinstance(boot, dict):
        kind = told.get("format", "this")
        raise NotBootable(
            f"{folder}: expected an image with a kernel, got {kind} for {target.name}"
        )
    found = {
        name: folder / str(boot[name]) for name in ("kernel", "initrd", "disk") if name in boot
    }
    for each in found.values():
        if not each.is_file():
            raise NotBootable(f"{each}: expected this file of the image; build it again")
    if "kernel" not in found:
        raise NotBootable(f"{path}: expected the name of a kernel")
    return Bootable(
        target, found["kernel"], found.get("initrd"), found.get("disk"), str(boot.get("words", ""))
    )
