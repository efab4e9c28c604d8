"""A small site, its image, and `frostgate build` of one to the other, for tests."""

import contextlib
import io
from pathlib import Path

from packager.__main__ import main

EPOCH = 1700000000
# A router's least: one port. Much of a build's time is the root's size.
SITE = """\
from services.link.definition import Ethernet
from services.model import Budget, File, Folder, Secret, Site, User

SITE = Site(
    hostname="{host}",
    services=(Ethernet(name="port", ifname="eth0"),),
    users=(User(name="root", keys=()), {users}),
    secrets=(Secret(name="wlan"),),
    files=({files}),
    budget=Budget({budget}),
)
"""

Told = tuple[int, str, str]  # exit code, output, errors


def site(
    folder: Path, host: str = "box", files: str = "", users: str = "", budget: str = ""
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "site.py"
    path.write_text(SITE.format(host=host, files=files, users=users, budget=budget))
    return path


def octets(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted(folder.iterdir())}


class Place:
    """A site, its image, and `frostgate build` of one to the other."""

    def __init__(self, folder: Path) -> None:
        self.site = site(folder)
        self.image = folder / "image"

    def build(self, *words: str) -> Told:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["build", str(self.site), "-o", str(self.image), *words])
        return code, out.getvalue(), err.getvalue()
