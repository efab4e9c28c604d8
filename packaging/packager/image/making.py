"""An image made as the command line asks for it: where things are, and what may go wrong."""

from dataclasses import dataclass
from pathlib import Path

from agent.graph.model import GraphError
from packager.compiled import compile
from packager.debian.lock import read_lock
from packager.debian.sources import DebianError
from packager.formats.tools import FormatError
from packager.freeze import ROOT
from packager.image.build import Built, Request, build
from packager.image.forms import FORMS, Form
from packager.image.kept import KeptError
from packager.image.progress import Progress
from packager.programs import FreezeError
from packager.root.accounts import AccountError
from packager.root.tree import TreeError
from packager.size import budget
from packager.size.contents import SizeError
from packager.source import SourceError
from packager.targets import TARGETS, Target
from services.model import Site, SiteError
from services.site.problems import Problem

CACHE = ROOT / "build" / "debian"


class MakingError(Exception):
    """What was asked for can't be made; one line for the user."""


PROBLEMS = (
    AccountError,
    DebianError,
    FormatError,
    FreezeError,
    GraphError,
    KeptError,
    MakingError,
    SiteError,
    SizeError,
    SourceError,
    TreeError,
)


@dataclass(frozen=True)
class Choices:
    """What the command line asks for. lock, secrets, rootfs: a file, a folder, a tar, or None."""

    form: Form
    output: Path
    lock: Path | None = None
    secrets: Path | None = None
    rootfs: Path | None = None
    epoch: int = 0
    quiet: bool = False


def fitting(form: Form, target: Target) -> Form:
    """The form that a target has: nobody boots an overlay, it goes onto what is there."""
    return FORMS["tar"] if target.is_overlay and form.is_bootable else form


def make(site: Site, target: Target, chosen: Choices) -> Built:
    """Make the image of a site that has been checked. Raises one of PROBLEMS."""
    if chosen.rootfs is not None and not target.is_overlay:
        known = " ".join(sorted(name for name in TARGETS if name.startswith("overlay")))
        raise MakingError(f"--rootfs: expected a target of {known}, got {target.name}")
    locked = read_lock(chosen.lock.read_text(), str(chosen.lock)) if chosen.lock else []
    asked = Request(
        target=target,
        form=fitting(chosen.form, target),
        output=chosen.output.resolve(),
        cache=CACHE,
        build=ROOT / "build",
        epoch=chosen.epoch,
        lock=tuple(locked),
        secrets=chosen.secrets,
        rootfs=chosen.rootfs,
    )
    progress = Progress(quiet=chosen.quiet)
    built = build(site, compile(site), asked, progress)
    over = budget.over(built.manifest, site.budget)
    if over:
        where = site.budget.where
        raise SiteError([Problem(where, f"budget.{what}", text) for what, text in over])
    progress.end(f"{site.hostname} for {target.name} in {chosen.output}")
    return built
