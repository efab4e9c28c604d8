"""frost-check: runs test modules inside the frozen binary.

`frost-check MODULE FUNCTION [ARG...]` calls FUNCTION with the arguments as str;
`frost-check MODULE` runs all its test_* functions that take no argument, in sorted order.
It is frozen beside the tests and never into the binary that ships.
"""

import gc
import sys

from agent.port import process

USAGE = "usage: frost-check MODULE [FUNCTION [ARG...]]"


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Import MODULE and run what was asked for; an exception that leaves is the failure."""
    if not argv:
        process.write(2, (USAGE + "\n").encode())
        return 100
    module = __import__(argv[0].decode(), None, None, ("*",))
    if len(argv) > 1:
        getattr(module, argv[1].decode())(*[_text(word) for word in argv[2:]])
        return 0
    passed = 0
    for name in sorted(dir(module)):
        if name.startswith("test_"):
            getattr(module, name)()
            gc.collect()
            print(name, "ok")
            passed += 1
    print(passed, "passed")
    return 0


def _text(word: bytes) -> str | bytes:
    """As text; octets that are no UTF-8 stay what they are."""
    try:
        return word.decode()
    except UnicodeError:
        return word


def run() -> None:
    """The console-script entry."""
    sys.exit(main(process.argv()[1:], process.environ()))
