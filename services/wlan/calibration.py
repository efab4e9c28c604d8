"""calibration: a radio's data out of the flash becomes a file where its driver looks for firmware.

The factory measures each radio and writes what it found into an MTD partition. A driver that gets
what an erased flash reads as sends where and as loud as it should not: that is refused.
"""

import sys

from agent import ip, options, report
from agent.generations import make_folders
from agent.options import UsageError
from agent.port import files, process

PROGRAM = "calibration"
USAGE = "calibration PARTITION OFFSET SIZE FILE | calibration -r FILE"
MTD = "/proc/mtd"
FOLDER = "/run/firmware"
# Where the kernel looks before /lib/firmware (Documentation/driver-api/firmware/fw_search_path.rst)
SEARCHED = "/sys/module/firmware_class/parameters/path"
MOST = 4 * 2**20  # octets of a partition; it is read from its beginning


class CalibrationError(Exception):
    """There is no such data; the text says what was expected."""


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Write the file, or with -r remove it; the exit code (services/wlan/README.md)."""
    try:
        given, words = options.parse(argv, "r", "")
        offset, size = _numbers(words) if "r" not in given else (0, 0)
        if len(words) != (1 if "r" in given else 4) or not is_below(words[-1]):
            raise UsageError("FILE: expected a path below the firmware's folder")
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100
    at = SEARCHED
    try:
        folder = files.read(at).decode().strip() or FOLDER
        path = folder + "/" + words[-1]
        if "r" in given:
            at = path
            remove(folder, path)
            return 0
        at = MTD
        device = partition(files.read(at).decode(), words[0])
        at = device
        data = cut(files.read(at, MOST), offset, size)
        at = path
        _write(path, data)
        at = SEARCHED
        files.write(at, folder.encode())
    except CalibrationError as error:
        report.say(PROGRAM, "%s: %s: %s" % (words[-1], at, error))
        return 1
    except OSError as error:
        report.say(PROGRAM, "%s: %s" % (at, process.strerror(error.errno or 0)))
        return 111
    return 0


def is_below(path: str) -> bool:
    """Whether a path leads to a file below the folder that it is added to."""
    return not [word for word in path.split("/") if word in ("", ".", "..")]


def partition(table: str, name: str) -> str:
    """The device of the partition of this name, by /proc/mtd: `mtd4: 00010000 00010000 "ART"`."""
    known = []
    for line in table.split("\n")[1:]:
        device, _, rest = line.partition(":")
        quoted = rest.partition('"')[2]
        label = quoted[:-1] if quoted[-1:] == '"' else ""
        if label and label == name:
            return "/dev/" + device
        known += [report.show(label)] if label else []
    wanted = report.show(name)
    raise CalibrationError("expected a partition %s, got %s" % (wanted, " ".join(known) or "none"))


def cut(octets: bytes, offset: int, size: int) -> bytes:
    """The data out of the partition's content; CalibrationError where none is."""
    data = octets[offset : offset + size]
    if len(data) < size:
        text = "expected %d octets from %d on, got the end at %d"
        raise CalibrationError(text % (size, offset, len(octets)))
    if not data.strip(data[:1]):
        # 0xff is what an erased flash reads as
        text = "expected a radio's data, got 0x%02x alone: nothing was written there"
        raise CalibrationError(text % data[0])
    return data


def _numbers(words: list[str]) -> tuple[int, int]:
    if len(words) != 4:
        raise UsageError("expected four words")
    offset, size = ip.decimal(words[1], MOST), ip.decimal(words[2], MOST)
    if offset is None or not size:
        raise UsageError("OFFSET, SIZE: expected numbers of octets up to %d" % MOST)
    return offset, size


def _write(path: str, data: bytes) -> None:
    """The whole file or none."""
    make_folders(path.rpartition("/")[0])
    files.write(path + ".new", data)
    files.rename(path + ".new", path)


def remove(folder: str, path: str) -> None:
    """The file, and what was made for it alone: empty folders, and the kernel's way to them."""
    if files.kind(path):
        files.remove_file(path)
    above = path.rpartition("/")[0]
    while len(above) > len(folder) or above == FOLDER:
        if files.kind(above) and not files.listing(above):
            files.remove_folder(above)
        above = above.rpartition("/")[0]
    if folder == FOLDER and not files.kind(FOLDER):
        files.write(SEARCHED, b"\0")  # the empty text: a write of nothing would change nothing


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
