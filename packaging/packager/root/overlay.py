"""Our files on somebody else's root filesystem: where both have a path, ours counts. Pure."""

from dataclasses import replace

from packager.root.tree import Entry, Tree, TreeError, told


def overlaid(base: Tree, ours: Tree) -> Tree:
    """A tree with all of `base`, ours over it. Neither is changed.

    Ours go where the base's links lead: with a link /lib -> usr/lib in it, ours of /lib/x are at
    /usr/lib/x. A folder that both have stays the base's, but for what ours names itself. TreeError
    where a folder would take a file's place, or a file a folder's.
    """
    found = Tree(base)
    for entry in ours:
        above, _, name = entry.path.rpartition("/")
        path = f"{found.follow(above)}/{name}".replace("//", "/")
        there = found.get(path)
        if there is not None and entry.kind == "folder":
            path = found.follow(path)
            there = found.get(path)
        if there is None:
            found.add(replace(entry, path=path))
            continue
        if (there.kind == "folder") != (entry.kind == "folder"):
            raise TreeError(f"{path}: the base has {told(there)}; over it would come {told(entry)}")
        if entry.kind != "folder":
            found.remove(path)
            found.add(replace(entry, path=path))
        elif not ours.is_implicit(entry.path):
            found.put(replace(entry, path=path))
    return found


def replaced(base: Tree, ours: Tree) -> list[Entry]:
    """What of the base is no more in the overlaid tree, for people to see."""
    result = overlaid(base, ours)
    return [each for each in base if each.kind != "folder" and result.get(each.path) != each]
