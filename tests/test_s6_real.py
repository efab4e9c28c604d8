"""agent.s6 beside the real s6: both runtimes against s6-svscan, and held equal to s6's programs."""

import ast
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from operator import eq
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.s6 import control, execline, install, paths, status
from packager.isp import wait
from tests import runtimes
from tests.device import s6_calls, s6_room, s6_scenarios
from tests.device.s6_services import service
from tests.kill_at import run_killed

CALLS = "tests.device.s6_calls"
EXECLINE = paths.find("", "", "").execline
HOLDERS = {
    "cpython": [sys.executable, "-m", "agent.s6.oneshot"],
    "frozen": [str(runtimes.FROST_CHECK.parent / "frost-oneshot")],
}
SCENARIOS = [
    node.name
    for node in ast.parse(Path(s6_scenarios.__file__).read_text()).body
    if isinstance(node, ast.FunctionDef) and node.args.vararg and "holder" in ast.unparse(node.args)
]


@pytest.fixture
def top() -> Iterator[str]:
    """A folder that every user may enter, with an s6-svscan on scan/; all of it ends."""
    if os.geteuid() != 0:
        pytest.skip("needs root for s6-setuidgid: run `make check` as root")
    folder = tempfile.mkdtemp(prefix="fg-s6-")
    os.chmod(folder, 0o755)
    os.mkdir(folder + "/scan")
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(runtimes.ROOT)}
    with open(folder + "/svscan.log", "wb") as log:
        svscan = subprocess.Popen(["s6-svscan", "-t0", folder + "/scan"], env=environ, stderr=log)
    try:
        wait.until("s6-svscan reads", lambda: control.rescan(folder + "/scan"))
        yield folder
    finally:
        end_all(folder + "/scan")
        svscan.wait(20)
        shutil.rmtree(folder)


def end_all(scan: str) -> None:
    """End the services by force, their supervisors, and s6-svscan; orphans too."""
    for name in install.installed(scan):
        control.command(scan, name, "O")
        control.kill(scan, name)
    for entry in os.listdir("/proc"):
        try:
            # A service works in its directory, orphans and those without environment too.
            folder = os.readlink(f"/proc/{entry}/cwd") if entry.isdigit() else ""
            with open(f"/proc/{entry}/comm" if folder else os.devnull) as file:
                is_s6 = file.read().startswith("s6-")
            if folder.startswith(scan + "/") and not is_s6:
                os.kill(int(entry), 9)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    control.rescan(scan, "t")


