"""The unique local prefix of the LANs, a /48 of fd00::/8 (RFC 4193; RFC 7084 ULA-1 to ULA-3).

Made once, from the kernel's random numbers, and kept in a file: the same after every start. What
is in the file and can't be one is told and replaced.
"""

from agent import ip, report
from agent.port import clock, errno, files, process
from services.dhcp6 import deadlines
from services.dhcp6.memory import Used

AUTO, LENGTH = "auto", 48
LONGEST = 64  # octets of the file


def parse(text: str) -> int | None:
    """The prefix as a number; None for what is no /48 of fd00::/8 (section 3.1, L is 1)."""
    address, _, length = text.partition("/")
    value = ip.parse6(address)
    if value is None or length != "%d" % LENGTH or value >> 120 != 0xFD:
        return None
    return value if ip.mask(value, LENGTH) == value else None


def made(random: bytes) -> str:
    """The prefix whose global ID these 5 octets are (section 3.2.1)."""
    value = 0xFD << 40 | int.from_bytes(random, "big")
    return "%s/%d" % (ip.format6(value << 80), LENGTH)


def used(value: int) -> Used:
    """It as a prefix in use: never delegated, so never over."""
    return Used(value, LENGTH, (), deadlines.FOREVER, deadlines.FOREVER, None)


def kept(program: str, folder: str) -> int:
    """The prefix in the file `ula` of the folder, which is made when there is none.

    Where it can't be written it holds until the next start, and a line says so.
    """
    path = folder + "/ula"
    try:
        line = files.read(path, LONGEST)
        value = parse(line.decode().strip("\n"))
        if value is not None:
            return value
        report.say(
            program,
            "%s: expected a /48 of fd00::/8, got %s; making one" % (path, report.show(line)),
        )
    except UnicodeError:
        report.say(program, "%s: expected a /48 of fd00::/8; making one" % path)
    except OSError as error:
        if error.errno != errno.ENOENT:
            report.say(program, "%s: %s; making one" % (path, process.strerror(error.errno or 0)))
    text = made(clock.random(5))
    try:
        files.write(path + ".new", (text + "\n").encode())
        files.sync(path + ".new")
        files.rename(path + ".new", path)
        files.sync(folder)
    except OSError as error:
        reason = process.strerror(error.errno or 0)
        report.say(program, "%s: %s; %s holds until the next start" % (path, reason, text))
    return parse(text) or 0
