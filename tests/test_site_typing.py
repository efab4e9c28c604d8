"""A type checker sees a site's mistakes before it is run: mypy, strict, as an editor asks it."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

GOOD = """\
from services.dns.definition import Dns
from services.link.definition import Ethernet
from services.model import Outputs, Ref, Service, Site, kinds, link, output, parameter


class UplinkOutputs(Outputs):
    servers = output("name servers")


class Uplink(Service):
    speed: int = parameter("kbit/s", kinds.number(1, 10**6), default=100)

    @property
    def outputs(self) -> UplinkOutputs:
        return UplinkOutputs(self)


wan = Uplink(name="wan", speed=16000)
lan = Ethernet(name="lan", ifname="eth1")
servers: Ref = wan.outputs.servers
dns = Dns(upstream=(servers,), links=(lan,), cache=500)
condition = wan.ready & (link("eth1") | wan.outputs.servers.present)
SITE = Site(hostname="router", services=(wan, lan, dns))
"""

# (line to replace, what by, mypy's error)
MISTAKES = (
    ("servers: Ref = wan.outputs.servers", "servers: Ref = wan.outputs.server", "attr-defined"),
    ("cache=500", 'cache="500"', "arg-type"),
    ("cache=500", "cash=500", "call-arg"),
    ("upstream=(servers,), ", "", "call-arg"),
    ("upstream=(servers,)", 'upstream=("192.0.2.1",)', "arg-type"),
    ("upstream=(servers,)", "upstream=(wan,)", "arg-type"),
    ("wan.ready & (", "wan.outputs.servers & (", "operator"),
    ("wan.ready & (", "wan & (", "operator"),
    ("services=(wan, lan, dns)", "services=[wan, lan, dns]", "arg-type"),
    ("services=(wan, lan, dns)", "services=(wan, servers)", "arg-type"),
    ('hostname="router", ', "", "call-arg"),
    ('Uplink(name="wan", speed=16000)', 'Uplink("wan")', "call-arg"),
    ("wan.outputs.servers.present", "wan.outputs.servers.here", "attr-defined"),
)


def mypy(*paths: Path) -> list[str]:
    """Its error lines."""
    argv = [sys.executable, "-m", "mypy", "--config-file", "setup.cfg", "--no-error-summary"]
    done = subprocess.run(
        [*argv, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if ": error: " in line]


def test_mypy_takes_a_good_site_and_names_each_mistake_of_a_broken_one(tmp_path: Path) -> None:
    good = tmp_path / "good_site.py"
    good.write_text(GOOD)
    expected = []
    paths = [good]
    for number, (what, by, code) in enumerate(MISTAKES):
        assert GOOD.count(what) == 1, what
        text = GOOD.replace(what, by)
        path = tmp_path / f"broken_{number:02}.py"
        path.write_text(text)
        paths.append(path)
        line = GOOD[: GOOD.index(what)].count("\n") + 1
        expected.append((path.name, line, code))
    found = []
    for error in mypy(*paths):
        match = re.match(r".*?([^/]+\.py):(\d+): error: .*\[([a-z-]+)\]", error)
        assert match, error
        found.append((match[1], int(match[2]), match[3]))
    assert found and "good_site.py" not in [name for name, _, _ in found]
    assert sorted(set(expected) - set(found)) == []
