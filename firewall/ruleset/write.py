"""A ruleset as the folder that the loader on the device reads, whole or not there."""

import hashlib
import shutil
from pathlib import Path

from firewall.ruleset import follow, text
from firewall.ruleset.rendered import Ruleset

RULESET = "ruleset.nft"
FOLLOW = "follow.json"


def files(ruleset: Ruleset) -> dict[str, str]:
    """The folder's files: name and content."""
    content = text.text(ruleset)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return {RULESET: content, FOLLOW: follow.as_json(ruleset, digest)}


def write(ruleset: Ruleset, folder: Path) -> None:
    """Write the folder, in the place of one that was there."""
    new = folder.with_name(folder.name + ".new")
    old = folder.with_name(folder.name + ".old")
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)
    new.mkdir(parents=True)
    for name, content in files(ruleset).items():
        (new / name).write_text(content)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
