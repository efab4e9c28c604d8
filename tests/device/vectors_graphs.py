"""Random graph files, valid and bent; CPython is the oracle. Host only."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.device import graphs
from tests.random_graphs import GRAPHS, JSON, bent, file_of

INPUTS = st.one_of(GRAPHS, bent(), JSON.map(lambda value: file_of({"a": value})))


def expected(given: Any) -> Any:
    """What CPython makes of it."""
    return graphs.outcome(json.dumps(given))
