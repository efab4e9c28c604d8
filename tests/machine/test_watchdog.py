"""The watchdog on Debian's kernel, with a device of QEMU's that resets the machine: who is well is
left alone, who is not starts again, and so does an end that hangs. guest/watchdog.sh is what the
machine does, over three boots."""

from pathlib import Path

import pytest

from packager.root.tree import Tree, link
from tests.machine import kernel, tree
from tests.machine.running import Running

DRIVER = "i6300esb"
DEVICE = ("-device", "i6300esb,id=watchdog", "-action", "watchdog=reset")
TIMEOUT = 8  # seconds; the script waits for longer
LONGER = 12
SERVICE = """#!/bin/sh
trap "$1" TERM
echo >&3
while :; do sleep 1000 & wait $!; done
"""


@pytest.fixture(scope="module")
def linux() -> kernel.Kernel:
    tree.skip_without("mksquashfs", "mke2fs")
    try:
        return kernel.fetched()
    except kernel.Missing as missing:
        pytest.skip(str(missing))


def router(linux: kernel.Kernel) -> Tree:
    """A root with the watchdog's feeder and services that end as their names say."""
    made = tree.base()
    service = {"type": "longrun", "ready": "notify", "wanted": "demand"}
    feeder = ["watchdog", "-t", str(TIMEOUT), "-e", "30", "-g", "600"]
    hour = {"down-timeout": 3600}
    tree.services(
        made,
        {
            "watchdog": {
                "type": "longrun",
                "ready": "notify",
                "run": [*feeder, "/dev/watchdog0", "frost-agent", "patient"],
                "outputs": ["missing", "state"],
                "needs": {"device": {"subsystem": "watchdog", "name": "watchdog0"}},
            },
            "patient": service | {"run": ["/bin/service", "exit 0"]},
            "slow": service | {"run": ["/bin/service", f"sleep {LONGER}; exit 0"]} | hour,
            "deaf": service | {"run": ["/bin/service", ""]} | hour,
            "scenario": {"type": "longrun", "run": ["/bin/scenario"]},
        },
    )
    made.merge(linux.tree({DRIVER: "the watchdog"}))
    tree.put(made, "/etc/frost/boot/modules", f"{DRIVER}\n")
    tree.put(made, "/etc/frost/boot/patience", "1000\n")  # an end that hangs is the watchdog's
    tree.put(made, "/usr/bin/service", SERVICE, 0o755)
    tree.put(made, "/usr/bin/scenario", (tree.GUEST / "watchdog.sh").read_text(), 0o755)
    made.add(link("/usr/bin/watchdog", "frost", tree.TEST))
    return made


def test_a_machine_is_reset_when_it_is_not_well_and_left_alone_otherwise(
    linux: kernel.Kernel, tmp_path: Path
) -> None:
    early = tree.early(linux, tmp_path / "early")
    image = tree.write_squashfs(router(linux), tmp_path / "image")
    disk = tree.write_ext4(Tree(), tmp_path / "data", "data", 8)
    words = "root=/dev/vda frost.overlay=LABEL=data"
    with Running(linux, early, words, [image, disk], tmp_path, DEVICE) as machine:
        machine.wait_for("watchdog: boot 1")
        machine.wait_for("watchdog: fed in its grace: patient")
        # The device itself counts no more once its feeder was stopped
        for what in ("in its grace", "while healthy", "without its feeder, inactive"):
            machine.wait_for(f"watchdog: left alone {what}")
        machine.wait_for("watchdog: not fed: patient")
        machine.wait_for("watchdog: boot 2")
        reset = len(machine.lines())
        assert not [line for line in machine.lines() if "frost-finish" in line]
        machine.wait_for("watchdog: a slow end")
        machine.wait_for("frost-finish: reboot: processes took")  # not cut short
        machine.wait_for("watchdog: boot 3")
        machine.wait_for("watchdog: an end that hangs")
        machine.wait_for("frost-end: reboot: stopping the services")
        machine.wait_for("Linux version")  # a fourth time
        lines = machine.lines()[reset:]
        assert len([line for line in lines if "frost-finish: reboot" in line]) == 1
    print(f"3 boots, {machine.processor_s():.1f} s of the processor")
