"""Names by hardware, VLANs, routes, disks, consoles and what services leave behind, on Debian's
kernel: links_site.py's router.

One boot carries all of it, in order.
"""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from packager import bootable, qemu
from packager.isp import client, playground, services4, wait
from packager.qemu import mac
from tests.machine import clients, disks, home, images, kernel, leavings, patience, tree
from tests.machine.emulated import BOOT_S, Emulated
from tests.machine.home import Home
from tests.machine.line import Line
from tests.machine.links_site import PASSWORD
from tests.machine.trunk import CUSTOMER, PROVIDER, Trunk
from tests.runtimes import SCALE

pytestmark = [pytest.mark.root, pytest.mark.together]

SITE = Path(__file__).with_name("links_site.py")
WAN, TV = ((CUSTOMER, 7),), ((PROVIDER, 9), (CUSTOMER, 8))
USB = ("-device", "qemu-xhci,id=usb")
WATCHDOG = ("-device", "i6300esb")  # it resets the machine, which no test here would survive
LINES = ("line1", "line2")  # ttyS1, ttyS2
CARD = "/machine/peripheral-anon/device[1]"  # the first one, behind the disk's controller
ROUNDS = 2 * SCALE  # of pulling out and plugging in
FEW_S = 60.0  # for what takes a moment where nothing else is to be done
# Levels of services that come and go one after the other; the base ruleset stays, links need it.
LEVELS = [
    "link-names",
    "trunk port console1 alive disk-disk btrfs-disk f2fs-disk xfs-disk",
    "wan carrier lan console2 watchdog disk btrfs f2fs xfs",
    "tv lan-port",
    "lan-tv web",
]
CAME = (
    ["file /run/services/outputs/link-names"],
    ["link eth0", "link eth1", "process busybox getty -L 0 ttyS1"],
    ["+ link eth1.7", "+ link carrier", "+ link br-lan",
     "+ mount /dev/sd", "+ watchdog active", *(f" /{kind} {kind} " for kind in disks.KINDS)],
    ["+ link tv"],
    ["process busybox httpd"],
)  # fmt: skip
KEPT = ("firewall", "firewall-base", "loopback", "ssh")


class Router(Home):
    """The home with a trunk in the place of the line, and what is asked of the router."""

    trunk: Trunk

    def boot(self) -> None:
        self.machine.start()
        self.trunk.connect()
        wait.until(
            f"{self.isp.internet} answers the LAN",
            lambda: clients.ping(self.host, self.isp.internet),
            deadline_s=BOOT_S,
            evidence=self.evidence,
        )
        for host in self.world.hosts:  # who asked for nothing all the time waits before the next
            host.svc("dhcpcd", "-r")
        self.await_works()
        self.login.await_open()

    def works(self) -> dict[str, bool]:
        return {
            "IPv6": clients.ping(self.host, self.isp.internet),
            "IPv4": clients.ping(self.host, services4.INTERNET4),
        }

    def ask(self, command: str) -> str:
        return self.login.ask(command).strip()

    def await_said(self, command: str, pattern: str) -> str:
        """Wait until the router says something of this pattern (patience.py)."""
        return patience.said(
            self.ask,
            command,
            pattern,
            deadline_s=FEW_S,
            evidence=lambda: f"{self.machine.tail()}\n{self.ask('frost status; frost log -N 40')}",
        )

    def qmp(self, command: str, **arguments: Any) -> None:
        assert self.machine.control
        self.machine.control(command, **arguments)

    def plug(self, stick: Path, serial: str) -> None:
        """A disk on USB appears."""
        driver = {"driver": "file", "filename": str(stick)}
        self.qmp("blockdev-add", driver="raw", **{"node-name": serial}, file=driver)
        self.qmp("device_add", driver="usb-storage", id=serial, bus="usb.0", drive=serial,
                 serial=serial)  # fmt: skip

    def pull(self, serial: str) -> None:
        """And is pulled out, whatever the machine thinks of it."""
        assert self.machine.control
        self.qmp("device_del", id=serial)
        self.machine.control.await_event("DEVICE_DELETED", device=serial)
        self.qmp("blockdev-del", **{"node-name": serial})


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Router]:
    folder = tmp_path_factory.mktemp("links")
    kept = images.FOLDER / "links"
    kept.mkdir(parents=True, exist_ok=True)
    image = images.build(home.site(kept, SITE), "qemu-x86_64", kept / "image")
    found = bootable.bootable(image)
    boot = home.kept(found.boot(is_kept=True, words=home.WORDS), folder)
    boot = replace(boot, kernel=kernel.unpacked(kernel.fetched()))
    path = folder / "trunk"
    with playground.running(2, home.TIMES) as world:
        line, port, tv = world.taps
        trunk = Trunk(path, {WAN: line, TV: tv})
        more = [*USB, *WATCHDOG]
        for kind in disks.KINDS:
            more += disks.plugged(disks.made(folder, kind), kind)
        for name in LINES:
            more += Line.plugged(folder / name, name)
        with Emulated(
            found.target, boot, folder, (port,), (qemu.Link.socket(path),), tuple(more)
        ) as made:
            made_router = Router(world, made, folder)
            made_router.trunk = trunk
            try:
                made_router.boot()
                yield made_router
            finally:
                trunk.close()


