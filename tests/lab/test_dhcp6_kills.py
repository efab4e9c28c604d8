"""Sequences of lease, link and kill events for the real programs, on the real kernel.

Whatever happened, the end is that of a fresh run with the final facts. FROST_COUNT_SCALE times
SEQUENCES are run; the seed of each is its number, so that a failure can be had again.
"""

import os
import random
import signal

import pytest

from agent import outputs
from packager.isp import wait
from services.dhcp6 import lease
from tests.lab.dhcp6_room import LEASE, Room, programs, room

pytestmark = pytest.mark.root

SEQUENCES = 12 * int(os.environ.get("FROST_COUNT_SCALE", "1"))
FOREIGN = "2001:db8:f::99/64"
PREFIXES = [
    ["prefix", "2001:db8:1::", 56, 1800, 3600, ""],
    ["prefix", "2001:db8:2::", 60, 1800, -1, "2001:db8:2::/64"],
    ["prefix", "2001:db8:3::", 64, 0, 3600, ""],
    ["prefix", "2001:db8:1::", 56, 0, 0, ""],
]
WAN = [
    ["address", "2001:db8:a::5", 128, 1800, 3600, ""],
    ["ra-address", "2001:db8:a::6", 64, 1800, -1, ""],
    ["route", "2001:db8:a::", 64, 0, 3600, ""],
    ["route", "::", 0, 0, 1800, "fe80::1"],
    ["route", "::", 0, 0, 1800, "fe80::2"],
]
LINKS = {"lan_prefix": ["lan0", "lan1"], "wan_address": ["wan"]}


def await_names(made: Room, names: list[str]) -> None:
    """Wait until just these are published."""
    wait.until(f"outputs {names}", lambda: published(made), lambda seen: seen == names)


def happen(made: Room, dice: random.Random) -> None:
    """One event, drawn by the dice."""
    link = dice.choice(LINKS[made.program])
    draw = dice.randrange(10)
    if draw < 4:
        pool = PREFIXES if made.program == "lan_prefix" else WAN
        state = dice.choice(["bound", "bound", "bound", "unbound"])
        entries = dice.sample(pool, dice.randrange(len(pool)))
        made.publish(dice.choice([None] + [[state, entries]] * 5))
    elif draw == 4:
        made.try_ip(f"link del {link}")
    elif draw == 5:
        made.add_link(link)
        made.try_ip(f"address add {FOREIGN} dev {link} nodad")
    elif draw == 6:
        made.try_ip(f"link set {link} down")
        made.try_ip(f"link set {link} up")
    elif draw == 7:
        for key in sorted(made.addresses())[:1]:
            if FOREIGN not in key:
                made.try_ip(f"address del {key.split()[1]} dev {key.split()[0]}")
    else:
        made.kill(signal.SIGKILL)
        made.start()


def published(made: Room) -> list[str]:
    """The names of what the program has published."""
    return sorted(outputs.read(made.root, made.program) or {})


def quiet(made: Room) -> bool:
    """Whether a dry run has nothing to do any more, and no lost prefix is held."""
    told = lease.read(outputs.read(made.root, LEASE))
    live = [prefix for prefix in told.prefixes if prefix.valid_until]
    held = not live and [name for name in published(made) if name.startswith("delegated/")]
    return not held and made.once("-n").stdout == ""


def facts_to_last(made: Room) -> tuple[list[str], list[str]]:
    """The facts without the routes that merely stay until they expire: those of no LAN's prefix."""
    values = outputs.read(made.root, made.program) or {}
    live = [
        f"{values[name]}/64 dev {name.split('/')[1]}"
        for name in values
        if name.startswith("lan/") and name.endswith("/prefix")
    ]
    staying = {route: left for route, left in made.on_link().items() if route not in live}
    assert all(left <= 5400 for left in staying.values()), staying
    addresses, routes = made.facts()
    return addresses, [route for route in routes if route not in staying]


def settled(made: Room, seed: int) -> None:
    """Wait until nothing is left to do."""
    wait.until(f"seed {seed}: nothing left to do", lambda: quiet(made))


@pytest.mark.parametrize("runtime", programs()[-1:])
@pytest.mark.parametrize("program", sorted(LINKS))
def test_the_end_is_that_of_a_fresh_run_wherever_it_was_killed(runtime: str, program: str) -> None:
    operands = ["lan0,id=1", "lan1,id=2"] if program == "lan_prefix" else []
    for seed in range(SEQUENCES):
        dice = random.Random(seed)
        with room(runtime, program, *operands) as made:
            if program == "lan_prefix":
                made.operands = ["-w", "0.2", *made.operands]
            made.start()
            for _ in range(15):
                happen(made, dice)
            made.kill(signal.SIGKILL)
            made.start()
            for link in LINKS[program]:
                made.add_link(link)
            settled(made, seed)
            names, facts = published(made), facts_to_last(made)
            made.kill(signal.SIGTERM)
            assert made.once("-c").returncode == 0
            left, routes = made.facts()
            assert routes == [] and all(FOREIGN in key for key in left), f"seed {seed}"
            made.start()
            made.await_facts(*facts)
            # Names only: a deadline may have kept up to 1.5 s of jitter from before.
            await_names(made, names)
    print(f"{program}: {SEQUENCES} sequences of 15 events")
