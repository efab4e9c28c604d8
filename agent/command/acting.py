"""`frost start|stop|restart|reload|shutdown|wait|health`: what only the agent can do or tell."""

from agent.command import client
from agent.command.errors import OK, SYSTEM_CALL_FAILED, TIMED_OUT, CommandError, TimedOut
from agent.daemon import places
from agent.options import seconds
from agent.port import clock, files
from agent.s6 import directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.command.client import Record
    from agent.command.console import Console
    from agent.daemon.places import Places

LIVE = ("starting", "up", "stopping")


def start(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """The operator wants the service up, also after the agent's restart; not after a reboot."""
    client.ask(console.where, ["start", words[0]])
    return OK


def stop(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """The operator wants it down, and with it all that needs it."""
    client.ask(console.where, ["stop", words[0]])
    return OK


def release(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Take back what start or stop asked for: the graph decides again."""
    client.ask(console.where, ["release", words[0]])
    return OK


def restart(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """End the service and those that need it, and start them again."""
    client.ask(console.where, ["restart", words[0]])
    return OK


def reload(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Take up the changed graph; only what differs restarts."""
    client.ask(console.where, ["reload"])
    return OK


def health(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """`healthy`, or the essential services that are missing and exit code 1."""
    code = OK
    for record in client.ask(console.where, ["health"]):
        text = str(record.get("health"))
        code = OK if text == "healthy" else 1
        if console.json:
            console.record(record)
        else:
            console.line([text])
    return code


def shutdown(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Stop everything in reverse order; returns when all is down."""
    limit = deadline(options)
    conversation = client.Conversation(places.socket(console.where), ["shutdown"])
    try:
        while conversation.next(limit) is not None:
            pass
    except TimedOut:
        rows = client.ask(console.where, ["status"])
        left = [str(row.get("name")) for row in rows if _is_live(row)]
        text = "expected all down within %s s, still there: %s"
        raise CommandError(TIMED_OUT, text % (options["t"], ", ".join(sorted(left)))) from None
    return OK


def wait(console: "Console", options: dict[str, str], words: list[str]) -> int:
    """Wait until the service is ready."""
    limit = deadline(options)
    conversation = client.Conversation(places.socket(console.where), ["wait", words[0]])
    try:
        while conversation.next(limit) is not None:
            pass
    except TimedOut:
        raise late(console, options, words[0]) from None
    return OK


def late(console: "Console", options: dict[str, str], name: str) -> CommandError:
    """A service is not up in time: the error tells what it waits for now."""
    text = "%s: expected it up within %s s; it waits: %s"
    cause = unmet(client.ask(console.where, ["why", name]))
    return CommandError(TIMED_OUT, text % (name, options["t"], cause))


def unmet(records: "list[Record]") -> str:
    """The end of a chain that why() gave: the condition that keeps the rest from being met."""
    deepest, found = -1, "nothing, it is up now"
    for record in records:
        depth, text = record.get("depth"), record.get("text")
        if record.get("met") is False and isinstance(depth, int) and depth > deepest:
            named = record.get("what") in ("service", "process", "back-off", "wish", "alternative")
            deepest = depth
            found = "%s: %s" % (record.get("name"), text) if named else str(text)
    return found


def deadline(options: dict[str, str]) -> float | None:
    """When -t's seconds are over, None without -t. Raises UsageError."""
    return clock.monotonic() + seconds("t", options["t"]) if "t" in options else None


def not_running(where: "Places") -> CommandError:
    """What to do when nobody answers."""
    installed = "%s/%s" % (where.scan, directory.DAEMON)
    text = "%s: nobody listens, so the agent is not running; " % places.socket(where)
    if files.kind(installed):
        text += "`s6-svc -u %s` starts it, its log is in %s/%s"
        text = text % (installed, where.log, directory.DAEMON)
    else:
        text += "`frost setup` installs it in %s" % where.scan
    return CommandError(SYSTEM_CALL_FAILED, text)


def _is_live(row: "Record") -> bool:
    return row.get("state") in LIVE and row.get("kind") != "bundle"
