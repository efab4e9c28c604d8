"""What services leave behind on a router in QEMU: the snapshot of tests/lab/leavings.py, asked over
ssh. For services that this machine's kernel can't carry, as ppp's."""

from collections.abc import Iterator

from packager.isp import wait
from packager.isp.isp import PLAUSIBLE
from tests.lab import leavings
from tests.lab.leavings import Snapshot
from tests.machine.concentrator import AT
from tests.machine.login import Login

ANSWER_S = 120.0  # on a busy host
SETTLED_S = 30.0  # a look takes longer, but counts as two seconds (packager.isp.wait)
# Busybox's ip tells no JSON; that of the ISP's disk does, of the router's own network.
IP = f"chroot {AT} /usr/sbin/ip -j "
# One table for all pppd, in which what has gone is marked as free.
OTHERS = (*leavings.OTHERS, "/run/pppd2.tdb")
# What is kept of a lost prefix for the hosts that may still have it (services/ra), as long as they
# may: the route to them, and that the firewall knows it as stale.
KEPT = (f"route 6 {PLAUSIBLE}", "nft set ip6 frost_ip6 stale")
NEXT = "printf '\\n=== next\\n'"
FIND = f"find /run /etc -xdev \\( -path {' -o -path '.join(OTHERS)} \\) -prune -o"
QUESTIONS = (
    f"{FIND} -type f -exec sha256sum {{}} + 2>/dev/null",
    f"{FIND} -exec stat -c '%f %u %n' {{}} + 2>/dev/null",
    "ls -l /proc/[0-9]*/ns/pid 2>/dev/null",
    "head -c 500 /proc/[0-9]*/cmdline 2>/dev/null",
)


def snapshot(login: Login) -> Snapshot:
    """Everything as it is now."""
    script = leavings.SCRIPT.replace("ip -j ", IP)
    answers = login.run(
        "\n".join((script, *(f"{each}; {NEXT}" for each in QUESTIONS))), deadline_s=ANSWER_S
    )
    parts = answers.split(leavings.MARK)
    digests, stats, spaces, commands = parts[-5:-1]
    found = leavings.kernels(answers)
    contents = dict(line.split(None, 1)[::-1] for line in digests.splitlines())
    for line in stats.splitlines():
        mode, owner, path = line.split(None, 2)
        if path not in leavings.SHARED:
            found[f"file {path}"] = f"{mode} {owner} {contents.get(path, '')[:12]}"
    for name in processes(spaces, commands):
        found[name] = str(int(found.get(name, 0)) + 1)
    return {name: text for name, text in found.items() if not name.startswith(KEPT)}


def processes(spaces: str, commands: str) -> Iterator[str]:
    """Those in the router's own namespace; the ISP's have one of theirs."""
    inside = {}
    for line in spaces.splitlines():
        path, _, space = line.partition("/proc/")[2].partition("/ns/pid -> ")
        inside[path] = space
    for block in commands.split("==> /proc/")[1:]:
        number, _, words = block.partition("/cmdline <==\n")
        command = words.replace("\0", " ").strip()
        asking = command.startswith("head ")  # with the numbers of all
        if command and not asking and inside.get(number) == inside["1"]:
            yield f"process {command}"


def settled(login: Login) -> Snapshot:
    """What is there once two looks see the same."""
    seen = [snapshot(login)]

    def look() -> list[str]:
        seen.append(snapshot(login))
        return leavings.difference(seen[-2], seen[-1])

    wait.until("nothing changes any more", look, lambda lines: not lines, deadline_s=SETTLED_S)
    return seen[-1]


def await_as(before: Snapshot, login: Login) -> None:
    """Wait until everything is as before again."""
    wait.until(
        "everything is as before",
        lambda: leavings.difference(before, snapshot(login)),
        lambda lines: not lines,
        deadline_s=SETTLED_S,
    )
