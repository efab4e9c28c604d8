"""What services leave behind in a machine: all that they may change, as one dict of texts.

A snapshot names everything by itself (`address eth0 192.0.2.1/24`), so the difference of two is a
list of what came, went or changed. What moves by itself is not in it: lifetimes, counters, states
of carriers and of duplicate address detection, indexes.
"""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

from packager.isp.namespaces import Machine
from services.site import places

Snapshot = dict[str, str]

LAYERS = "/run/layers"  # tests.lab.box
# Folders that stay once there is one, with nothing in them; and a link to /dev/null
SHARED = ("/run/dhcpcd", "/run/chrony", "/run/utmp")

# What is not a service's to leave or take: the agent's own state, logs and the service directories,
# which a stopped service has as well as one that runs; what the outputs' protocol keeps for slow
# readers (docs/outputs.md); where the lab's overlays and ip's names of namespaces are.
OTHERS = (
    *("/run/frost/socket", "/run/frost/salt", "/run/frost/wishes"),
    *(
        places.SCAN,
        places.LOG,
        f"{places.OUTPUTS}/.gen",
        LAYERS,
        "/run/netns",
        "/run/lock",
    ),
)
FLAGS = ("UP", "NOARP", "PROMISC", "ALLMULTI")
# Settings that count, that belong to all namespaces, or that the kernel draws at the first use.
COUNTING = ("nf_conntrack_count", "tcp_fastopen_key", "tcp_mem", "udp_mem")


# One shell asks for everything: a process for each would cost most of the time.
QUESTIONS = (
    "ip -j -d link show",
    "ip -j address show",
    "ip -j -4 route show table all",
    "ip -j -6 route show table all",
    "ip -j -4 rule show",
    "ip -j -6 rule show",
    "nft -j list ruleset",
    "grep -r '' /proc/sys/net 2>/dev/null",
)
MARK = "\n=== next\n"


SCRIPT = "\n".join(f"{each}; printf '\\n=== next\\n'" for each in QUESTIONS)


def snapshot(machine: Machine) -> Snapshot:
    """Everything as it is now."""
    answers = machine.run("sh", "-c", SCRIPT, check=False)
    return kernels(answers) | files(machine) | processes(machine)


def kernels(text: str) -> Snapshot:
    """What the kernel holds, out of the script's output."""
    answers = text.split(MARK)
    told = [json.loads(answer.strip() or "[]") for answer in answers[:7]]
    found = links(told[0]) | addresses(told[1]) | ruleset(told[6]) | settings(answers[7])
    for family, some, more in ((4, told[2], told[4]), (6, told[3], told[5])):
        found |= routes(family, some) | rules(family, more)
    return found


def difference(before: Snapshot, after: Snapshot) -> list[str]:
    """A line for each thing that is not as before."""
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            lines.append(f"- {name}: {before[name]}")
        elif name not in before:
            lines.append(f"+ {name}: {after[name]}")
        elif before[name] != after[name]:
            lines.append(f"! {name}: {before[name]} became {after[name]}")
    return lines


def kinds(lines: list[str]) -> set[str]:
    """The sorts of things (`address`, `file`...) that lines of difference() are about."""
    return {line.split()[1] for line in lines}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def links(told: Any) -> Snapshot:
    """Links with their MAC, MTU, master, and whether they are up."""
    found = {}
    for link in told:
        value = {
            "flags": sorted(set(link["flags"]) & set(FLAGS)),
            "kind": link.get("linkinfo", {}).get("info_kind", ""),
            **{key: link.get(key, "") for key in ("address", "mtu", "master", "group")},
            "modes": link.get("inet6_addr_gen_mode", ""),
        }
        found[f"link {link['ifname']}"] = _text(value)
    return found


