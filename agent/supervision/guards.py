"""The guards of the transition table: small claims about the service that was entered. Pure."""

from agent.graph.model import BUNDLE, RERUN, SIGNAL
from agent.supervision.memory import READY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.supervision.situation import Situation


def _is_alive(s: "Situation") -> bool:
    return s.pid != 0 or s.ending or s.stray != 0


def is_installed(s: "Situation") -> bool:
    """Its service directory is the graph's, and an s6-supervise watches over it."""
    return s.known and s.facts.get("installed " + s.name) == s.spec.digest


def _is_free(s: "Situation") -> bool:
    """Should be up, and nothing old of it, of those that use it or of its alternatives lives."""
    if not s.memory.should or _is_alive(s):
        return False
    return not s.is_held_back(s.name) and not s.is_excluded()


def _may_try(s: "Situation") -> bool:
    retry_at = s.memory.retry_at
    return (retry_at is None or s.now >= retry_at) and not _is_stale(s) and _is_free(s)


def _is_stale(s: "Situation") -> bool:
    """Outputs of its last run are still there; `deadline`: how long that delays the next one."""
    if s.memory.rerun or not s.has_outputs():
        return False
    return not s.memory.cleared or not is_overdue(s)


def can_start(s: "Situation") -> bool:
    """It may be started, and can be."""
    return is_installed(s) and _may_try(s)


def can_install(s: "Situation") -> bool:
    """It may be started, but its service directory is not there or not the graph's."""
    return not is_installed(s) and _may_try(s)


def was_installed(s: "Situation") -> bool:
    """The service directory that was ordered is there."""
    return s.memory.ordered == "install" and is_installed(s) and _is_free(s)


def not_needed(s: "Situation") -> bool:
    """Should not be up."""
    return not s.memory.should


def not_needed_yet_installing(s: "Situation") -> bool:
    """Should not be up any more, and has not been started."""
    return s.memory.ordered == "install" and not s.memory.should


def runs_needed(s: "Situation") -> bool:
    """Runs though we did not start it, and that is right."""
    return s.pid != 0 and s.memory.should and not s.is_excluded()


def runs_not_needed(s: "Situation") -> bool:
    """Runs though it should not; those that use it have ended."""
    return s.pid != 0 and not s.memory.should and not s.is_held_back(s.name)


def must_stop(s: "Situation") -> bool:
    """Should not be up; those that use it have ended."""
    return not s.memory.should and not s.is_held_back(s.name)


def is_ready(s: "Situation") -> bool:
    """Runs, and has said that it is ready if it says so."""
    return s.memory.ordered != "install" and s.is_ready()


def is_not_ready(s: "Situation") -> bool:
    """No longer ready: an orphan of it turned up."""
    return not s.is_ready()


def has_ended(s: "Situation") -> bool:
    """Its process ended by itself."""
    if not s.known or s.pid or s.memory.ordered == "install":
        return False
    return s.memory.ordered != "start" or s.stamp != s.memory.stamp


def stands_alone(s: "Situation") -> bool:
    """Its process ended by itself, and nothing undoes what it has done."""
    return s.memory.should and s.stands_alone() and has_ended(s)


def is_lost(s: "Situation") -> bool:
    """No s6-supervise watches over it any more."""
    return not s.known and s.memory.ordered != "install"


def is_replaced(s: "Situation") -> bool:
    """Somebody else restarted it."""
    return s.pid != s.memory.pid


def is_overdue(s: "Situation") -> bool:
    """The deadline has passed."""
    return s.memory.deadline is not None and s.now >= s.memory.deadline


def not_installed_in_time(s: "Situation") -> bool:
    """The service directory that was ordered did not come."""
    return s.memory.ordered == "install" and is_overdue(s)


def must_kill(s: "Situation") -> bool:
    """Still runs after the time to end."""
    return s.pid != 0 and is_overdue(s)


def _is_down(s: "Situation") -> bool:
    if s.pid:
        return False
    if is_overdue(s) or (not s.known and s.memory.deadline is None):
        return True
    started = s.memory.ordered != "start" or s.stamp != s.memory.stamp
    return s.known and not s.ending and not s.stray and started


def is_down(s: "Situation") -> bool:
    """Has ended, its finish script too."""
    return not s.memory.failing and _is_down(s)


def is_down_failed(s: "Situation") -> bool:
    """Has ended after it was stopped because it failed."""
    return s.memory.failing and _is_down(s)


def must_rerun(s: "Situation") -> bool:
    """A value changed for which it is to run again."""
    return s.memory.should and s.changed(RERUN) is not None


def must_signal(s: "Situation") -> bool:
    """A value changed of which a signal tells."""
    return s.memory.should and s.changed(SIGNAL) is not None


def contents_ready(s: "Situation") -> bool:
    """A bundle, all its contents are ready."""
    return s.spec.kind == BUNDLE and s.level() == READY


def contents_not_ready(s: "Situation") -> bool:
    """A bundle, not all its contents are ready."""
    return s.spec.kind == BUNDLE and s.level() < READY


GUARDS: "dict[str, Callable[[Situation], bool]]" = {
    "can start": can_start,
    "can install": can_install,
    "was installed": was_installed,
    "not needed": not_needed,
    "not needed, not started yet": not_needed_yet_installing,
    "runs, needed": runs_needed,
    "runs, not needed": runs_not_needed,
    "must stop": must_stop,
    "ready": is_ready,
    "no longer ready": is_not_ready,
    "ended": has_ended,
    "ended, stands alone": stands_alone,
    "lost": is_lost,
    "replaced": is_replaced,
    "overdue": is_overdue,
    "not installed in time": not_installed_in_time,
    "must kill": must_kill,
    "down": is_down,
    "down, failed": is_down_failed,
    "must rerun": must_rerun,
    "must signal": must_signal,
    "contents ready": contents_ready,
    "contents not ready": contents_not_ready,
}
