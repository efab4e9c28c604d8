"""Files with secrets in them: whole or not there, and never readable for others."""

from agent.generations import make_folders
from agent.port import files


def write_secret(path: str, content: bytes) -> None:
    """The whole file in the place of the one before, readable by its owner alone from the first
    octet on. The folder is made when it is missing."""
    folder, _, name = path.rpartition("/")
    make_folders(folder)
    part = "%s/.%s.new" % (folder, name)
    if files.kind(part):
        files.remove_file(part)
    files.write(part, content, 0o600)
    files.set_mode(part, 0o600)  # whatever the umask is
    files.rename(part, path)
