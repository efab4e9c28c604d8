"""The machine's own start and end (services/boot) on Debian's kernel: each kind of root, each kind
of end. guest/boot.sh is what the machine does; tree.py what is in it."""

import random
import time
from pathlib import Path

import pytest

from packager.root.tree import Tree
from tests.machine import kernel, tree
from tests.machine.running import Running
from tests.runtimes import SCALE

# A service tells of itself in the order log, on the disk.
SERVICE = """#!/bin/sh
trap 'echo "stop $1" >>/var/log/order; exit 0' TERM
echo "start $1" >>/var/log/order
echo >&3
while :; do sleep 1000 & wait $!; done
"""
ROUND = ["start first", "start second", "stop second", "stop first"]


@pytest.fixture(scope="module")
def linux() -> kernel.Kernel:
    tree.skip_without("mksquashfs", "mke2fs", "debugfs", "strace")
    try:
        return kernel.fetched()
    except kernel.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def early(linux: kernel.Kernel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree.early(linux, tmp_path_factory.mktemp("early") / "initramfs")


@pytest.fixture(scope="module")
def router() -> Tree:
    """A root with two services in a row and the scenario behind them; one that is deaf."""
    made = tree.base()
    service = {"type": "longrun", "ready": "notify"}
    deaf = ["/bin/sh", "-c", "trap '' TERM; echo >&3; while :; do sleep 1000; done"]
    tree.services(
        made,
        {
            "first": service | {"run": ["/bin/service", "first"]},
            "second": service | {"run": ["/bin/service", "second"], "needs": {"service": "first"}},
            "scenario": {
                "type": "longrun",
                "run": ["/bin/scenario"],
                "needs": {"service": "second"},
            },
            "stubborn": service | {"run": deaf, "wanted": "demand", "down-timeout": 3},
        },
    )
    tree.put(made, "/usr/bin/service", SERVICE, 0o755)
    tree.put(made, "/usr/bin/scenario", (tree.GUEST / "boot.sh").read_text(), 0o755)
    tree.program(made, "/usr/bin/strace")
    tree.put(made, "/etc/hostname", "frosty\n")
    tree.put(made, "/etc/frost/boot/sysctl", "net.ipv4.ip_forward = 1\nnot.a.thing = 5\n")
    tree.put(made, "/etc/frost/boot/mounts", "none /tmp tmpfs nosuid,nodev,mode=1777,size=1m\n")
    return made


@pytest.fixture(scope="module")
def image(router: Tree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree.write_squashfs(router, tmp_path_factory.mktemp("image") / "image")


def told(lines: list[str], text: str) -> list[str]:
    """What was told behind this text, wherever it was told."""
    return [line.split(text)[1].strip() for line in lines if text in line]


def test_a_disk_as_root_is_left_in_order_by_every_end(
    linux: kernel.Kernel, early: Path, router: Tree, tmp_path: Path
) -> None:
    disk = tree.write_ext4(router, tmp_path / "disk", "frost", 24)
    words = "root=LABEL=frost scenario=ordered"
    with Running(linux, early, words, [disk], tmp_path) as machine:
        machine.wait_for("boot: up: ordered 1, root is ext4")
        machine.wait_for("boot: keys, please")
        machine.keys("ctrl-alt-delete")
        machine.wait_for("frost-finish: reboot: processes took")
        machine.wait_for("boot: up: ordered 2")
        machine.wait_for("boot: writing")
        machine.cut()
        lines = machine.lines()
    assert len(told(lines, "frost: clean,")) == 2  # the first end had unmounted it
    assert told(lines, "sysctl not/a/thing:") == ["No such file or directory"] * 2
    show("ext4", machine)
    with Running(linux, early, words, [disk], tmp_path) as machine:
        machine.wait_for("frost: recovering journal")
        machine.wait_for("boot: up: ordered 3, root is ext4")
        machine.wait_for("reboot: System halted")
        lines = machine.lines()
    assert told(lines, "frost-end: reboot: stopping the services") == [""]
    again = "an end is being brought about already, it will be this one"
    assert told(lines, "frost-end: halt: ") == [again]
    assert told(lines, "frost-finish: killed:") == ["sh sleep"]
    show("ext4, after a power cut", machine)
    tree.check_clean(disk)
    order = tree.read_file(disk, "/var/log/order").splitlines()
    assert order[:4] == ROUND
    assert order[-4:] == ROUND


def test_a_read_only_root_keeps_what_is_written_in_memory_or_on_a_disk(
    linux: kernel.Kernel, early: Path, image: Path, tmp_path: Path
) -> None:
    """In memory until the disk is there; on it also when process 1 crashes."""
    disk, later = tmp_path / "data", tree.write_ext4(Tree(), tmp_path / "later", "data", 8)
    disk.write_bytes(bytes(later.stat().st_size))
    words = "root=/dev/vda frost.overlay=LABEL=data frost.wait=0 scenario=kept"
    with Running(linux, early, words, [image, disk], tmp_path) as machine:
        machine.wait_for("boot: up: kept 1, root is overlay")
        machine.wait_for("boot: a disk, please")
        with disk.open("r+b") as file:
            file.write(later.read_bytes())
        machine.keys("ctrl-alt-delete")
        machine.wait_for("boot: up: kept 1, root is overlay")  # it has forgotten that it was up
        machine.wait_for("boot: crash, please")
        machine.wait_for("frost-finish: process 1: s6-svscan could not go on")
        machine.wait_for("Linux version")  # and it starts again
        machine.cut()
        lines = machine.lines()
    missing = "LABEL=data: not there after 0 s; block devices: vda vdb; changes last until the end"
    assert told(lines, "frost-init: frost.overlay=") == [missing]
    nothing = "cat: can't open '/etc/marker': No such file or directory"
    assert told(lines, "boot: marker: ") == [nothing] * 2
    assert not [line for line in lines if "recovering journal" in line]
    tree.check_clean(disk)
    assert tree.read_file(disk, "/upper/etc/marker") == "kept\n"
    show("squashfs, overlay in memory, then on ext4", machine)


def test_an_initramfs_stays_the_root(linux: kernel.Kernel, router: Tree, tmp_path: Path) -> None:
    initramfs = tree.write_initramfs(router, tmp_path / "initramfs")
    with Running(linux, initramfs, "scenario=stay", [], tmp_path) as machine:
        machine.wait_for("boot: up: stay 1, root is rootfs")
        lines = machine.wait_for_end()
    assert len(told(lines, "frost-finish: poweroff: processes took")) == 1
    show("initramfs", machine)


@pytest.mark.skipif(SCALE == 1, reason="many boots: make soak")
def test_no_cut_of_the_power_leaves_a_disk_that_does_not_boot(
    linux: kernel.Kernel, early: Path, router: Tree, tmp_path: Path
) -> None:
    disk = tree.write_ext4(router, tmp_path / "disk", "frost", 24)
    moments = random.Random(1)
    for boot in range(1, SCALE + 2):
        with Running(linux, early, "root=LABEL=frost scenario=cuts", [disk], tmp_path) as machine:
            machine.wait_for(f"boot: up: cuts {boot}, root is ext4")
            machine.wait_for("boot: writing")
            time.sleep(2 * moments.random())
    print(f"{SCALE} cuts of the power, {SCALE} boots")


@pytest.mark.skipif(SCALE == 1, reason="takes the kernel 10 s to start again: make soak")
def test_a_kernel_that_lost_its_process_1_starts_again(
    linux: kernel.Kernel, router: Tree, tmp_path: Path
) -> None:
    initramfs = tree.write_initramfs(router, tmp_path / "initramfs")
    with Running(linux, initramfs, "scenario=panic", [], tmp_path) as machine:
        machine.wait_for("Kernel panic - not syncing: Attempted to kill init!")
        machine.wait_for("Rebooting in 10 seconds")
        machine.wait_for("boot: up: panic 1")


def show(what: str, machine: Running) -> None:
    """What `pytest -s` prints: when process 1 began, what it did, what its end took."""
    lines = machine.lines()
    print(f"{what}: {machine.processor_s():.1f} s of the processor")
    for text in told(lines, "frost-init: process 1 at "):
        print(f"{what}: process 1 at {text}")
    for text in told(lines, "frost-finish: "):
        print(f"{what}: {text}")
