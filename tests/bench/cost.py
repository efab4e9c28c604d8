"""What commands cost, side by side: wall time and resident memory, in interleaved rounds.

The bench's own spawner (spawn.c) is built with the compiler that the frozen binary needs
anyway, and runs every command of a round once before the next round begins.
"""

import platform
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from packager.freeze import zig_binary

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Command:
    """An argv with an absolute path first, and the whole environment that it gets."""

    argv: tuple[str, ...]
    environment: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True)
class Cost:
    """One command: the wall times of its rounds, seconds, and its resident size, octets."""

    seconds: tuple[float, ...]
    resident: int

    @property
    def median(self) -> float:
        """The middle wall time."""
        return statistics.median(self.seconds)


def build_spawner(folder: Path) -> Path:
    """Compile spawn.c into this folder; returns the program."""
    return build(folder, "spawn.c")


def build(folder: Path, source: str) -> Path:
    """Compile one of the bench's C programs into this folder; returns the program."""
    program = folder / source.removesuffix(".c")
    compiler = [str(zig_binary()), "cc", "-target", f"{platform.machine()}-linux-musl"]
    subprocess.run([*compiler, "-static", "-O2", "-o", program, HERE / source], check=True)
    return program


def measure(spawner: Path, folder: Path, commands: list[Command], rounds: int) -> list[Cost]:
    """Run all commands `rounds` times, interleaved. RuntimeError when one exits with not 0."""
    argv = [str(spawner), str(rounds)]
    for number, command in enumerate(commands):
        file = folder / f"environment.{number}"
        file.write_bytes(b"".join(k + b"=" + v + b"\0" for k, v in command.environment))
        argv += [*(["--"] if number else []), str(file), *command.argv]
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"bench: spawn: exit code {done.returncode}: {done.stderr.strip()}")
    lines = [line.split() for line in done.stdout.splitlines()]
    told = [(kind, int(number), int(value), int(status)) for kind, number, value, status in lines]
    for _, number, _, status in told:
        if status != 0:
            text = " ".join(commands[number].argv)
            raise RuntimeError(f"bench: {text}: expected exit code 0, got wait status {status}")

    def values(what: str, which: int) -> list[int]:
        return [value for kind, number, value, _ in told if (kind, number) == (what, which)]

    return [
        Cost(tuple(took / 1e9 for took in values("took", i)), values("resident", i)[0] * 1024)
        for i in range(len(commands))
    ]
