"""Debian's kernel out of its package: the image, the modules that are chosen and what they need.

kernel = open_kernel(archive, target.debian)
kernel.tree({"virtio_net": "the WAN's network card"}), kernel.image
"""

import json
import lzma
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from pathlib import Path

from packager.debian.archive import Archive
from packager.debian.contents import Contents, Item
from packager.debian.modinfo import Module, built_in, read_module
from packager.debian.modules import Chosen, Modules, installed_path, tables
from packager.debian.sources import DebianError
from packager.root.tree import Entry, Origin, Tree, file
from packager.targets import Debian

PACKAGE = "kernel"  # whose the image and modules are, in an image's manifest


class Kernel:
    """A kernel's package, opened."""

    def __init__(self, contents: Contents, image: str) -> None:
        self._contents = contents
        images = contents.matching(image)
        if not images:
            raise DebianError(f"{contents.name}: expected a kernel's image {image}")
        self.image = contents.content(images[0])  # the host's file
        self.release = images[0].path.partition("-")[2]
        self.folder = f"/usr/lib/modules/{self.release}"
        self.modules = Modules(self._read())

    def config(self) -> dict[str, str]:
        """What the kernel was built with: CONFIG_NAME -> y, m or a value; what is off is absent."""
        item = self._contents.items[f"/boot/config-{self.release}"]
        lines = self._contents.content(item).read_text().splitlines()
        pairs = [line.partition("=") for line in lines if line.startswith("CONFIG_")]
        return {name: value for name, _, value in pairs}

    def in_order(self, names: Iterable[str]) -> list[Path]:
        """The host's files of these modules and all that they need, as they can be loaded."""
        chosen = self.modules.closure(dict.fromkeys(names, "asked for"))
        return [self._contents.content(self._item(each.module)) for each in chosen]

    def tree(self, names: Mapping[str, str]) -> Tree:
        """These modules (name or alias -> reason) with what they need and modprobe's tables."""
        chosen = self.modules.closure(dict(names))
        tree = Tree([self._entry(each) for each in chosen])
        why = Origin(PACKAGE, "modprobe looks modules up here")
        texts = tables(self.modules, chosen, self.folder)
        texts["modules.builtin"] = self._text("modules.builtin").decode()
        for name, text in texts.items():
            tree.add(file(f"{self.folder}/{name}", text.encode(), why))
        return tree

    def _item(self, module: Module) -> Item:
        return self._contents.items[module.path]

    def _entry(self, chosen: Chosen) -> Entry:
        path = self._contents.content(self._item(chosen.module))
        packed = not chosen.module.path.endswith(".ko")
        content = lzma.decompress(path.read_bytes()) if packed else path
        origin = Origin(PACKAGE, chosen.chain[-1], chosen.chain)
        return file(installed_path(chosen.module), content, origin)

    def _text(self, name: str) -> bytes:
        return self._contents.content(self._contents.items[f"{self.folder}/{name}"]).read_bytes()

    def _read(self) -> list[Module]:
        """All modules; what they say is kept beside the package, they are thousands."""
        kept = self._contents.folder.parent / "modules.json"
        if kept.is_file():
            return [
                Module(name, path, *(tuple(words) for words in rest))
                for name, path, *rest in json.loads(kept.read_text())
            ]
        modules = built_in(self._text("modules.builtin.modinfo"))
        for pattern in (".ko", ".ko.xz"):
            for item in self._contents.matching(f"{self.folder}/kernel/**{pattern}"):
                octets = self._contents.content(item).read_bytes()
                modules.append(read_module(item.path, octets))
        new = kept.with_name("modules.json.new")
        new.write_text(json.dumps([astuple(each) for each in modules]))
        new.rename(kept)
        return modules


def open_kernel(archive: Archive, debian: Debian) -> Kernel:
    """The kernel that the release's meta package stands for."""
    archive.open(debian.kernel_package)  # so that packages.lock has it, too
    names = [name for name in archive.depends(debian.kernel_package) if "linux-image-" in name]
    if not names:
        raise DebianError(f"{debian.kernel_package}: expected that it depends on a kernel")
    return Kernel(archive.open(names[0]), debian.kernel_image)
