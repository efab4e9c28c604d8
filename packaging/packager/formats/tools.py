"""The programs that write images: run without the machine's own settings showing in the result."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import IO

# Debian's packages that have them, for the line that says what to install.
PACKAGES = {
    "mksquashfs": "squashfs-tools",
    "mke2fs": "e2fsprogs",
    "debugfs": "e2fsprogs",
    "mkfs.jffs2": "mtd-utils",
    "mkfs.ubifs": "mtd-utils",
    "ubinize": "mtd-utils",
    "zstd": "zstd",
}


class FormatError(Exception):
    """An image can't be written; the text is one line for the user."""


def run(command: list[str], folder: Path, given: "bytes | IO[bytes] | None" = None,
        **environment: str) -> str:  # fmt: skip
    """Run a tool in `folder` with `given` on its standard input. Returns all that it says, errors
    too; FormatError with its last words if it fails."""
    path = search_path()
    program = shutil.which(command[0], path=path)
    if program is None:
        package = PACKAGES[command[0]]
        raise FormatError(f"{command[0]}: not found: run `apt-get install {package}`")
    clean = {"PATH": path, "LC_ALL": "C", "TZ": "UTC", **environment}
    with tempfile.TemporaryFile() as stream:
        if isinstance(given, bytes):
            stream.write(given)
            stream.seek(0)
            given = stream
        done = subprocess.run(
            [program, *command[1:]],
            cwd=folder,
            stdin=given or subprocess.DEVNULL,
            env=clean,
            capture_output=True,
        )
    told = (done.stdout + done.stderr).decode(errors="replace")
    if done.returncode != 0:
        words = told.strip().splitlines()
        raise FormatError(f"{' '.join(command)}: {' / '.join(words[-3:])}")
    return told


def search_path() -> str:
    """$PATH, and /usr/sbin, where file system tools are, but not on every user's."""
    return os.environ.get("PATH", "") + os.pathsep + "/usr/sbin" + os.pathsep + "/sbin"


@cache
def identity(tool: str) -> str:
    """A digest of a program, or of a shared object, and of the libraries that it loads: another
    version of either may write other octets. "" for a program that is not there."""
    found = shutil.which(tool, path=search_path()) or (tool if os.path.isfile(tool) else "")
    if not found:
        return ""
    told = subprocess.run(["ldd", found], capture_output=True, text=True, env={"LC_ALL": "C",
                          "PATH": search_path()}, check=False).stdout  # fmt: skip
    paths = [word for line in told.splitlines() for word in line.split() if word[0] == "/"]
    summed = hashlib.sha256()
    for path in [found, *paths]:
        summed.update(hashlib.sha256(Path(path).read_bytes()).digest())
    return summed.hexdigest()
