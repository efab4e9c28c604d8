"""The namespaces for the tests of `ra`, made once for each runtime."""

from collections.abc import Iterator

import pytest

from tests.lab.ra.bench import RUNTIMES, Bench

# Both runtimes share all but the port, and the rates of RFC 4861 make these tests slow: CPython
# runs those that exercise the port, the frozen binary runs all.
ON_BOTH = (
    "a_host_configures_itself",
    "a_renumbering_deprecates",
    "is_answered_by_unicast",
    "go_on_after_a_reboot",
    "another_index",
    "on_term",
    "dry_run",
    "corrupt_memory",
    "each_lan_is_an_advertising",
    "it_sleeps",
    "forwarding",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    name = metafunc.function.__name__
    both = any(part in name for part in ON_BOTH)
    runtimes = sorted(RUNTIMES) if both else ["frozen"]
    metafunc.parametrize("namespaces", runtimes, indirect=True, scope="module")


@pytest.fixture(scope="module")
def namespaces(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made = Bench(request.param)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def bench(namespaces: Bench) -> Iterator[Bench]:
    try:
        namespaces.begin()
        yield namespaces
    finally:
        namespaces.end()
