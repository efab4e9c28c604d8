"""The examples of docs/graph.md are graphs that the agent reads."""

import json
import re
from pathlib import Path
from typing import Any

from agent.graph.read import read

PAGE = Path(__file__).resolve().parent.parent / "docs" / "graph.md"


def blocks() -> list[str]:
    """The indented blocks of the page."""
    return [block.strip() for block in re.findall(r"(?:^    .*\n)+", PAGE.read_text(), re.M)]


def services_of(block: str) -> dict[str, Any]:
    """The services that a block shows, as a whole file or one by one."""
    if block.startswith('{\n  "frostgate-graph"') or block.startswith('{\n      "frostgate-graph"'):
        return json.loads(block)["services"]  # type: ignore[no-any-return]
    if block.startswith('"') and '"type"' in block:
        return json.loads("{" + block + "}")  # type: ignore[no-any-return]
    return {}


def test_the_examples_are_one_valid_graph() -> None:
    services: dict[str, Any] = {}
    for block in blocks():
        services.update(services_of(block))
    graph = read(json.dumps({"frostgate-graph": 1, "services": services}), "docs/graph.md")
    names = "cable dhcp6c lan-address modem ntp announce dns internet"
    assert graph.order == names.split()


def test_the_conditions_of_the_page_can_be_needed() -> None:
    page = PAGE.read_text()
    shown = [row.split("`")[1] for row in page.splitlines() if row.startswith('| `{"')]
    shown += [block for block in blocks() if block.startswith(('{"device"', '{"all"'))]
    conditions = [json.loads(text) for text in shown if "..." not in text]
    services: dict[str, Any] = {
        name: {
            "type": "longrun",
            "run": ["daemon"],
            "outputs": ["prefix", "state", "ifname", "dns"],
        }
        for name in ("lan", "wan", "ppp", "resolver")
    }
    services["user"] = {"type": "oneshot", "run": ["once"], "needs": {"all": conditions}}
    graph = read(json.dumps({"frostgate-graph": 1, "services": services}), "docs/graph.md")
    assert graph.needs["user"] == ("lan", "ppp", "resolver", "wan")
    assert len(conditions) == 10