def addresses(told: Any) -> Snapshot:
    """Addresses of both families. The kernel's own link-local ones come and go with carriers."""
    found = {}
    for link in told:
        for info in link["addr_info"]:
            if info.get("scope") == "link" and info.get("protocol") in ("kernel_ll", None):
                continue
            name = f"address {link['ifname']} {info['local']}/{info['prefixlen']}"
            keys = ("scope", "noprefixroute", "broadcast", "peer", "label")
            found[name] = _text({key: info[key] for key in keys if key in info})
    return found


def routes(family: int, told: Any) -> Snapshot:
    """Routes of all tables, but what links have of their own (link-local, multicast), and what the
    kernel makes in its local table of each address, once that is in use."""
    found = {}
    for route in told:
        if str(route["dst"]).startswith(("fe80:", "ff00:", "multicast")):
            continue
        if route.get("table") == "local" and route.get("protocol") == "kernel":
            continue
        keys = ("type", "dst", "gateway", "dev", "table", "protocol", "metric", "prefsrc")
        words = [str(route[key]) for key in keys if key in route]
        words += [str(hop.get("via") or hop.get("gateway")) for hop in route.get("nexthops", [])]
        found[f"route {family} {' '.join(words)}"] = ""
    return found


def rules(family: int, told: Any) -> Snapshot:
    """Policy routing."""
    return {f"rule {family} {_text(rule)}": "" for rule in told}


def ruleset(told: Any) -> Snapshot:
    """nft's tables: chains, rules, sets, and what is in the sets."""
    found: Snapshot = {}
    for number, each in enumerate(told["nftables"]):
        (kind, value), *_ = each.items()
        if kind != "metainfo":
            place = [
                str(value[key]) for key in ("family", "table", "chain", "name") if key in value
            ]
            where = f" {number}" if kind == "rule" else ""
            found[f"nft {kind} {' '.join(place)}{where}"] = _text(_still(value))
    return found


def _still(value: Any) -> Any:
    """What nft tells without handles, counts and what is left of timeouts."""
    if isinstance(value, list):
        return [_still(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "elem" in value and value.get("flags") and "dynamic" in value["flags"]:
        value = {key: item for key, item in value.items() if key != "elem"}
    drop = ("handle", "packets", "bytes", "expires")
    return {key: _still(item) for key, item in value.items() if key not in drop}


def settings(text: str) -> Snapshot:
    """Kernel settings of the network that can be read."""
    found = {}
    for line in text.splitlines():
        path, _, value = line.removeprefix("/proc/sys/").partition(":")
        if path.rpartition("/")[2] not in COUNTING:
            found[f"sysctl {path}"] = value
    return found


def files(machine: Machine) -> Snapshot:
    """What is below /run and what was written below /etc, with modes and contents."""
    found: Snapshot = {}
    # The machine's own layer of /etc: what is below it may change for other reasons.
    for top, place in (("/run", "/run"), ("/etc", f"{LAYERS}/etc/up")):
        root = machine.path(place)
        for folder, names, others in os.walk(root):
            inside = top + folder[len(str(root)) :]
            names[:] = [name for name in names if f"{inside}/{name}" not in OTHERS]
            for name in [*names, *others]:
                if f"{inside}/{name}" not in (*OTHERS, *SHARED):
                    found[f"file {inside}/{name}"] = _file(Path(folder) / name)
    return found


def _file(path: Path) -> str:
    try:
        seen = path.lstat()
        if stat.S_ISLNK(seen.st_mode):
            return f"link {os.readlink(path)}" if "outputs" not in path.parts else "link"
        if stat.S_ISREG(seen.st_mode):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            return f"{seen.st_mode:o} {seen.st_uid} {digest}"
    except FileNotFoundError:
        return "gone"
    return f"{seen.st_mode:o} {seen.st_uid}"


def processes(machine: Machine) -> Snapshot:
    """The command lines of all that runs, with how many run it."""
    found: dict[str, int] = {}
    for folder in machine.path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                words = (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            name = f"process {b' '.join(words).decode(errors='replace')}"
            found[name] = found.get(name, 0) + 1
    return {name: str(count) for name, count in found.items() if name != "process "}
