"""`frost firewall` as a user runs it, on both runtimes, with a ruleset in a network namespace."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frost_command import DEADLINE, FROZEN, NAMES, ROOT
from tests.lab.firewall.spaces import Space

pytestmark = pytest.mark.root

RULESET = """table ip6 frost_ip6 {
	set wan { type ifname; elements = { "wan" }; }
	chain forward {
		type filter hook forward priority 0; policy drop;
		ct state established counter accept comment "state/1 RFC 6092 REC-31"
		ip6 saddr 100::/64 counter goto deny_bogons comment "bogons/1 RFC 6092 REC-3"
		oifname @wan counter accept comment "outbound/1 RFC 6092 REC-11"
	}
	chain deny_bogons {
		counter drop comment "bogons/1 RFC 6092 REC-3"
	}
}
"""
GROUPS = [
    {"name": "state", "requirement": "RFC 6092 REC-31", "text": "known flows pass",
     "parameters": {}},
    {"name": "bogons", "requirement": "RFC 6092 REC-3", "text": "bogons do not pass",
     "parameters": {"permit": "2001:2::/48"}},
    {"name": "outbound", "requirement": "RFC 6092 REC-11", "text": "hosts may begin",
     "parameters": {}},
]  # fmt: skip
LISTED = """state  RFC 6092 REC-31: 0 packets, 0 octets
  known flows pass
bogons  RFC 6092 REC-3: 0 packets, 0 octets
  bogons do not pass  (permit 2001:2::/48)
outbound  RFC 6092 REC-11: 0 packets, 0 octets
  hosts may begin
