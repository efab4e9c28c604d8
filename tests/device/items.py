"""Replays items of a lease: `[[type, octets in hex], outcome]`, where the outcome is CPython's.

Right or wrong is decided by test_grammar; here every target must say the same of any octets.
"""

import json

from agent.port import files
from odhcp_script import grammar

TYPES = {
    "address": grammar.address,
    "delegated": grammar.delegated,
    "destination": grammar.destination,
    "domain_name": grammar.domain_name,
    "gateway": grammar.gateway,
    "hexadecimal": grammar.hexadecimal,
    "host": grammar.host,
    "iaid": grammar.iaid,
    "router": grammar.router,
    "uri": grammar.uri,
}


def outcome(kind: str, digits: str) -> str:
    """What the type makes of the octets, as text."""
    try:
        value: object = TYPES[kind](bytes.fromhex(digits))
    except grammar.GrammarError as error:
        return "refused: " + str(error)
    return repr(value)


def replay(path: str) -> None:
    """Check every vector of the file; print how many there were."""
    vectors = json.loads(files.read(path).decode())
    for (kind, digits), expected in vectors:
        got = outcome(kind, digits)
        assert got == expected, (kind, digits, got, expected)
    print(len(vectors), "vectors")
