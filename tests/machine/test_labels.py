"""Names of links by labels of the device tree: QEMU's own for aarch64, with labels put in."""

import subprocess
from pathlib import Path

import pytest

from packager import bootable, qemu
from packager.qemu import mac
from packager.targets import AARCH64
from tests.machine import home, images
from tests.machine.emulated import Emulated
from tests.runtimes import SCALE

SITE = Path(__file__).with_name("labels_site.py")
# The cards are behind the disk, in the slots 2 and 3. What is on virtio has a node of its own below
# that of the PCI device (Linux, Documentation/devicetree/bindings/virtio/virtio-device.yaml).
NODE = """
pci@{slot},0 {{ reg = <{word:#x} 0 0 0 0>; #address-cells = <3>; #size-cells = <2>;
  ethernet {{ compatible = "virtio,device1"; label = "{label}"; }}; }};"""
PORTS = {2: "lan", 3: "wan"}


def device_tree(folder: Path) -> Path:
    """QEMU's own of this machine, with a node for each card."""
    plain, changed = folder / "plain.dtb", folder / "labels.dtb"
    machine = qemu.emulated(AARCH64)
    words = [f"{word},dumpdtb={plain}" if word == "virt" else word for word in machine.argv]
    memory = ["-m", str(qemu.MEMORY_MB), "-nodefaults", "-display", "none"]
    subprocess.run([machine.program, *words, *memory], check=True, capture_output=True)
    tree = ["dtc", "-q", "-I", "dtb", "-O", "dts", str(plain)]
    text = subprocess.run(tree, check=True, capture_output=True, text=True).stdout
    nodes = [NODE.format(slot=slot, word=slot << 11, label=PORTS[slot]) for slot in PORTS]
    before, bus, after = text.partition("pcie@10000000 {")
    end = after.index("};")  # nodes stand behind the properties
    text = before + bus + after[:end] + "".join(nodes) + after[end:]
    subprocess.run(
        ["dtc", "-q", "-O", "dtb", "-o", str(changed)], input=text, check=True, text=True
    )
    return changed


@pytest.mark.skipif(SCALE == 1, reason="another machine, for one question: make soak")
def test_names_follow_the_labels_of_the_device_tree(tmp_path: Path) -> None:
    kept = images.FOLDER / "labels"
    kept.mkdir(parents=True, exist_ok=True)
    image = images.build(home.site(kept, SITE), AARCH64.name, kept / "image")
    found = bootable.bootable(image)
    boot = found.boot(words=home.WORDS)
    more = ("-dtb", str(device_tree(tmp_path)))
    links = tuple(qemu.Link(f"hubport,hubid={number}") for number in range(len(PORTS)))
    with Emulated(found.target, boot, tmp_path, (), links, more) as machine:
        machine.start()
        machine.await_line(f"labels: eth0 is {mac(1)}")
        machine.await_line(f"labels: eth1 is {mac(0)}")
