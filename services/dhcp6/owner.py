"""Who publishes as a $SERVICE: one program at a time, for as long as it lives.

Two under one name would take turns with one memo, each without what the other one owns; then
nobody removes that. The lock is flock's, so a kill ends it too.
"""

from agent.generations import make_folders
from agent.outputs import OutputsError
from agent.port import files, process


def take(root: str, service: str) -> None:
    """Own the name until this process ends. Raises OutputsError when somebody else does."""
    path = "%s/.gen/%s.owner" % (root, service)  # beside the service's generations
    try:
        make_folders(root + "/.gen")
        taken = files.lock(path, False) == -1
    except OSError as error:
        reason = process.strerror(error.errno or 0)
        raise OutputsError("%s: expected to lock, got %s" % (path, reason)) from None
    if taken:
        text = "%s: another program runs as $SERVICE %s; end it, or give this one another name"
        raise OutputsError(text % (path, service))
