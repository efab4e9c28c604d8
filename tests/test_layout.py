"""The house rules of the tree, held by tests: who may import whom, and what device code may use."""

import ast
import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What device code may import besides the project's own modules: MicroPython has these, built in.
DEVICE_IMPORTS = {"collections", "hashlib", "json", "struct", "sys"}

# Who may know whom (docs/design.md, "The house"); no arrow runs up.
MAY_IMPORT = {
    "agent": {"agent"},
    "ifwait": {"agent", "ifwait"},
    "odhcp_script": {"agent", "odhcp_script"},
    "services": {"agent", "firewall", "services"},  # firewall: in definitions, for the host
    "firewall": {"agent", "firewall"},
    "packaging": {"agent", "ifwait", "odhcp_script", "services", "firewall", "packager"},
}
OWN = {"agent", "ifwait", "odhcp_script", "services", "firewall", "packager", "tests"}


def python_files(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def is_host_only(path: Path) -> bool:
    """Definitions, models, the firewall's renderer and the port's CPython half never ship."""
    parts = path.relative_to(ROOT).parts
    if parts[0] == "agent":
        return parts[:3] == ("agent", "port", "cpython")
    if parts[:2] in (("firewall", "ruleset"), ("firewall", "stock"), ("services", "site")):
        return True
    return path.name in ("definition.py", "model.py")


def device_files() -> list[Path]:
    folders = ("agent", "ifwait", "odhcp_script", "services", "firewall")
    return [path for name in folders for path in python_files(name) if not is_host_only(path)]


def is_typing_only(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports(tree: ast.Module) -> list[tuple[int, str]]:
    """(line, module) of every import that runs; `if TYPE_CHECKING:` bodies never do."""
    found: list[tuple[int, str]] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            found.append((node.lineno, node.module or ""))
        elif isinstance(node, ast.stmt) and is_typing_only(node):
            assert isinstance(node, ast.If)
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)
    return sorted(found)


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", device_files(), ids=shown)
def test_device_code_imports_only_what_is_on_the_device(path: Path) -> None:
    strange = []
    for line, module in imports(ast.parse(path.read_text())):
        head = module.partition(".")[0]
        is_port = path.relative_to(ROOT).parts[:2] == ("agent", "port")
        if head == "_linux" and path.relative_to(ROOT).parts[:3] == ("agent", "port", "frozen"):
            continue
        if module.startswith(("agent.port.cpython", "agent.port.frozen")) and is_port:
            continue
        if module.startswith(("agent.port.cpython", "agent.port.frozen")):
            strange.append(f"{line}: {module} (only the port picks its implementation)")
        elif head not in OWN and module not in DEVICE_IMPORTS:
            strange.append(f"{line}: {module}")
    assert strange == []


@pytest.mark.parametrize("folder", sorted(MAY_IMPORT))
def test_no_arrow_runs_up(folder: str) -> None:
    wrong = [
        f"{shown(path)}:{line}: {module}"
        for path in python_files(folder)
        for line, module in imports(ast.parse(path.read_text()))
        if module.partition(".")[0] in OWN - MAY_IMPORT[folder]
    ]
    assert wrong == []


@pytest.mark.parametrize("path", device_files(), ids=shown)
def test_only_the_port_knows_the_runtime(path: Path) -> None:
    if path.relative_to(ROOT).parts[:2] == ("agent", "port"):
        return
    text = path.read_text()
    assert "sys.implementation" not in text
    assert "ImportError" not in text


def test_pypi_packaging_stays_importable() -> None:
    """An __init__.py in packaging/ would hide PyPI's `packaging` from pytest, pip and others."""
    assert not (ROOT / "packaging/__init__.py").exists()
    assert not (ROOT / "tests/packaging/__init__.py").exists()
    import packaging.version

    assert str(packaging.version.Version("1.0")) == "1.0"


def test_every_package_is_installed() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = config["options"]["packages"].split()
    folders = ("agent", "ifwait", "odhcp_script", "services", "firewall")
    found = [
        ".".join(path.parent.relative_to(ROOT / above).parts)
        for above, names in (("", folders), ("packaging", ("packaging",)))
        for folder in names
        for path in python_files(folder)
        if path.name == "__init__.py"
    ]
    assert sorted(listed) == sorted(found)


def test_files_keep_to_one_subject() -> None:
    """Over 400 lines nobody knows a file's one subject any more (docs/design.md)."""
    folders = ("agent", "ifwait", "odhcp_script", "services", "firewall", "packaging", "tests")
    sizes = {
        shown(path): len(path.read_text().splitlines())
        for folder in folders
        for path in python_files(folder)
    }
    assert {name: lines for name, lines in sizes.items() if lines > 400} == {}


def test_no_registry_host_and_no_path_of_a_machine_is_in_the_tree() -> None:
    folders = (
        "agent",
        "ifwait",
        "odhcp_script",
        "services",
        "firewall",
        "packaging",
        "docs",
        ".ci",
    )
    words = ("/wo" + "rk/", "/fa" + "rm", "/ro" + "ot/")
    found = [
        f"{shown(path)}: {word}"
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in (".py", ".md", ".sh", ".mk", ".c", ".h", "")
        for word in words
        if word in path.read_text(errors="replace")
    ]
    assert found == []
