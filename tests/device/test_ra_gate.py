"""A prefix is advertised once the firewall has it. On both runtimes."""

from services.ra.gate import WAIT_S, Gate


def known(number: int) -> dict[str, str]:
    return {"taken/lan_prefix": "%d" % number, "taken/other": "1"}


def test_what_the_firewall_has_taken_in_is_told_at_once() -> None:
    gate = Gate()
    for number in (6, 7):
        assert gate.lets("lan_prefix", number, known(7), 10.0)
    assert (gate.waiting(), gate.due()) == ([], float("inf"))


def test_what_it_has_not_waits_until_it_has() -> None:
    gate = Gate()
    assert not gate.lets("lan_prefix", 8, known(7), 10.0)
    assert (gate.waiting(), gate.due()) == (["lan_prefix"], 10.0 + WAIT_S)
    assert not gate.lets("lan_prefix", 9, known(8), 11.0)
    assert gate.due() == 10.0 + WAIT_S  # a source that changes all the time is not put off by it
    assert gate.lets("lan_prefix", 9, known(9), 11.5)
    assert gate.waiting() == []


def test_a_firewall_that_hangs_is_waited_for_only_so_long() -> None:
    gate = Gate()
    assert not gate.lets("lan_prefix", 8, known(7), 10.0)
    assert gate.lets("lan_prefix", 8, known(7), 10.0 + WAIT_S)
    assert gate.waiting() == []


def test_nobody_waits_for_one_that_is_down_or_follows_something_else() -> None:
    for told in (None, {}, {"taken/other": "1"}, {"taken/lan_prefix": "no number"}):
        gate = Gate()
        assert gate.lets("lan_prefix", 8, told, 10.0)
        assert gate.waiting() == []
