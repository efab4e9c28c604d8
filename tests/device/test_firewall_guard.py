"""The guard counts what others do to our tables once each, however the kernel's messages come."""

from firewall.loader.guard import Guard

FLUSHED = ("del", "table", "ip6", "frost_ip6")
END = ("new", "generation", "", "")


class Told:
    """In the place of agent.rulesets.Changes. `batches`: what each read() gives until it is empty;
    `ends`: the transactions that skip() finds."""

    def __init__(self, batches: list[list[tuple[str, str, str, str]]], ends: int) -> None:
        self._batches, self._ends = batches, ends

    def read(self) -> list[tuple[str, str, str, str]]:
        return self._batches.pop(0) if self._batches else []

    def skip(self) -> int:
        return self._ends

    def close(self) -> None:
        pass


class Deaf(Guard):
    """A guard that hears what the test tells it."""

    def resume(self) -> None:
        self._changes = None

    def hear(self, batches: list[list[tuple[str, str, str, str]]], ends: int) -> None:
        self._changes = Told(batches, ends)  # type: ignore[assignment]


def looked(batches: list[list[tuple[str, str, str, str]]], ends: int) -> tuple[bool, bool]:
    """(damaged, then disturbed by a load of ours after which so many transactions have ended)"""
    guard = Deaf("firewall")
    guard.hear(batches, ends)
    return guard.is_damaged(), guard.is_disturbed()


def test_a_flush_whose_end_comes_during_its_repair_counts_once() -> None:
    assert looked([[FLUSHED], [FLUSHED]], 2) == (True, False)


def test_a_flush_during_the_repair_of_another_counts_too() -> None:
    assert looked([[FLUSHED], [FLUSHED]], 3) == (True, True)
    assert looked([[FLUSHED, END]], 2) == (True, True)


def test_a_load_alone_disturbs_nobody() -> None:
    assert looked([[FLUSHED, END]], 1) == (True, False)
    assert looked([], 1) == (False, False)
    assert looked([], 2) == (False, True)
