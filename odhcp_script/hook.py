"""One hook call, from what a front end reads to the outputs and the readiness newline.

Shared by the front ends' programs; it does the I/O and decides nothing. A call may be killed by
the next one at any point: what is published is whole or not there, and the newline comes after it.
"""

from agent import names, outputs, report
from agent.options import UsageError
from agent.port import files, process
from odhcp_script.lease import Complaint, is_usable
from odhcp_script.publish import Memo, is_stale, memo_text, new_complaints, parse_memo, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from odhcp_script.lease import Lease

    # the front end's notes of earlier calls -> the lease, complaints, notes for the next call
    Read = Callable[[str], tuple[Lease, list[Complaint], str]]


class Call:
    """Where to publish, as what, and the call's place among the client's other calls."""

    def __init__(self, root: str, service: str, ifname: str, start: int, pid: int) -> None:
        """start and pid: when this process was forked (clock ticks) and its number."""
        self.root = root
        self.service = service
        self.ifname = ifname
        self.start = start
        self.pid = pid


def interface(environ: dict[bytes, bytes]) -> str:
    """The link that a call is about, from `interface`. Raises UsageError."""
    try:
        name = environ.get(b"interface", b"").decode()
    except UnicodeError:
        name = ""
    if not names.is_link_name(name):
        raise UsageError("interface: expected %s" % names.LINK_NAME)
    return name


def milliseconds(seconds: float) -> int:
    """A time as whole milliseconds, the unit that leases are reckoned in."""
    return int(seconds * 1000 + 0.5)


def run(
    program: str, service: str, root: str, ifname: str, read: "Read", fd: int, is_dry: bool
) -> int:
    """One whole call; `is_dry` shows the values instead of publishing them. The exit code."""
    try:
        if is_dry:
            _, complaints, values = _look(service, root, ifname, read)
            process.write(1, show(values))
        else:
            pid = process.pid()
            call = Call(root, service, ifname, process.start_time(pid) or 0, pid)
            complaints = perform(call, read, fd)
    except outputs.OutputsError as error:
        report.say(program, str(error))
        return 111
    except OSError as error:
        where = "standard output" if is_dry else root
        report.say(program, "%s: %s" % (where, process.strerror(error.errno or 0)))
        return 111
    complain(program, ifname, complaints)
    return 0


def _look(
    service: str, root: str, ifname: str, read: "Read"
) -> "tuple[Lease, list[Complaint], dict[str, str]]":
    """What a call would publish, beside what is published now if that is to be had."""
    snapshot = outputs.peek(root, service) if service else outputs.Snapshot(None, "")
    memo = parse_memo(snapshot.memo)
    lease, complaints, _ = read(memo.rest if memo else "")
    return lease, complaints, render(lease, ifname, snapshot.values)


def perform(call: "Call", read: "Read", fd: int) -> "list[Complaint]":
    """Publish what `read` finds, unless a later call has published already; then be ready once.

    Returns the complaints that the call before did not have: a lease that is renewed for weeks
    tells the same bad items every few minutes. Raises OSError and outputs.OutputsError.
    """
    pipe = _pipe(fd)
    complaints: list[Complaint] = []
    heralds: list[Memo] = []

    def decide(snapshot: "outputs.Snapshot") -> "outputs.Snapshot | None":
        memo = parse_memo(snapshot.memo)
        if is_stale(memo, call.start, call.pid):
            return None
        lease, left_out, rest = read(memo.rest if memo else "")
        new, told = new_complaints(left_out, memo.told if memo else "")
        complaints.extend(new)
        ready = memo.ready if memo else ""
        if pipe and pipe != ready and is_usable(lease):
            heralds.append(Memo(call.start, call.pid, pipe, told, rest))
        values = render(lease, call.ifname, snapshot.values)
        return outputs.Snapshot(values, memo_text(Memo(call.start, call.pid, ready, told, rest)))

    def remember(snapshot: "outputs.Snapshot") -> "outputs.Snapshot | None":
        memo = parse_memo(snapshot.memo)
        if memo is None:
            return None
        text = memo_text(Memo(memo.start, memo.pid, pipe, memo.told, memo.rest))
        return outputs.Snapshot(snapshot.values, text)

    outputs.update(call.root, call.service, decide)
    if heralds:
        try:
            process.notify(fd)
        except OSError:
            pass  # the supervisor has had its newline and closed the pipe, or is gone
        outputs.update(call.root, call.service, remember)
    return complaints


def _pipe(fd: int) -> str:
    """Which pipe the descriptor is, as its inode tells; "" when it is closed.

    s6-supervise makes a new pipe each time it starts the client, so the newline is due once for
    each pipe.
    """
    if fd < 0:
        return ""
    try:
        target = files.readlink("/proc/self/fd/%d" % fd)
    except OSError:
        return ""
    return "".join([c for c in target if "!" <= c <= "~"])


def complain(program: str, ifname: str, complaints: "list[Complaint]") -> None:
    """One line on standard error for each item that was left out."""
    for complaint in complaints:
        report.say(
            program,
            "%s: %s: expected %s, got %s, left out"
            % (ifname, complaint.where, complaint.expected, report.show(complaint.got)),
        )


def show(values: dict[str, str]) -> bytes:
    """The values sorted by name as `name=text`, a line for each line of a text."""
    lines = []
    for name in sorted(values):
        for line in values[name].split("\n"):
            lines.append("%s=%s\n" % (name, line))
    return "".join(lines).encode()
