"""The folder that the host writes: follow.json's rulegroups and the ruleset's text."""

import hashlib
import json

from agent import environment
from agent.command.errors import OTHER, SYSTEM_CALL_FAILED, CommandError
from agent.port import files, process
from agent.port.errno import ENOENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOLDER = "/etc/frost/firewall"
TEXTS = ("name", "requirement", "text")


def place(environ: dict[bytes, bytes]) -> str:
    """Where it is: $FROST_FIREWALL."""
    return environment.variable(environ, b"FROST_FIREWALL", FOLDER)


def groups(folder: str) -> "list[dict[str, Any]]":
    """follow.json's rulegroups: name, requirement, text, parameters. Raises CommandError."""
    path = folder + "/follow.json"
    try:
        given = json.loads(_read(path)).get("groups", [])
        for group in given:
            if [1 for key in TEXTS if not isinstance(group[key], str)]:
                raise ValueError
            if not isinstance(group.get("parameters", {}), dict):
                raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        text = "%s: expected rulegroups with name, requirement and text" % path
        raise CommandError(OTHER, text) from None
    return given  # type: ignore[no-any-return]


def digest(folder: str) -> str:
    """The digest of the ruleset that follow.json was written with."""
    given = json.loads(_read(folder + "/follow.json")).get("ruleset")
    return given if isinstance(given, str) else ""


def ruleset(folder: str) -> tuple[str, str]:
    """The ruleset's text, and its digest."""
    octets = _read(folder + "/ruleset.nft")
    sum = hashlib.sha256(octets).digest()
    try:
        return octets.decode(), "".join(["%02x" % octet for octet in sum])
    except UnicodeError:
        text = "%s/ruleset.nft: expected UTF-8" % folder
        raise CommandError(OTHER, text) from None


def _read(path: str) -> bytes:
    try:
        return files.read(path)
    except OSError as error:
        number = error.errno or 0
        code = OTHER if number == ENOENT else SYSTEM_CALL_FAILED
        raise CommandError(code, "%s: %s" % (path, process.strerror(number))) from None
