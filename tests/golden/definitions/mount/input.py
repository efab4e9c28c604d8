from services.daemon.definition import Daemon
from services.mount.definition import Mount

disk = Mount(name="disk", source="UUID=0a1b-2c3d", target="/srv", type="vfat", device="mmcblk?p1",
             options=(), usb=False)  # fmt: skip
SERVICES = (disk, Daemon(name="web", run=("httpd", "two words"), user="www", needs=disk.ready))
