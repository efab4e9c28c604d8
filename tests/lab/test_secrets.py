"""Secrets on their way to the services that have them, under the agent: missing at first, given,
changed, wrong, taken back; and read by nobody else. The way of a configuration on both runtimes."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from packager import compiled, programs
from packager.isp import wait
from packager.isp.namespaces import CommandFailed, Machine
from services.daemon.definition import Daemon
from services.model import Delivered, File, Folder, Resource, Secret, Service, Site, Unit, longrun
from services.site import places
from services.site.delivery import delivery
from services.site.problems import here
from tests.lab.box import Box
from tests.runtimes import NAMES, ROOT

pytestmark = pytest.mark.root

CONF, SEEN = "/etc/frost/user.options", "/run/seen"
WHOLE = places.secret("user", "user.options")
TABLE = ROOT / "packaging" / "frozen" / "programs"
SCRIPT = """#!/bin/sh
PYTHONPATH={} exec {} -c 'import sys; sys.argv[0] = "{}"; from {} import run; run()' "$@"
"""
ISP, DOOR = Secret(name="isp"), Secret(name="door", lines=True)
# All that the machine has written, /etc and the others among it, and what is seen of processes
LOOK = (
    "find /run -type f -exec grep -l {0} {{}} +; "
    "grep -l {0} /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; true"
)
STORE = "/run/layers/etc/up/frost/secrets/"


class User(Service):
    """A daemon that is careless with the secret that it has."""

    def units(self) -> tuple[Unit, ...]:
        careless = f"cat {WHOLE} >>{SEEN}; cat {WHOLE} >&2; exec sleep 100000"
        unit, given = delivery("user", "pppd", ("isp",), CONF, description="", where=here())
        return (unit, longrun(self.name, "sh", "-c", careless, needs=given))

    def resources(self) -> tuple[Resource, ...]:
        return (Delivered("isp"), File(CONF, "noauth\n"))


def web(name: str, port: int, changed: str) -> Daemon:
    """A real daemon with an account of its own; its password is a line of the secret."""
    path = places.secret(name, "door")
    listen = ("-p", f"127.0.0.1:{port}", "-h", "/srv/www")
    return Daemon(
        name=name, run=("busybox", "httpd", "-f", *listen, "-c", path), secrets=(DOOR,),
        user=f"_{name}", account=True, changed=changed,
    )  # fmt: skip


PORTS = {"front": 8081, "back": 8082, "late": 8083}
FRONT = web("front", PORTS["front"], "signal HUP")
BACK = web("back", PORTS["back"], "restart")
LATE = web("late", PORTS["late"], "restart")


def site(*services: Service) -> Site:
    page = (Folder("/srv/www"), File("/srv/www/index.html", "in\n"))
    return Site(hostname="box", services=services, secrets=(ISP, DOOR), files=page)


def on_cpython(box: Box) -> None:
    """CPython's programs in the place of the frozen ones."""
    for program in programs.read_programs(TABLE.read_text()):
        path = f"{places.PROGRAMS}/{program.name}"
        if box.machine.path(path).exists() or box.machine.path(path).is_symlink():
            text = SCRIPT.format(ROOT, sys.executable, path, program.module)
            box.machine.write(path, text, 0o755)


def accounts(box: Box, made: compiled.Compiled) -> None:
    """The image's accounts."""
    for number, each in enumerate(made.accounts, 901):
        for path, line in (("passwd", "{}:x:{}:{}::/:/bin/false"), ("group", "{}:x:{}:")):
            target = box.machine.path(f"/etc/{path}")
            target.write_text(target.read_text() + line.format(each.name, number, number) + "\n")


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Box]]:
    """Starts the machine of these services."""
    machine = Machine("router", tmp_path / "log")

    def start(*services: Service, runtime: str = "frozen") -> Box:
        made = Box(machine, compiled.compile(site(*services)), ROOT / "build" / "x86_64")
        made.boot()
        accounts(made, compiled.compile(site(FRONT, BACK, LATE)))
        if runtime == "cpython":
            on_cpython(made)
        made.start()
        return made

    try:
        yield start
    finally:
        machine.close()


@pytest.fixture(params=NAMES)
def box(request: pytest.FixtureRequest, started: Callable[..., Box]) -> Box:
    """The machine of the careless one."""
    return started(User(name="user"), runtime=request.param)


