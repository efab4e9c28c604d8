"""The kernel's forwarding switches, and the settings that a ruleset counts on (/proc/sys)."""

from agent.port import errno, files, process
from agent.report import say

PROC = "/proc/sys/"
# What opens a router (Documentation/networking/ip-sysctl.rst)
SWITCHES = ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"]


def put(
    program: str, wanted: list[tuple[str, str]], before: "dict[str, str] | None" = None
) -> list[tuple[str, str]]:
    """Write those that differ; returns those that are not there, as before a module is loaded.

    before: takes up what each was when it was first written. What else goes wrong is told in a
    line.
    """
    missing = []
    for path, value in wanted:
        try:
            found = str(files.read(PROC + path), "utf-8")
            if found.split() != value.split():
                files.write(PROC + path, value.encode())
                if before is not None and path not in before:
                    before[path] = found.strip()
        except OSError as error:
            if error.errno == errno.ENOENT:
                missing.append((path, value))
                continue
            reason = process.strerror(error.errno or 0)
            say(program, "%s%s: expected to write %s, got %s" % (PROC, path, value, reason))
    return missing


def close(program: str) -> bool:
    """Forwarding off; False when a switch stays on."""
    there = [(path, "0") for path in SWITCHES if files.kind(PROC + path)]
    put(program, there)
    return not [1 for path, _ in there if files.read(PROC + path).strip() != b"0"]
