"""What the programs do with descriptors that are closed, full or not what they should be."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import outputs
from packager.isp import wait
from tests.device.dhcp6_model import lease_values

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "build" / "x86_64"
MODULES = {
    "ifwait": "ifwait",
    "lan_prefix": "services.dhcp6.lan_prefix",
    "wan_address": "services.dhcp6.wan_address",
    "ra": "services.ra",
}
OPERANDS = {
    "ifwait": ["lo"],
    "lan_prefix": ["dhcp6", "lan0"],
    "wan_address": ["dhcp6"],
    "ra": ["-l", "dhcp6", "-p", "lan_prefix", "lan0"],
}
SERVICES = ("lan_prefix", "wan_address", "ra")
IGNORED = "descriptor %d: expected it to be open for writing; going on without telling readiness\n"

pytestmark = pytest.mark.root


class Place:
    """A namespace of its own with nothing but lo, and a folder."""

    def __init__(self, name: str, folder: Path, runtime: str) -> None:
        self.name, self.folder, self.runtime = name, folder, runtime
        self.root = str(folder / "outputs")

    def run(
        self, program: str, *options: str, tail: str = "", **environ: str
    ) -> tuple[int, str, str]:
        """(code, stdout, stderr) of the program with its operands; `tail`: redirections."""
        done = subprocess.run(
            self.command(program, *options, tail=tail),
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environ(**environ),
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    def command(self, program: str, *options: str, tail: str) -> list[str]:
        if self.runtime == "frozen":
            argv = [str(FROZEN / program)]
        else:
            argv = [sys.executable, "-m", MODULES[program]]
        words = ["sh", "-c", f'exec "$@" {tail}', "sh", *argv, *options, *OPERANDS[program]]
        return ["ip", "netns", "exec", self.name, *words]

    def environ(self, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "FROST_OUTPUTS": self.root,
            "FROST_STATE": str(self.folder / "state"),
            **more,
        }

    def publish(self) -> None:
        told = ["bound", [["prefix", "2001:db8:1::", 56, 1800, 3600, ""]]]
        outputs.publish(self.root, "dhcp6", lease_values(told, 1000.0) or {})


@pytest.fixture(params=["cpython", "frozen"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    name = f"fg-fds-{os.getpid()}-{os.urandom(3).hex()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        yield Place(name, tmp_path, request.param)
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


@pytest.mark.parametrize("tail", ["3>&-", "3</dev/null"])
def test_ifwait_ignores_a_notification_descriptor_that_is_no_such(place: Place, tail: str) -> None:
    expected = (0, "", "ifwait: " + IGNORED % 3)
    assert place.run("ifwait", "-d", "3", tail=tail) == expected
    # The service's, whose run script ifwait may be a step of.
    assert place.run("ifwait", NOTIFY_FD="3", tail=tail) == (0, "", "")
    assert place.run("ifwait", "-d", "3", tail="3>told") == (0, "", "")
    assert (place.folder / "told").read_text() == "\n"


@pytest.mark.parametrize("program", SERVICES)
@pytest.mark.parametrize("number", ["x", "0", "2"])
def test_a_notification_descriptor_that_cannot_be_one_is_wrong_usage(
    place: Place, program: str, number: str
) -> None:
    for where, options, environ in (
        ("option -d", ["-d", number], {}),
        ("$NOTIFY_FD", [], {"NOTIFY_FD": number}),
    ):
        code, out, errors = place.run(program, *options, **environ)
        assert (code, out, len(errors.splitlines())) == (100, "", 2)
        assert errors.startswith(f"{program}: {where}: expected "), errors


@pytest.mark.parametrize("program", MODULES)
@pytest.mark.parametrize("tail", ["2>&-", "2>/dev/full"])
def test_wrong_usage_is_exit_code_100_whoever_reads_it(
    place: Place, program: str, tail: str
) -> None:
    assert place.run(program, "-x", tail=tail) == (100, "", "")


@pytest.mark.parametrize("program", MODULES)
def test_wrong_usage_is_one_line_and_the_usage(place: Place, program: str) -> None:
    code, out, errors = place.run(program, "-x")
    assert (code, out) == (100, "")
    said, usage = errors.splitlines()
    assert said == f"{program}: expected one of the options below, got -x"
    assert usage.startswith(f"{program}: usage: {program} [-")


@pytest.mark.parametrize("program", MODULES)
def test_standard_output_that_takes_nothing_is_named(place: Place, program: str) -> None:
    place.publish()
    option = "-f" if program == "ifwait" else "-n"
    code, _, errors = place.run(program, option, tail=">/dev/full")
    said = f"{program}: standard output: No space left on device"
    assert (code, errors.splitlines()[-1]) == (111, said)


@pytest.mark.parametrize("program", MODULES)
def test_closed_standard_descriptors_go_to_nobody(place: Place, program: str) -> None:
    """Without /dev/null there, they would be the numbers of the program's own sockets."""
    place.publish()
    options = ["-f"] if program == "ifwait" else ["-v"]
    child = subprocess.Popen(
        place.command(program, *options, tail="<&- >&- 2>&-"),
        cwd=place.folder,
        env=place.environ(),
    )
    own = {"frozen": "frost", "cpython": Path(sys.executable).resolve().name}[place.runtime]
    process = Path(f"/proc/{child.pid}")

    def descriptors() -> dict[str, str]:
        with contextlib.suppress(FileNotFoundError):  # one was closed meanwhile
            if (process / "exe").readlink().name == own:  # and no longer ip or sh
                return {path.name: str(path.readlink()) for path in (process / "fd").iterdir()}
        return {}

    def has_socket(seen: dict[str, str]) -> bool:
        return any(target.startswith("socket:") for target in seen.values())

    try:
        seen = wait.until("its socket", descriptors, has_socket)
        # From inside a chroot the link shows the way from outside.
        assert all(seen[name].endswith("/dev/null") for name in ("0", "1", "2")), seen
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize("program", SERVICES)
def test_a_dry_run_makes_nothing_and_needs_no_rights(place: Place, program: str) -> None:
    code, _, errors = place.run(program, "-n", NOTIFY_FD="77")
    assert (code, "descriptor" in errors) == (0, False), errors
    assert sorted(os.listdir(place.folder)) == []
    place.publish()
    before = sorted(str(path) for path in place.folder.rglob("*"))
    assert place.run(program, "-n")[0] == 0
    assert sorted(str(path) for path in place.folder.rglob("*")) == before
