"""QEMU's command from values, and what is said when an image can't be run."""

import json
from pathlib import Path

import pytest

from packager import qemu
from packager.__main__ import main
from packager.bootable import NotBootable, bootable
from packager.qemu import Boot, Disk, Link
from packager.targets import TARGETS, find_target

BOOT = Boot(Path("/k"), Path("/i"), (Disk(Path("/a,b")),), "console=ttyS0 root=/dev/vda")


def pairs(argv: list[str], option: str) -> list[str]:
    return [value for name, value in zip(argv, argv[1:], strict=False) if name == option]


@pytest.mark.parametrize("name", [each for each in TARGETS if TARGETS[each].machine])
def test_every_machine_is_emulated_and_has_what_it_boots(name: str) -> None:
    argv = qemu.arguments(find_target(name), BOOT, (Link.tap(7), Link.tap(8)), serial="stdio")
    assert argv[0].startswith("qemu-system-")
    assert pairs(argv, "-accel") == ["tcg"]
    more = " no_timer_check" if name == "qemu-x86_64" else ""
    assert pairs(argv, "-append") == ["console=ttyS0 root=/dev/vda" + more]
    assert pairs(argv, "-drive") == ["file=/a,,b,format=raw,if=none,id=disk0,snapshot=on"]
    assert pairs(argv, "-netdev") == ["tap,fd=7,id=net0", "tap,fd=8,id=net1"]
    cards = [each for each in pairs(argv, "-device") if "netdev=" in each]
    assert [each.split("mac=")[1].split(",")[0] for each in cards] == [qemu.mac(0), qemu.mac(1)]


def test_a_kept_disk_is_written_to() -> None:
    boot = Boot(Path("/k"), disks=(Disk(Path("/d"), is_kept=True),))
    argv = qemu.arguments(TARGETS["qemu-x86_64"], boot, (Link.tap(7),), serial="stdio")
    assert pairs(argv, "-drive") == ["file=/d,format=raw,if=none,id=disk0"]
    assert "-initrd" not in argv


def test_an_overlay_is_no_machine() -> None:
    with pytest.raises(qemu.QemuError, match="overlay-mips: expected a target that QEMU plays"):
        qemu.arguments(TARGETS["overlay-mips"], BOOT, (Link.tap(7),), serial="stdio")


def test_links_are_counted() -> None:
    with pytest.raises(qemu.QemuError, match="expected 1 to 4 links, got 0"):
        qemu.arguments(TARGETS["qemu-malta"], BOOT, (), serial="stdio")


def image(folder: Path, **changes: object) -> Path:
    for name in ("vmlinuz", "initrd", "root.ext4"):
        (folder / name).write_text(name)
    boot = {"kernel": "vmlinuz", "initrd": "initrd", "disk": "root.ext4", "words": "quiet"}
    told = {"target": "qemu-malta", "format": "ext4", "boot": boot} | changes
    (folder / "image.json").write_text(json.dumps(told))
    return folder


def test_an_image_s_manifest_tells_what_to_boot(tmp_path: Path) -> None:
    found = bootable(image(tmp_path))
    assert found.target is TARGETS["qemu-malta"]
    assert found.boot(is_kept=True, words="loglevel=7") == Boot(
        tmp_path / "vmlinuz",
        tmp_path / "initrd",
        (Disk(tmp_path / "root.ext4", is_kept=True),),
        "quiet loglevel=7",
    )


def test_what_does_not_boot_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotBootable, match="expected the folder of an image, with image.json in it"):
        bootable(tmp_path)
    image(tmp_path, boot=None)
    with pytest.raises(NotBootable, match="expected an image with a kernel, got ext4 for qemu-mal"):
        bootable(tmp_path)
    image(tmp_path, target="vax")
    with pytest.raises(NotBootable, match="expected a target of .*, got 'vax'"):
        bootable(tmp_path)
    image(tmp_path)
    (tmp_path / "initrd").unlink()
    with pytest.raises(NotBootable, match="initrd: expected this file of the image; build it"):
        bootable(tmp_path)
    (tmp_path / "image.json").write_text("[")
    with pytest.raises(NotBootable, match="image.json: expected an image's manifest"):
        bootable(tmp_path)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "expected one image or site, got 0"),
        (["nowhere"], "nowhere: expected the folder of an image"),
        (["{}", "--isp", "--nics", "socket"], "expected taps with --isp, got --nics socket"),
        (["{}", "--isp", "--links", "1"], "expected 2 to 4 links, got 1"),
        (["{}", "--links", "5"], "expected 1 to 4 links, got 5"),
    ],
)
def test_the_command_says_what_it_can_t_run(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(image(tmp_path))
    assert main(["run", *(word.replace("{}", folder) for word in words)]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("frostgate run: ") and told in last
