"""When advertisements are sent, on both runtimes: RFC 4861 sections 6.2.4 to 6.2.6, RFC 7772."""

from services.ra.schedule import Schedule

FAR = float("inf")


def running(last: float = 100.0) -> Schedule:
    """A schedule long after its initial advertisements; the next one is due 600 s after `last`."""
    schedule = Schedule(198.0, 600.0)
    schedule.start(0.0)
    for time in (0.0, 16.0, 32.0, last):
        schedule.sent_multicast(time, 1.0)
    return schedule


def test_nothing_is_due_before_the_link_is_an_advertising_interface() -> None:
    schedule = Schedule(198.0, 600.0)
    schedule.tell_change(1.0, 0.0)
    schedule.solicit("fe80::7", True, 1.0, 0.5)
    assert schedule.next() == FAR


def test_6_2_4_three_initial_advertisements_at_most_16_s_apart_then_the_usual_interval() -> None:
    schedule = Schedule(198.0, 600.0)
    schedule.start(10.0)
    assert schedule.next() == 10.0
    schedule.sent_multicast(10.0, 0.5)
    assert schedule.next() == 26.0
    schedule.sent_multicast(26.0, 0.5)
    assert schedule.next() == 42.0
    schedule.sent_multicast(42.0, 0.5)
    assert schedule.next() == 42.0 + 399.0
    schedule.sent_multicast(441.0, 0.0)
    assert schedule.next() == 441.0 + 198.0


def test_6_2_4_a_change_is_told_at_once_and_twice_again() -> None:
    schedule = running(100.0)
    schedule.tell_change(150.0, 0.0)
    assert schedule.next() == 150.0
    schedule.sent_multicast(150.0, 1.0)
    assert schedule.next() == 166.0
    schedule.sent_multicast(166.0, 1.0)
    assert schedule.next() == 182.0
    schedule.sent_multicast(182.0, 1.0)
    assert schedule.next() == 782.0


def test_6_2_6_a_change_within_3_s_of_the_last_waits_until_they_are_over() -> None:
    schedule = running(100.0)
    schedule.tell_change(101.0, 0.0)
    assert schedule.next() == 103.0
    schedule.tell_change(102.9, 0.0)
    assert schedule.next() == 103.0


def test_a_change_that_may_settle_is_overtaken_by_one_that_may_not() -> None:
    schedule = running(100.0)
    schedule.tell_change(150.0, 0.1)
    assert schedule.next() == 150.1
    schedule.tell_change(150.003, 0.0)
    assert schedule.next() == 150.003


def test_a_change_that_is_taken_back_before_it_was_told_is_not_told() -> None:
    schedule = running(100.0)
    schedule.tell_change(101.0, 0.0)
    schedule.no_change()
    assert schedule.next() == 700.0


def test_a_restarted_link_keeps_3_s_to_what_was_sent_before() -> None:
    schedule = running(100.0)
    schedule.stop()
    assert schedule.next() == FAR
    schedule.start(101.0)
    assert schedule.next() == 103.0
    restarted = Schedule(198.0, 600.0, 100.0)
    restarted.start(101.5)
    assert restarted.next() == 103.0


def test_rfc_7772_5_1_a_solicitation_with_an_address_is_answered_by_unicast() -> None:
    schedule = running(100.0)
    schedule.solicit("fe80::7", True, 101.0, 0.5)
    assert schedule.next() == 101.25
    assert schedule.next_multicast() == 700.0
    assert schedule.take_answers(101.2) == []
    assert schedule.take_answers(101.25) == ["fe80::7"]
    assert schedule.next() == 700.0


def test_a_host_that_asks_again_while_its_answer_waits_gets_one() -> None:
    schedule = running(100.0)
    schedule.solicit("fe80::7", True, 101.0, 0.5)
    schedule.solicit("fe80::7", True, 101.1, 0.5)
    assert schedule.take_answers(102.0) == ["fe80::7"]


def test_6_2_6_a_solicitation_from_nobody_is_answered_by_multicast_within_half_a_second() -> None:
    schedule = running(100.0)
    schedule.solicit("::", False, 150.0, 0.5)
    assert schedule.next() == schedule.next_multicast() == 150.25
    schedule.sent_multicast(150.25, 1.0)
    assert schedule.next() == 750.25  # the interval timer starts anew


def test_6_2_6_a_multicast_answer_keeps_3_s_and_its_delay_to_the_last_advertisement() -> None:
    schedule = running(100.0)
    schedule.solicit("::", False, 101.0, 0.5)
    assert schedule.next() == 103.25


def test_6_2_6_a_scheduled_advertisement_that_comes_sooner_is_the_answer() -> None:
    schedule = running(100.0)
    schedule.solicit("fe80::7", True, 699.9, 0.5)
    schedule.solicit("::", False, 699.9, 0.5)
    assert schedule.next() == 700.0
    assert schedule.answers == []


def test_many_who_ask_at_once_are_answered_by_one_multicast() -> None:
    schedule = running(100.0)
    for number in range(50):
        schedule.solicit("fe80::%x" % number, True, 150.0, 0.5)
    assert len(schedule.answers) == 8
    assert schedule.next_multicast() == 150.25
    schedule.sent_multicast(150.25, 1.0)
    assert schedule.answers == []


def test_a_failed_advertisement_is_tried_again_after_3_s() -> None:
    schedule = running(100.0)
    schedule.tell_change(150.0, 0.0)
    schedule.failed(150.0)
    assert schedule.next() == 153.0
    schedule.sent_multicast(153.0, 1.0)
    assert schedule.next() == 169.0  # it still counts as the first of three
