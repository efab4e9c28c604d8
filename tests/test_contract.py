"""The port's contract: every test of tests/contract/, on both runtimes, each in its own namespace.

What the one runtime writes, the other must read; and the two must have the same names and
arguments.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FROZEN = ROOT / "build" / "x86_64" / "frost-check"
PREFIXES = {
    "cpython": [sys.executable, "-m", "tests.contract.run"],
    "frozen": [str(FROZEN)],
}
SECONDS = 120  # what a single contract may take before it counts as stuck


def functions() -> list[tuple[str, str]]:
    """(module, function) of every contract."""
    found = []
    for path in sorted((ROOT / "tests" / "contract").glob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.append((path.stem, node.name))
    return found


@pytest.fixture
def namespace() -> Iterator[str]:
    """A fresh network namespace."""
    if os.geteuid() != 0:
        pytest.skip("needs root for network namespaces: run `make check` as root")
    name = f"fg-contract-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        yield name
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


def run(namespace: str, runtime: str, module: str, *words: str) -> str:
    """Run one contract; its output. Fails with its traceback."""
    if runtime == "frozen" and not FROZEN.exists():
        pytest.fail("build/x86_64/frost-check is missing: run `make frozen-check TARGET=x86_64`")
    command = ["ip", "netns", "exec", namespace, *PREFIXES[runtime], f"tests.contract.{module}"]
    done = subprocess.run(
        [*command, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if done.returncode != 0:
        pytest.fail(f"{runtime}: {module} {' '.join(words)}\n{done.stdout}{done.stderr}", False)
    return done.stdout


@pytest.mark.root
@pytest.mark.parametrize("runtime", sorted(PREFIXES))
@pytest.mark.parametrize(("module", "function"), functions())
def test_contract_holds(namespace: str, runtime: str, module: str, function: str) -> None:
    print(run(namespace, runtime, module, function), end="")


@pytest.mark.root
@pytest.mark.parametrize(("writer", "reader"), [("cpython", "frozen"), ("frozen", "cpython")])
def test_what_one_runtime_writes_the_other_reads(namespace: str, writer: str, reader: str) -> None:
    run(namespace, writer, "everything", "write_everything")
    seen = run(namespace, reader, "everything", "print_everything")
    assert seen.count("Route(") >= 12
    assert seen == run(namespace, writer, "everything", "print_everything")
    run(namespace, reader, "everything", "remove_everything")
    left = run(namespace, writer, "everything", "print_everything")
    assert [line.partition("(")[0] for line in left.splitlines()] == ["Link"] * 3


def test_what_both_runtimes_write_is_the_same(namespace: str) -> None:
    tables = []
    for runtime in sorted(PREFIXES):
        run(namespace, runtime, "everything", "write_everything")
        tables.append(run(namespace, runtime, "everything", "print_everything"))
        subprocess.run(["ip", "-n", namespace, "link", "del", "lan"], check=True)
        run(namespace, runtime, "everything", "remove_everything")
    assert tables[0] == tables[1]


@pytest.mark.root
@pytest.mark.parametrize(("writer", "reader"), [("cpython", "frozen"), ("frozen", "cpython")])
def test_both_runtimes_list_the_ruleset_that_one_loads(
    namespace: str, writer: str, reader: str
) -> None:
    run(namespace, writer, "rulesets", "load")
    seen = run(namespace, reader, "rulesets", "show")
    assert seen.count('"198.100.') == 5000
    assert seen.count('"ruleset:') == 4
    assert seen == run(namespace, writer, "rulesets", "show")


def signatures(path: Path) -> dict[str, str]:
    """Every public function and method of a module with its arguments."""
    found = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and (
                    inner.name == "__init__" or not inner.name.startswith("_")
                ):
                    found[f"{node.name}.{inner.name}"] = ast.unparse(inner.args)
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found[node.name] = ast.unparse(node.args)
    # Quotes around annotations are a matter of the runtime
    return {name: text.replace("'", "").replace('"', "") for name, text in found.items()}


def imported(path: Path) -> set[str]:
    """What a facade takes from its implementations."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "agent.port.cpython"
        ):
            found.update(alias.name for alias in node.names)
    return found


@pytest.mark.parametrize(
    "concern",
    sorted(
        path.stem
        for path in (ROOT / "agent" / "port").glob("*.py")
        if path.stem not in ("__init__", "records", "nfnetlink", "nf_batch", "nf_listing")
    ),
)
def test_both_implementations_have_the_same_names_and_arguments(concern: str) -> None:
    port = ROOT / "agent" / "port"
    wanted = imported(port / f"{concern}.py")
    both = []
    for runtime in sorted(PREFIXES):
        found = signatures(port / runtime / f"{concern}.py")
        both.append({n: a for n, a in found.items() if n.partition(".")[0] in wanted})
    assert both[0] == both[1]
