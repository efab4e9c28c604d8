"""ifwait as a user runs it, on both runtimes, against real links in a network namespace."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from packager.isp import wait

ROOT = Path(__file__).resolve().parent.parent.parent
RUNTIMES = {
    "frozen": [str(ROOT / "build/x86_64/ifwait")],
    "cpython": [sys.executable, "-m", "ifwait"],
}
IP = ["ip", "-n"]


class Lab:
    """One network namespace and the ifwait of one runtime in it."""

    def __init__(self, name: str, argv: list[str]) -> None:
        self.name = name
        self.argv = ["ip", "netns", "exec", name, *argv]
        self.started: list[subprocess.Popen[bytes]] = []

    def ip(self, words: str) -> None:
        subprocess.run(["ip", "-n", self.name, *words.split()], check=True)

    def run(self, *words: str, deadline_s: float = 20.0) -> tuple[int, str, str]:
        done = subprocess.run(
            [*self.argv, *words],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=deadline_s,
        )
        return done.returncode, done.stdout, done.stderr

    def start(self, *words: str, notify: int = -1) -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            [*self.argv, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=ROOT,
            pass_fds=(notify,) if notify >= 0 else (),
        )
        self.started.append(child)
        return child

    def waits(self, *words: str) -> "subprocess.Popen[bytes]":
        """Start ifwait -v and return once it has looked and found that the answer is no."""
        child = self.start("-v", *words)
        assert child.stderr is not None
        first = read_line(child.stderr)
        assert " is not " in first, first
        return child


def read_line(stream: IO[bytes], deadline_s: float = 15.0) -> str:
    """The next line of an unbuffered stream: select can't see what a buffer already holds."""
    ready = select.select([stream], [], [], deadline_s)[0]
    assert ready, f"no line within {deadline_s} s"
    return stream.readline().decode()


@pytest.fixture(params=sorted(RUNTIMES))
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    name = f"fg-ifwait-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    made = Lab(name, RUNTIMES[request.param])
    try:
        yield made
    finally:
        for child in made.started:
            child.kill()
            child.communicate()
        subprocess.run(["ip", "netns", "del", name], check=True)


def test_what_already_holds_is_success_at_once(lab: Lab) -> None:
    assert lab.run("lo") == (0, "", "")
    assert lab.run("lo", "present") == (0, "", "")
    assert lab.run("lo", "down") == (0, "", "")
    assert lab.run("nothing0", "absent") == (0, "", "")
    lab.ip("link set lo up")
    assert lab.run("lo", "up") == (0, "", "")
    assert lab.run("lo", "running") == (0, "", "")


def test_a_time_out_says_what_was_awaited(lab: Lab) -> None:
    assert lab.run("-t", "0.05", "wlan0", "running") == (
        99,
        "",
        "ifwait: wlan0: not running within 0.05 s\n",
    )
    assert lab.run("-t", "0", "wlan0") == (
        99,
        "",
        "ifwait: wlan0: not present within 0 s\n",
    )


def test_following_for_a_time_ends_by_the_last_answer(lab: Lab) -> None:
    assert lab.run("-f", "-t", "0.05", "lo") == (0, "yes\n", "")
    said = "ifwait: wan: not present within 0.05 s\n"
    assert lab.run("-f", "-t", "0.05", "wan") == (99, "no\n", said)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "expected a link's name and at most one state"),
        (["lo", "happy"], 'expected a state out of present up running addressed addressed4 addressed6 absent down, got "happy"'),  # noqa: E501
        (["a/b"], "expected a link name: 1 to 15 printable characters without '/', ':' or spaces, got \"a/b\""),  # noqa: E501
        (["-t", "soon", "lo"], 'option -t: expected seconds like 5 or 0.5, got "soon"'),
        (["-x", "lo"], "expected one of the options below, got -x"),
    ],
)  # fmt: skip
def test_wrong_usage_is_named_in_one_line(lab: Lab, words: list[str], complaint: str) -> None:
    code, out, err = lab.run(*words)
    lines = err.splitlines()
    assert (code, out, lines[0]) == (100, "", "ifwait: " + complaint)
    assert lines[1].startswith("ifwait: usage: ifwait [-v]")


def test_a_link_that_does_not_exist_yet_is_awaited(lab: Lab) -> None:
    child = lab.waits("wan", "running")
    lab.ip("link add wan type veth peer name isp")
    lab.ip("link set isp up")
    lab.ip("link set wan up")
    assert child.wait(15) == 0


def test_a_link_that_is_renamed_into_the_name_counts(lab: Lab) -> None:
    lab.ip("link add eth7 type veth peer name isp")
    child = lab.waits("wan")
    lab.ip("link set eth7 name wan")
    assert child.wait(15) == 0


