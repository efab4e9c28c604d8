"""The folder that the host writes: two files that belong together."""

import hashlib

from agent.port import files, process
from firewall.loader import reading
from firewall.loader.spec import SpecError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firewall.loader.spec import Spec

RULESET, FOLLOW = "ruleset.nft", "follow.json"
LARGEST_RULESET = 4 << 20  # octets; large sets come by include, past our memory
LARGEST_SPEC = 1 << 20


class LoadError(Exception):
    """The ruleset can't be loaded; `lines` say why."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(lines[0])
        self.lines = lines


def read(folder: str) -> "tuple[Spec, bytes]":
    """The spec and the ruleset; raises LoadError."""
    ruleset = _file(folder, RULESET, LARGEST_RULESET)
    try:
        found = reading.read(_file(folder, FOLLOW, LARGEST_SPEC), folder + "/" + FOLLOW)
    except SpecError as error:
        raise LoadError(error.lines) from None
    digest = "".join(["%02x" % octet for octet in hashlib.sha256(ruleset).digest()])
    if digest != found.digest:
        text = "%s/%s: expected the one that %s tells, SHA-256 %s, got %s; write both anew"
        raise LoadError([text % (folder, RULESET, FOLLOW, found.digest[:12], digest[:12])])
    return found, ruleset


def _file(folder: str, name: str, most: int) -> bytes:
    path = "%s/%s" % (folder, name)
    try:
        return files.read(path, most)
    except OSError as error:
        reason = process.strerror(error.errno or 0)
        raise LoadError(["%s: expected to read, got %s" % (path, reason)]) from None
