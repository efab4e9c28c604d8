"""Loads a ruleset into the room without the loader: what mutation uses, hundreds of times.

It does once what firewall/loader does always: the sets and maps that follow outputs get the
elements that the room's outputs have at this moment.
"""

import json
from fnmatch import fnmatchcase
from typing import Any

from agent import outputs
from agent.port import nft
from firewall.ruleset import follow, text
from firewall.ruleset.rendered import Ruleset
from tests.lab.firewall.room import Room


class Refused(Exception):
    """nft does not take the text."""


def apply(room: Room, content: str) -> None:
    """Load a text into the router; Refused says why not."""
    with room.router.inside():
        error = nft.apply(content)
    if error:
        raise Refused(error)


def load(room: Room, ruleset: Ruleset) -> None:
    """Load a ruleset, its elements, its settings; then forward."""
    plan = json.loads(follow.as_json(ruleset, ""))
    apply(room, text.text(ruleset) + elements(room, plan))
    with room.router.inside():
        for path, value in [*plan["settings"].items(), *plan["switches"].items()]:
            try:
                with open("/proc/sys/" + path, "w") as file:
                    file.write(value)
            except FileNotFoundError:  # of a tracker that this kernel lacks
                continue


def elements(room: Room, plan: dict[str, Any]) -> str:
    """The commands that fill what follows outputs."""
    published = {
        name: outputs.read(str(room.outputs), name) or {}
        for name in ("wan", "lan", "guest", "open", "softwire", "lan_prefix", "ra", "dhcp4")
    }
    lines = [
        f"flush {each['kind']} {table['family']} {table['name']} {each['name']}"
        for table in plan["tables"]
        for each in table["sets"]
        if each["name"] != "bogons"  # its elements stand in the text
    ]
    tables = [(table["family"], table["name"]) for table in plan["tables"]]
    for zone in plan["zones"]:
        for member in zone["members"]:
            service, _, path = member["output"].partition("/")
            for link in published[service].get(path, "").split():
                for family, name in tables:
                    lines.append(f'add element {family} {name} {zone["name"]} {{ "{link}" }}')
                for each in zone["maps"]:
                    where = f"{each['family']} {each['table']} {each['map']}"
                    lines.append(f'add element {where} {{ "{link}" : {each["verdict"]} }}')
                if "icmp" in zone:
                    lines += _limit(link, tables, zone["icmp"]["default"])
    for each in plan["follow"]:
        where = f"{each['family']} {each['table']} {each['set']}"
        for source in each["from"]:
            for element in _elements(source, published):
                lines.append(f"add element {where} {{ {element} }}")
    return "".join(line + "\n" for line in lines)


def _limit(link: str, tables: list[tuple[str, str]], rate: int) -> list[str]:
    lines = []
    for family, name in tables:
        limit = f"icmp_{rate}_{link}"
        # taken away and made anew, so that it is full
        lines.append(f"add limit {family} {name} {limit} {{ rate over 1/second ; }}")
        lines.append(f"delete limit {family} {name} {limit}")
        lines.append(f"add limit {family} {name} {limit} "
                     f"{{ rate over {rate}/second burst {rate} packets ; }}")  # fmt: skip
        lines.append(f'add element {family} {name} icmp_limits {{ "{link}" : "{limit}" }}')
    return lines


def _elements(source: dict[str, Any], published: dict[str, dict[str, str]]) -> list[str]:
    if "value" in source:
        return [source["value"]]
    if "values" in source:
        service, _, path = source["values"].partition("/")
        return published[service].get(path, "").split()
    service, _, pattern = source["entries"].partition("/")
    values = published[service]
    found = []
    for path in sorted(values):
        folder, _, name = path.rpartition("/")
        if name != source["address"] or not fnmatchcase(folder, pattern):
            continue
        if folder.count("/") != pattern.count("/"):
            continue
        element = values[path]
        if "suffix" in source:
            element = element.partition("::")[0] + source["suffix"]
        elif "length" in source:
            element += "/" + values[f"{folder}/{source['length']}"]
        if "link" in source:
            pairs = zip(folder.split("/"), pattern.split("/"), strict=True)
            stars = [word for word, glob in pairs if glob == "*"]
            element += f' . "{stars[source["link"]]}"'
        found.append(element)
    return found
