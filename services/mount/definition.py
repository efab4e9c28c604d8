"""mount: a file system, mounted while its disk is there; users stop before it goes."""

from services.model import (
    Claim,
    Debian,
    Folder,
    Module,
    Resource,
    Service,
    Unit,
    device,
    kinds,
    oneshot,
    parameter,
)

MODULES = {"ext4": "ext4", "vfat": "vfat", "xfs": "xfs", "btrfs": "btrfs", "f2fs": "f2fs"}
# What a disk on USB needs; drivers of the controllers are the target's.
USB = ("usb_storage", "uas", "sd_mod")


class Mount(Service):
    """A file system of a disk, such as one on USB that is plugged in at some time."""

    source: str = parameter(
        "what is mounted: LABEL=NAME, UUID=NUMBER or a device's path",
        kinds.text("LABEL=NAME, UUID=NUMBER or /dev/NAME",
                   r"(LABEL=[A-Za-z0-9._-]{1,32}|UUID=[A-Fa-f0-9-]{4,36}|/dev/[A-Za-z0-9._/-]{1,60})"),
    )  # fmt: skip
    target: str = parameter("the folder that it appears in", kinds.PATH)
    device: str = parameter(
        "the kernel's name of such a disk, a pattern: it is waited for",
        kinds.text("a device's name, with * and ?", r"[A-Za-z0-9*?._-]{1,60}"),
        default="sd??",
    )
    type: str = parameter("the file system's type", kinds.choice(*sorted(MODULES)), default="ext4")
    options: tuple[str, ...] = parameter(
        "mount's options",
        kinds.each(kinds.text("an option as noatime", r"[A-Za-z0-9_.=:@%/+-]{1,80}")),
        default=("noatime", "nosuid", "nodev"),
    )
    usb: bool = parameter("the disk is one on USB", default=True)

    def units(self) -> tuple[Unit, ...]:
        """One: mounted, and unmounted."""
        options = ("-o", ",".join(self.options)) if self.options else ()
        return (
            oneshot(
                self.name,
                *("busybox", "mount", "-t", self.type, *options, self.source, self.target),
                stop=("busybox", "umount", self.target),
                needs=device("block", self.device),
                back_off=(2, 60),
                down_timeout=30,
                description=f"{self.source} in {self.target}",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        modules = (MODULES.get(self.type, self.type), *(USB if self.usb else ()))
        return (
            Debian("busybox", ("usr/bin/busybox",), self.where),
            Folder(self.target, where=self.where),
            *(Module(name, where=self.where) for name in modules),
            Claim("mount", self.target, self.where),
        )
