"""Which kernel modules need which, and the tables that modprobe reads. Pure.

The tables are depmod's text files, cut down to the chosen modules: busybox' modprobe reads those.
kmod's own modprobe wants them in a binary form, which no image has.
"""

import difflib
import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass

from packager.debian.modinfo import Module, alias_name, module_name
from packager.debian.sources import DebianError


@dataclass(frozen=True)
class Chosen:
    """A module that is needed, and the steps that led to it."""

    module: Module
    chain: tuple[str, ...]


class Modules:
    """A kernel's modules by name and by alias, those that are built in among them."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._modules = {each.name: each for each in modules}
        self._plain: dict[str, list[str]] = {}  # aliases without a pattern in them
        self._patterns: list[tuple[str, str]] = []
        for each in self._modules.values():
            for alias in map(alias_name, each.aliases):
                if any(letter in alias for letter in "*?["):
                    self._patterns.append((alias, each.name))
                else:
                    self._plain.setdefault(alias, []).append(each.name)

    def named(self, name: str) -> list[Module]:
        """The module of this name, or all that have it as an alias; none if there are none."""
        if module_name(name) in self._modules:
            return [self._modules[module_name(name)]]
        alias = alias_name(name)
        names = set(self._plain.get(alias, []))
        if not names:
            names = {
                each for pattern, each in self._patterns if fnmatch.fnmatchcase(alias, pattern)
            }
        return [self._modules[each] for each in sorted(names)]

    def closure(self, reasons: dict[str, str]) -> list[Chosen]:
        """These modules (or aliases, with the reason why) and all that they need, in an order in
        which they can be loaded. What is built in is left out. DebianError for what there is not.
        """
        missing = [name for name in reasons if not self.named(name)]
        if missing:
            raise DebianError("\n".join(self._in_vain(name) for name in missing))
        found: dict[str, Chosen] = {}
        begun: set[str] = set()
        for name, reason in reasons.items():
            for module in self.named(name):
                self._need(module, (reason,), found, begun)
        return [each for each in found.values() if each.module.path]

    def _need(
        self, module: Module, chain: tuple[str, ...], found: dict[str, Chosen], begun: set[str]
    ) -> None:
        if module.name in begun:
            return
        begun.add(module.name)
        for name in module.depends:
            if name not in self._modules:
                raise DebianError(f"{module.path}: needs the module {name}, which there is not")
            step = f"{module.name} needs {name}"
            self._need(self._modules[name], (*chain, step), found, begun)
        for name in module.before:
            self._soft(module, name, chain, found, begun)
        found[module.name] = Chosen(module, chain)
        for name in module.after:
            self._soft(module, name, chain, found, begun)

    def _soft(self, module: Module, name: str, chain: tuple[str, ...], found: dict[str, Chosen],
              begun: set[str]) -> None:  # fmt: skip
        for each in self.named(name):
            self._need(each, (*chain, f"{module.name} asks for {name}"), found, begun)

    def _in_vain(self, name: str) -> str:
        near = difflib.get_close_matches(module_name(name), self._modules, 3)
        hint = f"; near: {', '.join(near)}" if near else ""
        return f"the kernel has no module {name}, nor an alias of this name{hint}"

    def needed_in_order(self, module: Module) -> list[Module]:
        """What has to be loaded before a module, the last first, as modules.dep has it."""
        found: dict[str, None] = {}

        def visit(name: str) -> None:
            for each in self._modules[name].depends:
                # Seen again: it has to go in before more than was known.
                found.pop(each, None)
                found[each] = None
                visit(each)

        visit(module.name)
        return [self._modules[name] for name in found if self._modules[name].path]


def tables(modules: Modules, chosen: list[Chosen], folder: str) -> dict[str, str]:
    """modules.dep, .alias and .softdep by name; `folder` is what their paths are below."""

    def short(module: Module) -> str:
        return installed_path(module).removeprefix(folder + "/")

    by_path = sorted((each.module for each in chosen), key=lambda module: module.path)
    dep = [
        " ".join([short(each) + ":", *map(short, modules.needed_in_order(each))])
        for each in by_path
    ]
    alias = [f"alias {alias} {each.name}" for each in by_path for alias in each.aliases]
    soft = [f"softdep {each.name}{_soft_words(each)}" for each in by_path if _soft_words(each)]
    return {
        "modules.dep": "".join(line + "\n" for line in dep),
        "modules.alias": "".join(line + "\n" for line in alias),
        "modules.softdep": "".join(line + "\n" for line in soft),
    }


def _soft_words(module: Module) -> str:
    words = [f" {kind}: {' '.join(names)}" for kind, names in
             (("pre", module.before), ("post", module.after)) if names]  # fmt: skip
    return "".join(words)


def installed_path(module: Module) -> str:
    """Where a module is in an image: never compressed, the file system does that better."""
    return module.path.partition(".ko")[0] + ".ko"