"""
PACKET = ("explain", "2001:db8::5", "2001:db8:1::1", "tcp", "1024", "443", "in", "lan0")
SECOND = "2026-11-24 00:10:2"


class Command:
    """The command with its folders in one, run in the namespace."""

    def __init__(self, runtime: str, folder: Path, space: Space) -> None:
        self.argv = [str(FROZEN.parent / "frost-firewall")]
        if runtime == "cpython":
            self.argv = [sys.executable, "-m", "firewall.command"]
        elif not FROZEN.exists():
            pytest.skip(f"no {FROZEN.name}: make frozen")
        self.space = space
        self.folder = folder / "firewall"
        self.log = folder / "log"
        self.folder.mkdir()
        self.environ = {**os.environ, "FROST_FIREWALL": str(self.folder), "NO_COLOR": "1",
                        "FROST_LOG": str(self.log), "PYTHONPATH": str(ROOT),
                        "FROST_GRAPH": str(folder / "none.json")}  # fmt: skip
        self.write(RULESET)

    def write(self, text: str, digest: str = "") -> None:
        digest = digest or hashlib.sha256(text.encode()).hexdigest()
        (self.folder / "ruleset.nft").write_text(text)
        follow = {"frostgate-firewall": 1, "ruleset": digest, "groups": GROUPS}
        (self.folder / "follow.json").write_text(json.dumps(follow))

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(self.space.enter(*self.argv, *words), stdout=subprocess.PIPE,
                                text=True, env=self.environ)  # fmt: skip

    def __call__(self, *words: str) -> tuple[int, str, str]:
        done = subprocess.run(self.space.enter(*self.argv, *words), capture_output=True,
                              text=True, env=self.environ, timeout=DEADLINE)  # fmt: skip
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def space() -> Iterator[Space]:
    made = Space("router")
    yield made
    made.close()


@pytest.fixture(params=NAMES)
def command(request: pytest.FixtureRequest, tmp_path: Path, space: Space) -> Command:
    return Command(request.param, tmp_path, space)


def load(command: Command, text: str = RULESET) -> None:
    command.space.run("nft", "-f", "-", stdin=text)


def test_rulegroups_are_listed_with_their_counters(command: Command) -> None:
    load(command)
    assert command() == (0, LISTED, "")
    assert command("list") == (0, LISTED, "")
    code, out, err = command("-v")
    assert (code, err) == (0, "")
    assert out.splitlines()[2:3] == [
        "    1 RFC 6092 REC-31: forward 1 (ip6) ct state established, 0 packets, 0 octets"
    ]
    code, out, err = command("-j")
    assert (code, err) == (0, "")
    assert json.loads(out.splitlines()[1]) == {
        "what": "group", "name": "bogons", "requirement": "RFC 6092 REC-3", "packets": 0,
        "octets": 0, "rules": 1, "text": "bogons do not pass",
        "parameters": {"permit": "2001:2::/48"},
    }  # fmt: skip
    load(command, "table inet mine { chain x { counter packets 3 bytes 12000 drop; }; }")
    assert command()[:2] == (
        0, LISTED + "table inet mine: 1 rule of no known rulegroup, 3 packets, 12.0 kB\n"
    )  # fmt: skip


def test_what_is_not_loaded_or_differs_is_told(command: Command) -> None:
    nothing = f"nothing of {command.folder} is loaded (the service firewall loads it)"
    code, out, err = command()
    assert (code, err, out.splitlines()[-1]) == (1, "", nothing)
    assert out.splitlines()[0] == "state  RFC 6092 REC-31: no rules"
    load(command)
    command.space.run("nft", "flush", "chain", "ip6", "frost_ip6", "deny_bogons")
    differs = (
        f"the loaded ruleset is not the one in {command.folder}: chain deny_bogons (ip6 frost_ip6):"
        " expected bogons/1 RFC 6092 REC-3, loaded is no more rules"
    )
    code, out, err = command("-j")
    assert (code, err) == (1, "")
    assert json.loads(out.splitlines()[-1]) == {"what": "problem", "text": differs}
    command.write(RULESET, "0" * 64)
    text = f"{command.folder}/ruleset.nft is not the one that follow.json was written with"
    assert command()[1].splitlines()[-1] == text
    (command.folder / "follow.json").write_text('{"groups": [{"name": 5}]}')
    text = f"{command.folder}/follow.json: expected rulegroups with name, requirement and text"
    assert command() == (1, "", f"frost firewall: {text}\n")
    (command.folder / "follow.json").unlink()
    text = f"{command.folder}/follow.json: No such file or directory"
    assert command() == (1, "", f"frost firewall: {text}\n")


def test_explain_asks_the_kernel(command: Command) -> None:
    load(command)
    assert command(*PACKET, "out", "wan") == (
        0,
        "tcp 2001:db8::5 port 1024 -> 2001:db8:1::1 port 443, flags syn, in lan0, out wan,"
        " conntrack state new\n"
        "forward, table ip6 frost_ip6\n"
        "  forward 3: oifname @wan -> accept  # outbound/1 RFC 6092 REC-11\n"
        "accept by outbound/1 RFC 6092 REC-11, rule 3 of chain forward (ip6 frost_ip6)\n",
        "",
    )
    code, out, err = command(*PACKET, "out", "wan", "-j", "-s", "established")
    assert (code, err) == (0, "")
    last = json.loads(out.splitlines()[-1])
    assert (last["verdict"], last["rule"]["group"], last["rule"]["index"]) == ("accept", "state", 1)
    assert command(*PACKET)[1].splitlines()[-1] == "accept by the kernel: no chain there"
    load(command, "table ip6 mine { chain x { type filter hook input priority 0; "
                  "meta skuid 0 counter; }; }")  # fmt: skip
    code, out, err = command(*PACKET)
    assert (code, err) == (1, "")
    assert out.splitlines()[1:] == [
        "stopped at rule 1 of chain x (ip6 mine): meta skuid of the packet is not known"
        " (-w 'meta skuid=NUMBER' tells)",
        "  meta skuid 0",
    ]


def test_large_sets_are_asked_and_not_read(command: Command) -> None:
    elements = ", ".join(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}" for i in range(150000))
    load(command, "table ip t { set big { type ipv4_addr; elements = { %s }; }\n"
                  " chain f { type filter hook forward priority 0;"
                  ' ip saddr @big drop comment "big/1 X"; }; }' % elements)  # fmt: skip
    for source, verdict in (("10.1.2.3", "drop by big/1 X"), ("10.3.0.1", "accept by the policy")):
        code, out, err = command("explain", source, "192.0.2.1", "udp", "1", "2", "in", "a",
                                 "out", "b")  # fmt: skip
        assert (code, err) == (0, "")
        assert out.splitlines()[-1].startswith(verdict)


def test_wrong_usage_is_told_with_the_usage(command: Command) -> None:
    code, out, err = command("explain", "::1", "::2")
    assert (code, out) == (100, "")
    assert err.splitlines() == [
        "frost firewall: expected `in IF`, `out IF` or both at the end, got none",
        "frost firewall: usage: frost firewall explain [-j] [-s STATE] [-F FLAG,...]"
        " [-w NAME=NUMBER,...] SRC DST PROTO [SPORT DPORT | TYPE [CODE]] [in IF] [out IF]",
    ]
    code, out, err = command("odd")
    assert (code, out, len(err.splitlines())) == (100, "", 4)
    assert err.splitlines()[0] == 'frost firewall: expected a verb, got "odd"'
    assert command("list", "x")[0] == 100
    assert command("denied", "-N", "x")[0] == 100
    assert command("denied", "-l", "../x")[0] == 100


def denial(second: int, source: str) -> str:
    text = f"denied bogons RFC 6092 REC-3 in=wan out=lan0 {source} -> ::2 tcp 1 -> 2"
    return f"{SECOND}{second}.607593410  firewall: {text}\n"


def test_denied_packets_are_read_from_the_services_log(command: Command) -> None:
    text = f"frost firewall: {command.log}/firewall: expected the log of the service firewall"
    command.log.mkdir()
    assert command("denied") == (1, "", text.replace("/firewall:", ":") + ", got none\n")
    (command.log / "firewall").mkdir()
    path = command.log / "firewall" / "current"
    other = f"{SECOND}2.607593410  firewall: loaded\n"
    path.write_text(denial(1, "100::1") + other * 20 + denial(3, "100::3") + other * 20)
    line = "%s%d.607 bogons RFC 6092 REC-3: in wan out lan0: %s -> ::2 tcp 1 -> 2\n"
    both = [line % (SECOND, 1, "100::1"), line % (SECOND, 3, "100::3")]
    assert command("denied") == (0, "".join(both), "")
    assert command("denied", "-N", "1") == (0, both[1], "")
    assert command("denied", "-N0") == (0, "", "")
    assert command("denied", "-N2")[1] == "".join(both)
    assert json.loads(command("denied", "-j", "-N1")[1]) == {
        "time": f"{SECOND}3.607593410", "group": "bogons", "requirement": "RFC 6092 REC-3",
        "in": "wan", "out": "lan0", "source": "100::3", "destination": "::2",
        "packet": "100::3 -> ::2 tcp 1 -> 2",
    }  # fmt: skip


def test_denied_packets_are_followed(command: Command) -> None:
    (command.log / "firewall").mkdir(parents=True)
    path = command.log / "firewall" / "current"
    path.write_text(denial(1, "100::1"))
    running = command.start("denied", "-f")
    try:
        assert running.stdout is not None
        assert "100::1 -> ::2" in running.stdout.readline()
        with path.open("a") as log:
            log.write(f"{SECOND}2.607593410  firewall: loaded\n" + denial(3, "100::3"))
        assert "100::3 -> ::2" in running.stdout.readline()
    finally:
        running.kill()
        running.communicate()
