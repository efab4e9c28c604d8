"""A tree with one of each that formats hold, and what a reader of an image has to find of it."""

from packager.root.tree import Entry, Origin, Tree, file, folder, link
from tests.flash_readers import Row

OURS = Origin("site", "a test")


def everything() -> Tree:
    """One of each that a tree can hold, and contents that formats treat in their own ways."""
    text = "".join(f"{number * number}\n" for number in range(20000)).encode()
    noise = bytes((number * number >> 3) & 0xFF for number in range(9000))
    return Tree(
        [
            file("/empty", b"", OURS),
            file("/bin/tool", b"\x7fELF" + text, OURS, 0o4751, 1000, 1001),
            file("/secret", b"s", OURS, 0o000),
            file("/zeros", bytes(70000), OURS, 0o640, 0, 42),
            file("/noise", noise, OURS),
            file("/etc/grüße", "ß".encode(), OURS),
            file(f"/{'n' * 200}/{'m' * 120}", b"long", OURS),
            link("/link", "bin/tool", OURS),
            link("/loop/link", "/nowhere/" + "x" * 150, OURS),
            folder("/tmp", OURS, 0o1777),
            folder("/home/me", OURS, 0o700, 1000, 1001),
            Entry("/dev/console", "character", 0o600, OURS, device=(5, 1)),
            Entry("/dev/sda1", "block", 0o660, OURS, 0, 6, device=(8, 1)),
            Entry("/run/pipe", "fifo", 0o620, OURS, 7, 8),
        ]
    )


def expected(tree: Tree) -> dict[str, Row]:
    """Its paths as (kind, mode, uid, gid, device, content)."""
    return {
        each.path: (
            each.kind,
            each.mode,
            each.uid,
            each.gid,
            each.device,
            each.octets() if each.kind == "file" else each.target.encode(),
        )
        for each in tree
    }
