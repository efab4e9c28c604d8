"""What there is once belongs to one: ports, links and devices; paths; settings; accounts."""

from collections.abc import Iterator

from packager.gathered import Gathered
from services.model import Account, Claim, File, Folder, Resource, Service, Symlink, Sysctl
from services.site.problems import Problem, shown

OR_ELSE = {"port": ", or give it another port", "unique local prefix": ', or give it ula=""'}

Owned = tuple[Service | None, Resource]


def check(found: Gathered) -> Iterator[Problem]:
    """Two that want the same."""
    known = [each for each in found.resources if each[0] is None or not each[0].broken]
    yield from _claims(known)
    yield from _paths(known)
    yield from _same(known, Sysctl, "path", "value", "value of")
    yield from _same(known, Account, "name", "home", "account")


def who(owner: Service | None) -> str:
    """Whose a resource is, as the subject of a problem."""
    return owner.name if owner is not None else "site"


def _of(owner: Service | None) -> str:
    return owner.name if owner is not None else "the site itself"


def _claims(known: list[Owned]) -> Iterator[Problem]:
    first: dict[tuple[str, str], tuple[Service | None, Claim]] = {}
    for owner, claim in known:
        if isinstance(claim, Claim):
            other, before = first.setdefault((claim.kind, claim.what), (owner, claim))
            if other is not owner:
                yield Problem(
                    claim.where,
                    who(owner),
                    f"expected one service for the {claim.kind} {claim.what}, got {who(other)} "
                    f"({before.where}) and {who(owner)}; leave one of them out"
                    + OR_ELSE.get(claim.kind, ""),
                )


def _paths(known: list[Owned]) -> Iterator[Problem]:
    paths: dict[str, tuple[Service | None, File | Folder | Symlink]] = {}
    for owner, each in known:
        if isinstance(each, File | Folder | Symlink):
            other, before = paths.setdefault(each.path, (owner, each))
            if before != each:
                what = "content" if isinstance(before, File) else "kind, mode and owner"
                if type(before) is not type(each):
                    what = "kind, a file, a folder or a link"
                yield Problem(
                    each.where,
                    who(owner),
                    f"expected {each.path} once, got it from {who(other)} ({before.where}) with "
                    f"another {what}",
                )
    for path, (owner, each) in paths.items():
        above = path.rpartition("/")[0]
        while above:
            other, folder = paths.get(above, (None, None))
            if isinstance(folder, File):
                yield Problem(
                    each.where,
                    who(owner),
                    f"expected {above} to be a folder, since {path} is in it, got the file of "
                    f"{who(other)} ({folder.where})",
                )
            above = above.rpartition("/")[0]


def _same(known: list[Owned], kind: type, key: str, value: str, what: str) -> Iterator[Problem]:
    """Values of one key that several give have to be equal."""
    first: dict[str, tuple[Service | None, Resource]] = {}
    for owner, each in known:
        if isinstance(each, kind):
            name = getattr(each, key)
            other, before = first.setdefault(name, (owner, each))
            if before != each:
                mine, theirs = shown(getattr(each, value)), shown(getattr(before, value))
                got = f"{theirs} of {_of(other)} ({before.where}) and {mine} of {_of(owner)}"
                if mine == theirs:
                    got = f"another of {_of(other)} ({before.where})"
                yield Problem(each.where, who(owner), f"expected one {what} {name}, got {got}")
