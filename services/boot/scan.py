"""s6-svscan's folder as process 1 finds it: the site's own service directories, the agent's, and
what s6-svscan does at signals, at its end and when it can't go on (s6's page s6-svscan)."""

from agent.environment import GRAPH, LOG, OUTPUTS_ROOT, RUN, SCAN
from agent.generations import make_folders
from agent.port import files
from agent.s6 import install, paths
from services.boot.steps import Steps

SITE = "/etc/frost/scan"
CONTROL = SCAN + "/.s6-svscan"
# Signals to process 1, by the names of s6-svscan's files. SIGINT is the kernel's for ctrl-alt-del,
# SIGPWR for a failing power supply; the other three are those that busybox's commands send.
SIGNALS = {
    "SIGINT": "reboot",
    "SIGTERM": "reboot",
    "SIGQUIT": "reboot",
    "SIGUSR1": "halt",
    "SIGUSR2": "poweroff",
    "SIGPWR": "poweroff",
}
SCRIPTS = dict(SIGNALS, finish="finish", crash="crash")


def program(executable: str) -> str:
    """Where this program is found by scripts: the link beside its binary."""
    beside = executable.rpartition("/")[0] + "/frost-init"
    for path in (beside, "/usr/bin/frost-init", "/sbin/init", "/init"):
        if files.kind(path):
            return path
    return beside


def prepare(steps: Steps, init: str, path: str) -> None:
    """Make the folder. `init`: this program's path; `path`: $PATH of the services."""
    steps.attempt(CONTROL, make_folders, CONTROL)
    for name in sorted(SCRIPTS):
        text = "#!%s %s\n" % (init, SCRIPTS[name])
        steps.attempt(CONTROL, _write, "%s/%s" % (CONTROL, name), text.encode(), 0o755)
    if files.kind(SITE) == "folder":
        steps.attempt(SITE, _copy, SITE, SCAN)
    steps.attempt(RUN, make_folders, RUN)
    if files.kind(GRAPH):
        found = paths.find(SCAN, OUTPUTS_ROOT, LOG, path)
        environ = [("FROST_GRAPH", GRAPH), ("FROST_LOG", LOG), ("FROST_RUN", RUN)]
        steps.attempt("frost-agent", install.install_daemon, found, environ)
    else:
        steps.fail("%s: expected the service graph, got none: no agent is started" % GRAPH)


def _write(path: str, data: bytes, mode: int) -> None:
    files.write(path, data, mode)
    files.set_mode(path, mode)  # whatever the umask is


def _copy(source: str, target: str) -> None:
    """Copy all that is in a folder: folders, files and links, with their modes."""
    make_folders(target)
    for name in files.listing(source):
        old, new = "%s/%s" % (source, name), "%s/%s" % (target, name)
        kind = files.kind(old)
        if kind == "folder":
            _copy(old, new)
        elif kind == "link":
            files.symlink(files.readlink(old), new)
        elif kind == "file":
            _write(new, files.read(old), files.mode(old))
