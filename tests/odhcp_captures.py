"""The captured hook calls of odhcp6c and dhcpcd, and their form as vectors for tests.device.replay.

tests/captures/*.json are lists of calls in the order in which they ran: {"args": [ifname, state],
"env": {...}, "t": seconds, "time": epoch, "pid": n}; octets that are not UTF-8 are
surrogate-escaped.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "captures"
BOOT = 100_000  # ms on the monotonic clock when a capture begins


@dataclass(frozen=True)
class Call:
    """One hook call."""

    ifname: str
    state: str  # dhcpcd: its reason
    env: dict[bytes, bytes]
    now: int  # ms, monotonic
    pid: int

    @property
    def start(self) -> int:
        """A start time in clock ticks.

        odhcp6c's calls may run in another order than they were forked, and pids tell; here four
        of them share a tick. dhcpcd runs one at a time, so the clock tells.
        """
        return self.now // 10 if b"reason" in self.env else self.pid // 4


def names() -> list[str]:
    """The captures' names."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> list[Call]:
    """The calls of a capture in the order in which they ran."""
    calls = []
    for call in json.loads((FOLDER / f"{name}.json").read_text()):
        env = {os.fsencode(key): os.fsencode(value) for key, value in call["env"].items()}
        ifname, state = call["args"] or (call["env"]["interface"], call["env"]["reason"])
        now = BOOT + round(call["t"] * 1000)
        calls.append(Call(ifname, state, env, now, call["pid"]))
    return calls


def vectors(calls: list[Call]) -> str:
    """The text that tests.device.replay reads."""
    lines = []
    for call in calls:
        lines.append(f"call {call.ifname} {call.state} {call.now} {call.start} {call.pid}")
        lines += [f"{key.hex()} {value.hex()}" for key, value in sorted(call.env.items())]
    return "\n".join(lines) + "\n"
