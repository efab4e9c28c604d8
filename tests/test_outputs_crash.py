"""Publishers that are killed, disks that are full: the old outputs or the new ones are whole."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent import outputs
from agent.generations import Generations
from tests import runtimes
from tests.device import outputs_programs
from tests.kill_at import run_killed

MODULE = "tests.device.outputs_programs"
OLD = (outputs_programs.values_of("old-1"), "memo old-1")
NEW = (outputs_programs.values_of("new-2"), "memo new-2")
NOTED = (OLD[0], "noted")
CLEARED = (None, "")
ANCIENT = (outputs_programs.values_of("ancient-2"), "memo ancient-2")
NEXT = (outputs_programs.values_of("next-1"), "memo next-1")
KNOWN = [ANCIENT[0], OLD[0], NEW[0], NEXT[0]]
CASES = [
    # name, function, last argument, before, after, whether others were killed before
    ("replace", "publish", "new-2", OLD, NEW, False),
    ("first", "publish", "new-2", CLEARED, NEW, False),
    ("tidy", "publish", "new-2", OLD, NEW, True),
    ("memo", "renote", "noted", OLD, NOTED, False),
    ("clear", "clear", "", OLD, CLEARED, False),
]
Pair = tuple[dict[str, str] | None, str]


@pytest.fixture
def root() -> Iterator[str]:
    """A root for outputs; on a tmpfs where there is one, as on a router."""
    shm = "/dev/shm"
    folder = tempfile.mkdtemp(prefix="fg-crash-", dir=shm if os.access(shm, os.W_OK) else None)
    yield folder + "/outputs"
    shutil.rmtree(folder)


def look(root: str) -> Pair:
    """What a reader and the next publisher find."""
    number = Generations(root, "wan").current()
    return outputs.read(root, "wan"), Generations(root, "wan").memo(number) if number else ""


def prepare(root: str, before: Pair, leftovers: bool) -> None:
    """A tree with `before` published, a generation that is due to be removed, and more."""
    shutil.rmtree(root, ignore_errors=True)
    outputs_programs.publish(root, "wan", "ancient-2")
    os.rename(f"{root}/{os.readlink(root + '/wan')}", f"{root}/.gen/wan.1")
    os.remove(root + "/wan")
    shutil.copytree(f"{root}/.gen/wan.1", f"{root}/.gen/wan.2")
    if before is OLD:
        outputs_programs.publish(root, "wan", "old-1")
        # This removed the older of the two, which was due: let there be one again.
        shutil.copytree(f"{root}/.gen/wan.2", f"{root}/.gen/wan.1")
    if leftovers:
        leave_over(root)


def leave_over(root: str) -> None:
    """What publishers can leave that were killed at various places."""
    folder = root + "/.gen"
    shutil.copytree(folder + "/wan.1", folder + "/wan.7")
    os.symlink(".gen/wan.7", folder + "/wan.link")
    shutil.copytree(folder + "/wan.1", folder + "/wan.new")
    shutil.copytree(folder + "/wan.1", folder + "/wan.old")
    os.remove(folder + "/wan.old/token")
    Path(folder + "/wan.note").write_text("cut o")


def whole(root: str, number: str) -> dict[str, str] | None:
    """The values of a generation; None when scripts and programs would not read the same."""
    top = Path(f"{root}/.gen/wan.{number}")
    paths = [path for path in top.rglob("*") if path.is_file() and path.name[0] != "."]
    values = {str(path.relative_to(top)): path.read_text()[:-1] for path in paths}
    return values if values == Generations(root, "wan").load(int(number)) else None


def generations(root: str) -> dict[str, dict[str, str] | None]:
    """What is in .gen besides the lock: generations with their values, leftovers with None."""
    names = sorted(name.partition(".")[2] for name in os.listdir(root + "/.gen"))
    return {n: whole(root, n) if n.isdigit() else None for n in names if n != "lock"}


def broken(root: str) -> list[str]:
    """Generations that a reader could be at work on and that are not whole."""
    found = generations(root)
    return [name for name in found if name.isdigit() and found[name] not in KNOWN]


def garbage(root: str) -> list[str]:
    """What should not be there after a publication: leftovers, and generations that are due."""
    return [name for name in generations(root) if not name.isdigit() or name in ("1", "7")]


def child(runtime: str, root: str, function: str, word: str) -> Callable[[], None]:
    """What the killed process does: the function itself, or frost-check with it."""
    words = [root, "wan"] + ([word] if word else [])
    if runtime == "cpython":
        return lambda: getattr(outputs_programs, function)(*words)
    command = runtimes.command(runtime, MODULE, function, *words)
    return lambda: os.execv(command[0], command)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
@pytest.mark.parametrize("runtime", runtimes.NAMES)
def test_killed_at_any_system_call_the_old_or_the_new_outputs_are_whole(
    runtime: str, case: tuple[str, str, str, Pair, Pair, bool], root: str
) -> None:
    name, function, word, before, after, leftovers = case
    run = child(runtime, root, function, word)
    seen: list[Pair] = []
    last = 0
    total = None
    while total is None:
        last += 1
        prepare(root, before, leftovers)
        total = run_killed(run, last)
        seen.append(look(root))
        assert seen[-1] in (before, after), f"killed after system call {last}"
        assert broken(root) == [], f"killed after system call {last}"
        outputs_programs.publish(root, "wan", "next-1")
        assert look(root) == NEXT, f"killed after system call {last}"
        assert garbage(root) == broken(root) == [], f"killed after system call {last}"
    # It starts with the one, ends with the other, and changes once.
    turning = seen.index(after)
    assert seen == [before] * turning + [after] * (len(seen) - turning)
    assert 0 < turning < total, (turning, total)
    print(f"{runtime} {name}: killed after each of {total} system calls")


@pytest.mark.parametrize("runtime", runtimes.NAMES)
def test_what_is_published_can_be_read_by_all_under_any_umask(runtime: str, root: str) -> None:
    command = runtimes.command(runtime, MODULE, "publish", root, "wan", "a-1")
    subprocess.run(["sh", "-c", 'umask 077; exec "$@"', "sh", *command], check=True)
    modes = {
        path.relative_to(root).parts[2:]: path.stat().st_mode & 0o777
        for path in Path(root).glob(".gen/wan.*[0-9]/**/*")
    }
    folders = {parts: mode for parts, mode in modes.items() if parts in {("set",), ("set", "0")}}
    assert folders == {("set",): 0o755, ("set", "0"): 0o755}
    assert modes[("set", "0", "token")] == modes[("token",)] == 0o644
    tops = [root, root + "/.gen", os.path.realpath(root + "/wan")]
    assert [os.stat(path).st_mode & 0o777 for path in tops] == [0o755, 0o755, 0o755]


def in_small_tmpfs(runtime: str, root: str, steps: str) -> list[str]:
    """Run shell steps with a tmpfs of 256 KiB on the root, in a mount namespace of their own.

    `call FUNCTION ARG...` in them runs a function of outputs_programs.
    """
    os.makedirs(root)
    call = shlex.join(runtimes.command(runtime, MODULE, "")[:-1])
    script = f'call() {{ {call} "$@"; }}; set -e; mount -t tmpfs -o size=256k none "$R"; {steps}'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script],
        env={**os.environ, "R": root},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts need root: run as root")
@pytest.mark.parametrize("runtime", runtimes.NAMES)
def test_a_full_disk_is_a_clear_error_and_the_old_outputs_stay(runtime: str, root: str) -> None:
    steps = """call publish "$R" wan old-1
        dd if=/dev/zero of="$R/.full" bs=4k 2>/dev/null || true
        call attempt "$R" wan new-2; call attempt "$R" wan old-1
        cat "$R/wan/token"; cat "$R/wan/.memo"; echo
        ls "$R/.gen" | sed 's/[0-9][0-9]*/N/'
        rm "$R/.full"
        call attempt "$R" wan new-2; cat "$R/wan/token"
    """
    assert in_small_tmpfs(runtime, root, steps) == [
        f"{root}/wan: set/0/token: expected to publish, got No space left on device; "
        "what was published before stays",
        "old-1",
        "memo old-1",
        "wan.N",
        "wan.lock",
        "new-2",
    ]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts need root: run as root")
@pytest.mark.parametrize("runtime", runtimes.NAMES)
def test_old_generations_make_room_on_a_full_disk(runtime: str, root: str) -> None:
    steps = """call publish "$R" wan ancient-1
        mv "$R/.gen/wan."*[0-9] "$R/.gen/wan.2"; ln -sfn .gen/wan.2 "$R/wan"
        call publish "$R" wan old-1
        cp -r "$R/.gen/wan.2" "$R/.gen/wan.1"
        dd if=/dev/zero of="$R/.full" bs=4k 2>/dev/null || true
        call attempt "$R" wan new-2; cat "$R/wan/token"; ls "$R/.gen" | grep -c wan.1$ || true
    """
    assert in_small_tmpfs(runtime, root, steps) == ["new-2", "0"]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts need root: run as root")
@pytest.mark.parametrize("runtime", runtimes.NAMES)
def test_a_read_only_disk_is_a_clear_error_and_the_old_outputs_stay(
    runtime: str, root: str
) -> None:
    steps = """call publish "$R" wan old-1
        mount -o remount,ro "$R"
        call attempt "$R" wan new-2; call attempt "$R" lan new-2; call attempt "$R" wan old-1
        cat "$R/wan/token"; ls "$R/.gen" | sed 's/[0-9][0-9]*/N/'
    """
    refused = "expected to publish, got Read-only file system; what was published before stays"
    assert in_small_tmpfs(runtime, root, steps) == [
        f"{root}/wan: {refused}",
        f"{root}/lan: {refused}",
        "old-1",
        "wan.N",
        "wan.lock",
    ]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user: run as root")
def test_a_publisher_without_the_right_to_write_gets_a_clear_error(root: str) -> None:
    outputs_programs.publish(root, "wan", "old-1")
    os.chmod(os.path.dirname(root), 0o755)
    os.seteuid(65534)
    try:
        assert outputs.read(root, "wan") == OLD[0]
        with pytest.raises(outputs.OutputsError) as caught:
            outputs.publish(root, "wan", {})
        with pytest.raises(outputs.OutputsError) as other:
            outputs.publish(root, "lan", {})
    finally:
        os.seteuid(0)
    refused = "expected to publish, got Permission denied; what was published before stays"
    assert str(caught.value) == f"{root}/wan: {refused}"
    assert str(other.value) == f"{root}/lan: {refused}"
    assert look(root) == OLD
