"""The example sites compiled: golden graphs and lists, and that the agent finds what it would make.

`pytest --update-golden` writes tests/golden/compiled; a missing or different file fails.
"""

import difflib
import json
import runpy
from pathlib import Path

import pytest

from agent.graph import read
from agent.s6 import directory, install
from packager import compiled
from packager.programs import read_programs
from services.link.definition import Ethernet
from services.model import Claim, Debian, Module, Resource, Service, Site, Unit, User, oneshot
from services.site import places
from tests.compiled_text import graph_text, lists_text
from tests.runtimes import ROOT

GOLDEN = ROOT / "tests" / "golden" / "compiled"
# What is written out in full is the same as its profile: tests/test_profiles.py.
EXAMPLES = sorted(
    path.stem for path in (ROOT / "examples").glob("*.py") if not path.stem.endswith("_in_full")
)


def example(name: str) -> Site:
    site = runpy.run_path(str(ROOT / "examples" / f"{name}.py"))["SITE"]
    assert isinstance(site, Site)
    return site


def compare(path: Path, got: str, update: bool) -> None:
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(got)
    expected = path.read_text() if path.exists() else ""
    lines = (expected.splitlines(), got.splitlines())
    assert got == expected, "\n".join(difflib.unified_diff(*lines, str(path), "got", lineterm=""))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_becomes_this(name: str, update_golden: bool) -> None:
    made = compiled.compile(example(name))
    compare(GOLDEN / name / "graph.json", graph_text(made), update_golden)
    compare(GOLDEN / name / "lists.txt", lists_text(made), update_golden)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_same_site_is_the_same_text_each_time(name: str) -> None:
    assert compiled.compile(example(name)) == compiled.compile(example(name))


@pytest.mark.parametrize("name", EXAMPLES)
def test_programs_that_units_run_are_in_the_image(name: str) -> None:
    """Ours are frozen, Debian's are asked for."""
    made = compiled.compile(example(name))
    asked = {Path(path).name for each in made.debian for path in each.paths}
    for service in json.loads(made.graph)["services"].values():
        for command in (service.get("run"), service.get("stop")):
            if command:
                assert Path(command[0]).name in asked | set(made.programs), command


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_agent_would_install_the_same(name: str, tmp_path: Path) -> None:
    made = compiled.compile(example(name))
    graph = read.read(made.graph, "graph.json")
    paths = compiled.PATHS._replace(log=str(tmp_path / "log"))
    for service in graph.services.values():
        if service.kind != "bundle":
            assert install.install(str(tmp_path), service, paths)
            folder = tmp_path / service.name
            found = {
                str(path.relative_to(folder)): (path.stat().st_mode & 0o777, path.read_text())
                for path in folder.rglob("*")
                if path.is_file()
            }
            expected = dict(made.scan[service.name])
            mode, script = expected["log/run"]
            expected["log/run"] = (mode, script.replace(places.LOG, str(tmp_path / "log")))
            assert found == expected
    assert install.installed(str(tmp_path)) == {
        name: service.digest for name, service in graph.services.items() if service.kind != "bundle"
    }


def test_the_agents_own_directory_is_there_and_not_down() -> None:
    made = compiled.compile(example("minimal"))
    own = made.scan[directory.DAEMON]
    assert "down" not in own
    assert own["env/FROST_GRAPH"][1] == "/etc/frost/graph.json\n"


def site_of(*services: Service) -> Site:
    return Site(hostname="x", services=services, users=(User(name="root", keys=()),))


def needs(site: Site, name: str) -> object:
    return json.loads(compiled.compile(site).graph)["services"][name].get("needs")


class Guard(Service):
    """For tests: closes."""

    def units(self) -> tuple[Unit, ...]:
        return (oneshot(self.name, "true", early=True),)


class Other(Service):
    """For tests: has nothing to do with links."""

    def units(self) -> tuple[Unit, ...]:
        return (oneshot(self.name, "true"),)


def test_links_wait_for_what_is_early_and_nobody_else_does() -> None:
    site = site_of(Guard(name="guard"), Ethernet(name="wan", ifname="eth0"), Other(name="other"))
    assert needs(site, "wan") == {"all": [{"service": "guard"}, {"link": "eth0", "is": "present"}]}
    assert needs(site, "other") is None
    assert needs(site, "guard") is None


class Asks(Service):
    """For tests: asks for things."""

    def resources(self) -> tuple[Resource, ...]:
        return (
            Debian("tools", ("usr/bin/b", "usr/bin/a")),
            Module("dummy", load=self.name == "second"),
            Claim("thing", self.name),
        )


def test_what_several_ask_for_is_there_once_and_all_of_it() -> None:
    made = compiled.compile(site_of(Asks(name="first"), Asks(name="second")))
    assert [each.paths for each in made.debian if each.package == "tools"] == [
        ("usr/bin/a", "usr/bin/b")
    ]
    assert [(each.name, each.load) for each in made.modules] == [("dummy", True)]
    assert [each.what for each in made.claims] == ["first", "second"]


def test_keys_are_in_the_users_home() -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHQfuMB5rFUxMVZ3nEDVN1Rjz7W8o3pVQqI7qMzjZ5xA ada"
    users = (User(name="root", keys=(key,)), User(name="ada", keys=(key, key)))
    made = compiled.compile(Site(hostname="x", services=(), users=users))
    found = [file for file in made.files if file.path.endswith("authorized_keys")]
    assert [(file.path, file.mode, file.owner) for file in found] == [
        ("/home/ada/.ssh/authorized_keys", 0o600, "ada"),
        ("/root/.ssh/authorized_keys", 0o600, "root"),
    ]
    assert found[0].content == f"{key}\n{key}\n"
    assert [(each.path, each.mode, each.owner) for each in made.folders] == [
        ("/home/ada/.ssh", 0o700, "ada"),
        ("/root/.ssh", 0o700, "root"),
    ]


def test_every_program_that_is_always_there_is_one() -> None:
    table = (ROOT / "packaging" / "frozen" / "programs").read_text()
    known = {program.name for program in read_programs(table)}
    assert set(compiled.ALWAYS) <= known
