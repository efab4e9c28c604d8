"""Every format holds what the tree holds, read back by somebody else's program, and is the same bit
for bit whoever writes it, wherever and whenever."""

import gzip
import lzma
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from packager.formats import ext4, image, squashfs, staging, tar, tools
from packager.formats.ext4 import Ext4
from packager.formats.image import Options
from packager.formats.initramfs import Initramfs
from packager.formats.jffs2 import Jffs2
from packager.formats.squashfs import Squashfs
from packager.formats.tar import Tar
from packager.formats.ubi import Ubi
from packager.root.tree import Tree, TreeError, file, link
from tests.every_kind import OURS, everything, expected
from tests.flash_readers import Row, read_jffs2, read_ubi, read_ubifs

EPOCH = 1700000000
FORMATS: dict[str, Options] = {
    "cpio": Initramfs("none", EPOCH),
    "cpio.gz": Initramfs("gzip", EPOCH),
    "cpio.xz": Initramfs("xz", EPOCH),
    "cpio.zst": Initramfs("zstd", EPOCH),
    "tar": Tar(EPOCH),
    "squashfs": Squashfs(epoch=EPOCH),
    "ext4": Ext4(epoch=EPOCH),
    "jffs2": Jffs2("little"),
    "jffs2-big": Jffs2("big"),
    "ubi": Ubi(epoch=EPOCH),
    "ubi-512": Ubi(min_io=512, erase_block=16384, size=4 << 20, epoch=EPOCH),
}


