"""Rulesets that one runtime loads and the other lists: tests/test_contract.py calls these."""

import json

from agent.port import nft
from tests.contract.test_nft import ZONES, large

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def load() -> None:
    """Load tables with rules, and a set longer than a pipe holds."""
    assert nft.apply(ZONES) == ""
    assert nft.apply(large("").encode()) == ""


def show() -> None:
    """Print all tables, and what nft says of changes that it refuses."""
    for item in nft.listing("ruleset"):
        print(_ordered(item))
    for text in (
        "create table inet guard",
        "\nadd rule inet guard x\n",
        "#\nnonesuch\n",
        large("!"),
    ):
        print(json.dumps(nft.apply(text)))


def _ordered(value: "Any") -> str:
    """JSON with sorted keys, on either runtime."""
    if isinstance(value, dict):
        pairs = ["%s: %s" % (json.dumps(key), _ordered(value[key])) for key in sorted(value)]
        return "{%s}" % ", ".join(pairs)
    if isinstance(value, list):
        return "[%s]" % ", ".join([_ordered(item) for item in value])
    return json.dumps(value)
