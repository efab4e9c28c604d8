"""Readiness as s6 has it: a newline on a descriptor that was handed over (s6 page: notifywhenup).

One rule for all programs: a descriptor that is not open is told in one line and then ignored, so
that a service never stays down for want of a notification-fd file. It is looked at before anything
else is opened: a socket of ours could get its number, and the newline would go there.
"""

from agent import environment, options, report
from agent.port import process

NOBODY = -1


def descriptor(option: str | None, environ: dict[bytes, bytes]) -> int:
    """The descriptor that -d, or else $NOTIFY_FD, names; NOBODY when neither does. Pure.

    Raises UsageError, which names the one that is wrong.
    """
    if option is not None:
        return options.descriptor(option)
    text = environment.variable(environ, b"NOTIFY_FD", "")
    return options.descriptor(text, "$NOTIFY_FD") if text else NOBODY


def usable(program: str, fd: int) -> int:
    """The same descriptor, or NOBODY after a line on stderr when it is not open for writing."""
    if fd == NOBODY or process.is_writable(fd):
        return fd
    text = "descriptor %d: expected it to be open for writing; going on without telling readiness"
    report.say(program, text % fd)
    return NOBODY


def tell(program: str, fd: int) -> None:
    """Tell whoever waits, and close the descriptor; what goes wrong costs a line."""
    if fd == NOBODY:
        return
    try:
        process.notify(fd)
    except OSError as error:
        reason = process.strerror(error.errno or 0)
        report.say(program, "descriptor %d: expected to tell readiness, got %s" % (fd, reason))
