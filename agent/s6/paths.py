"""Where things are on this machine: the folders that the agent works in, and s6's programs."""

from collections import namedtuple

from agent.port import files

# Debian keeps execline's programs, some of which have names of POSIX's, away from PATH. Its
# /usr/bin/execlineb is a wrapper that execs four more programs: it comes last.
EXECLINE_FOLDERS = ("/usr/lib/execline/bin", "/usr/libexec/execline", "/usr/bin", "/bin")
S6_FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Paths(NamedTuple):
        scan: str
        outputs: str
        log: str
        execline: str
        s6: str
        oneshot: tuple[str, ...]
        agent: tuple[str, ...]

else:
    # scan: s6-svscan's folder. outputs: the outputs' root. log: the folder of the logs. execline,
    # s6: the folders of these packages' programs. oneshot, agent: how these programs are called,
    # the first words of their command lines.
    Paths = namedtuple("Paths", ("scan", "outputs", "log", "execline", "s6", "oneshot", "agent"))


def find(scan: str, outputs: str, log: str, path: str = "") -> Paths:
    """The machine's Paths. `path`: $PATH, where s6 is looked for when it is not in its place."""
    others = tuple([folder for folder in path.split(":") if folder[:1] == "/"])
    execline = _folder_of("execlineb", EXECLINE_FOLDERS + others)
    s6 = _folder_of("s6-log", S6_FOLDERS + others)
    return Paths(scan, outputs, log, execline, s6, ("frost-oneshot",), ("frost-agent",))


def _folder_of(program: str, folders: tuple[str, ...]) -> str:
    for folder in folders:
        if files.kind(folder + "/" + program):
            return folder
    return folders[0]  # not installed yet: the error at the start will name the file
