"""`frost` and an agent that answers well, badly or not at all, on both runtimes."""

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from agent import outputs
from agent.command import client, errors
from agent.daemon import places
from tests.frost_command import NAMES, Agent, Frost

END = b'{"end": 0}\n'


@pytest.fixture(params=NAMES)
def frost(request: pytest.FixtureRequest, tmp_path: Path) -> Frost:
    return Frost(request.param, tmp_path)


def lines(*records: object) -> bytes:
    return b"".join([json.dumps(record).encode() + b"\n" for record in records])


def row(name: str, state: str = "up", **more: object) -> dict[str, object]:
    record: dict[str, object] = {"name": name, "kind": "longrun", "state": state, "since": 30.0}
    record.update({"waits": None, "reason": "ready", "failures": 0, "retry_in": None, "pid": 7})
    return {**record, **more}


def test_status_asks_the_agent(frost: Frost) -> None:
    rows = (row("dns", "down", waits="service lan is down"), row("lan", "failed", failures=2))
    with Agent(frost.socket, lambda _: lines(*rows) + END) as agent:
        assert frost("status") == (
            0,
            "dns  longrun  down    30 s  service lan is down\n"
            "lan  longrun  failed  30 s  ready, 2 failures in a row\n",
            "",
        )
        assert frost("status", "dsn") == (
            1,
            "",
            'frost: expected the name of a service, got "dsn"; did you mean "dns"?\n',
        )
        code, out, err = frost("status", "lan", "--json")
        assert (code, json.loads(out), err) == (0, rows[1], "")
        assert agent.requests == ["status", "status", "status"]


def test_acts_are_requests_of_one_line(frost: Frost) -> None:
    with Agent(frost.socket, lambda _: END) as agent:
        for words in (["start", "dns"], ["stop", "dns"], ["restart", "dns"], ["reload"]):
            assert frost(*words) == (0, "", "")
        assert frost("shutdown", "-t", "5") == (0, "", "")
        assert frost("wait", "dns", "-t", "5") == (0, "", "")
        assert agent.requests == [
            "start dns",
            "stop dns",
            "restart dns",
            "reload",
            "shutdown",
            "wait dns",
        ]


def test_what_the_agent_refuses_is_said_in_its_words(frost: Frost) -> None:
    refusal = lines({"end": 1, "error": 'expected a service, got "x"\x1b[31m'})
    with Agent(frost.socket, lambda _: refusal):
        assert frost("start", "x") == (1, "", 'frost: expected a service, got "x"\\x1b[31m\n')


def test_wait_names_what_is_not_met_when_time_is_over(frost: Frost) -> None:
    chain = lines(
        {"depth": 0, "what": "service", "name": "dns", "text": "down", "met": False},
        {"depth": 1, "what": "output", "text": "output wan/dns is missing", "met": False},
    )
    with Agent(frost.socket, lambda said: None if said == "wait dns" else chain + END) as agent:
        assert frost("wait", "-t", "0.1", "dns") == (
            99,
            "",
            "frost: dns: expected it up within 0.1 s; it waits: output wan/dns is missing\n",
        )
        assert agent.requests == ["wait dns", "why dns"]


def test_shutdown_names_what_is_still_there_when_time_is_over(frost: Frost) -> None:
    rows = lines(row("b", "stopping"), row("a"), row("c", "down"), row("d", kind="bundle"))
    with Agent(frost.socket, lambda said: None if said == "shutdown" else rows + END):
        assert frost("shutdown", "-t", "0.1") == (
            99,
            "",
            "frost: expected all down within 0.1 s, still there: a, b\n",
        )


