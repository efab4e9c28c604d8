"""The ISP's end of a modem's line: Debian's pppoe-server, pppd and Kea on a disk of their own.

This host's kernel has no ppp, so they run in the router's machine, with its third network card and
in namespaces of their own (guest/concentrator); the wire between the two cards is here, outside.
"""

import json
import shutil
from pathlib import Path

from packager.formats import ext4
from packager.image.skeleton import LINKS
from packager.isp.isp import DELEGATED_LENGTH, PLAUSIBLE
from packager.qemu import Disk
from packager.root.tree import Tree, file, folder, link
from tests.machine import tree
from tests.machine.login import Login

LABEL = "concentrator"
VLAN = 7  # guest/concentrator's, too
ETHERNET, JUMBO = 1500, 1508  # its card's MTU: without RFC 4638, with it
PROGRAMS = ("ip", "unshare", "nsenter", "s6-svscan", "kea-dhcp6", "radvd",
            "pppoe-server", "pppoe", "pppd", "chat", "xl2tpd")  # fmt: skip
COMMANDS = ("sh", "cat", "cp", "mv", "sed", "kill", "pidof", "mount", "mkdir", "sleep", "tail",
            "grep")  # fmt: skip
USER, PASSWORD = "someone@isp.example", 'pass"word\\ 1'
AT = "/run/isp"  # where the router's machine has the disk

SESSION = """require-chap
name isp
ms-dns 198.18.0.53
nodefaultroute
noccp
lcp-echo-interval 5
lcp-echo-failure 4
debug
logfile /run/log/pppd
"""
TUNNEL = """[global]
listen-addr = 100.64.0.2
[lns default]
ip range = 100.66.0.10-100.66.0.250
local ip = 100.66.0.1
require authentication = yes
pppoptfile = /etc/ppp/tunnel
"""
# What the ISP's side of the serial line says as a modem. Who gives up begins with ATZ again.
MODEM = """TIMEOUT 3600
ATZ 'OK'
TIMEOUT 5
AT+CGDCONT=1,"IP","internet" 'OK'
ATD*99# 'CONNECT'
"""
RADVD = """interface @LINK@ {
    AdvSendAdvert on;
    AdvManagedFlag on;
    AdvOtherConfigFlag on;
    MinRtrAdvInterval 200;
    MaxRtrAdvInterval 600;
    AdvDefaultLifetime 1800;
};
"""


def kea_config() -> str:
    """Kea's for one link; guest/ipv6-up puts link, pool and number in."""
    pool = {"prefix": "@POOL@", "prefix-len": 40, "delegated-len": DELEGATED_LENGTH}
    subnet = {
        "id": "@N@", "subnet": f"{PLAUSIBLE}:0:10@N@::/64", "interface": "@LINK@",
        "pd-pools": [pool], "rapid-commit": True,
    }  # fmt: skip
    config = {
        "data-directory": "/run/kea",
        "interfaces-config": {"interfaces": ["@LINK@"], "re-detect": True},
        "lease-database": {"type": "memfile", "persist": True, "name": "/run/kea/leases",
                           "lfc-interval": 0},
        "renew-timer": 60, "rebind-timer": 120, "preferred-lifetime": 300, "valid-lifetime": 600,
        "option-data": [{"name": "dns-servers", "data": f"{PLAUSIBLE}:ffff::53"}],
        "subnet6": [subnet],
        "loggers": [{
            "name": "kea-dhcp6", "severity": "INFO", "output_options": [{"output": "stdout"}],
        }],
    }  # fmt: skip
    return json.dumps({"Dhcp6": config}, indent=1).replace('"@N@"', "@N@")


def disk(path: Path) -> Disk:
    """Write the disk. Needs the daemons on this host (packaging/debian-packages)."""
    made = Tree(folder(each, tree.TEST) for each in ("/proc", "/sys", "/dev", "/run", "/tmp"))
    made.add(folder("/var/lib/kea", tree.TEST))
    for each, target in LINKS.items():
        if each.count("/") == 1 or each == "/var/run":
            made.add(link(each, target, tree.TEST))
    tree.program(made, "/usr/bin/busybox")
    for name in COMMANDS:
        made.add(link(f"/usr/bin/{name}", "busybox", tree.TEST))
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found, f"{name} is not there: run `make setup`"
        tree.program(made, str(Path(found).parent.resolve() / name))
    for plugin in Path("/usr/lib/pppd").glob("*/*.so"):
        if plugin.name == "pppol2tp.so":
            tree.program(made, str(plugin))
    for name, to in (
        ("concentrator", "/usr/bin/concentrator"),
        ("ipv6-up", "/etc/ppp/ipv6-up"),
    ):
        made.add(file(to, tree.GUEST / name, tree.TEST, 0o755))
    quoted = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    tree.put(made, "/etc/ppp/chap-secrets", f'"{USER}" * "{quoted}" *\n', 0o600)
    tree.put(made, "/etc/ppp/options", "")
    tree.put(made, "/etc/ppp/common", SESSION)
    tree.put(made, "/etc/ppp/tunnel", SESSION)
    serial = f"{SESSION}/dev/ttyS2\n115200\nlocal\n100.67.0.1:100.67.0.7\n"
    dialled = 'connect "/usr/sbin/chat -f /etc/modem"\nnodetach\n'
    tree.put(made, "/etc/ppp/serial", serial + dialled)
    tree.put(made, "/etc/modem", MODEM)
    tree.put(made, "/etc/xl2tpd.conf", TUNNEL)
    tree.put(made, "/etc/radvd.conf", RADVD)
    tree.put(made, "/etc/kea.conf", kea_config())
    tree.put(made, "/etc/passwd", "root:x:0:0:root:/:/bin/sh\n")
    tree.put(made, "/etc/group", "root:x:0:\n")
    ext4.write(made, path, ext4.Ext4(size=128 << 20, label=LABEL))
    return Disk(path)


class Concentrator:
    """Spoken to over ssh, by way of the router's machine."""

    def __init__(self, login: Login) -> None:
        self.login = login

    def start(self, device: str = "/dev/vdb") -> None:
        """The disk mounted, the daemons started."""
        self.login.ask(
            f"mkdir -p {AT} && mount -t ext4 {device} {AT} && mount -o bind /dev {AT}/dev && "
            f"chroot {AT} /usr/bin/concentrator start"
        )

    def run(self, *words: str) -> str:
        """A command at the ISP; its output."""
        return self.login.ask(f"chroot {AT} /usr/bin/concentrator in {' '.join(words)}")

    def session(self, four: int | None, six: int | None) -> None:
        """What the next sessions get: the IPv4 address 100.65.0.FOUR and a prefix of the pool
        SIX; None: the family is missing."""
        self.run("concentrator", "session", str(four or "-"), str(six or "-"))

    def card(self, mtu: int) -> None:
        """Give the card this MTU, of which sessions may use all but 8 octets (RFC 4638). The
        sessions that there are end."""
        self.run("concentrator", "card", str(mtu))

    def end(self, signal: str) -> None:
        """End the PPPoE sessions that there are: by TERM with a word to the router, by KILL
        pppoe-server says it for them (PADT)."""
        self.run("concentrator", "end", signal)

    def tail(self) -> str:
        """The ends of all its logs."""
        return self.run("sh", "-c", "'tail -n 25 /run/log/*'")
