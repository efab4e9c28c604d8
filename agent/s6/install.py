"""Service directories put into the scan folder, brought up to date there, and taken out again.

s6-svscan never sees half a directory: a new one is made under a name with a dot, which it passes
over, and renamed; `data/secrets` may be there before (services.secrets.place), and stays. In one
that s6-supervise works in, files are replaced one by one by rename; it reads them at the next
start. `data/.frostgate` marks a directory as ours: it holds the service's digest, is emptied before
a change and filled after it. agent.s6.values writes into it.
"""

import hashlib

from agent.generations import make_folders, remove_tree
from agent.graph.model import Service, canonical
from agent.names import is_service_name
from agent.port import files
from agent.port.errno import EEXIST, ENOENT, ENOTDIR
from agent.s6 import control
from agent.s6.directory import DAEMON, daemon, reference_files, render
from agent.s6.paths import Paths

MARK = "data/.frostgate"
NEW, GONE, PART = ".new", ".gone", ".part"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.s6.directory import Files


class InstallError(Exception):
    """A service directory that can't be made or changed; the text is one line."""


def install(scan: str, service: Service, paths: Paths) -> bool:
    """Make the service's directory, or bring it up to date. True: it is new, control.rescan()."""
    make_folders(paths.log)  # s6-log makes its own folder in there
    rendered = render(service, paths)
    return put(scan, service.name, rendered, service.digest, reference_files(service))


def install_daemon(paths: Paths, environ: list[tuple[str, str]]) -> bool:
    """Make the agent's own directory, or bring it up to date. True: it is new."""
    rendered = daemon(paths, environ)
    listed = [[path, mode, text] for path, (mode, text) in sorted(rendered.items())]
    digest = "".join(["%02x" % o for o in hashlib.sha256(canonical(listed).encode()).digest()])[:16]
    make_folders(paths.log)  # s6-log makes its own folder in there
    return put(paths.scan, DAEMON, rendered, digest, [])


def put(scan: str, name: str, rendered: "Files", digest: str, keep: list[str]) -> bool:
    """Install rendered files under this name; `keep`: other paths to leave as they are."""
    path = _path(scan, name)
    if not files.kind(path):
        _make(scan, name, rendered, digest)
        return True
    if not files.kind(path + "/" + MARK):
        text = "%s: expected a service directory made by frostgate, got another; remove it"
        raise InstallError(text % path)
    files.write(path + "/" + MARK, b"")
    for relative in sorted(rendered):
        mode, text = rendered[relative]
        _make_folder(path + "/" + relative.rpartition("/")[0])
        replace(path + "/" + relative, text.encode(), mode)
    _remove_others(path, rendered, keep)
    replace(path + "/" + MARK, digest.encode(), 0o644)
    return False


def installed(scan: str) -> dict[str, str]:
    """The services that we installed, with their digests; "" when the installation was cut off.

    The agent's own directory is not among them: it is no service of the graph.
    """
    digests = {}
    for name in files.listing(scan):
        if name[0] != "." and name != DAEMON:
            try:
                digests[name] = files.read("%s/%s/%s" % (scan, name, MARK)).decode()
            except OSError as error:
                if error.errno not in (ENOENT, ENOTDIR):
                    raise
    return digests


def uninstall(scan: str, name: str) -> bool:
    """Take out a service that is down; False when there is none of ours.

    s6-svscan ends the s6-supervise of the service and of its logger. The rest is sweep()'s.
    """
    path = _path(scan, name)
    if not files.kind(path + "/" + MARK):
        return False
    number = 0
    while files.kind(_gone(scan, name, number)):
        number += 1
    files.rename(path, _gone(scan, name, number))
    control.rescan(scan, "an")
    return True


def sweep(scan: str) -> list[str]:
    """Remove what uninstall() took out; the names that wait for their s6-supervise to end."""
    waiting = []
    for name in files.listing(scan):
        base, _, number = name.rpartition(GONE)
        if base[:1] == "." and number.isdigit():
            if control.listens(scan, name) or control.listens(scan, name + "/log"):
                waiting.append(base[1:])
            else:
                remove_tree(scan + "/" + name)
    if waiting:
        # The first look of s6-svscan may have come too late to end them.
        control.rescan(scan, "an")
    return waiting


def replace(path: str, data: bytes, mode: int, user: int = -1, group: int = -1) -> None:
    """Put a whole file in the place of what is there; nobody ever reads a part of it."""
    folder, _, name = path.rpartition("/")
    part = "%s/.%s%s" % (folder, name, PART)
    if files.kind(part):
        files.remove_file(part)  # whoever it belonged to
    # A secret is never readable for more than it will be.
    files.write(part, data, mode & 0o700)
    if user >= 0:
        files.set_owner(part, user, group)
    files.set_mode(part, mode)
    files.rename(part, path)


def _path(scan: str, name: str) -> str:
    if not is_service_name(name):
        raise InstallError("%s: expected a service's name" % name)
    return scan + "/" + name


def _gone(scan: str, name: str, number: int) -> str:
    return "%s/.%s%s%d" % (scan, name, GONE, number)


def _make(scan: str, name: str, rendered: "Files", digest: str) -> None:
    new = "%s/.%s%s" % (scan, name, NEW)
    is_left = files.kind(new)
    for folder in ("", "/data", "/env", "/log"):
        _make_folder(new + folder)
    for relative in sorted(rendered):
        mode, text = rendered[relative]
        files.write(new + "/" + relative, text.encode(), mode)
        files.set_mode(new + "/" + relative, mode)  # whatever the umask is
    if is_left:  # of an installation that was cut off, perhaps
        _remove_others(new, rendered, [])
    files.write(new + "/" + MARK, digest.encode())
    files.rename(new, scan + "/" + name)


def _make_folder(path: str) -> None:
    try:
        files.make_folder(path)
        files.set_mode(path, 0o755)
    except OSError as error:
        if error.errno != EEXIST:
            raise


def _remove_others(path: str, rendered: "Files", keep: list[str]) -> None:
    """Remove what an earlier version of the service had; s6's own folders stay."""
    for folder in ("", "env/", "data/", "log/"):
        for name in files.listing(path + "/" + folder):
            relative = folder + name
            if (
                relative not in rendered
                and relative not in keep
                and not relative.startswith("data/.")
            ):
                if files.kind(path + "/" + relative) == "file":
                    files.remove_file(path + "/" + relative)
