"""The hook's core on every target that is built, against CPython, call by call.

The vectors are drawn by hypothesis here and replayed there, with some captures. A foreign target
runs under qemu-user; one that is not built is skipped with the command that builds it.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import odhcp_captures
from tests.device import replay
from tests.odhcp_captures import Call
from tests.test_odhcp_properties import DHCPCD, ODHCP6C, REASONS, SCALE, STATES

BUILD = Path(__file__).resolve().parents[1] / "build"
TARGETS = ("x86_64", "mips", "aarch64")
COUNT = 120 * SCALE
PART = 200
CAPTURES = (
    "dhcpcd-carrier",
    "dhcpcd-renumber",
    "hostile-domains-musl",
    "hostile-odd-prefixes",
    "renumber",
)


@pytest.fixture(params=TARGETS)
def frost_check(request: pytest.FixtureRequest) -> list[str]:
    """How a target's frost-check is started."""
    target = str(request.param)
    path = BUILD / target / "frost-check"
    if not path.exists():
        pytest.skip(f"not built: make frozen-check TARGET={target}")
    if target == "x86_64":
        return [str(path)]
    emulator = shutil.which(f"qemu-{target}-static")
    if emulator is None:
        pytest.skip(f"no qemu-{target}-static: apt-get install qemu-user-static")
    return [emulator, str(path)]


def drawn(environments: st.SearchStrategy[dict[bytes, bytes]], is_dhcpcd: bool) -> list[Call]:
    """COUNT calls, each half a second after the one before; of odhcp6c some out of order."""
    calls: list[Call] = []

    @settings(
        max_examples=COUNT,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(environments, STATES, REASONS, st.integers(-40, 40))
    def draw(environ: dict[bytes, bytes], state: str, reason: bytes, late: int) -> None:
        number = len(calls)
        if is_dhcpcd:
            environ = environ | {b"reason": reason}
        now = odhcp_captures.BOOT + number * 500
        calls.append(Call("wan", state, environ, now, 5000 + number * 10 + late))

    draw()
    return calls


def assert_same(frost_check: list[str], calls: list[Call], folder: Path) -> None:
    """Both sides publish the same after every call."""
    folder.mkdir(exist_ok=True)
    for side in ("here", "there"):
        (folder / side).mkdir()
        (folder / side / "vectors").write_text(odhcp_captures.vectors(calls))
    replay.replay(str(folder / "here" / "vectors"), str(folder / "here"))
    there = [str(folder / "there" / "vectors"), str(folder / "there")]
    argv = [*frost_check, "tests.device.replay", "replay", *there]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    for number in range(len(calls)):
        here = (folder / "here" / str(number)).read_bytes()
        assert (folder / "there" / str(number)).read_bytes() == here, calls[number]


@pytest.mark.parametrize("is_dhcpcd", [False, True])
def test_drawn_calls_publish_the_same_on_every_target(
    frost_check: list[str], is_dhcpcd: bool, tmp_path: Path
) -> None:
    calls = drawn(DHCPCD if is_dhcpcd else ODHCP6C, is_dhcpcd)
    print(f"{len(calls)} drawn calls")
    assert len(calls) >= COUNT // 2
    # In parts: the device keeps all calls of a file in its 16 MiB.
    for start in range(0, len(calls), PART):
        assert_same(frost_check, calls[start : start + PART], tmp_path / str(start))


@pytest.mark.parametrize("name", CAPTURES)
def test_captures_publish_the_same_on_every_target(
    frost_check: list[str], name: str, tmp_path: Path
) -> None:
    assert_same(frost_check, odhcp_captures.load(name), tmp_path)
