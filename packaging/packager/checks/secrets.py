"""Secrets: what is delivered is declared; with a folder of their values, each has a usable file."""

import stat
from collections.abc import Iterator
from pathlib import Path

from packager.checks.singletons import who
from packager.gathered import Gathered
from services.model import Delivered, Secret
from services.site.problems import Problem, suggestion


def check(found: Gathered) -> Iterator[Problem]:
    """Deliveries of what the site does not declare, and declarations that clash."""
    secrets: dict[str, Secret] = {}
    for secret in found.site.secrets:
        first = secrets.setdefault(secret.name, secret)
        if first is not secret and first.lines != secret.lines:
            text = f"expected each secret once, got it with other parameters than at {first.where}"
            yield Problem(secret.where, secret.name, text)
    for owner, each in found.of(Delivered):
        assert isinstance(each, Delivered)
        if each.secret not in secrets and not (owner is not None and owner.broken):
            hint = suggestion(each.secret, list(secrets))
            if "did you mean" not in hint:
                hint = f'; add Secret(name="{each.secret}") to secrets of SITE'
            text = f"expected a secret of the site, got {each.secret!r}{hint}"
            yield Problem(each.where, who(owner), text)


def check_files(found: Gathered, folder: Path) -> Iterator[Problem]:
    """What is wrong with the secrets' values, which are files of their names in a folder. No value
    is shown."""
    for secret in found.site.secrets:
        if not secret.broken:
            text = wrong_file(folder / secret.name, secret.lines)
            if text:
                yield Problem(secret.where, secret.name, text)


def wrong_file(path: Path, lines: bool) -> str:
    """What is wrong with one secret's file; "" when it can be used."""
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as error:
        return f"expected the secret's value in {path}, got: {error.strerror}; write it there"
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        return (
            f"expected a file that others can't read or write, got mode {stat.S_IMODE(mode):04o} "
            f"of {path}; chmod 600 it"
        )
    if not content.strip():
        return f"expected the secret's value in {path}, got an empty file"
    if b"\0" in content:
        return f"expected text in {path}, got a NUL in it"
    if not lines and b"\n" in content.removesuffix(b"\n"):
        return (
            f"expected one line in {path}, got several; "
            f'say Secret(name="{path.name}", lines=True) if that is right'
        )
    return ""
