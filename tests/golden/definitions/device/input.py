from services.daemon.definition import Daemon
from services.device.definition import Device

modem = Device(name="modem", usb="12d1:1506", modules=("option", "usb_wwan"))
card = Device(name="card", alias="pci:v00008086d*", modules=("e1000e",))
serial = Device(name="serial", subsystem="tty", kernel="ttyUSB*",
                attributes=(("device/interface", "AT*"),))  # fmt: skip
SERVICES = (modem, card, serial, Daemon(name="dial", run=("/bin/dial",), needs=modem.ready))
