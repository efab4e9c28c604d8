"""Checks counted, and whether a watchdog is fed. Runs on both runtimes."""

from services.health import tally
from services.watchdog import health


def test_failures_in_a_row_are_counted_and_a_success_forgives_them() -> None:
    state = tally.START
    seen = []
    for succeeded in (False, False, True, False, True, False, False):
        state = tally.count(state, succeeded)
        seen.append((state.ready, state.failures))
    expected = [(False, 1), (False, 2), (True, 0), (True, 1), (True, 0), (True, 1), (True, 2)]
    assert seen == expected


def test_why_a_check_is_over_is_told() -> None:
    assert tally.words(1, "no end in time") == "1 failure in a row, the last: no end in time"
    assert tally.words(3, "x") == "3 failures in a row, the last: x"


def history(*looks: tuple[list[str], float]) -> list[str]:
    """The states of a machine whose grace is 300 s: (missing services, uptime) of each look."""
    state = health.START
    seen = []
    for missing, uptime in looks:
        state = health.decide(state, missing, uptime, 300.0)
        seen.append(state.state)
    return seen


def test_a_machine_has_its_grace_to_become_well() -> None:
    assert history((["dns"], 10.0), (["dns"], 299.0), (["dns"], 300.0)) == [
        health.GRACE,
        health.GRACE,
        health.UNHEALTHY,
    ]
    assert history(([], 10.0)) == [health.HEALTHY]


def test_once_well_it_has_to_stay_so() -> None:
    assert history((["dns"], 10.0), ([], 20.0), (["dns"], 30.0), (["dns"], 40.0), ([], 50.0)) == [
        health.GRACE,
        health.HEALTHY,
        health.UNHEALTHY,
        health.UNHEALTHY,
        health.HEALTHY,
    ]


def test_outputs_tell_what_is_missing() -> None:
    assert health.values(health.decide(health.START, [], 1.0, 3.0)) == {"state": "healthy"}
    told = health.values(health.decide(health.START, ["b", "a"], 1.0, 3.0))
    assert told == {"state": "grace", "missing": "b\na"}