HOSTILE = {
    b"": "a closed connection",
    b'{"name": "a"': "a closed connection",
    b'{"name": "a"}\n': "a closed connection",
    b"\xff\xfe\n": "a line that is no JSON object",
    b"[1]\n": "a line that is no JSON object",
    b"\n": "a line that is no JSON object",
    b"[" * 5000 + b"\n": "a line that is no JSON object",
    b"x" * 3000000: "a line of more than 1048576 octets",
    b'{"end": "0"}\n': "an end that tells no code and error",
    b'{"end": 999, "error": "x"}\n': "an end that tells no code and error",
    b'{"end": 1}\n': "an end that tells no code and error",
    b'{"end": false}\n': "an end that tells no code and error",
}


@pytest.mark.parametrize("answer", HOSTILE, ids=lambda answer: repr(answer[:12]))
def test_a_wrong_answer_is_one_line(frost: Frost, answer: bytes) -> None:
    text = f"frost: {frost.socket}: expected the agent's answer to its end, got "
    with Agent(frost.socket, lambda _: answer):
        assert frost("why", "a") == (1, "", f"{text}{HOSTILE[answer]}\n")


def test_records_of_any_shape_do_no_harm(frost: Frost) -> None:
    strange = lines({}, {"name": 5, "since": "x", "waits": [1], "kind": None}, {"depth": "x"})
    with Agent(frost.socket, lambda _: strange + END):
        for verb in (["status"], ["why", "a"], ["events"], ["health"]):
            for more in ([], ["-j"]):
                code, _, err = frost(*verb, *more)
                assert (code, err) == (1 if verb == ["health"] else 0, "")


def test_control_characters_of_the_agent_never_reach_the_terminal(frost: Frost) -> None:
    record = row("a\x1b[2J", "up", reason="\x9b31m\u202e", waits="\x07\nx")
    with Agent(frost.socket, lambda _: lines(record) + END):
        for more in ([], ["-j"]):
            out = frost("status", *more)[1]
            assert out.isascii() and out[:-1].isprintable(), out


def test_nobody_listens_is_told_with_what_to_do(frost: Frost) -> None:
    text = f"frost: {frost.socket}: nobody listens, so the agent is not running; "
    text += f"`frost setup` installs it in {frost.scan}\n"
    for words in (["start", "a"], ["wait", "a"], ["up-once", "a"], ["events"], ["reload"]):
        assert frost(*words) == (111, "", text)
    frost.run_folder.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(frost.socket))  # nobody ever listens: ECONNREFUSED
        assert frost("start", "a") == (111, "", text)
    (frost.scan / "frost-agent").mkdir(parents=True)
    assert frost("stop", "a") == (
        111,
        "",
        f"frost: {frost.socket}: nobody listens, so the agent is not running; "
        f"`s6-svc -u {frost.scan}/frost-agent` starts it, its log is in {frost.log}/frost-agent\n",
    )


@pytest.mark.root
def test_who_may_not_ask_is_told_who_may(frost: Frost) -> None:
    if os.geteuid() != 0 or frost.argv[0].endswith("python"):
        pytest.skip("needs root to become somebody else, and a program that anybody can read")
    with Agent(frost.socket, lambda _: END):
        frost.socket.chmod(0o660)
        try:
            done = subprocess.run(
                [*frost.argv, "start", "a"],
                capture_output=True,
                text=True,
                env=frost.environ,
                user=65534,
                group=65534,
                extra_groups=[],
            )
        except PermissionError:
            pytest.skip(f"needs a program that anybody can read, got {frost.argv[0]}")
    assert (done.returncode, done.stdout) == (111, "")
    assert done.stderr.endswith("; root and the group frost may ask the agent\n")
    assert "Permission denied" in done.stderr


def test_up_once_starts_a_oneshot_and_waits_for_its_end(frost: Frost) -> None:
    states = [
        row("job", "down", kind="oneshot", pid=None),
        row("job", "starting", kind="oneshot", since=0.0),
        row("job", "up", kind="oneshot", since=0.0, pid=8),
    ]

    def answer(said: str) -> bytes | None:
        if said == "status job":
            return lines(states.pop(0)) + END
        return lines({"t": 1}, {"t": 2}, {"t": 3}) if said == "events follow" else END

    with Agent(frost.socket, answer) as agent:
        assert frost("up-once", "job", "-t", "20") == (0, "", "")
        asked = ["events follow", "status job", "start job", "status job", "status job"]
        assert agent.requests == asked


