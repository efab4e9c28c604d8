"""What a site compiles to, as one text that people can compare."""

import json
from pathlib import Path

from packager.compiled import Compiled

HIDDEN = ("/etc/frost/graph.json", "/etc/frost/scan/")


def graph_text(compiled: Compiled) -> str:
    """The graph, without the version that wrote it."""
    graph = json.loads(compiled.graph)
    del graph["written-by"]
    return json.dumps(graph, indent=1, ensure_ascii=False) + "\n"


def lists_text(compiled: Compiled) -> str:
    """Everything else: programs, packages, files with their content (rulesets by their names)."""
    lines = [f"program {name}" for name in compiled.programs]
    lines += [f"debian {each.package} {' '.join(each.paths)}" for each in compiled.debian]
    lines += [f"module {each.name}{'' if each.load else ' at hand'}" for each in compiled.modules]
    lines += [f"sysctl {each.path} = {each.value}" for each in compiled.sysctls]
    for folder in compiled.folders:
        kept = " kept" if folder.keep else ""
        lines.append(f"folder {folder.path} {folder.mode:o} {folder.owner}{kept}")
    lines += [f"link {each.path} to {each.target}" for each in compiled.links]
    lines += [f"account {each.name} {each.home} {each.shell}" for each in compiled.accounts]
    lines += [f"claim {each.kind} {each.what}" for each in compiled.claims]
    for file in compiled.files:
        if file.path.startswith(HIDDEN):
            continue
        lines.append(f"file {file.path} {file.mode:o} {file.owner}")
        if Path(file.path).parent != Path("/etc/frost/firewall"):
            content = file.content if isinstance(file.content, str) else file.content.decode()
            lines += ["    " + line for line in content.splitlines()]
    return "".join(line + "\n" for line in lines)
