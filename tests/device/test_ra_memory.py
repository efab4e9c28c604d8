"""What was told is taken back, also after a reboot (RFC 9096 section 3.5), on both runtimes."""

from services.ra import memory, storage
from services.ra.content import NOTHING, Content
from services.ra.facts import PREFIX, ROUTE, Item
from services.ra.memory import LIVE, PENDING, WITHDRAWN, Told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from services.ra.memory import Memory

P1, P2, P3 = "2001:db8:1::/64", "2001:db8:2::/64", "2001:db8:3::/64"
BOOT = "6f5c1f0e-8f0a-4be0-9a52-1c6f5d0a77aa"


def listing(*whats: str, kind: str = PREFIX, ended: "list[Any] | tuple[Any, ...]" = ()) -> Content:
    items = [Item(kind, what, "LA", 9e9, 9e9, "lan_prefix") for what in whats]
    return Content(0.0, tuple(items), tuple(ended), "", (), True)


def live(*whats: str, at: float = 1000.0) -> "Memory":
    """The memory after these were advertised with full lifetimes at `at`."""
    told = memory.follow({}, listing(*whats), at, 0.0)
    return memory.remember(told, {(PREFIX, what): 5400 for what in whats}, at)


def names(told: "Memory", now: float) -> list[str]:
    return [one.what for one in memory.withdrawn(told, now)]


def test_what_is_gone_is_withdrawn_until_the_lifetime_last_told_has_passed() -> None:
    told = memory.follow(live(P1), listing(P2), 1200.0, 0.0)
    assert names(told, 1200.0) == [P1]
    assert memory.next_deadline(told, 1200.0, 0.0) == 6400.0
    assert names(memory.follow(told, listing(P2), 6399.9, 0.0), 6399.9) == [P1]
    assert sorted(memory.follow(told, listing(P2), 6400.0, 0.0)) == [(PREFIX, P2)]


def test_flags_stay_as_they_were_told() -> None:
    told = live(P1)
    told[(PREFIX, P1)] = Told(PREFIX, P1, "A", 6400.0, LIVE, "lan_prefix")
    assert memory.withdrawn(memory.follow(told, NOTHING, 1200.0, 0.0), 1200.0) == [
        Told(PREFIX, P1, "A", 6400.0, WITHDRAWN, "lan_prefix")
    ]


def test_two_renumberings_within_one_window_keep_both_old_prefixes_withdrawn() -> None:
    told = memory.follow(live(P1), listing(P2), 1200.0, 0.0)
    told = memory.remember(told, {(PREFIX, P2): 5400}, 1200.0)
    told = memory.follow(told, listing(P3), 1300.0, 0.0)
    assert names(told, 1300.0) == [P1, P2]
    assert names(told, 6500.0) == [P2]


def test_a_prefix_that_returns_is_live_and_no_longer_withdrawn() -> None:
    told = memory.follow(live(P1), listing(P2), 1200.0, 0.0)
    told = memory.follow(told, listing(P1), 1300.0, 0.0)
    assert names(told, 1300.0) == []
    assert told[(PREFIX, P1)].state == LIVE


def test_what_was_never_advertised_needs_no_withdrawal() -> None:
    told = memory.follow({}, listing(P1), 1000.0, 0.0)
    assert memory.follow(told, NOTHING, 1001.0, 0.0) == {}


def test_a_shorter_lifetime_told_later_does_not_shorten_the_withdrawal() -> None:
    told = memory.remember(live(P1), {(PREFIX, P1): 60}, 1100.0)
    assert names(memory.follow(told, NOTHING, 1200.0, 0.0), 6399.0) == [P1]


def test_3_5_a_prefix_told_with_valid_zero_is_withdrawn_even_if_never_advertised() -> None:
    ended = listing(ended=[(PREFIX, P1, "lan_prefix")])
    told = memory.follow({}, ended, 1000.0, 0.0)
    assert names(told, 1000.0) == [P1]
    assert names(memory.follow(told, ended, 6399.0, 0.0), 6399.0) == [P1]
    # once, and not over and over while its source goes on listing it
    told = memory.follow(memory.follow(told, ended, 6400.0, 0.0), ended, 6401.0, 0.0)
    assert names(told, 6401.0) == []


def test_a_memory_does_not_grow_without_bound() -> None:
    told: Memory = {}
    for number in range(200):
        what = "2001:db8:0:%x::/64" % number
        told = memory.follow(told, listing(what), 1000.0 + number, 0.0)
        told = memory.remember(told, {(PREFIX, what): 5400}, 1000.0 + number)
    assert len(told) == memory.WITHDRAWN_MAX + 1
    assert (PREFIX, "2001:db8:0:c7::/64") in told and (PREFIX, "2001:db8::/64") not in told


def stored(told: "Memory", boot: str = BOOT) -> str:
    return storage.render({"lan0": told}, boot)


