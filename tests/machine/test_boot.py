"""The machine's own start and end (services/boot) on Debian's kernel: each kind of root, each kind
of end. guest/boot.sh is what the machine does; tree.py what is in it."""

from pathlib import Path

import pytest

from tests.machine import kernel, tree
from tests.machine.running import Running
from tests.machine.tree import Tree

# A service tells of itself in the order log, on the disk.
SERVICE = """#!/bin/sh
echo "start $1" >>/var/log/order
trap 'echo "stop $1" >>/var/log/order; exit 0' TERM
while :; do sleep 1000 & wait $!; done
"""
ROUND = ["start first", "start second", "start third", "stop third", "stop second", "stop first"]


@pytest.fixture(scope="module")
def linux() -> kernel.Kernel:
    tree.skip_without("mksquashfs", "mke2fs", "debugfs", "strace")
    try:
        return kernel.fetched()
    except kernel.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def early(linux: kernel.Kernel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initramfs that only finds the root: the binary, modules, a checker."""
    folder = tmp_path_factory.mktemp("early")
    made = Tree(folder / "root")
    made.modules(linux, tree.MODULES)
    made.program("/sbin/fsck.ext4")
    return made.initramfs(folder / "initramfs")


def router(folder: Path) -> Tree:
    """A root with three services in a row, one that ignores SIGTERM, and the scenario."""
    made = Tree(folder)
    needs = {"second": "first", "third": "second", "scenario": "third"}
    graph: dict[str, object] = {
        name: {"type": "longrun", "run": ["/bin/service", name]}
        | ({"needs": {"service": needs[name]}} if name in needs else {})
        for name in ("first", "second", "third")
    }
    graph["scenario"] = {"type": "longrun", "run": ["/bin/scenario"], "needs": {"service": "third"}}
    deaf = ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1000; done"]
    graph["stubborn"] = {"type": "longrun", "run": deaf, "wanted": "demand", "down-timeout": 3}
    made.services(graph)
    made.put("/bin/service", SERVICE, 0o755)
    made.put("/bin/scenario", (tree.GUEST / "boot.sh").read_text(), 0o755)
    made.put("/etc/hostname", "frosty\n")
    made.put("/etc/frost/boot/sysctl", "net.ipv4.ip_forward = 1\nnot.a.thing = 5\n")
    made.put("/etc/frost/boot/mounts", "none /tmp tmpfs nosuid,nodev,mode=1777,size=1m\n")
    return made


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A router as a squashfs."""
    folder = tmp_path_factory.mktemp("image")
    made = router(folder / "root")
    made.program("/bin/strace")
    return made.squashfs(folder / "image")


def told(lines: list[str], text: str) -> list[str]:
    """What was told behind this text, wherever it was told."""
    return [line.split(text)[1].strip() for line in lines if text in line]


def test_a_disk_as_root_is_left_in_order_by_every_end(
    linux: kernel.Kernel, early: Path, tmp_path: Path
) -> None:
    disk = router(tmp_path / "root").ext4(tmp_path / "disk", "frost", 24)
    words = "root=LABEL=frost scenario=ordered"
    with Running(linux, early, words, [disk], tmp_path) as machine:
        machine.wait_for("boot: up: ordered 1, root is ext4")
        machine.wait_for("frost-finish: reboot: processes took")
        machine.wait_for("boot: up: ordered 2")
        machine.wait_for("boot: keys, please")
        machine.keys("ctrl-alt-delete")
        machine.wait_for("frost-finish: reboot: processes took")
        machine.wait_for("boot: up: ordered 3")
        lines = machine.wait_for_end()
    # Each boot found a disk that the one before had unmounted.
    assert len(told(lines, "frost: clean,")) == 3
    assert told(lines, "frost-end: halt: stopping the services") == [""]
    again = ": an end is being brought about already, it will be this one"
    assert len([line for line in lines if again in line]) == 2
    assert told(lines, "frost-finish: killed:") == ["sh"]
    assert len(told(lines, "frost-finish: poweroff: processes took")) == 1
    assert told(lines, "sysctl not/a/thing:") == ["No such file or directory"] * 3
    tree.check_clean(disk)
    assert tree.read_file(disk, "/var/log/order").splitlines() == ROUND * 3
    show("ext4", lines)

    with Running(linux, early, words, [disk], tmp_path) as machine:
        machine.wait_for("boot: writing")
        machine.cut()
    with Running(linux, early, words, [disk], tmp_path) as machine:
        machine.wait_for("recovering journal")
        machine.wait_for("boot: up: ordered 5, root is ext4")
        machine.wait_for("reboot: System halted")
    tree.check_clean(disk)
    last = tree.read_file(disk, "/var/log/order").splitlines()
    assert last[-6:] == ROUND


def test_a_read_only_root_keeps_what_is_written_in_memory(
    linux: kernel.Kernel, early: Path, image: Path, tmp_path: Path
) -> None:
    words = "root=/dev/vda frost.overlay=LABEL=nonesuch frost.wait=0 scenario=memory"
    with Running(linux, early, words, [image], tmp_path) as machine:
        machine.wait_for("boot: up: memory 1, root is overlay")
        lines = machine.wait_for_end()
    missing = "LABEL=nonesuch: not there after 0 s; block devices: vda; changes last until the end"
    assert told(lines, "frost-init: frost.overlay=") == [missing]
    assert told(lines, "boot: marker: ") == [
        "cat: can't open '/etc/marker': No such file or directory"
    ]
    show("squashfs, overlay in memory", lines)


def test_a_crash_of_process_1_ends_in_a_reboot_that_loses_nothing(
    linux: kernel.Kernel, early: Path, image: Path, tmp_path: Path
) -> None:
    disk = tree.empty_ext4(tmp_path / "data", "data", 8)
    words = "root=/dev/vda frost.overlay=LABEL=data scenario=kept"
    with Running(linux, early, words, [image, disk], tmp_path) as machine:
        machine.wait_for("boot: up: kept 1, root is overlay")
        machine.wait_for("boot: crash, please")
        machine.wait_for("frost-finish: process 1: s6-svscan could not go on")
        machine.wait_for("boot: up: kept 2, root is overlay")
        lines = machine.wait_for_end()
    assert told(lines, "boot: marker: ") == ["kept"]
    assert not [line for line in lines if "recovering journal" in line]
    tree.check_clean(disk)
    assert tree.read_file(disk, "/upper/etc/marker") == "kept\n"
    show("squashfs, overlay on ext4", lines)


def test_an_initramfs_stays_the_root(linux: kernel.Kernel, tmp_path: Path) -> None:
    initramfs = router(tmp_path / "root").initramfs(tmp_path / "initramfs")
    with Running(linux, initramfs, "scenario=stay", [], tmp_path) as machine:
        machine.wait_for("boot: up: stay 1, root is rootfs")
        lines = machine.wait_for_end()
    assert len(told(lines, "frost-finish: poweroff: processes took")) == 1
    show("initramfs", lines)


def show(what: str, lines: list[str]) -> None:
    """What `pytest -s` prints: when process 1 began, what it did, when the services were up."""
    for text in told(lines, "frost-init: process 1 at "):
        print(f"{what}: process 1 at {text}")
    for text in told(lines, "frost-finish: "):
        print(f"{what}: {text}")