def give(box: Box, value: str, name: str = "isp") -> None:
    """`frost secret NAME` with a value by standard input, as printf writes it."""
    box.machine.run("sh", "-c", f"printf '{value}' | frost secret {name}")


def pid(box: Box, name: str = "user") -> int:
    return box.machine.service_pid(name)


def await_seen(box: Box, count: int) -> list[str]:
    """The lines that the daemon has found in its file so far, that many."""
    found = wait.until(
        f"the daemon has read {count} lines",
        lambda: (
            box.machine.path(SEEN).read_text().splitlines()
            if box.machine.path(SEEN).exists()
            else []
        ),
        lambda lines: len(lines) == count,
        evidence=box.log,
    )
    box.await_states(user="up", user_secret="up")
    return found


def told(box: Box) -> str:
    """All that the operator's command tells."""
    words = (("log",), ("log", "-j"), ("status",), ("events", "-j"), ("why", "user"))
    return "".join([box.frost(*each) for each in words])


def holders(box: Box, value: str) -> list[str]:
    """The files that a value is in; the device's own secrets are left out. The pattern is none
    of what holds it."""
    found = box.machine.run("sh", "-c", LOOK.format(f"[{value[0]}]{value[1:]}")).splitlines()
    return sorted(path for path in found if not path.startswith(STORE))


def test_a_secret_reaches_its_daemon_and_nobody_else(box: Box) -> None:
    box.await_states(user="down", user_secret="starting")
    assert "isp: No such file" in box.frost("why", "user") + box.frost("log", "user-secret")
    assert box.frost("secret") == "isp: missing\n"

    give(box, "first-of-all\\n")
    assert await_seen(box, 2) == ["noauth", 'password "first-of-all"']
    assert box.frost("secret") == "isp: there\n"
    for path in (WHOLE, f"{places.SECRETS}/isp"):
        assert box.machine.path(path).stat().st_mode & 0o777 == 0o600

    give(box, "second-to-none\\n")
    assert await_seen(box, 4)[2:] == ["noauth", 'password "second-to-none"']

    # What does not fit, and what is the same, ends nobody.
    before = pid(box)
    give(box, "prima\\nsecunda\\n")
    wait.until(
        "it is told that the secret does not fit",
        lambda: "expected one line of printable ASCII" in box.frost("log", "user-secret"),
    )
    give(box, "second-to-none\\n")
    give(box, "third-and-last\\n")
    assert await_seen(box, 6)[4:] == ["noauth", 'password "third-and-last"']
    assert before != pid(box)
    assert box.machine.path(SEEN).read_text().count("second-to-none") == 1

    shown = told(box)
    assert "third-and-last" not in shown
    assert 'password "<secret>"' in shown  # what the daemon has logged
    careless = [SEEN, f"{places.LOG}/user/current"]
    assert holders(box, "third-and-last") == sorted([*careless, WHOLE])


def test_a_name_that_nobody_has_is_refused(box: Box) -> None:
    with pytest.raises(CommandFailed, match='got ips; did you mean "isp"'):
        box.machine.run("sh", "-c", "echo x | frost secret ips")
    with pytest.raises(CommandFailed, match="expected 1 to 65536 octets by standard input"):
        box.machine.run("sh", "-c", "frost secret isp </dev/null")
    assert not box.machine.path(f"{places.SECRETS}/ips").exists()


def lets_in(box: Box, name: str, password: str) -> bool:
    """Whether a daemon takes the password."""
    at = f"http://me:{password}@127.0.0.1:{PORTS[name]}/"
    return box.machine.run("busybox", "wget", "-qO-", at, check=False) == "in\n"


def await_password(box: Box, password: str, *names: str) -> None:
    """Wait until daemons take this password, and take none of before."""
    for name in names:
        wait.until(
            f"{name} takes {password}",
            lambda name=name: lets_in(box, name, password),  # type: ignore[misc]
            evidence=box.log,
        )
    box.await_states(30.0, **{f"{name}{more}": "up" for name in names for more in ("", "_secret")})


def as_user(box: Box, user: str, *words: str) -> str:
    """A command as another user; what it says, errors too."""
    script = 'exec "$@" 2>&1'
    ids = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")
    return box.machine.run(*ids, "sh", "-c", script, "sh", *words, check=False)


