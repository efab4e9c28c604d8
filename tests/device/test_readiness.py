"""Which descriptor is told of readiness, and what becomes of one that is not open."""

from agent import readiness, report
from agent.options import UsageError
from agent.port import process
from agent.readiness import NOBODY


def refusal(option: str | None, told: bytes) -> str:
    """The text with which they are refused; an assertion fails when they are not."""
    try:
        readiness.descriptor(option, {b"NOTIFY_FD": told})
    except UsageError as error:
        return str(error)
    raise AssertionError((option, told))


def test_the_option_comes_first_and_then_the_environment() -> None:
    assert readiness.descriptor("3", {b"NOTIFY_FD": b"4"}) == 3
    assert readiness.descriptor(None, {b"NOTIFY_FD": b"4"}) == 4
    assert readiness.descriptor(None, {b"NOTIFY_FD": b""}) == NOBODY
    assert readiness.descriptor(None, {}) == NOBODY


def test_what_is_no_descriptor_is_named_after_where_it_was_told() -> None:
    assert refusal("x", b"") == 'option -d: expected a descriptor number, got "x"'
    assert refusal("", b"4") == 'option -d: expected a descriptor number, got ""'
    assert refusal(None, b"x\x1b") == '$NOTIFY_FD: expected a descriptor number, got "x\\x1b"'
    assert refusal(None, b"-1") == '$NOTIFY_FD: expected a descriptor number, got "-1"'
    assert refusal(None, b"\xff") == "$NOTIFY_FD: expected UTF-8"


def test_nobody_waits_on_standard_input_or_on_standard_error() -> None:
    assert refusal("0", b"") == "option -d: expected 1, or 3 and up, got 0"
    assert refusal(None, b"2") == "$NOTIFY_FD: expected 1, or 3 and up, got 2"
    assert readiness.descriptor("1", {}) == 1


def test_a_descriptor_that_is_not_open_for_writing_is_told_and_ignored() -> None:
    """The programs do so in tests/lab/test_descriptors.py."""
    reader, writer = process.pipe()
    said: list[str] = []
    before = report.say

    def hear(program: str, text: str) -> None:
        said.append("%s: %s" % (program, text))

    report.say = hear
    try:
        assert readiness.usable("p", writer) == writer
        assert readiness.usable("p", NOBODY) == NOBODY
        assert said == []
        assert readiness.usable("p", reader) == NOBODY
        process.close(reader)
        process.close(writer)
        assert readiness.usable("p", writer) == NOBODY
    finally:
        report.say = before
    text = "expected it to be open for writing; going on without telling readiness"
    assert said == ["p: descriptor %d: %s" % (fd, text) for fd in (reader, writer)]


def test_what_cannot_be_told_in_the_end_costs_a_line_and_closes_all_the_same() -> None:
    reader, writer = process.pipe()
    said: list[str] = []
    before = report.say

    def hear(program: str, text: str) -> None:
        said.append(text)

    report.say = hear
    try:
        readiness.tell("p", reader)
        readiness.tell("p", writer)
        readiness.tell("p", NOBODY)
    finally:
        report.say = before
    text = "descriptor %d: expected to tell readiness, got Bad file descriptor"
    assert said == [text % reader]
    assert not process.is_writable(writer)
