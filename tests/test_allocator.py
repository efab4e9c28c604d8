"""The allocator's promises for any prefixes and LANs (hypothesis), and vectors for the targets."""

import json
import os
from pathlib import Path
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent import ip
from services.dhcp6.allocator import Lan, Pool, allocate
from tests.test_dhcp6_sequences import replay_everywhere

SCALE = int(os.environ.get("FROST_COUNT_SCALE", "1"))
counted = settings(max_examples=300 * SCALE, deadline=None, database=None)


@st.composite
def pools_of(draw: st.DrawFn, shortest: int = 1, longest: int = 128) -> Pool:
    length = draw(st.integers(shortest, longest))
    prefix = ip.mask(draw(st.integers(0, ip.ALL_ONES)), length)
    excluded = []
    for _ in range(draw(st.integers(0, 2)) if length < 128 else 0):
        bits = draw(st.integers(length + 1, min(128, length + 12)))
        inside = prefix | draw(st.integers(0, ip.ALL_ONES >> length))
        excluded.append((ip.mask(inside, bits), bits))
    return Pool(prefix, length, tuple(excluded))


def lans_of(ids: st.SearchStrategy[int | None]) -> st.SearchStrategy[list[Lan]]:
    return st.lists(
        st.builds(
            Lan,
            st.sampled_from([f"lan{number}" for number in range(30)]),
            ids,
            st.integers(1, (1 << 64) - 1),
            st.integers(0, 3),
            st.just(0),
        ),
        max_size=12,
        unique_by=(lambda lan: lan.name, lambda lan: lan.name if lan.id is None else lan.id),
    )


IDS = st.none() | st.integers(0, 20) | st.integers(0, (1 << 64) - 1)
POOLS = st.lists(pools_of() | pools_of(52, 66), max_size=4)


@counted
@given(pools=POOLS, lans=lans_of(IDS), data=st.data())
def test_subnets_are_disjoint_in_range_and_independent_of_order(
    pools: list[Pool], lans: list[Lan], data: st.DataObject
) -> None:
    shares, notes = allocate(pools, lans)
    again = allocate(data.draw(st.permutations(pools)), data.draw(st.permutations(lans)))
    assert again == (shares, notes)
    assert len({share.subnet for share in shares}) == len(shares)
    assert len({(share.lan, share.pool) for share in shares}) == len(shares)
    suffixes = {lan.name: lan.suffix for lan in lans}
    for share in shares:
        assert share.subnet == ip.mask(share.subnet, 64)
        assert ip.contains(share.pool.prefix, share.pool.length, share.subnet)
        assert share.address == share.subnet | suffixes[share.lan]
        for prefix, length in share.pool.excluded:
            shorter = min(length, 64)
            assert ip.mask(prefix, shorter) != ip.mask(share.subnet, shorter)


@counted
@given(pool=pools_of(40, 64), lans=lans_of(IDS))
def test_as_many_lans_as_fit_get_a_subnet_the_important_ones_first(
    pool: Pool, lans: list[Lan]
) -> None:
    shares, notes = allocate([pool], lans)
    barred: set[int] = set()
    if pool.length > 50:
        for prefix, length in pool.excluded:
            first = prefix >> 64
            barred |= set(range(first, first + (1 << max(0, 64 - length))))
    else:
        assume(not pool.excluded)
    room = (1 << (64 - pool.length)) - len(barred)
    assert len(shares) == min(len(lans), room)
    got = {share.lan for share in shares}
    without = [lan for lan in lans if lan.name not in got]
    assert [note for note in notes if "none for" in note] == notes[:0] or without
    for lan in lans:
        if lan.name in got:
            assert all(lan.priority >= other.priority for other in without)


@counted
@given(pool=pools_of(40, 60), lans=lans_of(st.integers(0, 15)), more=lans_of(st.none()))
def test_a_lan_with_an_id_keeps_its_subnet_whoever_joins_without(
    pool: Pool, lans: list[Lan], more: list[Lan]
) -> None:
    assume(not pool.excluded)
    names = {lan.name for lan in lans}
    joined = lans + [lan for lan in more if lan.name not in names]
    assume(len(joined) <= 1 << (64 - pool.length))
    before, _ = allocate([pool], lans)
    after, _ = allocate([pool], joined)
    assert [share for share in after if share.lan in names] == before


def test_the_frozen_targets_share_out_the_same(tmp_path: Path) -> None:
    lines: list[str] = []

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(pools=POOLS, lans=lans_of(IDS))
    def record(pools: list[Pool], lans: list[Lan]) -> None:
        lans = [Lan(lan.name, lan.id, 1, lan.priority, 0) for lan in lans]
        shares, notes = allocate(pools, lans)
        case: dict[str, Any] = {
            "pools": [
                [f"{p.prefix:x}", p.length, [[f"{e:x}", n] for e, n in p.excluded]] for p in pools
            ],
            "lans": [
                [lan.name, None if lan.id is None else f"{lan.id:x}", lan.priority] for lan in lans
            ],
            "shares": [[share.lan, f"{share.address:x}"] for share in shares],
            "notes": notes,
        }
        lines.append(json.dumps(case))

    record()
    vectors = tmp_path / "vectors"
    vectors.write_text("".join(line + "\n" for line in lines))
    replay_everywhere("tests.device.test_allocator", vectors, len(lines))
