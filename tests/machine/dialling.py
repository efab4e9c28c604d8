"""A home whose router dials: examples/pppoe_router.py as people would change it, with a tunnel and
a modem besides, and the ISP's concentrator in its machine.

All is seen from the LAN's computer and from the wire, and asked over ssh.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from packager import bootable, qemu
from packager.isp import client, playground
from packager.isp.isp import PLAUSIBLE
from packager.isp.namespaces import link_local
from packager.isp.taps import open_tap
from tests.machine import concentrator, home, login
from tests.machine.concentrator import Concentrator
from tests.machine.emulated import BOOT_S, Emulated
from tests.runtimes import ROOT

EXAMPLE = ROOT / "examples" / "pppoe_router.py"
DSL = f'dsl = Vlan(name="dsl", on=modem, id={concentrator.VLAN}, ipv6=False)\n'
# What the site has more than the example. Their default routes come after the session's.
MORE = """
tunnel = L2tp(name="tunnel", on=wan, server="100.64.0.2", user="{user}", password=password)
mobile = Serial(
    name="mobile", tty="ttyS1", apn="internet", user="{user}", password=password, metric=2048,
    redial=5
)
"""
CHANGES = (
    ("keys=()", 'keys=("{key}",)'),
    ("import Ethernet", "import Ethernet, Vlan"),
    ("import Pppoe", "import L2tp, Pppoe, Serial"),
    ('eth0", ipv6=False)\n', 'eth0", ipv6=False, mtu=1508)\n' + DSL),
    ("on=modem, user", "on=dsl, user"),
    ("password=password)\n", "password=password, redial=2, mtu=1500)\n" + MORE),
    ("    ports=(", "    backups=(tunnel, mobile),\n    ports=("),
)


def site(folder: Path) -> Path:
    """The site's file, and beside it `secrets`."""
    text = EXAMPLE.read_text()
    for old, new in CHANGES:
        assert text.count(old) == 1, f"{EXAMPLE}: expected {old!r} in it once"
        text = text.replace(old, new.format(key=login.public_key(), user=concentrator.USER))
    path = folder / EXAMPLE.name
    path.write_text(text)
    secret = folder / "secrets" / "isp-password"
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_text(concentrator.PASSWORD + "\n")
    secret.chmod(0o600)
    return path


class Dialling(home.Home):
    """The router, its home and the ISP."""

    def __init__(self, world: playground.Playground, machine: Emulated, folder: Path) -> None:
        super().__init__(world, machine, folder)
        # An address that nobody has to lease: the LAN's computer may still wait for its own.
        self.login.address = f"{link_local(qemu.mac(1))}%{client.LINK}"
        self.concentrator = Concentrator(self.login)

    def boot(self) -> None:
        """Switch it on. Its LAN works before anybody answers its dialling."""
        self.machine.start()
        self.machine.await_line(home.FIRST)
        self.login.await_open(BOOT_S)
        self.ask_again()
        self.concentrator.start()
        self.await_works()

    def evidence(self) -> str:
        """For failures: what everybody says."""
        told = self.login.ask("frost status; frost log -N 40; ip address; ip route; ip -6 route")
        return f"{super().evidence()}\n{told}\n{self.concentrator.tail()}"


@contextmanager
def running(image: Path, folder: Path) -> Iterator[Dialling]:
    """The home with this image's router, not booted yet."""
    found = bootable.bootable(image)
    boot = home.kept(found.boot(is_kept=True, words=home.WORDS), folder)
    boot = replace(boot, disks=(*boot.disks, concentrator.disk(folder / "concentrator.ext4")))
    line = folder / "line"  # one serial line between the machine's second and third
    ends = ((f"path={line},server=on,wait=off", "tty1"), (f"path={line}", "tty2"))
    more = tuple(
        word
        for how, i in ends
        for word in ("-chardev", f"socket,id={i},{how}", "-serial", f"chardev:{i}")
    )
    with playground.running(home.LANS, home.TIMES) as world:
        wire = open_tap("wire", world.isp.machine)
        ip = world.isp.machine.ip
        for tap in ("line", "wire"):
            ip("link", "set", tap, "mtu", str(concentrator.JUMBO))  # what its switch lets through
        ip("link", "set", "wire", "master", "wan0", "up")
        ip("route", "del", f"{world.isp.plan.delegated}/40")
        ip("route", "add", f"{PLAUSIBLE}::/32", "via", f"{PLAUSIBLE}:0:1::2")
        world.isp.machine.run("ip", "-4", "route", "add", "100.64.0.0/10", "via", "100.64.0.2")
        taps = (*world.taps, wire)
        with Emulated(found.target, boot, folder, taps, more=more) as machine:
            yield Dialling(world, machine, folder)
