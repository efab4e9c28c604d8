"""`frost up-once`: runs a oneshot now, also one that has succeeded, and tells the end."""

from agent.command import acting, client, logs, secrets
from agent.command.errors import OK, OTHER, CommandError, TimedOut
from agent.daemon import places
from agent.port import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.command.client import Record
    from agent.command.console import Console

SHOWN = 10  # lines of its log after a failure


def up_once(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Start it, wait for its end: 0 when it succeeded, 1 when it failed."""
    name = words[0]
    limit = acting.deadline(options)
    # What happens from now on wakes this up; how it went is asked for each time.
    follower = client.Conversation(places.socket(console.where), ["events", "follow"])
    before = _status(console, name)
    if before.get("kind") != "oneshot":
        text = "%s: expected a oneshot, got a %s; see frost restart"
        raise CommandError(OTHER, text % (name, before.get("kind")))
    asked = clock.monotonic()
    if before["state"] in ("up", "failed"):
        client.ask(console.where, ["restart", name])
    elif before["state"] != "starting":
        client.ask(console.where, ["start", name])
    while True:
        now = _status(console, name)
        end = ended(before, now, clock.monotonic() - asked)
        if end:
            break
        try:
            follower.next(limit)
        except TimedOut:
            raise acting.late(console, options, name) from None
    follower.close()
    if end == "up":
        return OK
    secrets.hide(console, False)  # now: the run may have published new ones
    for line in [] if console.blind else logs.settled(console.where.log, name, SHOWN):
        console.say("%s: %s" % (name, line[3]))
    raise CommandError(OTHER, "%s: %s" % (name, now.get("reason") or "failed"))


def ended(before: "Record", now: "Record", elapsed: float) -> str:
    """`up` or `failed` when a run that was asked for `elapsed` seconds ago is over, else "". Pure.

    What the agent told before that does not count: a state is of this run when it began since, or
    with another process. Failures begin at 0 with the request.
    """
    since = now.get("since")
    is_new = isinstance(since, (int, float)) and since <= elapsed
    if now["state"] == "up" and (is_new or now.get("pid") != before.get("pid")):
        return "up"
    if now["state"] == "failed" and is_new:
        return "failed"
    # It failed and is tried again already.
    if now["state"] == "starting" and now.get("failures") and before["state"] != "starting":
        return "failed"
    return ""


def _status(console: "Console", name: str) -> "Record":
    for record in client.ask(console.where, ["status", name]):
        if record.get("name") == name and isinstance(record.get("state"), str):
            return record
    raise CommandError(OTHER, "%s: expected its status from the agent, got none" % name)
