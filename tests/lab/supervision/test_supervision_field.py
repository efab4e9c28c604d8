"""The cases from the field, see field.py. Times are printed; `make bench` has their limits."""

import json
from statistics import median

import pytest

from packager.isp import namespaces
from tests import runtimes
from tests.lab.supervision import room

pytestmark = pytest.mark.root

DEATHS = 5 * runtimes.SCALE


def test_what_uses_a_ppp_link_follows_it_to_another_ifindex_and_leaves_nothing_of_the_old(
    machine: namespaces.Machine, runtime: str
) -> None:
    times = json.loads(room.inside(machine, "field", "ppp", str(DEATHS)))
    words = f"{runtime}: {DEATHS} deaths of ppp, followed by route, address and zone within"
    print(f"{words} {median(times):.0f} ms (median), {max(times):.0f} ms (worst)")


def test_a_client_that_waits_for_a_lease_never_delays_the_link_that_would_bring_it(
    machine: namespaces.Machine, runtime: str
) -> None:
    took = room.inside(machine, "field", "lease").strip()
    print(f"{runtime}: link and its user up {took} ms after the modem, the client waiting")