@pytest.mark.root
@pytest.mark.parametrize("runtime", runtimes.NAMES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_beside_a_real_s6(top: str, scenario: str, runtime: str) -> None:
    holder = HOLDERS[runtime]
    if runtime == "frozen" and not os.path.exists(holder[0]):
        pytest.skip("no frost-oneshot: make frozen TARGET=x86_64")
    runtimes.run(runtime, s6_scenarios.__name__, scenario, top, *holder)


@pytest.mark.parametrize("runtime", runtimes.NAMES)
def test_a_holder_without_descriptor_or_command_says_so(runtime: str) -> None:
    usage = "frost-oneshot [-u] COMMAND [ARGUMENT...]   (reads $NOTIFY_FD)"
    text = f"frost-oneshot: %s; usage: {usage}\n"
    for number, words, problem in (
        ("x", ["true"], '$NOTIFY_FD: expected a descriptor number, got "x"'),
        ("3", [], "expected a command"),
    ):
        done = subprocess.run(
            [*HOLDERS[runtime], *words],
            env={"NOTIFY_FD": number, "PYTHONPATH": str(runtimes.ROOT)},
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stdout, done.stderr) == (100, "", text % problem)


# ---- equal to s6's own programs


def svstat(scan: str, name: str) -> tuple[object, ...]:
    """What s6-svstat says, in the words of status.Status."""
    fields = "pid,ready,exitcode,signum,paused,wantedup"
    shown = subprocess.run(
        ["s6-svstat", "-o", fields, f"{scan}/{name}"], capture_output=True, text=True, check=True
    ).stdout.split()
    pid, code, signum = int(shown[0]), int(shown[2]), int(shown[3])
    ended = None if code == -1 and signum == -1 else code if signum == -1 else -signum
    ready, paused, wanted = (shown[n] == "true" for n in (1, 4, 5))
    return max(pid, 0), ready, ended, paused, wanted


def ours(scan: str, name: str, runtime: str) -> tuple[object, ...]:
    """The same by ours."""
    shown = ast.literal_eval(runtimes.run(runtime, CALLS, "print_status", scan, name))
    found = status.Status(*shown)
    # s6-svstat can't tell a service that never ran from one that succeeded
    ended = 0 if found.exit is None and not found.pid else found.exit
    return found.pid, found.ready, ended, found.paused, found.want


def states(top: str) -> Iterator[str]:
    """Bring the service `web` into one state after the other."""
    room = s6_room.Room(top, ("holder",))
    script = (
        "trap 'exit 7' USR1; while :; do sleep 0.01; test -e go && rm go && printf '\\n' >&3; done"
    )
    room.add(service("web", run=("sh", "-c", script), notify=True))
    yield "never ran"
    room.start("web")
    yield "up"
    Path(top, "scan/web/go").touch()
    wait.until("ready", lambda: room.status("web").ready)
    yield "ready"
    for letters, paused in (("p", True), ("c", False)):
        control.command(room.scan, "web", letters)
        wait.until(letters, lambda: room.status("web").paused, partial(eq, paused))
        yield letters
    control.command(room.scan, "web", "1")
    room.end("web")
    yield "exit 7"
    room.start("web")
    yield "up again"
    control.command(room.scan, "web", "k")
    room.end("web")
    yield "killed"
    control.command(room.scan, "web", "u")
    wait.until("wanted", lambda: room.status("web").want)
    yield "wanted"


@pytest.mark.root
def test_a_status_is_what_s6_svstat_says(top: str) -> None:
    seen = []
    for state in states(top):
        for runtime in runtimes.NAMES:
            assert ours(top + "/scan", "web", runtime) == svstat(top + "/scan", "web"), state
        seen.append(state)
    print(f"{len(seen)} states as s6-svstat has them")


@pytest.mark.root
def test_a_stamp_is_the_time_that_s6_shows(top: str) -> None:
    room = s6_room.Room(top, ("holder",))
    room.add(service("web"))
    stamp = room.start("web").stamp
    shown = subprocess.run(
        ["s6-tai64nlocal"],
        input=f"@{stamp}\n",
        env={"TZ": "UTC", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    ).stdout.strip()
    date = ["date", "-u", "-d", shown, "+%s"]
    expected = subprocess.run(date, capture_output=True, text=True, check=True).stdout
    assert status.seconds(stamp) == int(expected)


def written(fifo: Path, write: Callable[[], object]) -> tuple[bytes, object]:
    """What arrives in a FIFO, and what the writer returned."""
    fifo.parent.mkdir(parents=True, exist_ok=True)
    if not fifo.exists():
        os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        result = write()
        return os.read(reader, 100), result
    finally:
        os.close(reader)


@pytest.mark.parametrize("runtime", runtimes.NAMES)
def test_commands_are_what_s6_svc_and_s6_svscanctl_write(tmp_path: Path, runtime: str) -> None:
    folder = str(tmp_path)
    service_fifo = tmp_path / "web" / "supervise" / "control"
    for letters in ("o", "u", "d", "k", "t", "h", "x", "1", "2", "i", "q", "a", "p", "c", "O"):
        theirs, _ = written(
            service_fifo,
            partial(subprocess.run, ["s6-svc", "-" + letters, folder + "/web"], check=True),
        )
        send = partial(runtimes.run, runtime, CALLS, "send", folder, "web", letters)
        assert written(service_fifo, send) == (theirs, "True\n"), letters
        assert theirs == letters.encode()
    scan_fifo = tmp_path / ".s6-svscan" / "control"
    for letters in ("a", "an", "t"):
        theirs, _ = written(
            scan_fifo, partial(subprocess.run, ["s6-svscanctl", "-" + letters, folder], check=True)
        )
        send = partial(runtimes.run, runtime, CALLS, "rescan", folder, letters)
        assert written(scan_fifo, send) == (theirs, "True\n"), letters
    # the FIFOs are there, but nobody reads
    assert runtimes.run(runtime, CALLS, "send", folder, "web", "o") == "False\n"
    assert runtimes.run(runtime, CALLS, "send", folder, "none", "o") == "False\n"
    assert runtimes.run(runtime, CALLS, "rescan", folder, "a") == "False\n"


# ---- the installation


def tree(folder: str) -> dict[str, tuple[int, bytes]]:
    """All files below a folder with mode and content."""
    top = Path(folder)
    return {
        str(path.relative_to(top)): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in sorted(top.rglob("*"))
        if path.is_file()
    }


def generic(top: Path) -> dict[str, tuple[int, bytes]]:
    """What the scan folder below `top` holds, with TOP for its name."""
    name = str(top).encode()
    found = tree(f"{top}/scan")
    return {path: (mode, data.replace(name, b"TOP")) for path, (mode, data) in found.items()}


def room_for_install(top: Path, word: str) -> Path:
    """An empty scan folder, or one with a service that has `word` in its files."""
    shutil.rmtree(top, ignore_errors=True)
    (top / "scan").mkdir(parents=True)
    if word:
        s6_calls.install_one(str(top), word)
    return top


def installer(runtime: str, top: Path) -> Callable[[], None]:
    """What the killed process does."""
    if runtime == "cpython":
        return lambda: s6_calls.install_one(str(top), "new")
    command = runtimes.command(runtime, CALLS, "install_one", str(top), "new")
    return lambda: os.execv(command[0], command)


@pytest.mark.parametrize("before", ["", "old"])
@pytest.mark.parametrize("runtime", runtimes.NAMES)
def test_killed_at_any_system_call_an_installation_is_whole_or_done_again(
    tmp_path: Path, runtime: str, before: str
) -> None:
    expected = {w: generic(room_for_install(tmp_path / w, w)) for w in ("old", "new")}
    total, last, outcomes = None, 0, []
    while total is None:
        last += 1
        top = room_for_install(tmp_path / "work", before)
        total = run_killed(installer(runtime, top), last)
        digest = install.installed(f"{top}/scan").get("web", "none")
        seen = {n: value for n, value in generic(top).items() if n[0] != "."}
        # What s6-svscan and s6-supervise would find
        if digest in expected:
            assert seen == expected[digest], f"killed after system call {last}"
        elif digest == "":
            both = [expected[word].items() for word in expected]
            halves = [n for n, v in seen.items() if not any((n, v) in known for known in both)]
            halves = [name for name in halves if not name.endswith(".part")]  # nobody reads these
            assert halves == ["web/data/.frostgate"], f"killed after system call {last}"
        elif digest == "none":
            assert seen == {}, f"killed after system call {last}"
        outcomes.append(digest)
        s6_calls.install_one(str(top), "new")
        assert generic(top) == expected["new"], f"killed after system call {last}"
    assert set(outcomes) == ({"old", "", "new"} if before else {"none", "new"})
    print(f"{runtime} over {before or 'nothing'}: killed after each of {total} system calls")


# ---- quoting


WORDS = st.lists(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0")
        | st.sampled_from("{}\"'\\$#= \t\n\r-*;&|!"),
        max_size=12,
    )
    | st.sampled_from(["{", "}", "", "-", "--", "-P", "${A}", "$A", "\\n", '"', " x", "#x", "\\"]),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60 * runtimes.SCALE, deadline=None)
@given(WORDS)
def test_execlineb_reads_back_the_words_that_were_quoted(words: list[str]) -> None:
    with tempfile.NamedTemporaryFile("w", newline="") as script:
        head = f"#!{EXECLINE}/execlineb -P\n{EXECLINE}/fdmove -c 2 1\n"
        script.write(head + execline.line(["/usr/bin/env", "printf", "%s\\0", *words]))
        script.flush()
        done = subprocess.run([f"{EXECLINE}/execlineb", "-P", script.name], capture_output=True)
    assert (done.stdout, done.returncode) == ("".join(w + "\0" for w in words).encode(), 0)


# ---- the log


@pytest.mark.root
def test_a_log_is_bounded_and_its_lines_are_whole(top: str) -> None:
    room = s6_room.Room(top, ("holder",))
    script = "i=0; while [ $i -lt 9000 ]; do echo line $i of many; i=$((i+1)); done; "
    script += "head -c 20000 /dev/zero | tr '\\0' x; echo; echo end"
    room.add(service("noisy", run=("sh", "-c", script)))
    folder = Path(top, "log", "noisy")
    control.command(room.scan, "noisy", "o")

    def lines() -> list[str]:
        texts = []
        for path in [*sorted(folder.glob("@*")), folder / "current"]:
            # none before the first line, and any may go while the log is rotated
            with contextlib.suppress(FileNotFoundError):
                texts.append(path.read_text())
        return "".join(texts).splitlines()

    wait.until("the last line", lambda: lines()[-1:], lambda seen: seen and "end" in seen[0])
    assert all(line[31:].startswith("noisy: ") for line in lines())
    assert len(lines()) > 300  # how many depends on where in a file it ended
    rotated = [path.stat().st_size for path in folder.glob("@*")]
    assert 1 <= len(rotated) <= 3
    assert sum(rotated) <= 98304
