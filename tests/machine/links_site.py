"""A router whose uplink is a VLAN and whose ports have other names than the kernel gives them; what
is on a USB disk can be read while that is plugged in. tests/machine/test_links.py runs it.

QEMU's first card is the trunk: VLAN 7 leads to the ISP; a provider's VLAN 9 (802.1ad) has VLAN 8 in
it, which leads to a television set that belongs to the LAN. Its second card is a port of the LAN.
The kernel calls them eth0 and eth1. There are disks of each type of file system, two more serial
lines to log in by, and a watchdog.
"""

from firewall.stock.home_router import home_router
from services.console.definition import Console
from services.daemon.definition import Daemon
from services.device.definition import Device
from services.dhcp4.definition import Dhcp4
from services.dhcp6.definition import Dhcp6, Lan
from services.firewall.definition import PacketFilter, zone
from services.health.definition import Check
from services.lan.definition import DhcpServer
from services.link.definition import Address, Bridge, Ethernet, Vlan
from services.model import Debian, File, Module, Site, User
from services.mount.definition import Mount
from services.ra.definition import RouterAdvertisements
from services.route.definition import Route
from services.ssh.definition import Ssh
from services.watchdog.definition import Watchdog
from tests.runtimes import FROST_CHECK

# Of root on the consoles. The hash is `openssl passwd -1 -salt frostgat`'s: SHA's rounds take an
# emulated processor seconds.
PASSWORD = "tests only"
HASH = "$1$frostgat$izDeOoH1DH2XYXaSo.8bz."

trunk = Ethernet(name="trunk", ifname="eth1", by="path=0000:00:03.0", ipv6=False)
port = Ethernet(name="port", ifname="eth0", by="mac=02:00:5e:00:53:10", ipv6=False)
wan = Vlan(name="wan", on=trunk, id=7)
carrier = Vlan(name="carrier", ifname="carrier", on=trunk, id=9, tag="802.1ad", ipv6=False)
tv = Vlan(name="tv", ifname="tv", on=carrier, id=8, ipv6=False)
lan = Bridge(name="lan", members=(port, tv))

wan4 = Dhcp4(name="wan4", on=wan, metric=600)
wan6 = Dhcp6(name="wan6", on=wan, lans=(Lan(on=lan, id=1),), metric=700)
lan4 = Address(name="lan4", on=lan, address="192.168.1.1/24")
lab = Route(name="lab", to="10.8.0.0/16", on=lan, via="192.168.1.9", metric=50)
dhcp = DhcpServer(name="dhcp", address=lan4, first="192.168.1.100", last="192.168.1.249")
ra = RouterAdvertisements(name="ra", lease=wan6)
firewall = PacketFilter(
    name="firewall",
    ruleset=home_router(
        wan=zone("wan", wan),
        lan=zone("lan", lan),
        prefixes=wan6.prefixes,
        advertiser=ra.name,
        address=wan4.outputs.address.path,
    ),
)

disk = Mount(name="disk", source="LABEL=files", target="/srv")
backup = Mount(name="backup", source="serial=frost-2", target="/backup", type="vfat")
web = Daemon(
    name="web",
    run=("busybox", "httpd", "-f", "-p", "8080", "-h", "/srv"),
    needs=disk.ready,
    packages=(Debian("busybox", ("usr/bin/busybox",)),),
)
# QEMU's disk on USB; the module has nothing to do with it, and is loaded for nobody else.
stick = Device(name="stick", usb="46f4:0001", modules=("dummy",))

# On the machine from its start on, LABEL and type alike.
others = tuple(
    Mount(name=kind, source=f"LABEL={kind}", target=f"/{kind}", type=kind, usb=False)
    for kind in ("btrfs", "f2fs", "xfs")
)
consoles = tuple(Console(name=f"console{number}", tty=f"ttyS{number}") for number in (1, 2))
alive = Check(name="alive", run=("busybox", "true"), packages=())
watchdog = Watchdog(services=(alive,), driver=("i6300esb",), timeout=300, end=300)

LINKS = (trunk, port, wan, carrier, tv, lan, wan4, wan6, lan4, lab, dhcp, ra, firewall)
SITE = Site(
    hostname="router",
    services=(
        *(*LINKS, disk, backup, *others, web, stick, *consoles, alive, watchdog),
        Ssh(name="ssh"),
    ),
    users=(User(name="root", keys=(), password=HASH),),
    modules=(Module("xhci_pci"),),
    packages=(Debian("iproute2", ("usr/bin/ip",)),),  # tests/machine/leavings.py
    files=(File("/usr/libexec/frost-check", FROST_CHECK.read_bytes(), 0o755),),
)
