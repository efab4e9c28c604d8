"""What services leave behind in a machine in QEMU, or in a namespace there: guest/leavings.sh lets
one level of services after the other come and go, and tests.lab.leavings tells what it saw.

The machine has Debian's iproute2 besides: busybox' ip speaks no JSON.
"""

import io
import json
import shlex
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

from services.model import Debian
from services.site import places
from tests.lab import leavings
from tests.lab.leavings import MARK, Snapshot
from tests.machine import patience
from tests.machine.login import Login
from tests.runtimes import SCALE

IP = Debian("iproute2", ("usr/bin/ip",))
SCRIPT = Path(__file__).with_name("guest") / "leavings.sh"
FOLDER = "/tmp/leavings"
# What differs while nothing is done, and what the test itself is: its login, its script.
COUNTING = "|".join(leavings.COUNTING)
OURS = ("dropbear", "sh ", "ps ", "grep ")
LEFT_ALONE = " -o ".join(f"-path {path}" for path in leavings.OTHERS)
ROOTS = f"/run /etc -xdev \\( {LEFT_ALONE} \\) -prune -o"
ABOUT_FILES = (
    f"find {ROOTS} -exec stat -c '%n|%f %u %g %N' {{}} +",
    f"find {ROOTS} -type f -exec sha256sum {{}} +",
)
# All that is one line a thing: kind -> question
LINES = {
    "mount": "cut -d' ' -f1-4 /proc/mounts",
    "module": "cut -d' ' -f1 /proc/modules",
    "watchdog": "grep '' /sys/class/watchdog/*/state",
    "firmware": "cat /sys/module/firmware_class/parameters/path",
    "radio": "iw dev | grep -E 'Interface|addr|ssid|type|channel'",
    "process": "ps -o args | grep -v '^\\['",
}
# Where counts and a bridge's timers are left out, two looks are the same to the octet.
STILL = {
    "ip -j -d link show": "ip -j -d link show | sed 's/\\(timer\":\\)[^,}]*/\\10/g'",
    "nft -j list ruleset": "nft -j -s list ruleset",
}
NETWORK = (
    *(STILL.get(each, each) for each in leavings.QUESTIONS[:7]),
    f"grep -r '' /proc/sys/net 2>/dev/null | grep -Ev '/({COUNTING}):'",
)


def script() -> str:
    """What runs in the machine."""
    questions = (*NETWORK, *ABOUT_FILES, *LINES.values())
    lines = [f"  {each}; printf '{MARK.encode().decode()}'" for each in questions]
    text = "\n".join(lines).replace(MARK, "\\n=== next\\n")
    return SCRIPT.read_text().replace("@QUESTIONS@", text)


def command(held: list[str], levels: list[str]) -> str:
    """The script's command line, once it is in FOLDER.sh. A look takes an emulated machine seconds:
    `make soak` looks at each level, `make check` once all are up, and once all are down again."""
    looks = "each" if SCALE > 1 else "ends"
    return shlex.join(["sh", f"{FOLDER}.sh", FOLDER, looks, " ".join(held), *levels])


def put(login: Login) -> None:
    """The script into the machine."""
    words = login.argv(f"cat >{FOLDER}.sh; rm -rf {FOLDER}")
    subprocess.run(words, input=script().encode(), check=True, timeout=60)


def others(ask: Callable[[str], str], levels: list[str], kept: tuple[str, ...]) -> list[str]:
    """The machine's units that are in no level and not to be kept up."""
    told = [json.loads(line) for line in ask("frost status -j").splitlines()]
    known = {word for level in levels for word in level.split()} | set(kept)
    return sorted(
        each["name"] for each in told if each["kind"] != "bundle" and each["name"] not in known
    )


def fetched(login: Login, ask: Callable[[str], str], deadline_s: float) -> dict[str, Snapshot]:
    """The looks by their names, once the script is done. ask: runs a command where that is."""
    done = f"cat {FOLDER}/late {FOLDER}/done"
    told = patience.said(ask, done, "*leavings: done", deadline_s=deadline_s)
    assert told == "leavings: done", told
    octets = subprocess.run(
        login.argv(f"tar cz -C {FOLDER} ."), capture_output=True, check=True, timeout=120
    ).stdout
    found = {}
    with tarfile.open(fileobj=io.BytesIO(octets)) as tar:
        for member in tar.getmembers():
            content = tar.extractfile(member)
            if content and member.name.endswith((".up", ".down")):
                name = member.name.rpartition("/")[2]
                found[name] = snapshot(content.read().decode(errors="replace"))
    return found


def snapshot(text: str) -> Snapshot:
    """What one look saw."""
    answers = text.split(MARK)
    found = leavings.kernels(text)
    stats, sums, *lines = answers[len(NETWORK) :]
    for line in stats.splitlines():
        path, _, about = line.partition("|")
        if path and path not in leavings.SHARED:
            is_output = " -> " in about and path.startswith(places.OUTPUTS)
            found[f"file {path}"] = "link" if is_output else about
    for line in sums.splitlines():
        digest, _, path = line.partition("  ")
        if f"file {path}" in found:
            found[f"file {path}"] += f" {digest[:12]}"
    for kind, answer in zip(LINES, lines, strict=False):
        for line in answer.splitlines():
            if line.strip() and not (kind == "process" and line.startswith(OURS)):
                name = f"{kind} {line.strip()}"
                found[name] = str(int(found.get(name, "0")) + 1)
    return found


def check(looks: dict[str, Snapshot], levels: list[str], expected: Sequence[Sequence[str]]) -> None:
    """AssertionError unless the levels brought what is expected of them, and left nothing."""
    for number, words in enumerate(expected):
        found = came(looks, number)
        for word in words:
            assert word in found, f"{word} at {levels[number]}:\n{found}"
    lines = left(looks, levels)
    assert not lines, "\n".join(lines)


def left(looks: dict[str, Snapshot], levels: list[str]) -> list[str]:
    """What the levels' stops left behind, a line each, with the first level that did."""
    return [
        f"{level}: {line}"
        for number, level in enumerate(levels)
        if f"{number}.down" in looks
        for line in leavings.difference(looks[f"{number}.up"], looks[f"{number}.down"])
    ]


def came(looks: dict[str, Snapshot], number: int) -> str:
    """What was there with level `number` (from 0) and not without it, or with all of them and not
    without: names, a line each."""
    before, after = looks.get(f"{number}.up"), looks.get(f"{number + 1}.up")
    if before is None or after is None:
        ups = sorted(name for name in looks if name.endswith(".up"))
        before, after = looks[ups[0]], looks[ups[-1]]
    return "\n".join(leavings.difference(before, after))
