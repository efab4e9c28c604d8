"""The loader under the agent: no link comes up before the base ruleset is there, and nothing is
forwarded before the site's own is."""

import json
import os
from pathlib import Path

import pytest

from packager.isp import wait
from tests import runtimes
from tests.device import firewall_specs
from tests.lab.supervision import room

pytestmark = pytest.mark.root
FOLDER = "/run/lab/firewall"
# What a link's service sees at the moment when it may begin.
UP = """\
#!/bin/sh
cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding > /run/lab/$1.seen
nft -s list ruleset >> /run/lab/$1.seen
ip link set $1 up
"""


def graph() -> str:
    services = {
        "base": {"type": "oneshot", "run": ["firewall", "-b"]},
        "wan-up": {
            "type": "oneshot",
            "run": ["/run/lab/up", "wan"],
            "needs": {"service": "base"},
        },
        "firewall": {
            "type": "longrun",
            "run": ["firewall", "-d", "3", FOLDER],
            "needs": {"service": "base"},
            "ready": "notify",
            "back-off": {"first": 0.2, "cap": 0.5},
        },
        "lan-up": {
            "type": "oneshot",
            "run": ["/run/lab/up", "lan0"],
            "needs": {"service": "firewall"},
        },
    }
    return json.dumps({"frostgate-graph": 1, "services": services})


def test_no_link_is_up_before_the_ruleset_that_it_needs(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root for namespaces: run `make check` as root")
    if not (runtimes.FROST_CHECK.parent / "firewall").exists():
        pytest.skip("no frozen build: make frozen-check")
    with room.running("frozen", tmp_path) as machine:
        for link in ("wan", "lan0"):
            machine.run("ip", "link", "add", link, "type", "veth", "peer", "name", link + "-far")
        for path in ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"):
            machine.run("sh", "-c", f"echo 1 > /proc/sys/{path}")  # left on by somebody
        machine.write("/run/lab/up", UP, 0o755)
        machine.write(room.GRAPH, graph())
        places = [f"{name}={value}" for name, value in room.PLACES.items()]
        machine.run("env", *places, str(room.FROZEN / "frost"), "reload")

        def seen(link: str) -> str:
            path = machine.path(f"/run/lab/{link}.seen")
            wait.until(f"{link} is up", lambda: link in is_up(), evidence=machine.tail)
            return path.read_text()

        def is_up() -> list[str]:
            rows = machine.run("ip", "-o", "link", "show", "up").splitlines()
            return [row.split()[1].partition("@")[0] for row in rows]

        # There is no folder yet: the base ruleset is in, forwarding is off, the LAN waits.
        first = seen("wan")
        assert first.startswith("0\n0\n")
        assert first.count('comment "base/1 loopback"') == 2
        assert first.count("policy drop") == 4
        log = machine.path(f"{room.LOG}/firewall/current")
        wait.until(
            "the loader says why it does not load",
            lambda: log.exists() and "expected to read, got No such file" in log.read_text(),
        )
        assert "lan0" not in is_up()
        assert machine.run("cat", "/proc/sys/net/ipv4/ip_forward") == "0\n"
        # The folder comes, and the agent's next try finds it.
        text, spec = firewall_specs.folder()
        machine.write(f"{FOLDER}/ruleset.nft", text)
        machine.write(f"{FOLDER}/follow.json", json.dumps(spec))
        second = seen("lan0")
        assert second.startswith("1\n1\n")
        assert 'elements = { "lan0" }' in second and "base/1" not in second
