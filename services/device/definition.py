"""device: modules are loaded when something is plugged in; services start and stop with it."""

from services.model import (
    Condition,
    Debian,
    Module,
    Resource,
    Service,
    Unit,
    device,
    kinds,
    oneshot,
    parameter,
)

PATTERN = r"[A-Za-z0-9*?._:/ +-]{1,100}"
USB_ID = kinds.text("a USB device's numbers as 12d1:1506", r"[0-9a-f]{4}:[0-9a-f]{4}")
# The bus in whose folder the devices with such aliases are, where it has another name.
BUSES = {"of": "platform"}


class Device(Service):
    """Something that may be plugged in, as a modem. `ready` is the condition for its services."""

    usb: str = parameter(
        "vendor and product of a USB device, as lsusb shows them", kinds.optional(USB_ID),
        default="",
    )  # fmt: skip
    alias: str = parameter(
        "its modalias, a pattern, as usb:v12D1p1506* or pci:v00008086d*",
        kinds.optional(kinds.text("BUS:PATTERN with * and ?", rf"[a-z]{{1,20}}:{PATTERN}")),
        default="",
    )
    subsystem: str = parameter(
        "its subsystem, as tty or net", kinds.optional(kinds.text("a name", r"[a-z0-9_]{1,30}")),
        default="",
    )  # fmt: skip
    kernel: str = parameter(
        "the kernel's name of it, a pattern as ttyUSB*",
        kinds.text("a device's name, with * and ?", r"[A-Za-z0-9*?._:-]{1,60}"),
        default="*",
    )
    attributes: tuple[tuple[str, str], ...] = parameter(
        "files in its folder below /sys, and the pattern that each must fit", default=()
    )
    modules: tuple[str, ...] = parameter(
        "kernel modules that are loaded when it is there",
        kinds.each(kinds.text("a module's name", r"[A-Za-z0-9_-]{1,55}")),
        default=(),
    )

    def check(self) -> None:
        given = [name for name in ("usb", "alias", "subsystem") if getattr(self, name)]
        if len(given) != 1:
            text = f"expected one of usb, alias, subsystem, got {' and '.join(given) or 'none'}"
            self.tell(given[-1] if given else "usb", text)

    @property
    def condition(self) -> Condition:
        """It is there; the modules may not be loaded yet."""
        more = dict(self.attributes)
        if self.usb:
            vendor, _, product = self.usb.partition(":")
            return device("usb", self.kernel, idVendor=vendor, idProduct=product, **more)
        if self.alias:
            bus = self.alias.partition(":")[0]
            return device(BUSES.get(bus, bus), self.kernel, modalias=self.alias, **more)
        return device(self.subsystem or "mem", self.kernel, **more)

    def units(self) -> tuple[Unit, ...]:
        """One: the modules are loaded while it is there. They stay: others may use them."""
        load = ("busybox", "modprobe", "-a", *self.modules) if self.modules else ("busybox", "true")
        return (
            oneshot(
                self.name,
                *load,
                needs=self.condition,
                description=f"{self.usb or self.alias or self.subsystem} is there",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (
            Debian("busybox", ("usr/bin/busybox",), self.where),
            *(Module(name, load=False, where=self.where) for name in self.modules),
        )