def test_up_once_runs_again_what_had_succeeded_and_shows_a_failure(frost: Frost) -> None:
    states = [
        row("job", "up", kind="oneshot"),
        row("job", "failed", kind="oneshot", since=0.0, pid=None, reason="exit code 3"),
    ]
    (frost.log / "job").mkdir(parents=True)
    stamp = "2026-11-24 00:10:25.607593410"
    text = "".join([f"{stamp}  job: line {i}\n" for i in range(12)])
    (frost.log / "job" / "current").write_text(text)
    service = {"type": "longrun", "run": ["x"], "outputs": ["key"], "secrets": ["key"]}
    graph = {"frostgate-graph": 1, "services": {"wan": service}}
    frost.graph.write_text(json.dumps(graph))
    outputs.publish(str(frost.outputs), "wan", {"key": "line 5"})

    def answer(said: str) -> bytes | None:
        if said == "status job":
            return lines(states.pop(0)) + END
        return None if said == "events follow" else END

    with Agent(frost.socket, answer) as agent:
        code, out, err = frost("up-once", "job")
        assert (code, out) == (1, "")
        said = [f"frost: job: line {i}".replace("line 5", "<secret>") for i in range(2, 12)]
        assert err.splitlines() == [*said, "frost: job: exit code 3"]
        assert agent.requests == ["events follow", "status job", "restart job", "status job"]


def test_why_shows_no_log_when_it_is_not_known_what_is_secret(frost: Frost) -> None:
    stamp = "2026-11-24 00:10:25.607593410"
    (frost.log / "a").mkdir(parents=True)
    (frost.log / "a" / "current").write_text(f"{stamp}  a: last words\n")
    chain = lines({"depth": 0, "what": "service", "name": "a", "text": "failed: exit code 1"})
    with Agent(frost.socket, lambda _: chain + END):
        out = "a is failed: exit code 1\n  | 2026-11-24 00:10:25.607 last words\n"
        assert frost("why", "a") == (0, out, "")
        frost.graph.write_text("{")
        assert frost("why", "a") == (0, "a is failed: exit code 1\n", "")


def test_up_once_is_for_oneshots(frost: Frost) -> None:
    with Agent(frost.socket, lambda said: None if "follow" in said else lines(row("dns")) + END):
        assert frost("up-once", "dns") == (
            1,
            "",
            "frost: dns: expected a oneshot, got a longrun; see frost restart\n",
        )


def test_events_can_be_followed(frost: Frost) -> None:
    records = lines({"t": 1.25, "facts": {"wish dns": "up"}}, {"t": 2.0, "facts": {}})
    with Agent(frost.socket, lambda _: records + END) as agent:
        assert frost("events", "-f") == (
            0,
            "[      1.250] saw    wish dns: up\n",
            "",
        )
        out = frost("events", "--json")[1]
        assert out == '{"facts": {"wish dns": "up"}, "t": 1.25}\n{"facts": {}, "t": 2.0}\n'
        assert agent.requests == ["events follow", "events"]


def test_a_silent_agent_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    where = places.from_environment({b"FROST_RUN": str(tmp_path).encode()})
    answers = [b"", b'{"name": "a"}\n{"na']
    for _ in range(2):
        with Agent(tmp_path / "socket", lambda _: answers.pop(), keep=True):
            with pytest.raises(errors.CommandError) as refused:
                client.ask(where, ["status"], 0.1)
        text = f"{tmp_path}/socket: expected the agent's answer within 0.1 s, got none"
        assert (refused.value.code, refused.value.lines) == (99, [text])
        (tmp_path / "socket").unlink()
    assert answers == []
