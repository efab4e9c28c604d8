"""Where this machine gets its packages from: apt's own sources, read and said again for others.

Pure but for reading /etc/apt, which is never written. Only Debian's own archives are repeated: what
else a machine installs from has no packages for other architectures, and is not part of an image.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

APT = Path("/etc/apt")


class DebianError(Exception):
    """Debian's packages can't be had or don't hold what is asked; one line for the user."""


@dataclass(frozen=True)
class Source:
    """An archive with its suites, and the keyring that its signatures are checked with."""

    address: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""  # empty: the keys that apt trusts for all archives

    @property
    def is_debian(self) -> bool:
        """Debian's own: the archive, its updates or its security archive."""
        return "main" in self.components and "debian" in self.address

    @property
    def is_security(self) -> bool:
        """It carries updates of one release alone, and no other releases."""
        return any("security" in word for word in (*self.suites, self.address))


def machine_sources(apt: Path = APT) -> list[Source]:
    """Debian's archives among apt's sources; DebianError if there are none."""
    found = [source for source in read_sources(apt) if source.is_debian]
    if not found:
        raise DebianError(f"{apt}: expected a Debian archive among its sources")
    return list(dict.fromkeys(found))


def read_sources(apt: Path) -> Iterator[Source]:
    """Every source that apt's configuration names, in both of its formats."""
    for path in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*.list"))]:
        if path.is_file():
            yield from one_line_sources(path.read_text())
    for path in sorted((apt / "sources.list.d").glob("*.sources")):
        yield from deb822_sources(path.read_text())


def one_line_sources(text: str) -> Iterator[Source]:
    """sources.list(5), one-line style: `deb [options] address suite component...`."""
    for line in text.splitlines():
        found = re.fullmatch(
            r"\s*deb(?:-src)?\s+(?:\[(.*?)\]\s*)?(\S+)\s+(\S+)\s*(.*)", line.partition("#")[0]
        )
        if found:
            options, address, suite, components = found.groups()
            signed = re.search(r"(?:^|\s)signed-by=(\S+)", options or "", re.IGNORECASE)
            key = signed[1] if signed else ""
            yield Source(address, (suite,), tuple(components.split()), key)


def deb822_sources(text: str) -> Iterator[Source]:
    """sources.list(5), deb822 style: paragraphs of `Field: values`."""
    for paragraph in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        name = ""
        for line in paragraph.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in (" ", "\t"):
                fields[name] = fields.get(name, "") + "\n" + line
            else:
                name, _, value = line.partition(":")
                name = name.lower()
                fields[name] = value
        if fields.get("enabled", "yes").strip() == "no":
            continue
        for address in fields.get("uris", "").split():
            yield Source(
                address,
                tuple(fields.get("suites", "").split()),
                tuple(fields.get("components", "").split()),
                _key(fields.get("signed-by", "")),
            )


def _key(value: str) -> str:
    # A key may stand in the source itself; then apt's own trusted keys have to do.
    words = value.split()
    return words[0] if len(words) == 1 and words[0].startswith("/") else ""


def said_again(sources: list[Source], architecture: str) -> str:
    """These sources for another architecture, as a sources.list."""
    lines = []
    for source in sources:
        key = f" signed-by={source.signed_by}" if source.signed_by else ""
        for suite in source.suites:
            lines.append(f"deb [arch={architecture}{key}] {source.address} {suite} main\n")
    return "".join(lines)


def archive_address(apt: Path = APT) -> str:
    """The address of the Debian archive that this machine installs from.

    The main archive alone carries other releases' sources: not security, not third parties.
    """
    for source in machine_sources(apt):
        if not source.is_security:
            return source.address
    raise DebianError(f"{apt}: expected a Debian archive among its sources")
