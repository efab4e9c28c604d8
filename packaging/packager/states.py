"""The agent's state machine as a picture, from the transition table that the agent runs.

`python -m packager.states FOLDER` writes agent-states.dot and, by Graphviz, agent-states.svg.
"""

import sys
from pathlib import Path

from agent.supervision.table import ROWS, STATES
from packager.picture.graphviz import mark, svg

NAME = "agent-states"


def draw() -> str:
    """The transition table in Graphviz' language.

    Arrows say the guards and, in brackets, the actions, in the table's order.
    """
    arrows: dict[tuple[str, str], list[str]] = {}
    for state, guard, after, action, _ in ROWS:
        arrows.setdefault((state, after), []).append(f"{guard} [{action}]" if action else guard)
    lines = [
        "digraph states {",
        '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
        '  bgcolor="white"; nodesep=1.0; ranksep=0.9;',
    ]
    lines += [f"  {state};" for state in STATES]
    for (state, after), labels in arrows.items():
        label = "\\l".join(labels) + "\\l"
        lines.append(f'  {state} -> {after} [label="{label}"];')
    return "\n".join([*lines, "}", ""])


def main(folder: Path) -> None:
    """Write both files."""
    text = draw()
    (folder / f"{NAME}.dot").write_text(text)
    (folder / f"{NAME}.svg").write_text(svg(text) + mark(f"{NAME}.dot", text))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
