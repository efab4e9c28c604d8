"""The machine's end, brought about in order: services by the agent, then s6-svscan, then the rest.

s6-svscan starts this as its child when a signal asks for an end, so it belongs to no service and
outlives them all. Each wait has a deadline: what hangs delays the end and never prevents it.
"""

from agent.command import client
from agent.command.errors import CommandError, NotRunning, TimedOut
from agent.daemon import places
from agent.environment import RUN, SCAN
from agent.generations import make_folders
from agent.port import clock, files, poll, process
from services.boot import finish
from services.boot.steps import ERROR, log, text_of
from services.boot.system import SITE

ENDS = ("halt", "poweroff", "reboot")
PROGRAM = "frost-end"
WANTED, LOCK = RUN + "/end", RUN + "/end.lock"
SERVICES_S = 30.0  # for the agent's ordered stop, unless /etc/frost/boot/patience says otherwise
FINISH_S = 10.0  # for the finish script to end this process
SIGABRT = 6  # on every architecture; s6-svscan: "immediately exec into finish"


def wanted() -> str:
    """Which end was asked for last; a router comes back unless it was told not to."""
    text = text_of(WANTED).strip()
    return text if text in ENDS else "reboot"


def bring_about(program: bytes, how: str) -> None:
    """Stop everything in order. `program`: this program's path. Does not return, normally: what
    process 1 becomes ends all processes."""
    try:
        make_folders(RUN)
        files.write(WANTED + ".new", how.encode() + b"\n")
        files.rename(WANTED + ".new", WANTED)
        if files.lock(LOCK, False) < 0:
            log(PROGRAM, "%s: an end is being brought about already, it will be this one" % how)
            return
    except OSError as error:  # a full /run: the end comes all the same
        log(PROGRAM, "%s: %s" % (RUN, process.strerror(error.errno or 0)), ERROR)
    log(PROGRAM, "%s: stopping the services" % how)
    begun = clock.monotonic()
    stop_services(begun + patience(text_of(SITE + "/patience")))
    log(PROGRAM, "%s: services took %.3f s" % (how, clock.monotonic() - begun))
    try:
        # Not s6-svscanctl -t: from then on s6-svscan hears nothing and waits for the last logger,
        # and that for the last process that holds its pipe.
        process.kill(1, SIGABRT)
    except OSError:
        pass
    poll.ready([], FINISH_S)
    log(PROGRAM, "process 1: expected it to end the machine; it is ended from here", ERROR)
    finish.finish(program, wanted(), False)


def patience(text: str) -> float:
    """The site's seconds for the services. Pure."""
    text = text.strip()
    return float(text) if text.isdigit() and len(text) < 5 else SERVICES_S


def stop_services(deadline: float) -> None:
    """Have the agent stop everything, users first, until the deadline (monotonic seconds)."""
    where = places.Places("", SCAN, "", RUN, "")
    try:
        conversation = client.Conversation(places.socket(where), ["shutdown"])
        while conversation.next(deadline) is not None:
            pass
    except TimedOut:
        log(PROGRAM, "services: not all down in time: " + _live(where), ERROR)
    except (CommandError, NotRunning) as error:
        log(PROGRAM, "%s: services are stopped without order" % error, ERROR)


def _live(where: "places.Places") -> str:
    try:
        rows = client.ask(where, ["status"], 2.0)
    except (CommandError, NotRunning) as error:
        return "%s" % error
    down = ("down", "failed")
    return " ".join([str(r.get("name")) for r in rows if r.get("state") not in down])
