"""`frost events`: what the agent saw, decided and did, the oldest first."""

from agent.command import client, json_line, secrets
from agent.command.console import BOLD, DIM
from agent.command.errors import OK
from agent.daemon import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agent.command.client import Record
    from agent.command.console import Console

    Pieces = list[str | tuple[str, str]]

LONGEST = 100  # characters of a fact that are shown


def events(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Print the agent's history, and with -f what follows. With -j it is a record to replay."""
    secrets.hide(console, False)
    request = ["events", "follow"] if "f" in options else ["events"]
    conversation = client.Conversation(places.socket(console.where), request)
    if "f" not in options:
        for record in conversation.records():
            _print(console, record)
        return OK
    while True:
        following = conversation.next(None)
        if following is None:
            return OK
        _print(console, following)


def _print(console: "Console", record: "Record") -> None:
    if console.json:
        console.record(record)
        return
    for line in render(record):
        console.line(line)


def render(record: "Record") -> "list[Pieces]":
    """A record as lines: the time as seconds since boot, then one thing each. Pure.

    No line for a decision without new facts, made because its time had come.
    """
    time = record.get("t")
    stamp = "[%11.3f] " % time if isinstance(time, (int, float)) else ""
    lines: list[Pieces] = []
    for pieces in _things(record):
        lines.append([(DIM, stamp)])
        lines[-1] += pieces
    return lines


def _things(record: "Record") -> "list[Pieces]":
    found: list[Pieces] = []
    if "state" in record:
        found.append(["graph %s, a snapshot to replay from" % record.get("graph")])
    facts = record.get("facts")
    if isinstance(facts, dict):
        for key in sorted(facts):
            found.append(["saw    ", (BOLD, key), ": " + _short(facts[key])])
    for moved in _lists(record.get("transitions"), 4):
        text = " %s -> %s: %s" % (moved[1], moved[2], moved[3])
        found.append(["moved  ", (BOLD, str(moved[0])), text])
    for action in _lists(record.get("actions"), 2):
        rest = "".join([" " + _short(word) for word in action[2:]])
        found.append(["did    ", (BOLD, "%s %s" % (action[0], action[1])), rest])
    if not found and facts != {}:
        found.append([_short(record)])
    return found


def _lists(value: "Any", least: int) -> "list[list[Any]]":
    """The lists in a list; whatever else a record holds is left out."""
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, list) and len(item) >= least]


def _short(value: "Any") -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json_line.render(value)
    text = text.replace("\n", " ")
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
