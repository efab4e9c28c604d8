"""What the verbs of `frost` make of words, values and logs before anything is printed."""

from agent import options
from agent.command import acting, arguments, duration, json_line, logs, up_once
from agent.command.redaction import Redactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def refusal(argv: list[bytes]) -> str:
    """The text with which `argv` is refused; an assertion fails when it is not."""
    try:
        arguments.parse(argv, "jf", "t")
    except options.UsageError as error:
        return str(error)
    raise AssertionError(argv)


def test_options_stand_before_and_after_operands() -> None:
    expected = ({"j": "", "t": "5"}, ["dns", "x"])
    assert arguments.parse([b"-j", b"dns", b"-t", b"5", b"x"], "jf", "t") == expected
    assert arguments.parse([b"dns", b"x", b"--json", b"-t5"], "jf", "t") == expected
    assert arguments.parse([b"dns", b"--", b"-j", b"--"], "jf", "t") == ({}, ["dns", "-j", "--"])
    assert arguments.parse([], "jf", "t") == ({}, [])


def test_a_long_option_that_is_none_is_named() -> None:
    assert refusal([b"--jsn"]) == "expected one of the options below, got --jsn"
    assert refusal([b"dns", b"-x"]) == "expected one of the options below, got -x"
    assert refusal([b"--\x1b"]) == 'expected printable ASCII arguments, got "--\\x1b"'


def test_numbers_of_lines_have_a_limit() -> None:
    assert arguments.count("N", "100000", 100000) == 100000
    for text in ("", "-1", "1.5", "100001", "9" * 30, "1\u0661"):
        try:
            arguments.count("N", text, 100000)
        except options.UsageError:
            continue
        raise AssertionError(text)


def test_json_is_the_same_everywhere_and_shows_no_control_characters() -> None:
    value = {"b": [1, True, None, 1.5, 2.0, 0.1234], "a": 'x"\\\n\x1b\x7f\x9b\u202e\U0001f600'}
    assert json_line.render(value) == (
        '{"a": "x\\"\\\\\\n\\u001b\\u007f\\u009b\\u202e\\ud83d\\ude00", '
        '"b": [1, true, null, 1.5, 2.0, 0.123]}'
    )
    assert json_line.render(float("inf")) == "null"
    assert json_line.render([]) == "[]"


def test_secrets_are_hidden_however_they_are_written() -> None:
    redactor = Redactor(['pass"word', "line one\nline two", "pass"])
    assert redactor.text('user x with pass"word.') == "user x with <secret>."
    assert redactor.text('shown as "pass\\"word"') == 'shown as "<secret>"'
    assert redactor.text("got line two") == "got <secret>"
    assert redactor.value({"a": ["line one", 1], "pass": None}) == {
        "a": ["<secret>", 1],
        "<secret>": None,
    }


def test_a_short_secret_is_hidden_where_it_is_a_word() -> None:
    redactor = Redactor(["ab", ""])
    assert (
        redactor.text("ab cab ab, (ab) abc ab") == "<secret> cab <secret>, (<secret>) abc <secret>"
    )


def test_durations_have_two_units_at_most() -> None:
    cases = [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (7260, "2 h 1 min"),
        (90000, "1 d 1 h"),
        (-1, "0.0 s"),
    ]
    assert [duration.show(seconds) for seconds, _ in cases] == [text for _, text in cases]


STAMP = "2026-11-24 00:10:25.607593410"


def test_log_lines_lose_time_and_name() -> None:
    data = (
        STAMP + "  dns: one\n" + STAMP + "  other: two\nno time\n" + STAMP + "  dns:\nhal"
    ).encode()
    assert logs.split("dns", data, 7) == [
        (STAMP, "dns", 7, "one"),
        (STAMP, "dns", 8, "other: two"),
        ("", "dns", 9, "no time"),
        (STAMP, "dns", 10, ""),
    ]


def test_log_lines_that_are_no_text_are_escaped() -> None:
    assert logs.split("a", b"x\xff\xc3\xa4y\n\xc3\xa4\n", 0) == [
        ("", "a", 0, "x\\xff\\xc3\\xa4y"),
        ("", "a", 1, "\u00e4"),
    ]


def row(state: str, since: float, pid: int | None, failures: int) -> "dict[str, Any]":
    return {"state": state, "since": since, "pid": pid, "failures": failures}


def test_a_run_is_over_when_its_state_is_of_this_run() -> None:
    up = row("up", 50.0, 7, 0)
    assert up_once.ended(up, row("up", 51.0, 7, 0), 1.0) == ""
    assert up_once.ended(up, row("stopping", 0.1, 7, 0), 1.0) == ""
    assert up_once.ended(up, row("starting", 0.1, 9, 0), 1.0) == ""
    assert up_once.ended(up, row("up", 0.5, 9, 0), 1.0) == "up"
    assert up_once.ended(up, row("failed", 0.5, None, 1), 1.0) == "failed"
    assert up_once.ended(up, row("starting", 0.1, 9, 1), 3.0) == "failed"
    failed = row("failed", 50.0, None, 3)
    assert up_once.ended(failed, row("failed", 51.0, None, 3), 1.0) == ""


def test_the_end_of_a_chain_is_what_is_not_met() -> None:
    records = [
        {"depth": 0, "what": "service", "name": "dns", "text": "down", "met": False},
        {"depth": 1, "what": "output", "name": "wan/dns", "text": "no wan/dns", "met": False},
        {"depth": 2, "what": "service", "name": "wan", "text": "failed: exit code 1", "met": False},
        {"depth": 3, "what": "back-off", "name": "wan", "text": "next try in 4 s", "met": False},
        {"depth": 3, "what": "restart", "name": "wan", "text": "stopped", "met": True},
    ]
    assert acting.unmet(records) == "wan: next try in 4 s"
    assert acting.unmet(records[:2]) == "no wan/dns"
    assert acting.unmet([]) == "nothing, it is up now"
