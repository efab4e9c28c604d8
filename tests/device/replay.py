"""Replays a client's hook calls in this process, with clock, start times and pids injected.

Called by tests/test_replay.py on CPython and through frost-check on every target. The vectors are
lines, since a device has no JSON: `call IFNAME STATE MS START PID`, then `NAME VALUE` in hex for
each variable of that call. What is published after call N is in OUTDIR/N, one `name=text` a line
(a list's items a line each), then one line `complaint WHERE` for each item that was left out.
"""

from agent import outputs
from agent.port import files
from odhcp_script import dhcpcd, hook, odhcp6c

TYPE_CHECKING = False
if TYPE_CHECKING:
    from odhcp_script.lease import Complaint, Lease

    Result = tuple[Lease, list[Complaint], str]

INTERFACE_ID = 0x00005EFFFE005301  # what the captures' router has on its wan


def replay(vectors: str, outdir: str) -> None:
    """Run every call of the file `vectors` against the outputs below OUTDIR/outputs."""
    calls = _calls(files.read(vectors).decode())
    for number, (words, environ) in enumerate(calls):
        ifname, state = words[0], words[1]
        now, start, pid = int(words[2]), int(words[3]), int(words[4])
        complaints = _call(outdir + "/outputs", ifname, state, environ, now, start, pid)
        values = outputs.read(outdir + "/outputs", "wan") or {}
        text = hook.show(values)
        for complaint in complaints:
            text += b"complaint %s\n" % complaint.where.encode()
        files.write("%s/%d" % (outdir, number), text)


def _call(
    root: str,
    ifname: str,
    state: str,
    environ: dict[bytes, bytes],
    now: int,
    start: int,
    pid: int,
) -> "list[Complaint]":
    def read(notes: str) -> "Result":
        if b"reason" in environ:
            return dhcpcd.read(environ, ifname, INTERFACE_ID, now, notes)
        lease, complaints = odhcp6c.read(environ, ifname, state, now)
        return lease, complaints, ""

    if b"reason" in environ and not dhcpcd.concerns(environ):
        return []
    return hook.perform(hook.Call(root, "wan", ifname, start, pid), read, -1)


def _calls(text: str) -> "list[tuple[list[str], dict[bytes, bytes]]]":
    """(the words after `call`, the environment) of each call."""
    calls: list[tuple[list[str], dict[bytes, bytes]]] = []
    for line in text.split("\n"):
        words = line.split(" ")
        if words[0] == "call":
            calls.append((words[1:], {}))
        elif line:
            calls[-1][1][bytes.fromhex(words[0])] = bytes.fromhex(words[1])
    return calls
