"""What the loader on the device must know besides the text: follow.json. Pure.

Which zones there are and which map entries each of their links has, which sets follow which
outputs, which kernel settings belong to the ruleset. firewall/loader reads it.
"""

import json
from typing import Any

import agent
from firewall.ruleset.compose import ICMP_LIMITS
from firewall.ruleset.model import Entries, Output, Value, Values, Zone
from firewall.ruleset.rendered import Ruleset, Table

VERSION = 1
# What is forwarded once the ruleset is in (Documentation/networking/ip-sysctl.rst).
SWITCHES = {
    "ip": ("net/ipv4/ip_forward", "1"),
    "ip6": ("net/ipv6/conf/all/forwarding", "1"),
}


def as_json(ruleset: Ruleset, digest: str) -> str:
    """follow.json; `digest`: the SHA-256 of the text that it belongs to, in hex."""
    firewall = ruleset.firewall
    icmp = any(each.name == ICMP_LIMITS for table in ruleset.tables for each in table.sets)
    found: dict[str, Any] = {
        "frostgate-firewall": VERSION,
        "written-by": f"frostgate {agent.VERSION}",
        "ruleset": digest,
        "tables": [_table(table) for table in ruleset.tables],
        "zones": [_zone(zone, ruleset, icmp) for zone in firewall.zones],
        "follow": _followed(ruleset),
        "forget": [_source(each) for each in ruleset.forget],
        "switches": dict(SWITCHES[family] for family in sorted(firewall.forwarding)),
        "settings": dict(ruleset.settings),
        "log": firewall.log.group,
        "groups": [
            {
                "name": group.name,
                "requirement": group.requirement,
                "text": group.text,
                "parameters": dict(group.parameters),
            }
            for group in ruleset.groups
        ],
    }
    if firewall.offload:
        found["offload"] = {"zones": list(firewall.offload)}
    # A line for each part: small on flash, and json's own C encoder writes no indented text.
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in found.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _table(table: Table) -> dict[str, Any]:
    return {
        "family": table.family,
        "name": table.name,
        "chains": sorted(chain.name for chain in table.chains),
        "sets": [
            {
                "name": each.name,
                "kind": "map" if each.data else "set",
                "type": f"{each.type} : {each.data}" if each.data else each.type,
                "flags": ",".join(each.flags),
            }
            for each in table.sets
        ],
    }


def _zone(zone: Zone, ruleset: Ruleset, icmp: bool) -> dict[str, Any]:
    maps = [
        {
            "family": table.family,
            "table": table.name,
            "map": dispatch.map,
            "verdict": f"jump {chain}",
        }
        for table in ruleset.tables
        for dispatch in table.dispatches
        for name, chain in dispatch.chains
        if name == zone.name
    ]
    members = [
        {"output": each.path} if isinstance(each, Output) else {"link": each.name}
        for each in zone.members
    ]
    found: dict[str, Any] = {"name": zone.name, "members": members, "maps": maps}
    if icmp:
        limit = zone.icmp
        found["icmp"] = {"share": limit.share, "default": limit.default}
        if limit.bandwidth:
            found["icmp"]["bandwidth"] = {"output": limit.bandwidth}
    return found


def _followed(ruleset: Ruleset) -> list[dict[str, Any]]:
    return [
        {
            "family": table.family,
            "table": table.name,
            "set": each.name,
            "from": [_source(source) for source in each.follow],
        }
        for table in ruleset.tables
        for each in table.sets
        if each.follow
    ]


def _source(source: Entries | Values | Value) -> dict[str, Any]:
    if isinstance(source, Values):
        return {"values": source.path}
    if isinstance(source, Value):
        return {"value": source.text}
    found: dict[str, Any] = {"entries": source.path, "address": source.address}
    for key in ("length", "until", "suffix"):
        if getattr(source, key):
            found[key] = getattr(source, key)
    if source.link is not None:
        found["link"] = source.link
    return found
