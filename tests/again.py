"""Run again, one by one, the few tests that failed beside others: `make check` does when some did.

The machine shares its two cores with other tests, and daemons of strangers start when they can: a
test that waits for them may fail for that alone. One that fails alone too has failed. What passed
only alone is named, so that nobody takes the run for a clean one; `make soak` never asks again.
"""

import json
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".pytest_cache/v/cache/lastfailed"
MOST = 3  # more than these have one cause, and it is not the machine


def failed(cache: Path = CACHE) -> list[str]:
    """Node ids of the tests that failed in the last run."""
    try:
        recorded = json.loads(cache.read_text())
    except FileNotFoundError:
        return []  # the run ended before any test did
    return sorted(recorded)


def main() -> int:
    """pytest's exit code for them; 1 when there are none, or too many to blame the machine."""
    names = failed()
    if not 0 < len(names) <= MOST:
        print(f"again: {len(names)} tests failed, none is run again (at most {MOST} are)")
        return 1
    code = subprocess.run([sys.executable, "-m", "pytest", "-q", *names], check=False).returncode
    told = "passed alone, after it failed beside others" if code == 0 else "run again alone"
    for name in names:
        print(f"again: {told}: {name}")
    return code


if __name__ == "__main__":
    sys.exit(main())
