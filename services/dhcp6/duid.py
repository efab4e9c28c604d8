"""duid: this router's identity towards DHCPv6 servers, made once and kept: a DUID-UUID (RFC 6355).

For clients on links without a hardware address (ppp): dhcpcd would make one of the loopback's, all
zeros, and the time, which routers without a clock have in common.
"""

import sys

from agent import options, report
from agent.generations import make_folders
from agent.options import UsageError
from agent.port import files, process

PROGRAM = "duid"
USAGE = "duid FILE"
RANDOM = "/proc/sys/kernel/random/uuid"  # random(4): another one at each reading


def text(uuid: str) -> str:
    """dhcpcd's file for a UUID: its octets in hex behind the type 4, joined by colons."""
    digits = "0004" + uuid.strip().replace("-", "")
    return ":".join([digits[at : at + 2] for at in range(0, len(digits), 2)]) + "\n"


def main(argv: list[bytes]) -> int:
    """Make the file unless it is there; the exit code (services/dhcp6/README.md)."""
    try:
        _, words = options.parse(argv, "", "")
        if len(words) != 1 or words[0][0] != "/":
            raise UsageError("expected one absolute path")
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100
    try:
        if not files.kind(words[0]):
            make_folders(words[0].rpartition("/")[0])
            part = words[0] + ".new"
            files.write(part, text(files.read(RANDOM).decode()).encode(), 0o640)
            files.sync(part)
            files.rename(part, words[0])
    except OSError as error:
        report.say(PROGRAM, "%s: %s" % (words[0], process.strerror(error.errno or 0)))
        return 111
    return 0


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:]))


if __name__ == "__main__":
    run()