def test_each_consumer_has_its_own_file_as_its_own_user(started: Callable[..., Box]) -> None:
    """Two daemons, two users, one secret; both follow, one without an end."""
    box = started(FRONT, BACK)
    give(box, "/:me:one-for-all\\n", "door")
    await_password(box, "one-for-all", "front", "back")
    assert not lets_in(box, "front", "all-for-one")
    files = {name: places.secret(name, "door") for name in ("front", "back")}
    assert holders(box, "one-for-all") == sorted(files.values())
    for number, (name, path) in enumerate(sorted(files.items()), 901):
        file, folder = box.machine.path(path), box.machine.path(os.path.dirname(path))
        assert (file.stat().st_mode & 0o7777, file.stat().st_uid) == (0o600, number), name
        inside = folder.stat()
        assert (inside.st_mode & 0o7777, inside.st_uid, inside.st_gid) == (0o750, 0, number)
        process = box.machine.path(f"/proc/{pid(box, name)}/status").read_text()
        assert f"Uid:\t{number}\t{number}\t{number}\t{number}\n" in process
        assert as_user(box, f"_{name}", "cat", path) == "/:me:one-for-all\n"
        for other in {"_front", "_back", "65534"} - {f"_{name}"}:
            got = as_user(box, other, "cat", path)
            assert "Permission denied" in got and "one-for-all" not in got
        # Its own user can put nothing else in its place: what is delivered is written by root.
        assert "Permission denied" in as_user(box, f"_{name}", "ln", "-sf", "/etc/passwd", path)

    before = {name: pid(box, name) for name in files}
    give(box, "/:me:all-for-one\\n", "door")
    await_password(box, "all-for-one", "front", "back")
    for name in files:
        assert not lets_in(box, name, "one-for-all")
    assert (pid(box, "front") == before["front"], pid(box, "back") == before["back"]) == (
        True,
        False,
    )
    assert holders(box, "all-for-one") == sorted(files.values())
    assert holders(box, "one-for-all") == []


def test_a_killed_delivery_comes_back_and_a_stopped_service_has_none(
    started: Callable[..., Box],
) -> None:
    box = started(FRONT, BACK)
    give(box, "/:me:still-here\\n", "door")
    await_password(box, "still-here", "front", "back")
    path = places.secret("front", "door")
    folder = box.machine.path(os.path.dirname(path))
    (folder / ".door.part").write_text("still-here, half of it")  # as one that ends meanwhile
    before = pid(box, "front-secret")
    box.machine.run("sh", "-c", f"kill -KILL {before}")
    wait.until(
        "it is delivered anew",
        lambda: (
            pid(box, "front-secret") not in (-1, before)
            and not folder.joinpath(".door.part").exists()
        ),
        evidence=box.log,
    )
    await_password(box, "still-here", "front")
    assert sorted(os.listdir(folder)) == ["door"]

    box.frost("stop", "front")
    wait.until("the folder is gone", lambda: not folder.exists(), evidence=box.log)
    assert holders(box, "still-here") == [places.secret("back", "door")]
    box.frost("start", "front")
    await_password(box, "still-here", "front", "back")


def test_a_service_that_is_new_or_changed_has_its_secret(started: Callable[..., Box]) -> None:
    """A reload: one is new, so its secret is there before its folder is; the other gets another
    run file, and its secret stays."""
    box = started(FRONT)
    give(box, "/:me:for-both\\n", "door")
    await_password(box, "for-both", "front")
    graph = json.loads(compiled.compile(site(FRONT, LATE)).graph)
    graph["services"]["front"]["env"] = {"LANG": "C"}
    before = pid(box, "front"), pid(box, "front-secret")
    box.machine.path(places.GRAPH).write_text(json.dumps(graph))
    box.frost("reload")
    await_password(box, "for-both", "front", "late")
    assert pid(box, "front") != before[0]
    assert pid(box, "front-secret") == before[1]
    files = [places.secret(name, "door") for name in ("front", "late")]
    assert holders(box, "for-both") == files

    del graph["services"]["late"], graph["services"]["late-secret"]
    box.machine.path(places.GRAPH).write_text(json.dumps(graph))
    box.frost("reload")
    wait.until(
        "what the other had is gone",
        lambda: holders(box, "for-both"),
        lambda found: found == files[:1],
        evidence=box.log,
    )
