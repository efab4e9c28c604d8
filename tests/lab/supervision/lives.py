"""`lives SCENARIO`, inside the machine: deaths and returns of the agent and of s6-supervise, lost
events, reloads, the shutdown. Each scenario prints what it counted and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from agent import outputs
from packager.isp import wait
from packager.isp.namespaces import SCAN
from tests.lab.supervision.graphs import longrun, oneshot
from tests.lab.supervision.hand import AGENT, Hand, Refused, commands, is_alive, run
from tests.lab.supervision.room import OUTPUTS, PLACES, TOP

RESTARTS = 20


def agent_restarts(hand: Hand) -> str:
    """The agent is killed and restarted beside healthy services: none of them notices."""
    services: dict[str, Any] = {
        "a": longrun("a", ready="notify", outputs=["x"]),
        "b": longrun("b", env={"X": {"output": "a/x"}}),
        "c": oneshot("c", needs={"service": "b"}),
        "d": longrun("d", needs={"link": "r0"}),
        "e": {"type": "bundle", "contents": ["a", "c"]},
        "f": longrun("f", needs={"service": "e"}),
    }
    services |= {name: longrun(name, needs={"service": "f"}) for name in "ghijk"}
    hand.values["a"] = {"x": "1"}
    hand.add_link("r0")
    hand.load(services)
    hand.await_up(*services)
    hand.values.clear()
    before = {name: hand.pid(name) for name in hand.names()}
    run("s6-svc", "-wD", "-d", f"{SCAN}/{AGENT}")
    environ = dict(PLACES, PATH=init_path())
    for number in range(RESTARTS):
        agent = subprocess.Popen([AGENT], env=environ)
        hand.await_up(*services)
        agent.send_signal(signal.SIGKILL if number % 2 else signal.SIGTERM)
        code = agent.wait()
        assert code == (-signal.SIGKILL if number % 2 else 0), code
        assert {name: hand.pid(name) for name in hand.names()} == before
    run("s6-svc", "-u", f"{SCAN}/{AGENT}")
    hand.await_up(*services)
    assert {name: hand.pid(name) for name in hand.names()} == before
    starts = sorted(name for _, word, name, _ in hand.journal() if word == "start")
    assert starts == sorted(before), starts
    hand.remove_link("r0")
    return f"{RESTARTS} restarts of the agent, {len(before)} services, no pid changed"


def supervise_killed(hand: Hand) -> str:
    """A daemon that lost its s6-supervise has ended before its new copy is up."""
    hand.load(
        {
            "a": longrun("a", ready="notify", back_off={"first": 0.02, "cap": 1}, down_timeout=0.3),
            "b": longrun("b", needs={"service": "a"}),
        }
    )
    hand.await_up("a", "b")
    for how in ("", "deaf", ""):
        hand.behave("a", how)
        old = hand.pid("a")
        os.kill(hand.supervisor("a"), signal.SIGKILL)
        hand.await_other("a", old)
        assert not is_alive(old)
        hand.await_up("a", "b")
        assert hand.violations() == []
    words = [word for _, word, name, _ in hand.journal() if name == "a"]
    assert words == ["start", "end", "start", "end", "start", "deaf", "start"], words
    return "3 kills of s6-supervise, one orphan deaf to TERM"


def lost_events(hand: Hand) -> str:
    """The agent stands still while more happens than the kernel keeps: it looks anew."""
    hand.remove_link("r1")
    hand.add_link("r0")
    hand.values["a"] = {"x": "1"}
    hand.load(
        {
            "a": longrun("a", ready="notify", outputs=["x"]),
            "b": longrun("b", env={"X": {"output": "a/x"}}),
            "c": longrun("c", ready="notify", back_off={"first": 0.02, "cap": 1}),
            "d": longrun("d", needs={"link": "r0"}),
            "e": longrun("e", needs={"link": "r1"}),
            "f": oneshot("f", needs={"all": [{"service": "c"}, {"output": "a/x", "equals": "2"}]}),
        }
    )
    hand.await_up("a", "b", "c", "d")
    before = {name: hand.pid(name) for name in hand.names()}
    agent = hand.pid(AGENT)
    os.kill(agent, signal.SIGSTOP)
    files, links = _storm(agent)
    os.kill(before["c"], signal.SIGKILL)
    hand.values["a"] = {"x": "2"}
    outputs.publish(OUTPUTS, "a", {"x": "2"})
    hand.remove_link("r0")
    hand.add_link("r1")
    os.kill(agent, signal.SIGCONT)
    hand.await_up("a", "b", "c", "e", "f")
    wait.until("d is down", lambda: hand.pid("d"), lambda pid: not pid, evidence=hand.log)
    assert hand.pid(AGENT) == agent
    assert hand.pid("a") == before["a"]
    for name in "bc":
        assert hand.pid(name) not in (0, before[name]), name
    assert Path(f"{SCAN}/b/env/X").read_text() == "2\n"
    hand.remove_link("r1")
    return f"{files} file events, {links} lost netlink messages"


def _storm(agent: int) -> tuple[int, int]:
    """More events than both of the agent's inotify queues and its netlink socket hold."""
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for folder in (f"{SCAN}/a/supervise", OUTPUTS):
        for number in range(most // 2 + 100):  # a creation and a removal, or two in a row
            for name in (f"{folder}/.storm{number}", f"{folder}/.storm{number}x"):
                os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
                os.unlink(name)
    steps = ""
    for number in range(3000):
        address = f"192.0.2.{number % 200 + 1}/32"
        steps += f"address add {address} dev lo\naddress del {address} dev lo\n"
    subprocess.run(["ip", "-batch", "-"], input=steps, text=True, check=True)
    dropped = _drops()
    assert dropped > 0, dropped
    return most, dropped


def _drops() -> int:
    """Messages that netlink sockets of this network namespace have lost."""
    lines = Path("/proc/net/netlink").read_text().splitlines()
    column = lines[0].split().index("Drops")
    return sum(int(line.split()[column]) for line in lines[1:])


def reload_differs(hand: Hand) -> str:
    """Only what differs restarts; what is gone leaves no folder; what is new comes."""
    before: dict[str, Any] = {
        "same": longrun("same", ready="notify", outputs=["x"]),
        "user": longrun("user", env={"X": {"output": "same/x"}}),
        "other": longrun("other", env={"L": "1"}),
        "needy": longrun("needy", needs={"service": "other"}),
        "free": longrun("free", needs={"service": "same"}, back_off={"first": 2, "cap": 9}),
        "gone": longrun("gone", needs={"service": "same"}),
        "lost": oneshot("lost", needs={"service": "gone"}),
    }
    after = {name: before[name] for name in ("same", "user", "needy")}
    after["other"] = longrun("other", env={"L": "2"})
    after["free"] = longrun("free", description="needs nothing now")
    after["new"] = longrun("new", needs={"service": "other"})
    hand.values["same"] = {"x": "1"}
    hand.load(before)
    hand.await_up(*before)
    pids = {name: hand.pid(name) for name in hand.names()}
    old_names = set(before)
    hand.load(after)
    hand.await_up(*after)
    for name in sorted(after):
        stays = name in ("same", "user", "free")
        assert (hand.pid(name) == pids.get(name)) == stays, name
    wait.until(
        "what is gone is gone with its folders",
        lambda: sorted(os.listdir(SCAN)),
        lambda seen: seen == sorted([".s6-svscan", AGENT, *after]),
        evidence=hand.log,
    )
    assert not [name for name in old_names - set(after) if is_alive(pids[name])]
    assert Path(f"{SCAN}/other/env/L").read_text() == "2\n"
    again = {name: hand.pid(name) for name in hand.names()}
    hand.load(after)
    hand.await_up(*after)
    assert {name: hand.pid(name) for name in hand.names()} == again
    words = ""
    Path(PLACES["FROST_GRAPH"]).write_text("{")
    try:
        hand.ask("reload")
    except Refused as refused:
        words = str(refused)
    assert PLACES["FROST_GRAPH"] in words, words
    hand.await_up(*after)
    assert {name: hand.pid(name) for name in hand.names()} == again
    return "2 services restarted, 3 kept, 2 removed, 1 added; a broken graph changes nothing"


def orderly_shutdown(hand: Hand) -> str:
    """What needs something ends before it; what ignores TERM is killed after its down-timeout."""
    hand.behave("deaf", "deaf")
    hand.load(
        {
            "a": longrun("a", ready="notify", outputs=["x"]),
            "b": longrun("b", env={"X": {"output": "a/x"}}),
            "c": longrun("c", needs={"service": "b"}),
            "once": _undone("once", {"service": "c"}),
            "deaf": longrun("deaf", needs={"service": "a"}, down_timeout=1.5),
            "apart": longrun("apart"),
        }
    )
    hand.values["a"] = {"x": "1"}
    hand.publish("a")
    hand.await_up("a", "b", "c", "once", "deaf", "apart")
    pids = {name: hand.pid(name) for name in hand.names()}
    hand.ask("shutdown")
    assert {name: hand.pid(name) for name in hand.names()} == dict.fromkeys(pids, 0)
    assert not [pid for pid in pids.values() if is_alive(pid)]
    ends = [(w, name) for _, w, name, _ in hand.journal() if w in ("end", "undo", "deaf")]
    chain = [name for _, name in ends if name in ("a", "b", "c", "once")]
    assert chain == ["once", "c", "b", "a"], ends
    assert ends.index(("deaf", "deaf")) < ends.index(("end", "a")), ends
    assert outputs.read(OUTPUTS, "a") is None
    status = hand.status("deaf")
    assert status is not None and status.exit == -signal.SIGKILL, status
    # Another agent does not know of the shutdown: everything comes back.
    hand.behave("deaf", "")
    hand.kill(AGENT, signal.SIGTERM)
    hand.await_up("a", "b", "c", "once", "deaf", "apart")
    return "6 services, 1 killed"


def _undone(name: str, needs: dict[str, Any]) -> dict[str, Any]:
    made = oneshot(name, needs=needs)
    made["stop"] = [*made["run"][:3], "undo"]
    return made


def agent_supervise_killed(hand: Hand) -> str:
    """The agent itself loses its s6-supervise: there is one agent again, and services stay."""
    services = {name: longrun(name) for name in "abc"}
    hand.load(services)
    hand.await_up(*services)
    before = {name: hand.pid(name) for name in hand.names()}
    old = hand.pid(AGENT)
    os.kill(hand.supervisor(AGENT), signal.SIGKILL)
    hand.await_other(AGENT, old)
    wait.until("the old one has ended", lambda: is_alive(old), lambda seen: not seen)
    hand.await_up(*services)
    assert {name: hand.pid(name) for name in hand.names()} == before
    return "1 kill of the agent's s6-supervise"


def holder_killed(hand: Hand) -> str:
    """A oneshot's holder is killed alone: its command has ended before it is run again."""
    slow = {"type": "oneshot", "run": ["sleep", "1234.5"], "up-timeout": 0}
    hand.load({"job": {**slow, "back-off": {"first": 0.02, "cap": 1}}})
    copies: list[int] = []

    def one_copy() -> bool:
        copies[:] = [pid for pid, argv in commands() if argv == slow["run"]]
        return len(copies) == 1 and is_alive(copies[0])

    for _ in range(3):
        wait.until("the command runs", one_copy, evidence=hand.log)
        before, holder = copies[0], hand.kill("job")
        hand.await_other("job", holder)
        assert not is_alive(before), "two copies of the command"
    wait.until("one command is left", one_copy, evidence=hand.log)
    return "3 holders killed, each command ended before the next"


def init_path() -> str:
    """The PATH of the machine's init, with the agent's programs."""
    words = Path("/proc/1/environ").read_bytes().split(b"\0")
    return next(word[5:].decode() for word in words if word[:5] == b"PATH=")


SCENARIOS = (
    agent_restarts,
    agent_supervise_killed,
    holder_killed,
    supervise_killed,
    lost_events,
    reload_differs,
    orderly_shutdown,
)


def main(name: str) -> None:
    """One scenario, and after it nothing of it is left."""
    hand = Hand()
    clean(hand)
    told = next(function for function in SCENARIOS if function.__name__ == name)(hand)
    assert hand.violations() == [], hand.violations()
    clean(hand)
    print(told)


def clean(hand: Hand) -> None:
    """Nothing is left, also of a scenario that failed."""
    hand.load({})
    wait.until("no services", hand.states, lambda seen: not seen, evidence=hand.log)
    for path in [Path(TOP, "journal"), *Path(TOP, "behave").iterdir()]:
        path.unlink(missing_ok=True)
    for name in ("r0", "r1"):
        hand.remove_link(name)


if __name__ == "__main__":
    main(sys.argv[1])