def test_names_follow_the_hardware(router: Router) -> None:
    """The kernel counts the other way round, and is put right before anything runs on them."""
    show = "cd /sys/class/net; cat eth0/address eth1/address eth1.7/address br-lan/address"
    first, second = mac(0), mac(1)
    assert router.ask(show).split() == [second, first, first, second]
    assert router.ask("cat /sys/class/net/eth1/ifindex /sys/class/net/eth0/ifindex") == "2\n3"
    told = router.ask("cd /run/services/outputs/link-names; head eth0 eth1 -n1 -q; cat eth0 eth1")
    assert told.split()[-2:] == ["3", "2"]


def test_the_uplink_is_a_vlan(router: Router) -> None:
    """Both families, by real DHCP; and nothing leaves the trunk without a tag."""
    assert router.works() == {"IPv6": True, "IPv4": True}
    assert router.trunk.seen[WAN] > 20
    assert set(router.trunk.seen) <= {WAN, TV, TV[:1]}, router.trunk.seen
    assert "metric 600" in router.ask("ip -4 route show default")
    assert "metric 700" in router.ask("ip -6 route show default")


def test_a_vlan_in_a_provider_s_is_a_port_of_the_bridge(router: Router) -> None:
    """What is behind VLAN 8 in VLAN 9 (802.1ad) is on the LAN: the same lease pool, the same
    neighbours."""
    one, other = router.world.hosts
    shown = other.run("ip", "-4", "-o", "address", "show", "dev", client.LINK)
    address = shown.split("inet ")[1].split("/")[0]
    assert address.startswith("192.168.1.")
    assert clients.ping(one, address, wait_s=5)
    assert clients.ping(other, services4.INTERNET4, wait_s=5)
    assert router.trunk.seen[TV] > 5


def test_vlans_keep_the_port_s_contract(router: Router) -> None:
    told = router.ask("modprobe dummy; /usr/libexec/frost-check tests.contract.vlans all_of_them")
    assert told.count("ok ") == 3, told


def test_a_card_that_is_plugged_in_anew_gets_its_name_and_all_that_stood_on_it(
    router: Router,
) -> None:
    """Another index, and the kernel's first free name at first."""
    before = router.ask("cat /sys/class/net/eth1/ifindex")
    router.qmp("device_del", id=CARD)
    assert router.machine.control
    router.machine.control.await_event("DEVICE_DELETED", path=CARD)
    router.await_said("test -d /sys/class/net/eth1 || echo gone", "gone")
    router.await_said("ls /run/services/outputs/link-names", "eth0")
    router.qmp("device_add", driver="virtio-net-pci", netdev="net0", mac=mac(0), addr="3")
    after = router.await_said("cat /sys/class/net/eth1/ifindex", "[0-9]*")
    assert after != before
    router.await_said("cat /sys/class/net/eth1.7/operstate /sys/class/net/tv/operstate", "up up")
    router.await_works()


def test_a_vlan_goes_and_comes_with_its_link(router: Router) -> None:
    router.ask("ip link set eth1 down")
    router.await_said("test -d /sys/class/net/eth1.7 || echo gone", "gone")
    router.ask("ip link set eth1 up")
    router.await_said("cat /sys/class/net/eth1.7/operstate", "up")
    router.await_works()


def test_a_static_route_is_back_when_its_link_is(router: Router) -> None:
    expected = "10.8.0.0/16 via 192.168.1.9 dev br-lan metric 50*"
    router.await_said("ip -4 route show 10.8.0.0/16", expected)
    router.ask("(ip link set br-lan down; ip link set br-lan up) >/dev/null 2>&1 &")
    router.login.close()
    router.await_said("ip -4 route show 10.8.0.0/16", expected)
    router.ask("frost stop lab")
    router.await_said("ip -4 route show 10.8.0.0/16", "")


