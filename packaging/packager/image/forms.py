"""The forms that an image has: which files, what the kernel is told, what the initrd loads."""

from dataclasses import dataclass

DISK = ("virtio_pci", "virtio_blk")
# ext4 asks for it by its name, of a modprobe that an initrd does not have.
CHECKSUMS = ("crc32c_generic",)


@dataclass(frozen=True)
class Form:
    """One format of `frostgate build`. disk: the name of the file with the root; words: what the
    kernel is told of it; modules: what the initrd needs to mount it; initrd: whether one is made.
    is_bootable: whether `frostgate run` can boot it."""

    name: str
    disk: str = ""
    words: str = ""
    modules: tuple[str, ...] = ()
    is_bootable: bool = True


FORMS = {
    form.name: form
    for form in (
        # The whole root is the initrd.
        Form("initramfs"),
        Form(
            "squashfs",
            "root.squashfs",
            "root=/dev/vda rootfstype=squashfs",
            (*DISK, "squashfs", "overlay"),
        ),
        Form("ext4", "root.ext4", "root=/dev/vda rootfstype=ext4", (*DISK, *CHECKSUMS, "ext4")),
        Form("jffs2", "root.jffs2", is_bootable=False),
        Form("ubifs", "root.ubi", is_bootable=False),
        Form("tar", "root.tar", is_bootable=False),
    )
}
