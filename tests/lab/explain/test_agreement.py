"""explain agrees with the kernel: verdict, deciding rule and the whole way of random packets.

10,000 verdicts a ruleset in `make soak`. What the kernel was seen to do is then replayed by the
frozen binary, and by copies of the interpreter that are wrong: each has to be noticed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from packager import freeze
from tests import runtimes
from tests.lab.explain import world
from tests.lab.explain.agreement import BATCH, Result, Run
from tests.lab.explain.faults import FAULTS, Fault

pytestmark = pytest.mark.root

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent
COUNT = 500 * runtimes.SCALE
SEED = int(os.environ.get("FROST_SEED", "4"))
REPLAY = "tests.device.firewall_walks"
RULESETS = ("by_hand", "home", "bare", "transparent")
# Rules that no packet meets, and why
NEVER = (
    "local/",  # the loopback link is none of ours
    "bogons/1",  # the kernel routes no multicast without a daemon
    "inbound/2",  # destination options before AH
    "state/5",  # the router's own flows
    "state/6",
    "state/7",
)
ENOUGH = 10000  # packets, to reach all others


def loaded(ruleset: str) -> AbstractContextManager[world.World]:
    return world.small() if ruleset == "by_hand" else world.stock(ruleset)


@pytest.fixture(scope="module", params=RULESETS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One run for each ruleset, all its packets sent and compared."""
    with loaded(request.param) as made:
        if request.param == "by_hand":
            made.load((HERE / "by_hand.nft").read_text())
        trace = made.spy()
        try:
            run = Run(made, trace, SEED)
            while run.result.judged < COUNT and not run.result.wrong:
                run.batch(min(BATCH, COUNT))
                run.own(BATCH // 5)
        finally:
            trace.close()
    run.result.name = request.param
    run.result.write(tmp_path_factory.mktemp(request.param))
    yield run


def test_explain_says_what_the_kernel_does(run: Run) -> None:
    result = run.result
    print(f"{result.name}: {result.summary()}, seed {SEED}")
    assert result.wrong == [], "\n".join(result.wrong[:5])
    counts = result.counts
    total = sum(counts.values())
    # Most are compared to their end, by either verdict
    assert result.judged >= COUNT
    assert result.judged > total // 2
    assert min(counts["denied"], counts["forwarded"], counts["taken in"]) > total // 50
    assert counts["stopped"] <= total // 20


def test_packets_reach_the_rules(run: Run) -> None:
    result = run.result
    unmet = [rule for rule in result.unmet if not is_out_of_reach(rule)]
    assert len(unmet) < len(result.rules) // 3, unmet
    if result.judged >= ENOUGH:
        assert unmet == []


def is_out_of_reach(rule: str) -> bool:
    _, chain, _, comment = (rule + " ").split(" ", 3)
    # Limits are so high that nothing is over them.
    if rule.endswith("over a limit") or chain.startswith("deny_icmp"):
        return True
    return comment.strip().endswith("never") or comment.startswith(NEVER)


def test_the_frozen_binary_says_the_same(run: Run) -> None:
    for path in run.result.paths:
        out = runtimes.run("frozen", REPLAY, "replay", str(path))
        assert out.endswith(" cases, 0 wrong\n"), out
    print(f"{run.result.name}: {len(run.result.cases)} cases, frozen")


def test_a_big_endian_machine_says_the_same(run: Run) -> None:
    binary = freeze.freeze("mips", ROOT / "build", check=True, quiet=True) / freeze.CHECK
    argv = ["qemu-mips-static", str(binary), REPLAY, "replay", str(run.result.paths[0])]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300)
    assert (done.stdout[-16:], done.stderr) == (" cases, 0 wrong\n", "")


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """What faults are shown: by hand there is some of everything."""
    with world.small() as made:
        made.load((HERE / "by_hand.nft").read_text())
        trace = made.spy()
        try:
            run = Run(made, trace, SEED)
            for _ in range(25):
                run.batch(BATCH)
        finally:
            trace.close()
    run.result.write(tmp_path_factory.mktemp("faults"))
    return run.result


def notices(copy: Path, result: Result) -> bool:
    """Whether any of the cases fails there."""
    for path in result.paths:
        argv = [sys.executable, "-c", runtimes.CALL % str(copy), REPLAY, "replay", str(path)]
        done = subprocess.run(argv, capture_output=True, text=True, cwd=copy, timeout=120)
        if done.returncode != 0:
            assert "Error" in done.stderr, done.stderr
            return True
    return False


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_wrong_interpreter_is_noticed(by_hand: Result, fault: Fault, tmp_path: Path) -> None:
    for folder in ("agent", "firewall", "tests/device"):
        ignored = shutil.ignore_patterns("__pycache__", "test_*", "vectors_*")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    path = tmp_path / "firewall/command" / fault.file
    text = path.read_text()
    assert text.count(fault.old) == 1, fault
    path.write_text(text.replace(fault.old, fault.new))
    assert notices(tmp_path, by_hand), f"not noticed: {fault}"
