"""Gets MicroPython's source: Debian's source package, fetched from the machine's own archive.

The archive's address is read from /etc/apt and used with a state of its own (packager.debian.apt).
What was got is checked against the recorded version and checksum before use.
`FROST_MICROPYTHON=/path` names a source tree by hand, for other distributions.
"""

import hashlib
import os
import shutil
from pathlib import Path

from packager.debian.apt import Apt, run
from packager.debian.sources import APT, DebianError, archive_address

VERSION = "1.25.0+ds-1"
RELEASE = VERSION.partition("+")[0]
SUITE = "trixie"
TARBALL = "micropython_1.25.0+ds.orig.tar.xz"
SHA256 = "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea"
ARCHITECTURE = "amd64"  # a source package is the same for all
HAND = "FROST_MICROPYTHON"


class SourceError(Exception):
    """MicroPython's source cannot be had; the text is one line for the user."""


def prepare_source(build: Path, apt: Path = APT) -> Path:
    """Return MicroPython's source tree, fetched into `build`/src when it is not there yet."""
    named = os.environ.get(HAND)
    if named:
        tree = Path(named).resolve()
        header = tree / "py" / "mpconfig.h"
        minor = f"#define MICROPY_VERSION_MINOR {VERSION.split('.')[1]}\n"
        if not header.is_file() or minor not in header.read_text():
            raise SourceError(f"{HAND}={named}: expected the source of MicroPython {RELEASE}")
        return tree
    # The checksum is part of the name: another version never meets an old tree.
    tree = (build / "src" / f"micropython-{VERSION}-{SHA256[:8]}").resolve()
    if not tree.is_dir():
        tree.parent.mkdir(parents=True, exist_ok=True)
        try:
            archive = archive_address(apt)
        except DebianError as error:
            raise by_hand(error) from None
        unpack(fetch(tree.parent, archive), tree)
    return tree


def fetch(folder: Path, archive: str) -> Path:
    """Download the source package into `folder`; return the verified tarball."""
    work = folder / "fetch"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    apt = Apt(work, f"deb-src {archive} {SUITE} main\n", ARCHITECTURE)
    try:
        apt.update()
        apt.source("micropython", VERSION, work)
    except DebianError as error:
        raise by_hand(error) from None
    verify(work / TARBALL)
    return work / TARBALL


def by_hand(error: DebianError) -> SourceError:
    """The same refusal, with the way out of it."""
    return SourceError(f"{error}; or set {HAND} to the source of MicroPython {RELEASE}")


def verify(tarball: Path) -> None:
    """Refuse a tarball that is not the recorded one."""
    got = hashlib.sha256(tarball.read_bytes()).hexdigest()
    if got != SHA256:
        raise SourceError(f"{tarball}: expected SHA-256 {SHA256}, got {got}")


def unpack(tarball: Path, tree: Path) -> None:
    """Unpack into place in one step, so that an interrupted run leaves no half tree."""
    partial = tree.with_name(tree.name + ".new")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        run(["tar", "-xJf", str(tarball), "--strip-components=1", "-C", str(partial)], tree.parent)
    except DebianError as error:
        raise by_hand(error) from None
    partial.rename(tree)
    shutil.rmtree(tarball.parent)
