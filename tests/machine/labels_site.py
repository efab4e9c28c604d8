"""Two ports that the device tree has labels for, crosswise to the kernel's names of them.
tests/machine/test_labels.py runs it, and tells QEMU's device tree so.
"""

from services.daemon.definition import Daemon
from services.link.definition import Ethernet
from services.model import Debian, Site, User

wan = Ethernet(name="wan", ifname="eth0", by="label=wan")
lan = Ethernet(name="lan", ifname="eth1", by="label=lan")
TELL = """for each in eth0 eth1; do
  echo "labels: $each is $(cat /sys/class/net/$each/address)" >/dev/console
done
exec busybox sleep 1000000"""
told = Daemon(
    name="told",
    run=("busybox", "sh", "-c", TELL),
    needs=wan.up & lan.up,
    packages=(Debian("busybox", ("usr/bin/busybox",)),),
)

SITE = Site(hostname="router", services=(wan, lan, told), users=(User(name="root", keys=()),))
