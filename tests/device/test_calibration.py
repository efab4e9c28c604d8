"""Calibration data out of an MTD partition. Runs on both runtimes."""

from agent.generations import make_folders
from agent.port import files, process
from services.wlan import calibration
from services.wlan.calibration import CalibrationError
from tests.device.heard import heard

# As the kernel writes it (drivers/mtd/mtdcore.c, mtd_proc_show)
TABLE = """dev:    size   erasesize  name
mtd0: 00040000 00010000 "u-boot"
mtd1: 00fb0000 00010000 "two words"
mtd2: 00010000 00010000 "ART"
"""


def refusal(function: object, *arguments: object) -> str:
    assert callable(function)
    try:
        function(*arguments)
    except CalibrationError as error:
        return str(error)
    return "accepted"


def test_a_partition_is_found_by_its_name() -> None:
    assert calibration.partition(TABLE, "ART") == "/dev/mtd2"
    assert calibration.partition(TABLE, "two words") == "/dev/mtd1"


def test_a_partition_that_is_not_there_is_told_with_those_that_are() -> None:
    said = refusal(calibration.partition, TABLE, "art")
    assert said == 'expected a partition "art", got "u-boot" "two words" "ART"'
    assert refusal(calibration.partition, "", "ART") == 'expected a partition "ART", got none'
    assert refusal(calibration.partition, TABLE, "") == (
        'expected a partition "", got "u-boot" "two words" "ART"'
    )


def test_data_is_cut_out() -> None:
    assert calibration.cut(b"0123456789", 2, 3) == b"234"
    assert calibration.cut(b"\xff\xff\x01\xff", 1, 3) == b"\xff\x01\xff"


def test_what_is_short_or_blank_is_refused() -> None:
    short = "expected 4 octets from 8 on, got the end at 10"
    assert refusal(calibration.cut, b"0123456789", 8, 4) == short
    assert refusal(calibration.cut, b"", 0, 4) == "expected 4 octets from 0 on, got the end at 0"
    for blank in (0xFF, 0x00):
        said = refusal(calibration.cut, bytes([1] + 8 * [blank]), 1, 8)
        text = "expected a radio's data, got 0x%02x alone: nothing was written there"
        assert said == text % blank


def test_files_stay_below_the_folder() -> None:
    assert calibration.is_below("ath10k/cal-pci-0000:00:00.0.bin")
    for path in ("", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", "."):
        assert not calibration.is_below(path), path


def test_what_was_made_for_a_file_alone_goes_with_it() -> None:
    folder = "/tmp/fg-calibration-%d" % process.pid()
    make_folders(folder + "/a/b")
    for name in ("a/b/one", "a/two"):
        files.write(folder + "/" + name, b"data")
    calibration.remove(folder, folder + "/a/b/one")
    assert (files.kind(folder + "/a/b"), files.listing(folder + "/a")) == ("", ["two"])
    for _ in range(2):  # also when it is gone already
        calibration.remove(folder, folder + "/a/two")
    assert files.listing(folder) == []  # somebody else's folder stays
    files.remove_folder(folder)


def test_a_wrong_command_line_is_told() -> None:
    for argv in ([], [b"ART", b"0", b"8"], [b"ART", b"0", b"0", b"x"], [b"ART", b"x", b"8", b"x"],
                 [b"ART", b"0", b"8", b"../x"], [b"-r"], [b"-r", b"/x"]):  # fmt: skip
        code, lines = heard(calibration.main, argv, {})
        assert code == 100, argv
        assert len(lines) == 2 and lines[1].startswith("usage: "), lines
