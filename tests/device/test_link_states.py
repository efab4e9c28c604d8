"""What ifwait waits for, decided from plain values, on both runtimes."""

from agent.link_states import STATES, holds, standing
from agent.port.records import (
    IF_OPER_UP,
    IFA_F_PERMANENT,
    IFA_F_TENTATIVE,
    IFF_LOWER_UP,
    IFF_RUNNING,
    IFF_UP,
    RT_SCOPE_LINK,
    RT_SCOPE_UNIVERSE,
    Address,
    Link,
)


def link(name: str, flags: int, index: int = 7) -> Link:
    return Link(index, name, flags, IF_OPER_UP, 1500, "02:00:00:00:00:01", 0, "veth")


def address(
    text: str, index: int = 7, scope: int = RT_SCOPE_UNIVERSE, flags: int = IFA_F_PERMANENT
) -> Address:
    return Address(index, text, 64, flags, scope, None, None)


def true_states(links: list[Link], addresses: list[Address]) -> list[str]:
    return [state for state in STATES if holds(state, "wan", links, addresses)]


def test_a_missing_link_is_absent_and_down() -> None:
    assert true_states([], []) == ["absent", "down"]
    assert true_states([link("lan", IFF_UP | IFF_RUNNING | IFF_LOWER_UP)], []) == ["absent", "down"]


def test_a_link_is_present_then_up_then_running() -> None:
    assert true_states([link("wan", 0)], []) == ["present", "down"]
    assert true_states([link("wan", IFF_UP)], []) == ["present", "up"]
    assert true_states([link("wan", IFF_UP | IFF_RUNNING | IFF_LOWER_UP)], []) == [
        "present",
        "up",
        "running",
    ]


def test_only_global_addresses_that_passed_detection_count() -> None:
    links = [link("wan", IFF_UP)]
    for useless in (
        address("fe80::1", scope=RT_SCOPE_LINK),
        address("2001:db8::1", flags=IFA_F_TENTATIVE),
        address("2001:db8::1", index=8),
    ):
        assert true_states(links, [useless]) == ["present", "up"], useless


def test_the_family_can_be_asked_for() -> None:
    links = [link("wan", 0)]
    assert true_states(links, [address("2001:db8::1")]) == [
        "present",
        "addressed",
        "addressed6",
        "down",
    ]
    assert true_states(links, [address("192.0.2.1")]) == [
        "present",
        "addressed",
        "addressed4",
        "down",
    ]


def test_a_link_without_carrier_does_not_run_though_its_state_is_unknown() -> None:
    # as the kernel tells of a veth in the milliseconds after it is set up
    assert true_states([link("wan", IFF_UP | IFF_RUNNING)], []) == ["present", "up"]


def test_standing_is_the_index_and_every_state() -> None:
    there = [link("lan", 0, 3), link("wan", IFF_UP | IFF_RUNNING | IFF_LOWER_UP)]
    addresses = [address("2001:db8::1"), address("192.0.2.1", index=3)]
    assert standing("wan", there, addresses) == "7 present up running addressed addressed6"
    assert standing("lan", there, addresses) == "3 present addressed addressed4"
    assert standing("nothing0", there, addresses) is None
