"""An image's contents grouped: by package, by folder, by who asked for it. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from packager.size.contents import Contents, Item

OTHER = "(without a reason)"
NAMED = 3  # of those who share something


@dataclass(frozen=True)
class Group:
    """Items that belong together. Octets; `why`: for people, '' where nothing is known."""

    name: str
    packed: int
    size: int
    files: int
    why: str = ""
    parts: tuple["Group", ...] = ()


def by_package(contents: Contents) -> list[Group]:
    """Packages, the largest first, each with the reason that most of it has."""
    return grouped(contents, contents.items, lambda item: item.package)


def by_folder(contents: Contents, depth: int = 3) -> list[Group]:
    """Folders, `depth` names deep, the largest first; what is deeper counts with them."""

    def folder(item: Item) -> str:
        return "/".join(item.path.split("/")[:-1][: depth + 1]) or "/"

    items = [item for item in contents.items if item.kind != "folder"]
    return [group_without_why(each) for each in grouped(contents, items, folder)]


def by_reason(contents: Contents) -> list[Group]:
    """What was asked for, the largest first: what would go with it. What several need is apart.

    A group's parts are the reasons that follow from it.
    """
    found = []
    for group in grouped(contents, contents.items, asked):
        inside = [item for item in contents.items if asked(item) == group.name]
        parts = grouped(contents, inside, lambda item: item.reason or OTHER)
        names = [part.name for part in parts]
        why = names[0] if len(names) == 1 and names != [group.name] else ""
        kept = tuple(map(group_without_why, parts)) if len(names) > 1 else ()
        found.append(Group(group.name, group.packed, group.size, group.files, why, kept))
    return found


def asked(item: Item) -> str:
    """Who wanted it: the first step of its chain, or all who need it."""
    if len(item.needed_by) > 1:
        first, others = item.needed_by[:NAMED], len(item.needed_by) - NAMED
        if others > 0:
            return f"needed by {', '.join(first)} and {others} more"
        return f"needed by {', '.join(first[:-1])} and {first[-1]}"
    return item.chain[0] if item.chain else item.reason or OTHER


def by_file(contents: Contents) -> list[Group]:
    """Files, the largest first, each with the steps that brought it here."""
    files = [item for item in contents.items if item.kind == "file"]
    return grouped(contents, files, lambda item: item.path)


def grouped(
    contents: Contents, items: Iterable[Item], name_of: Callable[[Item], str]
) -> list[Group]:
    """Groups by name, the one that weighs most first."""
    members: dict[str, list[Item]] = {}
    for item in items:
        members.setdefault(name_of(item), []).append(item)
    weights = {name: sum(map(contents.weight, group)) for name, group in members.items()}
    return [
        Group(
            name,
            sum(item.packed for item in members[name]),
            sum(item.size for item in members[name]),
            sum(item.kind == "file" for item in members[name]),
            reason(contents, members[name]),
        )
        for name in sorted(members, key=lambda name: (-weights[name], name))
    ]


def reason(contents: Contents, items: Iterable[Item]) -> str:
    """The reason that weighs most, and how many others there are."""
    weights: dict[str, int] = {}
    for item in items:
        weights[item.reason] = weights.get(item.reason, 0) + contents.weight(item)
    first = min(weights, key=lambda text: (-weights[text], text), default="")
    others = len(weights) - 1
    more = f" (and {others} other reason{'s'[: others > 1]})" if others > 0 else ""
    return first + more if first else ""


def group_without_why(group: Group) -> Group:
    """The same, where the name says it all."""
    return Group(group.name, group.packed, group.size, group.files)
