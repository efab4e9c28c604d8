"""The service directories: which files s6 finds for a service of the graph. Pure.

render() and daemon() return {relative path: (mode, text)}; agent.s6.install puts them into the
scan folder. docs/s6.md shows them. Every program is named with its folder and PATH is left alone.
"""

from agent.graph.model import ENV, ONESHOT, Service
from agent.s6.execline import line
from agent.s6.paths import Paths

NOTIFY_FD = 3
LOG_FILE = 32768  # octets; a rotation happens up to 2000 before (s6-log's tolerance)
LOG_FILES = 3  # rotated ones besides `current`
LOG_ROTATED = 98304  # octets of the rotated ones together
LOG_LINE = 4000  # octets; a longer line is cut in pieces

SCRIPT, FILE = 0o755, 0o644

DAEMON = "frost-agent"

TYPE_CHECKING = False
if TYPE_CHECKING:
    Files = dict[str, tuple[int, str]]


def render(service: Service, paths: Paths) -> "Files":
    """The files of a longrun's or a oneshot's service directory, `log/` included.

    The files of references (env/NAME, data/NAME) are not among them: agent.s6.install writes
    these when their values are known.
    """
    notify = service.notify or service.kind == ONESHOT
    rendered = _common(service.name, notify, paths)
    for variable, text in service.literals:
        rendered["env/" + variable] = (FILE, text + "\n")
    command = _as_user(service.user, service.run, paths)
    if service.kind == ONESHOT:
        # The command does not get the descriptor: a child that it leaves must not hold it.
        closed = (paths.execline + "/fdclose", "%d" % NOTIFY_FD)
        command = paths.oneshot + closed + command
    rendered["run"] = (SCRIPT, _script(command, paths, True))
    if service.stop:
        stop = _as_user(service.user, service.stop, paths)
        if service.kind == ONESHOT:
            stop = paths.oneshot + ("-u",) + stop
        rendered["finish"] = (SCRIPT, _script(stop, paths, False, service.kind == ONESHOT))
        # 0: no limit (servicedir page)
        rendered["timeout-finish"] = (FILE, "%d\n" % int(service.down_timeout * 1000 + 0.5))
    return rendered


def daemon(paths: Paths, environ: list[tuple[str, str]]) -> "Files":
    """The service directory of the agent itself. `environ`: its variables, FROST_GRAPH and so on.

    It has no `down` file: s6 alone keeps the agent up.
    """
    rendered = _common(DAEMON, True, paths)
    for variable, text in environ:
        rendered["env/" + variable] = (FILE, text + "\n")
    rendered["run"] = (SCRIPT, _script(paths.agent, paths, True))
    del rendered["down"]
    return rendered


def reference_files(service: Service) -> list[str]:
    """The relative paths of the files that the references' values are put in."""
    folders = [("env/" if r.place == ENV else "data/", r.name) for r in service.references]
    return [folder + name for folder, name in folders]


def _common(name: str, notify: bool, paths: Paths) -> "Files":
    rendered = {
        "down": (FILE, ""),  # the agent starts it, once its condition holds
        "env/SERVICE": (FILE, name + "\n"),
        "env/FROST_OUTPUTS": (FILE, paths.outputs + "\n"),
        "env/FROST_SCAN": (FILE, paths.scan + "\n"),
        "log/run": (SCRIPT, _log_script(name, paths)),
        "log/notification-fd": (FILE, "%d\n" % NOTIFY_FD),
    }
    if notify:
        rendered["notification-fd"] = (FILE, "%d\n" % NOTIFY_FD)
        rendered["env/NOTIFY_FD"] = (FILE, "%d\n" % NOTIFY_FD)
    return rendered


def _script(command: tuple[str, ...], paths: Paths, main: bool, told: bool = False) -> str:
    """An execline script that becomes the command, errors in the log, with the environment; `told`:
    the script's arguments, how the process ended, are in it as $1 and $2."""
    execline = paths.execline + "/"
    first = "#!%sexeclineb%s\n" % (execline, "" if told else " -P")
    lines = [first, line([execline + "fdmove", "-c", "2", "1"])]
    if main:
        # agent.s6.strays tells by it the service's process from children with its environment
        lines.append(line([execline + "getpid", "FROST_PID"]))
    # -f: the whole file, a value may have several lines; -L: also beyond 4096 octets
    lines.append(line([paths.s6 + "/s6-envdir", "-fL", "env"]))
    lines.append(line(list(command)))
    return "".join(lines)


def _log_script(name: str, paths: Paths) -> str:
    """s6-log: the service's name before each line, the time before that; a bounded folder."""
    words = [paths.s6 + "/s6-log", "-b", "-l", "%d" % LOG_LINE, "-d", "%d" % NOTIFY_FD]
    words += ["s%d" % LOG_FILE, "n%d" % LOG_FILES, "S%d" % LOG_ROTATED]
    words += ["p%s:" % name, "T", paths.log + "/" + name]
    # -b: reads no further while it can't write, so its memory stays small
    return "#!%s/execlineb -P\n" % paths.execline + line(words)


def _as_user(user: str, command: tuple[str, ...], paths: Paths) -> tuple[str, ...]:
    return (paths.s6 + "/s6-setuidgid", user) + command if user else command
