"""Mounts: options and the kernel's flags, the site's table, what is there, how it ends."""

from services.boot import mounts, root
from services.boot.mounts import Mount

INFO = """\
21 1 0:19 / / rw,relatime - overlay overlay rw,lowerdir=/run/lower
22 21 0:20 / /proc rw,nosuid - proc proc rw
23 21 254:16 / /overlay rw,noatime - ext4 /dev/vdb rw
24 21 0:22 / /mnt/a\\040b\\134 ro,nodev shared:3 master:1 - vfat /dev/sd\\011a rw,errors=remount-ro
"""


def test_options_are_flags_or_the_file_systems_own() -> None:
    assert mounts.flags("nosuid,nodev,noexec,mode=0755,size=25%") == (14, "mode=0755,size=25%")
    assert mounts.flags("ro,noatime") == (1025, "")
    assert mounts.flags("defaults") == (0, "")
    assert mounts.flags("") == (0, "")


def test_the_sites_lines_take_places_or_come_last() -> None:
    text = "# a\nrun /run tmpfs mode=0755,size=4m\nnone /tmp tmpfs size=1m\n"
    rows, wrong = mounts.table(text)
    assert wrong == []
    assert [row.target for row in rows] == [row.target for row in mounts.TABLE] + ["/tmp"]
    assert rows[-2:] == [
        Mount("run", "/run", "tmpfs", "mode=0755,size=4m"),
        Mount("none", "/tmp", "tmpfs", "size=1m"),
    ]


def test_lines_that_are_no_mounts_are_told() -> None:
    rows, wrong = mounts.table("none /tmp tmpfs\nnone tmp tmpfs x\nnone /a tmpfs x y\n")
    assert rows == list(mounts.TABLE)
    assert wrong == ["none /tmp tmpfs", "none tmp tmpfs x", "none /a tmpfs x y"]


def test_what_is_mounted_is_read_with_its_odd_characters() -> None:
    found = mounts.mounted(INFO)
    assert found[0] == Mount("overlay", "/", "overlay", "rw")
    assert found[3] == Mount("/dev/sd\ta", "/mnt/a b\\", "vfat", "ro")
    assert mounts.mounted("nonsense\n\n") == []


def test_the_end_takes_the_youngest_first_and_leaves_memory_alone() -> None:
    targets = [mount.target for mount in mounts.to_end(mounts.mounted(INFO))]
    assert targets == ["/mnt/a b\\", "/overlay", "/"]


def test_the_root_is_the_last_that_was_put_there() -> None:
    under = Mount("none", "/", "rootfs", "rw")
    over = Mount("/dev/vda", "/", "ext4", "rw")
    assert mounts.root([under, Mount("proc", "/proc", "proc", "rw"), over]) == over
    assert mounts.root([]) is None


def test_an_initramfs_stays_unless_a_root_is_named_and_what_is_read_only_never_does() -> None:
    def final(kind: str, words: dict[str, str]) -> bool:
        return root.is_final(Mount("x", "/", kind, "ro"), words)

    assert final("rootfs", {})
    assert not final("rootfs", {"root": "/dev/vda"})
    assert final("ext4", {"root": "/dev/vda"})
    assert final("overlay", {})
    assert not final("squashfs", {})
