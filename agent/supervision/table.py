"""The transition table of a service. Pure data; guards.py says what the guards claim.

Rules. A row is (state, guard, next state, action, reason). Of the rows of a service's state the
first one whose guard holds is taken, and the look goes on until no row's guard holds any more.
All services are judged before any of them moves, so their order does not matter.
- Nothing leaves `down` or `failed` by our order unless it should be up, nothing of it lives (no
  process, finish script or orphan), no user of it and no other alternative is still ending, and
  its back-off is over. So teardown is complete before anything is built on its place.
- Nothing is stopped by our order before all that need it have ended: a service that should not be
  up counts as gone for them at once (memory.level), they stop, then it does.
- What happens by itself comes first in a state: an ended or lost process is a failure, whoever
  else wanted something from it. But what a oneshot has done is there although the process that
  stands for it was killed: it runs again, and what needs it stays up meanwhile.
- Every wait has a deadline (up-timeout, down-timeout, back-off), except where the graph says 0.
- An action is given once, when its row is taken. "reason" is told to people; one that begins with
  a colon is computed by texts.py, ":same" keeps the one before.
What does not change the state is not here: orphans are ended and outputs of what is down are
cleared in every state (step.py, tend).
"""

from agent.supervision.memory import DOWN, FAILED, STARTING, STOPPING, UP

STATES = (DOWN, STARTING, UP, STOPPING, FAILED)

ROWS: tuple[tuple[str, str, str, str, str], ...] = (
    # state, guard, next state, action, reason
    (DOWN, "runs, needed", STARTING, "adopt", "found running"),
    (DOWN, "runs, not needed", STOPPING, "stop", ":withdrawn"),
    (DOWN, "can start", STARTING, "start", "all that it needs is there"),
    (DOWN, "can install", STARTING, "install", "all that it needs is there"),
    (FAILED, "runs, needed", STARTING, "adopt", "found running"),
    (FAILED, "runs, not needed", STOPPING, "stop", ":withdrawn"),
    (FAILED, "not needed", DOWN, "", ":withdrawn"),
    (FAILED, "can start", STARTING, "start", "tried again"),
    (FAILED, "can install", STARTING, "install", "tried again"),
    (STARTING, "ended", FAILED, "fail", ":ended"),
    (STARTING, "lost", STOPPING, "lose", "its s6-supervise is gone"),
    (STARTING, "not needed, not started yet", DOWN, "", ":withdrawn"),
    (STARTING, "must stop", STOPPING, "stop", ":withdrawn"),
    (STARTING, "ready", UP, "", "ready"),
    (STARTING, "was installed", STARTING, "start", "installed"),
    (STARTING, "not installed in time", FAILED, "fail", ":not installed"),
    (STARTING, "overdue", STOPPING, "give up", ":not ready"),
    (UP, "ended, stands alone", DOWN, "redo", ":ended"),
    (UP, "ended", FAILED, "fail", ":ended"),
    (UP, "lost", STOPPING, "lose", "its s6-supervise is gone"),
    (UP, "must stop", STOPPING, "stop", ":withdrawn"),
    (UP, "replaced", STARTING, "adopt", "restarted by somebody else"),
    (UP, "no longer ready", STARTING, "wait", "an older process of it still lives"),
    (UP, "must rerun", STOPPING, "rerun", ":rerun"),
    (UP, "must signal", UP, "signal", ":signal"),
    (STOPPING, "down", DOWN, "", ":same"),
    (STOPPING, "down, failed", FAILED, "fail", ":same"),
    (STOPPING, "must kill", STOPPING, "kill", ":killed"),
)

# A bundle has no process: it is up while all its contents are ready.
BUNDLE_ROWS = (
    (DOWN, "contents ready", UP, "", "all its contents are ready"),
    (UP, "contents not ready", DOWN, "", "not all its contents are ready"),
)


def rows_of(state: str) -> tuple[tuple[str, str, str, str, str], ...]:
    """The rows that leave a state, in their order."""
    return tuple([row for row in ROWS if row[0] == state])


ROWS_OF = {state: rows_of(state) for state in STATES}
BUNDLE_ROWS_OF = {row[0]: (row,) for row in BUNDLE_ROWS}