def test_the_file_is_one_line_for_each_thing_told() -> None:
    told = memory.follow(live(P1), listing(P2), 1200.0, 0.0)
    told = memory.remember(told, {(PREFIX, P2): 5400}, 1200.0)
    assert stored(told) == (
        "frostgate-ra 1\n"
        "boot 6f5c1f0e-8f0a-4be0-9a52-1c6f5d0a77aa\n"
        "lan0 prefix 2001:db8:1::/64 LA lan_prefix 6400.000\n"
        "lan0 prefix 2001:db8:2::/64 LA lan_prefix live\n"
    )


def test_refreshing_what_is_live_does_not_change_the_file() -> None:
    told = live(P1)
    later = memory.remember(
        memory.follow(told, listing(P1), 1500.0, 0.0), {(PREFIX, P1): 5400}, 1500.0
    )
    assert stored(later) == stored(told)


def test_within_one_boot_withdrawals_go_on_with_what_is_left() -> None:
    told = memory.follow(live(P1), NOTHING, 1200.0, 0.0)
    read, complaints = storage.parse(stored(told), BOOT, 2000.0)
    assert complaints == []
    assert read == {"lan0": {(PREFIX, P1): Told(PREFIX, P1, "LA", 6400.0, WITHDRAWN, "lan_prefix")}}


def test_after_a_reboot_withdrawals_take_the_whole_limit_again() -> None:
    told = memory.follow(live(P1), NOTHING, 1200.0, 0.0)
    read, complaints = storage.parse(stored(told, "another-boot"), BOOT, 5.0)
    assert complaints == []
    assert read["lan0"][(PREFIX, P1)] == Told(PREFIX, P1, "LA", 5405.0, WITHDRAWN, "lan_prefix")
    # a deadline of another boot means nothing, also when it looks as if it could
    soon = stored({(PREFIX, P1): Told(PREFIX, P1, "LA", 30.0, WITHDRAWN, "x")}, "another-boot")
    read = storage.parse(soon, BOOT, 5.0)[0]
    assert read["lan0"][(PREFIX, P1)].until == 5405.0


def test_after_a_reboot_a_prefix_that_was_live_waits_for_its_source() -> None:
    read = storage.parse(stored(live(P1, P2)), "new", 5.0)[0]["lan0"]
    assert read[(PREFIX, P1)] == Told(PREFIX, P1, "LA", 5405.0, PENDING, "lan_prefix")
    # nothing is taken back while the source has not spoken
    waiting = memory.follow(read, NOTHING, 10.0, 35.0)
    assert names(waiting, 10.0) == []
    assert memory.next_deadline(waiting, 10.0, 35.0) == 35.0
    # the file keeps it meanwhile
    assert stored(waiting) == stored(live(P1, P2))
    # the source lists one: the other is stale at once
    spoken = memory.follow(waiting, listing(P2), 11.0, 35.0)
    assert names(spoken, 11.0) == [P1]
    assert spoken[(PREFIX, P2)].state == LIVE
    # or it never speaks
    assert names(memory.follow(waiting, NOTHING, 35.0, 35.0), 35.0) == [P1, P2]


def test_other_kinds_do_not_speak_for_a_source() -> None:
    read = storage.parse(stored(live(P1)), "new", 5.0)[0]["lan0"]
    waiting = memory.follow(read, listing("2001:db8::/32", kind=ROUTE), 10.0, 35.0)
    assert names(waiting, 10.0) == []


def test_a_damaged_file_costs_its_damaged_lines_and_one_complaint_each() -> None:
    good = "frostgate-ra 1\nboot x\nlan0 prefix %s LA lan_prefix live\n" % P1
    for bad in (
        "lan0 prefix 2001:db8::/63 LA lan_prefix live",
        "lan0 prefix 2001:db8::1/64 LA lan_prefix live",
        "lan0 prefix 2001:db8::/64 XX lan_prefix live",
        "lan0 prefix 2001:db8::/64 LA lan_prefix -1",
        "lan0 prefix 2001:db8::/64 LA lan_prefix",
        "lan0 elephant 2001:db8::/64 LA lan_prefix live",
        "lan0 dns nonsense - wan live",
        "lan0 domain a..b - wan live",
        "",
        "\x00\x01",
    ):
        read, complaints = storage.parse(good + bad + "\n", "x", 1.0)
        assert list(read["lan0"]) == [(PREFIX, P1)], bad
        assert complaints == [
            "line 4: expected LINK KIND WHAT FLAGS SOURCE STATE, got %r; left out" % bad
        ], complaints


def test_a_file_that_is_something_else_is_not_believed() -> None:
    for text in ("elephant", "\n", "frostgate-ra 2\nboot x\n"):
        read, complaints = storage.parse(text, "x", 1.0)
        assert read == {} and len(complaints) == 1, text
    cut = "frostgate-ra 1\nboot x\nlan0 prefix %s LA lan_prefix li" % P1
    assert storage.parse(cut, "x", 1.0)[0] == {}
