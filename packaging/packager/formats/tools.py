"""The programs that write images: run without the machine's own settings showing in the result."""

import os
import shutil
import subprocess
import tempfile
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
    too; FormatError with its last words if it fails.

    /usr/sbin, where file system tools are, is not on every user's PATH.
    """
    path = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin" + os.pathsep + "/sbin"
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