def told(*command: str, given: bytes | None = None) -> bytes:
    path = os.environ["PATH"] + ":/usr/sbin"
    return subprocess.run(
        [shutil.which(command[0], path=path) or command[0], *command[1:]],
        input=given, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={"PATH": path, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    ).stdout  # fmt: skip


MODES = {"-": "file", "d": "folder", "l": "link", "c": "character", "b": "block", "p": "fifo"}


def listed(line: str, times: str) -> tuple[str, Row]:
    """A line as ls -l writes it, of GNU tar, cpio and unsquashfs, by numbers."""
    pattern = rf"(.)(.{{9}})\s+(?:\d+\s+)?(\d+)[/ ]\s*(\d+)\s+(\d+,\s*\d+|\d+)\s+{times}\s+(.*)"
    found = re.fullmatch(pattern, line)
    assert found, line
    letter, bits, uid, gid, size, name = found.groups()
    name, _, target = name.partition(" -> ")
    mode = sum(1 << (8 - at) for at, bit in enumerate(bits) if bit not in "-ST")
    mode += sum(0o4000 >> at for at in range(3) if bits[2 + 3 * at] in "sStT")
    device = tuple(int(word) for word in size.split(",")) if "," in size else (0, 0)
    path = "/" + name.removeprefix("squashfs-root").strip("/")
    return path, (MODES[letter], mode, int(uid), int(gid), device, target.encode())  # type: ignore[return-value]


def with_contents(rows: dict[str, Row], read: Callable[[str], bytes]) -> dict[str, Row]:
    return {
        path: (*row[:5], read(path)) if row[0] == "file" else row
        for path, row in rows.items()
        if path != "/"
    }


def read_cpio(path: Path, name: str) -> dict[str, Row]:
    unpack: dict[str, Callable[[bytes], bytes]]
    unpack = {"cpio": bytes, "cpio.gz": gzip.decompress, "cpio.xz": lzma.decompress}
    packed = path.read_bytes()
    octets = unpack[name](packed) if name in unpack else told("zstd", "-dc", given=packed)
    lines = told("cpio", "-itv", "--numeric-uid-gid", "--quiet", given=octets).decode()
    with tempfile.TemporaryDirectory() as where:
        subprocess.run(["cpio", "-i", "--quiet", "--no-preserve-owner", "--make-directories",
                        "[!dr]*", "run"], input=octets, cwd=where, check=True)  # fmt: skip
        times = r"Nov 14  2023"
        rows = dict(listed(line, times) for line in lines.splitlines())
        return with_contents(rows, lambda name: Path(where, name.strip("/")).read_bytes())


def read_tar(path: Path, name: str) -> dict[str, Row]:
    lines = told("tar", "-tvf", str(path), "--numeric-owner", "--quoting-style=literal").decode()
    times = "2023-11-14 22:13"
    rows = dict(listed(line, times) for line in lines.splitlines())
    return with_contents(rows, lambda name: told("tar", "-xOf", str(path), name.strip("/")))


def read_squashfs(path: Path, name: str) -> dict[str, Row]:
    lines = told("unsquashfs", "-lln", str(path)).decode().splitlines()
    times = "2023-11-14 22:13"
    rows = dict(listed(line, times) for line in lines if line[:1] in MODES)
    return with_contents(rows, lambda name: told("unsquashfs", "-cat", str(path), name))


def read_ext4(path: Path, name: str) -> dict[str, Row]:
    told("e2fsck", "-f", "-n", str(path))

    def ask(question: str) -> str:
        return told("debugfs", "-R", question, str(path)).decode()

    def below(above: str) -> dict[str, Row]:
        found: dict[str, Row] = {}
        # ls -p: /inode/mode/uid/gid/name/size/
        for line in ask(f'ls -p "{above}/"').splitlines():
            words = line.split("/")
            if len(words) < 6 or words[5] in (".", "..", "lost+found"):
                continue
            mode, here = int(words[2], 8), f"{above}/{words[5]}"
            kind = {0o10: "file", 0o4: "folder", 0o12: "link", 0o2: "character", 0o6: "block",
                    0o1: "fifo"}[mode >> 12]  # fmt: skip
            text = ask(f'stat "{here}"')
            assert text.count("2023") == 4, text  # access, change, modification, birth
            number = re.search(r"number: (\d+):(\d+)", text)
            device = (int(number[1]), int(number[2])) if number else (0, 0)
            content = b""
            if kind == "link":
                short = re.search(r'Fast link dest: "(.*)"', text)
                content = short[1].encode() if short else ask(f'cat "{here}"').encode()
            if kind == "file":
                content = told("debugfs", "-R", f'cat "{here}"', str(path))
            found[here] = (kind, mode & 0o7777, int(words[3]), int(words[4]), device, content)
            if kind == "folder":
                found |= below(here)
        return found

    return below("")


def read_any_jffs2(path: Path, name: str) -> dict[str, Row]:
    return read_jffs2(path.read_bytes(), ">" if name == "jffs2-big" else "<")


def read_any_ubi(path: Path, name: str) -> dict[str, Row]:
    options = FORMATS[name]
    assert isinstance(options, Ubi)
    return read_ubifs(read_ubi(path.read_bytes(), options.erase_block), options.leb)


READERS = {"cpio": read_cpio, "tar": read_tar, "squashfs": read_squashfs, "ext4": read_ext4,
           "jffs2": read_any_jffs2, "ubi": read_any_ubi}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_read_back_is_what_was_written(name: str, tmp_path: Path) -> None:
    tree = everything()
    size = image.write(tree, tmp_path / "image", FORMATS[name])
    assert size == (tmp_path / "image").stat().st_size
    reader = READERS[re.split(r"[.-]", name)[0]]
    assert reader(tmp_path / "image", name) == expected(tree)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_tree_is_the_same_bits_elsewhere_and_later(name: str, tmp_path: Path) -> None:
    """Another folder, another time, contents in files, another order; nobody instead of root."""
    image.write(everything(), tmp_path / "one", FORMATS[name])
    with tempfile.TemporaryDirectory(prefix="other-") as elsewhere:
        os.chmod(elsewhere, 0o777)  # noqa: S103
        entries = []
        for number, each in enumerate(sorted(everything(), key=lambda each: each.size)):
            if each.kind == "file":
                held = Path(elsewhere, str(number))
                held.write_bytes(each.octets())
                each = file(each.path, held, OURS, each.mode, each.uid, each.gid)
            entries.append(each)
        time.sleep(1.1)  # the tools' clocks have seconds
        as_nobody(lambda: image.write(Tree(entries), Path(elsewhere, "two"), FORMATS[name]))
        assert Path(elsewhere, "two").read_bytes() == (tmp_path / "one").read_bytes()


def as_nobody(act: Callable[[], object]) -> None:
    """Do something in a process that has no rights, if this one has them."""
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            act()
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_tar_of_ours_is_read_as_the_same_tree(tmp_path: Path) -> None:
    tar.write(everything(), tmp_path / "root.tar")
    assert expected(tar.read(tmp_path / "root.tar")) == expected(everything())


def test_somebody_elses_tar_is_read(tmp_path: Path) -> None:
    """GNU tar's own, compressed, with ./ in front, a hard link and a folder twice."""
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "a").write_text("a")
    (root / "etc" / "b").hardlink_to(root / "etc" / "a")
    told(
        "tar",
        "-cJf",
        str(tmp_path / "x"),
        "-C",
        str(root),
        "--owner=5",
        "--group=6",
        "./etc",
        "./etc/a",
    )
    tree = tar.read(tmp_path / "x")
    assert [(e.path, e.uid, e.gid, e.octets()) for e in tree if e.kind == "file"] == [
        ("/etc/a", 5, 6, b"a"),
        ("/etc/b", 5, 6, b"a"),
    ]


