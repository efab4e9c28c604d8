"""The values of references in a service directory: `env/NAME` for s6-envdir, `data/NAME` as files.

A program that starts sees each value whole. What is in `data/` may be secret: only the service's
user reads it.
"""

from agent.graph.model import ENV, Service
from agent.port import files
from agent.port.errno import ENOENT, ENOTDIR
from agent.s6.install import InstallError, replace

ENV_MODE, DATA_MODE = 0o644, 0o600
USERS = "/etc/passwd"


def write_values(scan: str, service: Service, values: dict[str, str]) -> bool:
    """Make these the values of the service's references; False: they were already.

    Keys are "env NAME" and "file NAME". A reference that is not in `values` loses its file: its
    variable is not set by us then. InstallError: a value that can't be one, an unknown user.
    """
    owner = (-1, -1)
    changed = False
    before = read_values(scan, service)
    for reference in service.references:
        key = reference.place + " " + reference.name
        if values.get(key) == before.get(key):
            continue
        path = _path(scan, service.name, reference.place, reference.name)
        changed = True
        if key not in values:
            files.remove_file(path)
        elif reference.place == ENV:
            replace(path, _octets(service, key, values[key]), ENV_MODE)
        else:
            if service.user and owner[0] < 0:
                owner = find_user(service.user)
            replace(path, _octets(service, key, values[key]), DATA_MODE, owner[0], owner[1])
    return changed


def read_values(scan: str, service: Service) -> dict[str, str]:
    """What the service directory holds for the service's references, keys as above."""
    values = {}
    for reference in service.references:
        try:
            data = files.read(_path(scan, service.name, reference.place, reference.name))
            text = data.decode()
        except OSError as error:
            if error.errno not in (ENOENT, ENOTDIR):
                raise
            continue
        except UnicodeError:
            continue  # not ours: it will be replaced
        values[reference.place + " " + reference.name] = text[:-1] if text[-1:] == "\n" else text
    return values


def find_user(name: str) -> tuple[int, int]:
    """The user's number and that of its group (passwd(5)); InstallError when there is none."""
    for line in files.read(USERS).split(b"\n"):
        fields = line.split(b":")
        if fields[0] == name.encode() and len(fields) > 3:
            try:
                return int(fields[2]), int(fields[3])
            except ValueError:
                break
    raise InstallError("user: expected a name in %s, got %s" % (USERS, name))


def _path(scan: str, service: str, place: str, name: str) -> str:
    return "%s/%s/%s/%s" % (scan, service, "env" if place == ENV else "data", name)


def _octets(service: Service, key: str, text: str) -> bytes:
    # s6-envdir makes newlines of NULs.
    if "\0" in text:
        raise InstallError("%s: %s: expected a value without NUL" % (service.name, key))
    return text.encode() + b"\n"
