"""Gets MicroPython's source: Debian's source package, fetched from the machine's own archive.

The archive's address is read from /etc/apt and used with a private configuration; /etc/apt itself
stays as it is. What was got is checked against the recorded version and checksum before use.
`FROST_MICROPYTHON=/path` names a source tree by hand, for other distributions.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

VERSION = "1.25.0+ds-1"
RELEASE = VERSION.partition("+")[0]
SUITE = "trixie"
TARBALL = "micropython_1.25.0+ds.orig.tar.xz"
SHA256 = "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea"
HAND = "FROST_MICROPYTHON"


class SourceError(Exception):
    """MicroPython's source cannot be had; the text is one line for the user."""


def prepare_source(build: Path, apt: Path = Path("/etc/apt")) -> Path:
    """Return MicroPython's source tree, fetched into `build`/src when it is not there yet."""
    by_hand = os.environ.get(HAND)
    if by_hand:
        tree = Path(by_hand).resolve()
        header = tree / "py" / "mpconfig.h"
        minor = f"#define MICROPY_VERSION_MINOR {VERSION.split('.')[1]}\n"
        if not header.is_file() or minor not in header.read_text():
            raise SourceError(f"{HAND}={by_hand}: expected the source of MicroPython {RELEASE}")
        return tree
    # The checksum is part of the name: another version never meets an old tree.
    tree = (build / "src" / f"micropython-{VERSION}-{SHA256[:8]}").resolve()
    if not tree.is_dir():
        tree.parent.mkdir(parents=True, exist_ok=True)
        unpack(fetch(tree.parent, archive_address(apt)), tree)
    return tree


def fetch(folder: Path, archive: str) -> Path:
    """Download the source package into `folder`; return the verified tarball."""
    work = folder / "fetch"
    shutil.rmtree(work, ignore_errors=True)
    for name in ("lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True)
    (work / "sources.list").write_text(f"deb-src {archive} {SUITE} main\n")
    options = [
        f"Dir::Etc::sourcelist={work}/sources.list",
        "Dir::Etc::sourceparts=/dev/null",
        f"Dir::State::lists={work}/lists",
        f"Dir::Cache={work}/cache",
        "APT::Sandbox::User=root",
        "Acquire::Retries::Delay=false",
        "APT::Update::Error-Mode=any",  # an archive that does not answer is an error
    ]
    apt_get = ["apt-get", "-q", *(word for option in options for word in ("-o", option))]
    run([*apt_get, "update"], work)
    run([*apt_get, "source", "--download-only", f"micropython={VERSION}"], work)
    verify(work / TARBALL)
    return work / TARBALL


def run(command: list[str], folder: Path) -> None:
    """Run one command of the fetch, quietly unless it fails."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except FileNotFoundError:
        raise SourceError(
            f"{command[0]}: not found; without apt set {HAND} to MicroPython 1.25's source"
        ) from None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        reason = lines[0] if lines else f"exit code {done.returncode}"
        words = [word for word in command if not word.startswith("-") and "::" not in word]
        raise SourceError(f"{' '.join(words)}: {reason}; or set {HAND} to a source tree")


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
    run(["tar", "-xJf", str(tarball), "--strip-components=1", "-C", str(partial)], tree.parent)
    partial.rename(tree)
    shutil.rmtree(tarball.parent)


def archive_address(apt: Path) -> str:
    """The address of the Debian archive that this machine installs from."""
    for suites, address in sorted_sources(apt):
        # The main archive alone carries other releases' sources: not security, not third parties.
        if "debian" in address and not any("security" in word for word in (*suites, address)):
            return address
    raise SourceError(f"{apt}: expected a Debian archive among its sources; or set {HAND}")


def sorted_sources(apt: Path) -> Iterator[tuple[list[str], str]]:
    """Every (suites, address) that apt's configuration names, in both of its formats."""
    lists = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*.list"))]
    for path in lists:
        if path.is_file():
            yield from one_line_sources(path.read_text())
    for path in sorted((apt / "sources.list.d").glob("*.sources")):
        yield from deb822_sources(path.read_text())


def one_line_sources(text: str) -> Iterator[tuple[list[str], str]]:
    """sources.list(5), one-line style: `deb [options] address suite component...`."""
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if not words or words[0] not in ("deb", "deb-src"):
            continue
        rest = words[1:]
        if rest and rest[0].startswith("["):
            while rest and not rest[0].endswith("]"):
                rest = rest[1:]
            rest = rest[1:]
        if len(rest) >= 2:
            yield [rest[1]], rest[0]


def deb822_sources(text: str) -> Iterator[tuple[list[str], str]]:
    """sources.list(5), deb822 style: paragraphs of `Field: values`."""
    for paragraph in text.split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in paragraph.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in (" ", "\t"):
                fields[name] += line
            else:
                name, _, value = line.partition(":")
                name = name.lower()
                fields[name] = value
        if fields.get("enabled", "yes").strip() == "no":
            continue
        for address in fields.get("uris", "").split():
            yield fields.get("suites", "").split(), address