def test_what_is_no_tar_or_leads_out_of_it_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no tar at all" * 100)
    with pytest.raises(tools.FormatError) as refused:
        tar.read(tmp_path / "x")
    assert str(refused.value).startswith(f"{tmp_path}/x: expected a tar, got what is none")
    (tmp_path / "y").write_text("y")
    told("tar", "-cPf", str(tmp_path / "z"), "--transform=s,^,../../,", str(tmp_path / "y"))
    with pytest.raises(tools.FormatError) as refused:
        tar.read(tmp_path / "z")
    assert "expected no '..' in a name" in str(refused.value)


@pytest.mark.parametrize("name", ["cpio", "tar", "squashfs", "ext4"])
def test_spaces_and_quotes_in_paths_hold(name: str, tmp_path: Path) -> None:
    tree = Tree([file("/a b/it's", b"x", OURS, 0o604), link("/a b/l", "it's", OURS)])
    image.write(tree, tmp_path / "image", FORMATS[name])
    assert READERS[name](tmp_path / "image", name) == expected(tree)


def test_what_a_tool_can_not_write_is_refused_with_its_path(tmp_path: Path) -> None:
    spaced = Tree([file("/a b", b"", OURS)])
    for options in (Jffs2("little"), Ubi()):
        with pytest.raises(tools.FormatError) as refused:
            image.write(spaced, tmp_path / "x", options)
        assert str(refused.value) == "'/a b': expected no space in a path: mtd-utils know none"
    with pytest.raises(tools.FormatError) as refused:
        ext4.write(Tree([file('/a"b', b"", OURS)]), tmp_path / "x")
    assert "expected no '\"' in a path" in str(refused.value)


def test_too_little_room_is_one_line_and_leaves_the_old_image(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")
    noise = Tree([file("/noise", os.urandom(8 << 20), OURS)])
    for options in (Ext4(size=4 << 20), Ubi(size=2 << 20)):
        with pytest.raises(tools.FormatError) as refused:
            image.write(noise, tmp_path / "x", options)
        assert "\n" not in str(refused.value)
        assert (tmp_path / "x").read_text() == "old"


def test_a_tool_that_is_missing_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(tools.FormatError) as refused:
        squashfs.write(everything(), tmp_path / "x")
    assert str(refused.value) == "mksquashfs: not found: run `apt-get install squashfs-tools`"


def test_a_fingerprint_tells_every_difference() -> None:
    tree, options = everything(), Squashfs()
    prints = [image.fingerprint(tree, options), image.fingerprint(everything(), options)]
    assert prints[0] == prints[1]
    changed = [
        Tree([*everything(), file("/more", b"", OURS)]),
        Tree([file("/secret", b"t", OURS, 0), *(e for e in everything() if e.path != "/secret")]),
        Tree([file("/secret", b"s", OURS, 1), *(e for e in everything() if e.path != "/secret")]),
    ]
    prints += [image.fingerprint(each, options) for each in changed]
    prints += [image.fingerprint(tree, Squashfs(epoch=1)), image.fingerprint(tree, Tar())]
    assert len(set(prints)) == len(prints) - 1


def test_another_tool_or_other_code_of_ours_is_another_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def anew(options: Options) -> str:
        image.code.cache_clear()
        tools.identity.cache_clear()
        return image.fingerprint(everything(), options)

    squashed, unpacked = anew(Squashfs()), anew(Tar())
    assert anew(Squashfs()) == squashed
    program = Path(tmp_path, "mksquashfs")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert (anew(Squashfs()) != squashed, anew(Tar()) == unpacked) == (True, True)
    program.unlink()
    assert anew(Squashfs()) == squashed
    changed = shutil.copytree(Path(image.__file__).parent, tmp_path / "formats")
    (changed / "squashfs.py").write_text("# changed\n")
    monkeypatch.setattr(image, "__file__", str(changed / "image.py"))
    assert (anew(Squashfs()) != squashed, anew(Tar()) != unpacked) == (True, True)
    monkeypatch.undo()
    anew(Tar())


def test_the_folder_for_tools_is_gone_afterwards(tmp_path: Path) -> None:
    with staging.staged(everything(), EPOCH) as root:
        assert root.is_dir()
    assert not root.parent.exists()


def test_a_tree_refuses_what_no_image_could_hold() -> None:
    with pytest.raises(TreeError):
        link("/x", "", OURS)
