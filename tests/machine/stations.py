"""Stations of the radio test: namespaces inside the router's machine, each with its own radio.

A station runs a site of its own, compiled as for an image: its agent, wpa_supplicant and clients
are those of the router's image, its links, processes, /run and /etc/frost are not.
"""

import io
import shlex
import subprocess
import tarfile
from dataclasses import dataclass

from packager import compiled
from services.dhcp4.definition import Dhcp4
from services.dhcp6.definition import Dhcp6
from services.model import Secret, Site
from services.wlan.definition import Station
from tests.machine import patience
from tests.machine.login import Login

ETC = "/etc/frost"
LOG = "/run/log/frost/uplink/current"
BOOT = """export PATH=/usr/libexec/frost:/usr/sbin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mkdir -p /run/log/frost /var/lib/dhcpcd
mount --bind /srv/{name}/frost /etc/frost
for each in passwd group; do
    cat /etc/$each /srv/{name}/$each >/run/$each
    mount --bind /run/$each /etc/$each
done
cp -a /etc/frost/scan /run/service
exec s6-svscan /run/service
"""
# In the background for good; its log is what process 1 there says.
START = """cd /srv/{name}
busybox unshare -n -m -p -f sh ./boot </dev/null >log 2>&1 &
until pid=$(cat /proc/$!/task/$!/children) && [ "$pid" ]; do usleep 100000; done
echo $pid"""


def site(name: str, ifname: str, ssid: str, security: str) -> Site:
    """A computer whose only link is its radio."""
    passphrase = Secret(name="wifi")
    uplink = Station(
        name="uplink", ifname=ifname, ssid=ssid, country="DE", passphrase=passphrase,
        security=security,
    )  # fmt: skip
    return Site(
        hostname=name,
        services=(uplink, Dhcp4(on=uplink), Dhcp6(on=uplink, address=False)),
        secrets=(passphrase,),
    )


@dataclass(eq=False)
class Computer:
    """A station. radio: what iw calls it in the router, before it is handed over."""

    login: Login
    name: str
    ifname: str
    ssid: str
    security: str
    pid: int = 0

    def start(self, passphrase: str) -> None:
        """Files into the router, the namespaces, the radio into them."""
        made = compiled.compile(site(self.name, self.ifname, self.ssid, self.security))
        octets = io.BytesIO()
        with tarfile.open(fileobj=octets, mode="w") as tar:
            for each in made.files:
                if each.path.startswith(ETC + "/"):
                    path = f"{self.name}/frost/{each.path.removeprefix(ETC + '/')}"
                    text = (
                        each.content if isinstance(each.content, bytes) else each.content.encode()
                    )
                    _add(tar, path, text, each.mode)
            _add(tar, f"{self.name}/frost/secrets/wifi", passphrase.encode(), 0o600)
            # The router has all of its accounts but its daemon's own.
            rows = {"passwd": "_wpa_supplicant:x:60990:60990::/:/bin/false\n"}
            rows["group"] = "_wpa_supplicant:x:60990:\n"
            for file, row in rows.items():
                _add(tar, f"{self.name}/{file}", row.encode(), 0o644)
            _add(tar, f"{self.name}/boot", BOOT.format(name=self.name).encode(), 0o755)
        command = self.login.argv("mkdir -p /srv && tar x -C /srv")
        subprocess.run(command, input=octets.getvalue(), check=True, timeout=60)
        self.pid = int(self.login.run(START.format(name=self.name)))
        phy = f"$(cat /sys/class/net/{self.ifname}/phy80211/name)"
        self.login.run(f"iw phy {phy} set netns {self.pid}")

    def run(self, command: str, *, check: bool = True) -> str:
        """A shell command there."""
        quoted = command.replace("'", "'\\''")
        inside = f"busybox nsenter -t {self.pid} -n -m -p sh -c '{quoted}'"
        return self.login.run(inside, check=check)

    def tell(self, passphrase: str) -> None:
        """It is told another passphrase."""
        self.run(f"cat >{ETC}/secrets/wifi <<'.'\n{passphrase}\n.\nfrost restart uplink-secret")

    def pings(self, address: str, seconds: int = 2) -> bool:
        """One echo request is answered."""
        command = f"ping -c1 -W{seconds} {address} >/dev/null && echo yes"
        return self.run(command, check=False).strip() == "yes"

    def addresses(self) -> list[str]:
        """Its global addresses of both families, without lengths."""
        words = self.run(f"ip address show dev {self.ifname}").split()
        found = [words[at + 1] for at, word in enumerate(words) if word in ("inet", "inet6")]
        return [each.partition("/")[0] for each in found if not each.startswith("fe80:")]

    def told(self, words: str) -> int:
        """How often its wpa_supplicant has said this."""
        return int(self.run(f"{self._count(words)}; true"))

    def _count(self, words: str) -> str:
        return f"grep -cF {shlex.quote(words)} {LOG}"

    def await_told(self, words: str, *, after: int = 0, deadline_s: float) -> None:
        """Wait until it has said so more often than `after`."""
        look = f"test $({self._count(words)}) -gt {after} && echo more"
        patience.said(self.run, look, "more", deadline_s=deadline_s, evidence=self.evidence)

    def await_addresses(self, *starts: str, deadline_s: float = 120.0) -> None:
        """Wait until it has an address that begins with each of these."""
        shown = f"ip address show dev {self.ifname} | grep -c -e {{}}"
        for start in starts:
            look = shown.format(shlex.quote(f" {start}"))
            patience.said(self.run, look, "[1-9]*", deadline_s=deadline_s, evidence=self.evidence)

    def evidence(self) -> str:
        """For failures: what it says, and what the access point does."""
        look = "frost status; frost log -N 40; ip address; iw dev"
        return self.run(look, check=False) + self.login.ask("frost log -N 40; iw dev; ip link")


def _add(tar: tarfile.TarFile, path: str, content: bytes, mode: int) -> None:
    info = tarfile.TarInfo(path)
    info.size, info.mode = len(content), mode
    tar.addfile(info, io.BytesIO(content))
