"""What tests/test_frozen_build.py calls in the frozen binary: bytes in, exit codes out."""

import sys

from agent.port import process


def show_environment(name: str) -> None:
    """Print one variable as hexadecimal octets; `-` where there is none."""
    value = process.environ().get(name.encode())
    # MicroPython's b"".hex() is b"".
    print("-" if value is None else "".join(["%02x" % octet for octet in value]))


def show_argv0() -> None:
    """Print argv[0] as hexadecimal octets."""
    print(process.argv()[0].hex())


def show_path() -> None:
    """Print where modules are looked for."""
    print(sys.path)


def import_module(name: str) -> None:
    """Print the file that a module came from."""
    print(__import__(name, None, None, ("*",)).__file__)


def leave(kind: str) -> None:
    """Leave by sys.exit with nothing, a number or a text, or by an exception."""
    print("before")
    if kind == "nothing":
        sys.exit()
    if kind == "text":
        sys.exit("it is over")
    if kind == "exception":
        raise ValueError("nobody catches this")
    sys.exit(int(kind))


def recurse(depth: int = 0) -> int:
    """Never ends by itself."""
    return recurse(depth + 1) + 1


def devour() -> None:
    """Take memory without end."""
    taken = []
    while True:
        taken.append(bytes(4096))
