"""Images with known sizes, for the tests of the size report."""

import json
from pathlib import Path

from packager.formats import squashfs as squashfs_format
from packager.root import tree as t
from packager.size import image, packing
from packager.size.contents import Contents, Item, Program

HOSTILE = "</title><script>alert(1)</script>\"'&amp;\x1b[31m\u202e"


def noise(octets: int, seed: int = 1) -> bytes:
    """Octets that do not get smaller, the same each time."""
    found = bytearray()
    state = seed
    while len(found) < octets:
        state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        found += (state >> 32).to_bytes(4, "little")
    return bytes(found[:octets])


def small_tree() -> t.Tree:
    """Files of three packages: several blocks, one block, and pieces that share a fragment."""
    libc = t.Origin("libc6", "dns needs libc6", ("dns runs dnsmasq", "dnsmasq needs libc.so.6"),
                    ("dns", "ssh"))  # fmt: skip
    dns = t.Origin("dnsmasq-base", "dns runs dnsmasq", ("dns runs dnsmasq",), ("dns",))
    gmp = t.Origin("libgmp10", "dnsmasq-base needs libgmp10 through libhogweed6",
                   ("dns runs dnsmasq", "libhogweed needs libgmp"), ("dns",))  # fmt: skip
    ours = t.Origin("frostgate", "the programs of the site")
    site = t.Origin("site", "dns")
    return t.Tree(
        [
            t.file("/usr/lib/libc.so.6", noise(2 * packing.BLOCK), libc),
            t.file("/usr/lib/gconv/A.so", b"gconv " * 9_000, libc),
            t.file("/usr/sbin/dnsmasq", noise(90_000, 2) + b"text " * 40_000, dns),
            t.file("/usr/lib/libgmp.so.10", noise(70_000, 3), gmp),
            t.file("/usr/libexec/frost/frost", noise(120_000, 4), ours, 0o755),
            t.file("/etc/frost/dns.conf", b"bogus-priv\n" * 20, site),
            t.link("/usr/lib/libgmp.so", "libgmp.so.10", gmp),
            t.file("/usr/lib/modules/6.1/x.ko", noise(50_000, 5), t.Origin("kernel", "for dns")),
        ]
    )


def stated() -> Contents:
    """Contents with round figures, for texts."""

    def libc(path: str, size: int, packed: int) -> Item:
        return Item(path, size, packed, "libc6", "dns needs libc6", needed_by=("dns", "ssh"))

    def gmp(path: str, size: int, packed: int, kind: str) -> Item:
        reason = "dnsmasq-base needs libgmp10 through libhogweed6"
        chain = ("dns runs dnsmasq", "libhogweed.so.6 needs libgmp.so.10")
        return Item(path, size, packed, "libgmp10", reason, chain, kind)

    items = (
        libc("/usr/lib/libc.so.6", 1_922_136, 760_000),
        libc("/usr/lib/ld.so.2", 210_968, 100_000),
        Item("/usr/sbin/dnsmasq", 456_000, 200_000, "dnsmasq-base", "dns runs dnsmasq",
             ("dns runs dnsmasq",)),
        gmp("/usr/lib/libgmp.so.10", 529_216, 238_000, "file"),
        gmp("/usr/lib/libgmp.so", 12, 0, "link"),
        Item("/usr/libexec/frost/frost", 586_456, 273_000, "frostgate", "the site's programs"),
        Item("/boot/vmlinuz", 7_000_000, 6_900_000, "kernel", "the machine"),
    )  # fmt: skip
    programs = (
        Program("ra", 86_471, 38_932, tuple(f"services.ra.m{i}" for i in range(6))),
        Program("ifwait", 32_142, 1_956, ("ifwait.__main__",)),
    )
    return Contents("router.squashfs", 8_480_000, items, "measured", target="qemu-x86_64",
                    programs=programs)  # fmt: skip


def hostile() -> Contents:
    name = HOSTILE.replace("/", "|")
    return Contents(HOSTILE, 300, (Item(f"/{name}", 200, 200, HOSTILE, HOSTILE, (HOSTILE,)),
                                   Item("/b", 100, 100, "b", "b")), "measured",
                    programs=(Program(HOSTILE, 1, 1, (HOSTILE,)),))  # fmt: skip


def built_in(folder: Path) -> Path:
    """A squashfs in a folder, with its manifest beside it."""
    made, tree = folder / "router.squashfs", small_tree()
    squashfs_format.write(tree, made)
    found = image.annotated(t.manifest(tree, "qemu-x86_64"), made, tree)
    image.beside(made).write_text(json.dumps(found))
    return made
