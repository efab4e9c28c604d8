"""A file server: what is on a USB disk can be read by a browser, while the disk is plugged in.

The disk has one ext4 file system with the label `files` (mkfs.ext4 -L files /dev/sdX1).
"""

from services.daemon.definition import Daemon
from services.dhcp4.definition import Dhcp4
from services.dns.definition import Resolver
from services.link.definition import Ethernet
from services.model import Debian, Module, Site, User
from services.mount.definition import Mount
from services.ssh.definition import Ssh

port = Ethernet(name="port", ifname="eth0")
address = Dhcp4(name="address", on=port)
names = Resolver(name="names", upstream=(address.outputs.dns,))
disk = Mount(name="disk", source="LABEL=files", target="/srv", options=("ro", "nosuid", "nodev"))

# Any program can be a service. This one runs while the disk is mounted, and stops before it goes.
web = Daemon(
    name="web",
    run=("busybox", "httpd", "-f", "-p", "80", "-h", "/srv"),
    needs=disk.ready,
    packages=(Debian("busybox", ("usr/bin/busybox",)),),
)

SITE = Site(
    hostname="files",
    services=(port, address, names, disk, web, Ssh(name="ssh")),
    users=(User(name="root", keys=()),),
    modules=(Module("xhci_pci"),),  # the USB controller of a PC; a board's kernel often has its own
)