def made_disk(folder: Path, label: str, broken: bool = False) -> Path:
    """An ext4 with a page; broken: it says that it has errors."""
    path, page = folder / f"{label}.ext4", folder / "page"
    page.mkdir(exist_ok=True)
    (page / "hello").write_text("hello from the disk\n")
    with path.open("wb") as file:
        file.truncate(16 << 20)
    words = ["mke2fs", "-q", "-t", "ext4", "-L", label, "-d", str(page), str(path)]
    subprocess.run(words, check=True)
    if broken:
        words = ["debugfs", "-w", "-R", "ssv state 2", str(path)]
        subprocess.run(words, check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def sticks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three disks: of another label, the one that is meant, and one that is meant by its number."""
    folder = tmp_path_factory.mktemp("sticks")
    made_disk(folder, "other")
    made_disk(folder, "files", broken=True)
    with (folder / "backup.vfat").open("wb") as file:
        file.truncate(40 << 20)
    subprocess.run(["busybox", "mkdosfs", str(folder / "backup.vfat")], check=True)
    return folder


def test_a_disk_that_comes_late_is_checked_and_mounted_and_its_service_starts(
    router: Router, sticks: Path
) -> None:
    assert "disk-disk/device" in router.ask("frost why web")
    router.ask("modprobe -r dummy")
    router.plug(sticks / "other.ext4", "frost-0")
    router.await_said("cat /proc/partitions", "*sda*")
    router.plug(sticks / "files.ext4", "frost-1")
    router.await_said("wget -q -O - http://127.0.0.1:8080/hello", "hello from the disk")
    assert router.ask("grep ' /srv ' /proc/mounts").startswith("/dev/sdb /srv ext4 rw,nosuid,nodev")
    assert "check forced" in router.ask("frost log -N 200 disk")
    assert router.ask("cat /run/services/outputs/disk-disk/label") == "files"
    # By `stick`, which is told by its numbers
    assert "dummy" in router.ask("cut -d' ' -f1 /proc/modules").split()


def test_a_disk_is_found_by_its_serial_number(router: Router, sticks: Path) -> None:
    router.plug(sticks / "backup.vfat", "frost-2")
    router.await_said("grep ' /backup ' /proc/mounts", "* vfat *")
    router.ask("echo kept >/backup/file")
    router.ask("frost stop backup")
    router.await_said("grep -c /backup /proc/mounts", "0")
    router.ask("frost start backup")
    router.await_said("cat /backup/file", "kept")


def test_a_disk_that_is_pulled_out_takes_its_users_with_it_and_comes_back(
    router: Router, sticks: Path
) -> None:
    """Also while somebody of whom the site does not know holds a file of it."""
    router.ask("cd /srv; setsid sleep 1000 >/dev/null 2>&1 </srv/hello &")
    router.pull("frost-1")
    router.await_said("grep -c ' /srv ' /proc/mounts", "0")
    router.await_said("pidof httpd || echo none", "none")
    assert "disk-disk/device" in router.ask("frost why web")
    router.plug(sticks / "files.ext4", "frost-1")
    router.await_said("wget -q -O - http://127.0.0.1:8080/hello", "hello from the disk")
    for _ in range(ROUNDS):
        # Out and in again at once: nobody may take the new one for the old one
        router.pull("frost-1")
        router.plug(sticks / "files.ext4", "frost-1")
        router.await_said("cat /srv/hello", "hello from the disk")
        router.await_said("wget -q -O - http://127.0.0.1:8080/hello", "hello from the disk")


def test_a_disk_is_clean_once_its_service_has_stopped(router: Router, sticks: Path) -> None:
    router.ask("echo written >/srv/file; frost stop disk")
    router.await_said("grep -c ' /srv ' /proc/mounts", "0")
    assert router.ask("pidof httpd || echo none") == "none"
    router.pull("frost-1")
    tree.check_clean(sticks / "files.ext4")
    assert tree.read_file(sticks / "files.ext4", "/file") == "written\n"


@pytest.mark.parametrize("kind", disks.KINDS)
def test_a_disk_of_each_type_is_mounted_written_to_and_left_without_errors(
    router: Router, kind: str
) -> None:
    router.await_said(f"grep ' /{kind} ' /proc/mounts", f"* /{kind} {kind} rw,*nosuid,nodev,*")
    assert router.ask(f"cat /run/services/outputs/{kind}-disk/label") == kind
    router.ask(f"echo written >/{kind}/file; frost stop {kind}")
    router.await_said(f"grep -c ' /{kind} ' /proc/mounts", "0")
    disks.check(router.machine.folder / f"{kind}.disk", kind)
    router.ask(f"frost release {kind}")
    router.await_said(f"cat /{kind}/file", "written")


def test_two_who_are_logged_in_do_not_disturb_each_other(router: Router) -> None:
    """Nor those who are logged in by ssh. Both consoles' records would go into one file."""
    one, other = (Line(router.machine.folder / name) for name in LINES)
    for line in (one, other):
        line.log_in(PASSWORD)
    one.type("exit\n")
    one.await_text("login: ")
    assert "root 2" in other.answer("echo root $((1+1))")
    router.ask("frost stop console1")
    router.await_said("frost status -j console1", '*"state": "down"*')
    assert "root 4" in other.answer("echo root $((2+2))")
    assert router.ask("readlink /run/utmp") == "/dev/null"
    router.ask("frost release console1")
    one.log_in(PASSWORD)
    for line in (one, other):
        line.close()


def test_stopped_services_leave_nothing_behind(router: Router, sticks: Path) -> None:
    """Links with names of their own, VLANs of both kinds in a bridge, disks, consoles, a check, the
    watchdog: each level was up, and what is there after its stop is what was there before."""
    router.plug(sticks / "files.ext4", "frost-1")
    held = leavings.others(router.ask, LEVELS, KEPT)
    leavings.put(router.login)
    router.order(leavings.command(held, LEVELS))
    router.login.close()  # the LAN goes, too
    router.machine.await_line("leavings: done", deadline_s=900.0)
    looks = leavings.fetched(router.login, router.ask, 600.0)
    leavings.check(looks, LEVELS, CAME)
    print(f"{sum(len(level.split()) for level in LEVELS)} services left nothing behind")
