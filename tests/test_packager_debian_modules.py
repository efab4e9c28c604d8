"""Kernel modules: what they say of themselves, which need which, and depmod's own word for it."""

import lzma
import struct

import pytest

from packager.debian.modinfo import Module, built_in, module_name, read_module, section
from packager.debian.modules import Modules, installed_path, tables
from packager.debian.sources import DebianError

K = "/usr/lib/modules/6.1/kernel"


def elf(info: bytes, wide: bool, order: str) -> bytes:
    """An ELF file with a section .modinfo and nothing else."""
    names = b"\0.modinfo\0.shstrtab\0"
    head = 64 if wide else 52
    rows = [(0, 0, 0), (1, head, len(info)), (10, head + len(info), len(names))]
    shape = order + ("IIQQQQIIQQ" if wide else "10I")
    table = b"".join(
        struct.pack(shape, name, 1, 0, 0, at, size, 0, 0, 0, 0) for name, at, size in rows
    )
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    shoff = head + len(info) + len(names)
    word = "Q" if wide else "I"
    rest = struct.pack(order + f"HHI{word}{word}{word}I6H", 1, 8, 1, 0, 0, shoff, 0, head, 0, 0,
                       struct.calcsize(shape), 3, 2)  # fmt: skip
    return ident + rest + info + names + table


INFO = b"license=GPL\0depends=a-b,c\0softdep=pre: x-y z post: w\0alias=pci:v*d[0-9]-q\0\0"


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [True, False])
def test_a_module_is_read_whatever_the_machine(wide: bool, order: str, packed: bool) -> None:
    octets = elf(INFO, wide, order)
    path = f"{K}/net/my-mod.ko" + (".xz" if packed else "")
    module = read_module(path, lzma.compress(octets) if packed else octets)
    assert module == Module("my_mod", path, ("a_b", "c"), ("x-y", "z"), ("w",), ("pci:v*d[0-9]-q",))
    assert installed_path(module) == f"{K}/net/my-mod.ko"


def test_what_is_no_module_is_one_line() -> None:
    with pytest.raises(DebianError) as refused:
        section(b"#!/bin/sh", b".modinfo", "/x.ko")
    assert str(refused.value) == "/x.ko: expected an ELF file"


def test_built_in_modules_are_known_by_name_and_alias() -> None:
    found = built_in(b"crc32c-x.license=GPL\0crc32c-x.alias=crypto-crc32c\0other.license=GPL\0")
    assert found == [Module("crc32c_x", "", aliases=("crypto-crc32c",)), Module("other", "")]


def ko(
    name: str, *depends: str, before: tuple[str, ...] = (), alias: tuple[str, ...] = ()
) -> Module:
    return Module(module_name(name), f"{K}/{name}.ko", depends, before, (), alias)


MODULES = Modules(
    [
        ko("top", "left", "right"),
        ko("left", "base"),
        ko("right", "base", "left"),
        ko("base", before=("sum-1",)),
        ko("sum-generic", alias=("sum-1", "crypto-sum-*")),
        Module("inside", "", aliases=("in-1",)),
        ko("user", "inside", before=("in-1", "nobody-has-it")),
        ko("broken", "gone"),
    ]
)


def test_modules_come_with_what_they_need_in_an_order_in_which_they_load() -> None:
    chosen = MODULES.closure({"top": "why"})
    assert [each.module.name for each in chosen] == ["sum_generic", "base", "left", "right", "top"]
    assert chosen[0].chain == ("why", "top needs left", "left needs base", "base asks for sum-1")


@pytest.mark.parametrize("name", ["sum-generic", "sum_generic", "sum-1", "crypto-sum-x"])
def test_a_module_is_known_by_either_spelling_and_by_its_aliases(name: str) -> None:
    assert [each.module.name for each in MODULES.closure({name: "why"})] == ["sum_generic"]


def test_what_is_built_in_needs_no_file() -> None:
    assert [each.module.name for each in MODULES.closure({"user": "why"})] == ["user"]
    assert MODULES.closure({"inside": "why"}) == []


def test_all_modules_that_there_are_not_are_told_with_near_ones() -> None:
    with pytest.raises(DebianError) as refused:
        MODULES.closure({"lefd": "why", "zzzzzz": "why", "top": "why"})
    assert str(refused.value) == (
        "the kernel has no module lefd, nor an alias of this name; near: left\n"
        "the kernel has no module zzzzzz, nor an alias of this name"
    )
    with pytest.raises(DebianError) as refused:
        MODULES.closure({"broken": "why"})
    assert str(refused.value) == f"{K}/broken.ko: needs the module gone, which there is not"


def test_modprobes_tables_are_of_the_chosen_modules_alone() -> None:
    told = tables(MODULES, MODULES.closure({"right": "why"}), "/usr/lib/modules/6.1")
    assert told == {
        "modules.dep": (
            "kernel/base.ko:\n"
            "kernel/left.ko: kernel/base.ko\n"
            "kernel/right.ko: kernel/left.ko kernel/base.ko\n"
            "kernel/sum-generic.ko:\n"
        ),
        "modules.alias": "alias sum-1 sum_generic\nalias crypto-sum-* sum_generic\n",
        "modules.softdep": "softdep base pre: sum-1\n",
    }
