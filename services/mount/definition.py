"""mount: a file system, mounted while its disk is there; users stop before it goes."""

from services.model import (
    Claim,
    Debian,
    Folder,
    Module,
    Outputs,
    Resource,
    Service,
    Unit,
    kinds,
    longrun,
    oneshot,
    output,
    parameter,
)

MODULES = {
    "ext4": ("ext4",),
    "vfat": ("vfat", "nls_cp437", "nls_ascii"),  # Debian's kernel asks for these two by itself
    "xfs": ("xfs",),
    "btrfs": ("btrfs",),
    "f2fs": ("f2fs", "crc32_generic"),  # which it asks for by name, too
}
# What crc32c is asked by name for, of a modprobe that nobody runs
CHECKSUMS = ("crc32c_generic",)
# What a disk on USB needs; drivers of the controllers are the target's.
USB = ("usb_storage", "uas", "sd_mod")
CHECKERS = {
    "ext4": Debian("e2fsprogs", ("usr/sbin/fsck.ext4", "usr/sbin/e2fsck")),
    "vfat": Debian("dosfstools", ("usr/sbin/fsck.vfat", "usr/sbin/fsck.fat")),
    "f2fs": Debian("f2fs-tools", ("usr/sbin/fsck.f2fs",)),
}  # of xfs and btrfs the kernel itself does what these do


class MountOutputs(Outputs):
    """The disk, while it is there."""

    device = output("the device's path", unit="-disk")
    sequence = output("a number that another disk has another one of", unit="-disk")
    label = output("the file system's label", unit="-disk")
    uuid = output("the file system's UUID", unit="-disk")
    type = output("the file system's type", unit="-disk")


class Mount(Service):
    """A file system of a disk, such as one on USB that is plugged in at some time."""

    source: str = parameter(
        "which disk: LABEL=NAME or UUID=NUMBER of the file system, a device's path, or an "
        "attribute of the disk in sysfs, as serial=WD-1234 or model=Flash",
        kinds.text(
            "LABEL=NAME, UUID=NUMBER, ATTRIBUTE=TEXT or /dev/NAME",
            r"LABEL=[A-Za-z0-9._-]{1,32}|UUID=[A-Fa-f0-9-]{4,36}|/dev/[A-Za-z0-9._-]{1,60}"
            r"|[a-z_]{1,30}=[A-Za-z0-9._:-]([A-Za-z0-9 ._:-]{0,60}[A-Za-z0-9._:-])?",
        ),
    )
    target: str = parameter("the folder that it appears in", kinds.PATH)
    device: str = parameter(
        "the kernel's names of the devices that are looked at, a pattern",
        kinds.text("a device's name, with * and ?", r"[A-Za-z0-9*?._-]{1,60}"),
        default="*",
    )
    type: str = parameter("the file system's type", kinds.choice(*sorted(MODULES)), default="ext4")
    options: tuple[str, ...] = parameter(
        "mount's options",
        kinds.each(kinds.text("an option as noatime", r"[A-Za-z0-9_.=:@%/+-]{1,80}")),
        default=("noatime", "nosuid", "nodev"),
    )
    usb: bool = parameter("the disk is one on USB", default=True)
    checked: bool = parameter(
        "the file system is checked before, and what is safe to mend is mended (fsck -p)",
        default=True,
    )

    @property
    def outputs(self) -> MountOutputs:
        return MountOutputs(self)

    def units(self) -> tuple[Unit, ...]:
        """Who looks for the disk; mounted, and unmounted."""
        pattern = ("-p", self.device) if self.device != "*" else ()
        options = ("-o", ",".join(self.options)) if self.options else ()
        return (
            longrun(
                f"{self.name}-disk",
                *("disk", "find", *pattern, self.type, self.source),
                stop=("disk", "find", "-c"),
                outputs=("device", "label", "sequence", "type", "uuid"),
                notify=True,
                description=f"where {self.source} is",
                where=self.where,
            ),
            oneshot(
                self.name,
                *("disk", "mount", *options, self.type, self.target),
                stop=("disk", "unmount", self.target),
                env={
                    "DISK": self.outputs.device.value(),
                    "DISK_SEQUENCE": self.outputs.sequence.value(),
                },
                back_off=(2, 60),
                up_timeout=0,  # a check takes as long as the disk is large
                down_timeout=30,
                description=f"{self.source} in {self.target}",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        modules = [*CHECKSUMS, *MODULES.get(self.type, ()), *(USB if self.usb else ())]
        checker = CHECKERS.get(self.type) if self.checked else None
        return (
            *((Debian(checker.package, checker.paths, self.where),) if checker else ()),
            Folder(self.target, where=self.where),
            *(Module(name, where=self.where) for name in modules),
            Claim("mount", self.target, self.where),
        )
