"""The forms of an image as the options of formats."""

from packager.formats.ext4 import Ext4
from packager.formats.image import Options
from packager.formats.initramfs import Initramfs
from packager.formats.jffs2 import Jffs2
from packager.formats.squashfs import Squashfs
from packager.formats.tar import Tar
from packager.formats.ubi import Ubi
from packager.targets import Target


def initrd(epoch: int) -> Initramfs:
    """An initramfs that every kernel of Debian's unpacks."""
    return Initramfs("xz", epoch)


def options(form: str, target: Target, epoch: int) -> Options:
    """How a root is written in this form for this target. epoch: seconds since 1970."""
    if form == "squashfs":
        # Without xz's filters for a processor's jumps: on x86 they save 4 % and take twice as long.
        return Squashfs(epoch=epoch)
    if form == "ext4":
        return Ext4(epoch=max(epoch, 1))
    if form == "jffs2":
        return Jffs2(target.byte_order)
    if form == "ubifs":
        return Ubi(epoch=epoch)
    assert form == "tar", form
    return Tar(epoch)
