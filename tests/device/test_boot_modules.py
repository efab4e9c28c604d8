"""Kernel modules: which files, in which order; and which disk is meant."""

from services.boot import disks, modules

DEP = """\
kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko kernel/lib/crc16.ko kernel/fs/mbcache.ko
kernel/fs/jbd2/jbd2.ko:
kernel/drivers/net/usb/r8152-x.ko.xz: kernel/drivers/net/mii.ko.xz kernel/fs/jbd2/jbd2.ko
"""


def test_what_is_needed_is_loaded_before_and_nothing_twice() -> None:
    files, missing = modules.order(["ext4", "r8152_x", "jbd2"], DEP, "")
    assert files == [
        "kernel/fs/mbcache.ko",
        "kernel/lib/crc16.ko",
        "kernel/fs/jbd2/jbd2.ko",
        "kernel/fs/ext4/ext4.ko",
        "kernel/drivers/net/mii.ko.xz",
        "kernel/drivers/net/usb/r8152-x.ko.xz",
    ]
    assert missing == []


def test_what_is_built_in_is_not_missing() -> None:
    builtin = "kernel/fs/squashfs/squashfs.ko\nkernel/a/b-c.ko\n"
    assert modules.order(["squashfs", "b_c", "none"], DEP, builtin) == ([], ["none"])


def test_names_are_the_kernels() -> None:
    assert modules.plain("kernel/a/b-c.ko.zst") == "b_c"
    text = "# disks\nvirtio-blk\n usb-storage delay_use=1 quirks=a:b\n"
    assert modules.wanted(text) == [
        ("virtio_blk", ""),
        ("usb_storage", "delay_use=1 quirks=a:b"),
    ]


def test_parameters_come_from_the_command_line_too() -> None:
    line = {"ubi.mtd": "rootfs", "ubi.block": "0,0", "8250.nr": "", "root": "/dev/x.y", "x.": "1"}
    assert modules.parameters(line) == {"ubi": "block=0,0 mtd=rootfs", "8250": "nr"}


def test_a_file_system_tells_its_type_label_and_uuid() -> None:
    head = bytearray(2048)
    head[1080:1082] = b"\x53\xef"
    head[1128:1144] = bytes(range(16))
    head[1144:1149] = b"frost"
    uuid = "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert disks.identify(bytes(head)) == ("ext4", "frost", uuid)
    head[1144:1146] = b"\xff\xfe"
    assert disks.identify(bytes(head)) == ("ext4", "", uuid)
    assert disks.identify(bytes(head[:1500])) == ("", "", "")
    assert disks.identify(b"hsqs" + bytes(200)) == ("squashfs", "", "")
    assert disks.identify(b"") == ("", "", "")


def test_what_is_no_device_is_the_file_systems_to_find() -> None:
    for name in ("mtd:rootfs", "ubi0:rootfs", "ubi0_1"):
        assert disks.find(name, 0) == name
    assert disks.find("/dev/null", 0) == "/dev/null"
    assert disks.find("/dev/nonesuch", 0) == ""
    assert disks.find("LABEL=no such label", 0) == ""
