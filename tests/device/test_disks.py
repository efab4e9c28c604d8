"""Which disk is meant, by its file system's first octets and by sysfs. Runs on both runtimes."""

from agent.options import UsageError
from agent.port import files, process
from services.mount import superblocks, wanted
from services.mount.superblocks import NONE, FileSystem
from services.mount.wanted import Disk, Wanted

NUMBER = bytes(range(16))
UUID = "00010203-0405-0607-0809-0a0b0c0d0e0f"


def octets(*pieces: tuple[int, bytes]) -> bytes:
    """4096 octets with some at their places."""
    made = bytearray(4096)
    for start, piece in pieces:
        made[start : start + len(piece)] = piece
    return bytes(made)


def wide(text: str) -> bytes:
    """UTF-16, little-endian."""
    return b"".join([bytes([ord(character), 0]) for character in text])


def test_each_file_system_tells_label_and_uuid() -> None:
    empty = octets()
    ext = octets((1080, b"\x53\xef"), (1128, NUMBER), (1144, b"files"))
    xfs = octets((0, b"XFSB"), (32, NUMBER), (108, b"files\0"))
    f2fs = octets((1024, b"\x10\x20\xf5\xf2"), (1132, NUMBER), (1148, wide("files")))
    btrfs = octets((64, b"_BHRfS_M"), (32, NUMBER), (299, b"files"))
    for head, far, kind in (
        (ext, empty, "ext4"),
        (xfs, empty, "xfs"),
        (f2fs, empty, "f2fs"),
        (empty, btrfs, "btrfs"),
    ):
        assert superblocks.identify(head, far) == FileSystem(kind, "files", UUID), kind
    for start, magic in ((82, b"FAT32   "), (54, b"FAT16   "), (54, b"FAT12   ")):
        volume = b"\x3d\x2c\x1b\x0a" + b"FILES      " + magic
        fat = octets((510, b"\x55\xaa"), (start - 15, volume))
        assert superblocks.identify(fat, empty) == FileSystem("vfat", "FILES", "0a1b-2c3d")


def test_what_is_none_is_none_however_short() -> None:
    for head in (b"", b"\0" * 512, b"\xff" * 4096, octets((510, b"\x55\xaa"))):
        assert superblocks.identify(head, b"") == NONE
    strange = octets((1080, b"\x53\xef"), (1144, b"\xff\xfe"))
    assert superblocks.identify(strange, b"").label == ""


def refusal(word: str) -> str:
    try:
        wanted.parse(word, "ext4", "*")
    except UsageError as error:
        return str(error)
    return "accepted"


def test_words() -> None:
    assert wanted.parse("LABEL=files", "ext4", "sd*") == Wanted("LABEL", "files", "ext4", "sd*")
    assert wanted.parse("UUID=0A1B-2C3D", "vfat", "*") == Wanted("UUID", "0a1b-2c3d", "vfat", "*")
    assert wanted.parse("/dev/sda1", "ext4", "*") == Wanted("", "sda1", "ext4", "*")
    assert wanted.parse("serial=a=b", "ext4", "*") == Wanted("serial", "a=b", "ext4", "*")
    for word in ("", "files", "LABEL=", "=x", "../serial=x"):
        assert refusal(word).startswith("expected LABEL=..., UUID=..., ATTRIBUTE=..."), word


def disk(name: str, kind: str = "ext4", label: str = "files", uuid: str = UUID) -> Disk:
    return Disk(name, "1", FileSystem(kind, label, uuid))


def test_label_uuid_type_and_name_have_to_fit() -> None:
    label = wanted.parse("LABEL=files", "ext4", "sd?1")
    assert wanted.is_meant(label, disk("sda1"))
    assert not wanted.is_meant(label, disk("sda2"))
    assert not wanted.is_meant(label, disk("sda1", label="other"))
    assert not wanted.is_meant(label, disk("sda1", kind="xfs"))
    assert wanted.is_meant(wanted.parse("LABEL=files", "ext2", "*"), disk("sda1"))
    assert wanted.is_meant(wanted.parse("UUID=" + UUID, "ext4", "*"), disk("sda1"))
    path = wanted.parse("/dev/sda1", "vfat", "*")
    assert wanted.is_meant(path, disk("sda1")) and not wanted.is_meant(path, disk("sda2"))


def test_of_several_the_one_that_it_is_stays() -> None:
    label = wanted.parse("LABEL=files", "ext4", "*")
    both = {"sda1": disk("sda1"), "sdb1": disk("sdb1")}
    assert wanted.choose(label, both, "") == "sda1"
    assert wanted.choose(label, both, "sdb1") == "sdb1"
    assert wanted.choose(label, {"sdb1": disk("sdb1")}, "sda1") == "sdb1"
    assert wanted.choose(label, {}, "sda1") == ""


def test_a_partition_has_the_attributes_of_its_disk_and_of_what_that_is_part_of() -> None:
    root = "/tmp/fg-blocks-%d" % process.pid()
    made = [root, root + "/block", root + "/usb"]
    made.append(root + "/usb/sda")
    made += [made[-1] + "/device", made[-1] + "/sda1"]
    for folder in made:
        files.make_folder(folder)
    files.symlink("../usb/sda/sda1", root + "/block/sda1")
    texts = {"/usb/serial": b"12 34\n", "/usb/sda/device/model": b"Flash   \n"}
    texts["/usb/sda/diskseq"] = b"7\n"
    for name in texts:
        files.write(root + name, texts[name])
    try:
        folder = root + "/block/sda1"
        assert wanted.has(folder, "serial", "12 34")
        assert wanted.has(folder, "model", "Flash")
        assert not wanted.has(folder, "model", "Flash 2")
        assert not wanted.has(folder, "vendor", "")
        asked = wanted.parse("model=Flash", "ext4", "*")
        found = wanted.look(asked, {}, root + "/block")
        assert found["sda1"].sequence == "7"
        known = {"sda1": Disk("sda1", "7", FileSystem("ext4", "", ""))}
        assert wanted.look(asked, known, root + "/block") == known
        assert wanted.choose(asked, known, "", root + "/block") == "sda1"
        files.write(root + "/usb/sda/diskseq", b"8\n")
        assert wanted.look(asked, known, root + "/block")["sda1"].system == NONE
    finally:
        for name in texts:
            files.remove_file(root + name)
        files.remove_file(root + "/block/sda1")
        for folder in reversed(made):
            files.remove_folder(folder)
