"""Which of our programs the example home router has: a budget holds for these together."""

from packager import compiled, site
from tests.runtimes import ROOT


def home_programs() -> tuple[str, ...]:
    """The names of the programs that are frozen for examples/home_router.py."""
    found, problems = site.load(ROOT / "examples" / "home_router.py")
    assert found is not None and not problems, problems
    return compiled.compile(found).programs
