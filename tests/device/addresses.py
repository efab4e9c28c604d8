"""Replays address vectors: `[text, [canonical text, length, masked text, hash octet]]`."""

import hashlib
import json

from agent import ip
from agent.port import files


def replay(path: str) -> None:
    """Check every vector of the file; print how many there were."""
    vectors = json.loads(files.read(path).decode())
    for text, (canonical, length, masked, octet) in vectors:
        value = ip.parse6(text)
        assert value is not None, text
        assert ip.format6(value) == canonical, (text, ip.format6(value), canonical)
        prefix = ip.mask(value, length)
        assert ip.format6(prefix) == masked, (text, length, ip.format6(prefix), masked)
        assert ip.contains(prefix, length, value), (text, length)
        octets = ip.pack(text)
        assert octets is not None and ip.unpack(octets) == canonical, (text, octets)
        assert hashlib.sha256(octets).digest()[0] == octet, text
    print(len(vectors), "vectors")
