"""Kernel modules: which files, in which order. Pure."""

from services.boot.words import rows


def wanted(text: str) -> list[tuple[str, str]]:
    """The modules of a list of `NAME [PARAMETER=VALUE...]`: (name, parameters)."""
    found = []
    for line in rows(text):
        name, _, parameters = line.partition(" ")
        found.append((plain(name), parameters.strip()))
    return found


def plain(name: str) -> str:
    """The name that the kernel knows the module of a file by: without folders and suffix."""
    return name.rpartition("/")[2].partition(".ko")[0].replace("-", "_")


def order(names: list[str], dependencies: str, builtin: str) -> tuple[list[str], list[str]]:
    """The files to load, each behind what it needs, and the names that there is no file of.

    `dependencies`: modules.dep (`FILE: NEEDED...`, what is needed first stands last); `builtin`:
    modules.builtin. A module that is built in needs nothing.
    """
    asked = set(names)
    lines = {}
    for line in dependencies.split("\n"):
        path, _, needs = line.partition(":")
        if plain(path) in asked:
            lines[plain(path)] = needs.split()[::-1] + [path]
    files: list[str] = []
    for name in names:
        files += [path for path in lines.get(name, []) if path not in files]
    there = [plain(line) for line in builtin.split("\n")] if len(lines) < len(asked) else []
    return files, [name for name in names if name not in lines and name not in there]


def parameters(command_line: dict[str, str]) -> dict[str, str]:
    """The parameters of modules on the kernel's command line: `NAME.PARAMETER=VALUE`."""
    found: dict[str, str] = {}
    for word in sorted(command_line):
        name, dot, parameter = word.partition(".")
        if dot and parameter:
            value = command_line[word]
            text = parameter + "=" + value if value else parameter
            found[plain(name)] = (found.get(plain(name), "") + " " + text).strip()
    return found