def test_a_link_renamed_away_is_absent(lab: Lab) -> None:
    lab.ip("link add wan type veth peer name isp")
    child = lab.waits("wan", "absent")
    lab.ip("link set wan name old")
    assert child.wait(15) == 0


def test_following_shows_each_change_across_deletion_and_return(lab: Lab) -> None:
    child = lab.start("-f", "wan", "up")
    assert child.stdout is not None
    assert read_line(child.stdout) == "no\n"
    for _ in range(3):
        lab.ip("link add wan type veth peer name isp")
        lab.ip("link set wan up")
        assert read_line(child.stdout) == "yes\n"
        lab.ip("link del wan")
        assert read_line(child.stdout) == "no\n"


def test_following_sees_a_bounce_that_is_already_over(lab: Lab) -> None:
    """Changes are looked at one by one, so a stopped reader misses none of them."""
    lab.ip("link add wan type veth peer name isp")
    child = lab.start("-f", "wan", "up")
    assert child.stdout is not None
    assert read_line(child.stdout) == "no\n"
    os.kill(child.pid, 19)  # SIGSTOP
    for _ in range(5):
        lab.ip("link set wan up")
        lab.ip("link set wan down")
    os.kill(child.pid, 18)  # SIGCONT
    assert [read_line(child.stdout) for _ in range(10)] == ["yes\n", "no\n"] * 5


def test_bridge_noise_is_no_news(lab: Lab) -> None:
    """AF_BRIDGE messages share RTM_NEWLINK and RTM_DELLINK; leaving a bridge is not vanishing."""
    lab.ip("link add br0 type bridge")
    lab.ip("link add lan1 type veth peer name host1")
    child = lab.start("-f", "lan1", "present")
    assert child.stdout is not None
    assert read_line(child.stdout) == "yes\n"
    for _ in range(3):
        lab.ip("link set lan1 master br0")
        lab.ip("link set lan1 nomaster")
    lab.ip("link del lan1")
    assert read_line(child.stdout) == "no\n"


@pytest.mark.parametrize(
    ("state", "address"),
    [
        ("addressed", "192.0.2.1/24"),
        ("addressed4", "192.0.2.1/24"),
        ("addressed", "2001:db8::1/64 nodad"),
        ("addressed6", "2001:db8::1/64 nodad"),
    ],
)
def test_an_address_is_awaited(lab: Lab, state: str, address: str) -> None:
    lab.ip("link add wan type veth peer name isp")
    lab.ip("link set isp up")
    lab.ip("link set wan up")  # its link-local address does not count
    child = lab.waits("wan", state)
    lab.ip(f"addr add {address} dev wan")
    assert child.wait(15) == 0


def test_a_tentative_address_does_not_count_until_it_passed_detection(lab: Lab) -> None:
    lab.ip("link add wan type veth peer name isp")
    lab.ip("link set isp up")
    lab.ip("addr add 2001:db8::1/64 dev wan")  # tentative while the link is down
    child = lab.waits("wan", "addressed6")
    lab.ip("link set wan up")
    assert child.wait(15) == 0
    shown = subprocess.run(
        ["ip", "-n", lab.name, "addr", "show", "dev", "wan", "tentative"],
        capture_output=True,
        text=True,
    ).stdout
    assert "2001:db8::1" not in shown


def readable(fileno: int) -> Callable[[], bool]:
    return lambda: bool(select.select([fileno], [], [], 0)[0])


def test_readiness_is_a_newline_on_the_given_descriptor(lab: Lab) -> None:
    out, into = os.pipe()
    child = lab.start("-v", "-f", "-d", str(into), "wan", notify=into)
    os.close(into)
    assert child.stderr is not None
    assert read_line(child.stderr) == "ifwait: wan is not present\n"
    assert not readable(out)()
    lab.ip("link add wan type veth peer name isp")
    wait.until("the readiness newline", readable(out))
    assert os.read(out, 10) == b"\n"
    wait.until("the descriptor is closed after it", readable(out))
    assert os.read(out, 10) == b""
    assert child.poll() is None  # it goes on following
    os.close(out)


def test_it_does_not_wake_up_while_nothing_happens(lab: Lab) -> None:
    child = lab.waits("-t", "60", "wan")

    def switches() -> str:
        status = Path(f"/proc/{child.pid}/status").read_text()
        return status[status.index("voluntary_ctxt_switches") :]

    wait.until("ifwait sleeps", lambda: "S (sleeping)" in Path(f"/proc/{child.pid}/status").read_text())  # noqa: E501  # fmt: skip
    before = switches()
    limit = time.monotonic() + 0.5
    while time.monotonic() < limit:
        select.select([], [], [], 0.1)
    assert switches() == before
