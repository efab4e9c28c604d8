"""What a fault is that tests plant in the port."""

from typing import NamedTuple

CPYTHON, FROZEN = "agent/port/cpython/", "agent/port/frozen/"


class Fault(NamedTuple):
    """In `path`, `old` becomes `new`; `contract` (module, function) must notice."""

    name: str
    path: str
    old: str
    new: str
    contract: tuple[str, str]
