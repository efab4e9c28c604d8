"""apt with a state of its own: lists, cache and sources in one folder, nothing of the machine's
changed. Signatures are checked as apt checks them, with the machine's keys.
"""

import os
import subprocess
from pathlib import Path

from packager.debian.sources import DebianError

# The machine's configuration holds (a proxy, say), but for what would reach into the machine.
CONFIGURATION = """\
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Sandbox::User "root";
APT::Update::Error-Mode "any"; // an archive that does not answer is an error
APT::Default-Release "";
Acquire::Languages "none";
Acquire::Retries::Delay "false";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "{folder}";
Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
"""


class Apt:
    """apt-get and apt-cache for one architecture, with their state in `folder`."""

    def __init__(self, folder: Path, sources: str, architecture: str) -> None:
        self.folder = folder.resolve()
        self._files = {
            "sources.list": sources,
            "status": "",
            "apt.conf": CONFIGURATION.format(folder=self.folder, architecture=architecture),
        }

    def update(self) -> None:
        """Fetch the lists of packages; DebianError if one can't be had or is not signed."""
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name, text in self._files.items():
            (self.folder / name).write_text(text)
        self._run("apt-get", "-q", "update")

    def is_current(self) -> bool:
        """Whether the lists were made of the same sources and configuration."""
        paths = [(self.folder / name, text) for name, text in self._files.items()]
        return all(path.is_file() and path.read_text() == text for path, text in paths)

    def available(self) -> str:
        """The newest version of each package, as dpkg writes them: paragraphs of fields."""
        return self._run("apt-cache", "dumpavail")

    def download(self, packages: dict[str, str], folder: Path) -> None:
        """Put the .debs of these packages, name -> version, into a folder."""
        names = [f"{name}={version}" for name, version in sorted(packages.items())]
        self._run("apt-get", "-q", "download", *names, cwd=folder)

    def source(self, name: str, version: str, folder: Path) -> None:
        """Put the files of a source package into a folder, as they are."""
        self._run("apt-get", "-q", "source", "--download-only", f"{name}={version}", cwd=folder)

    def _run(self, program: str, *arguments: str, cwd: Path | None = None) -> str:
        return run([program, "-c", f"{self.folder}/apt.conf", *arguments], cwd or self.folder)


def run(command: list[str], folder: Path) -> str:
    """Run a command of apt's or dpkg's and return what it writes; DebianError with its error."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
        )
    except FileNotFoundError:
        raise DebianError(
            f"{command[0]}: not found; images are made of Debian's packages, on a Debian 12"
        ) from None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        reason = lines[0] if lines else f"exit code {done.returncode}: {done.stderr.strip()[-200:]}"
        words = [word for word in command if not word.startswith(("-", "/"))]
        raise DebianError(f"{' '.join(words)}: {reason}")
    return done.stdout
