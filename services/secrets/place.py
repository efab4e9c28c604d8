"""Where secrets are delivered: `data/secrets` in the service directory of who gets them.

The folder belongs to root and to the consumer's group, which may look into it; the files in it are
the consumer's own, mode 0600. So nobody else reads them, and nobody but root changes the folder.
"""

from agent.generations import make_folders, remove_tree
from agent.port import files
from agent.s6.install import replace

FOLDER = "data/secrets"


def folder_of(scan: str, service: str) -> str:
    """The folder, in the service directory, or in the one that the agent will make it of: a
    service that waits for its secrets may be new (agent.s6.install)."""
    path = "%s/%s" % (scan, service)
    if not files.kind(path):
        path = "%s/.%s.new" % (scan, service)
    return "%s/%s" % (path, FOLDER)


def deliver(folder: str, made: list[tuple[str, bytes]], user: int, group: int) -> None:
    """These files, by name, whole or as before. user, group: who gets them; -1: root."""
    make_folders(folder)
    if user >= 0:
        files.set_owner(folder, 0, group)
    files.set_mode(folder, 0o750 if user >= 0 else 0o700)
    for name, content in made:
        replace("%s/%s" % (folder, name), content, 0o600, user, group)


def remove(scan: str, service: str) -> None:
    """All that was delivered to a service, parts of it, too."""
    for path in ("%s/%s", "%s/.%s.new"):
        folder = path % (scan, service) + "/" + FOLDER
        if files.kind(folder):
            remove_tree(folder)
