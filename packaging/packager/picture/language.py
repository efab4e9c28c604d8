"""A picture in Graphviz' language, with the colours for light and for dark. Pure.

Names are never identifiers here: those are n0, e0 and so on, and everything else is quoted.
"""

from packager.picture.drawing import Arrow, Picture, Shape
from packager.picture.graphviz import quoted

SHAPES = {
    "longrun": 'shape=box, style="rounded,filled"',
    "oneshot": 'shape=hexagon, style="filled", margin="0.02,0.02"',
    "bundle": 'shape=folder, style="filled"',
    "link": 'shape=ellipse, style="filled", margin="0.05,0.03"',
    "device": 'shape=octagon, style="filled", margin="0.02,0.02"',
    "any": 'shape=diamond, style="filled", width=.62, height=.5, fixedsize=true, fontsize=9',
    "all": 'shape=circle, style="filled", width=.4, fixedsize=true, fontsize=9',
}
ARROWS = {
    "need": "",
    "reference": ', style="dashed"',
    "content": ', arrowhead="odiamond"',
    "follows": ', style="dotted", arrowhead="vee"',
}
# What the picture says of itself, in this order, of what is in it.
LEGEND = {
    "longrun": "rounded: daemon",
    "oneshot": "hexagon: command",
    "bundle": "folder: bundle",
    "link": "ellipse: link",
    "device": "octagon: device",
    "need": "arrow: is needed, ready unless it says what",
    "reference": "dashed: gives a value, ? optional",
    "follows": "dotted: is followed, the command names it",
    "content": "diamond: is part of",
}
# Kinds first: a state's colour wins over them
LIGHT = {
    "longrun": "#d6e6f7",
    "oneshot": "#e7dcf3",
    "bundle": "#f4ead2",
    "link": "#eeeeee",
    "device": "#eeeeee",
    "any": "#ffffff",
    "all": "#ffffff",
    "is-up": "#bfe6c3",
    "is-starting": "#fbe7a1",
    "is-stopping": "#fbe7a1",
    "is-failed": "#f6b8b6",
    "is-down": "#dddddd",
    "is-unknown": "#ffffff",
}
DARK = {
    "longrun": "#274b6d",
    "oneshot": "#51376b",
    "bundle": "#5f4f22",
    "link": "#3a3d42",
    "device": "#3a3d42",
    "any": "#16181b",
    "all": "#16181b",
    "is-up": "#1f5c2d",
    "is-starting": "#6d5710",
    "is-stopping": "#6d5710",
    "is-failed": "#86292c",
    "is-down": "#3f4247",
    "is-unknown": "#16181b",
}
FONT = "DejaVu Sans,Verdana,sans-serif"
LINE = "#4a5a6a"


def legend(picture: Picture) -> str:
    """The signs that the picture uses, two lines at most."""
    there = {each.kind for each in picture.shapes} | {each.kind for each in picture.arrows}
    nodes = [text for kind, text in LEGEND.items() if kind in there and kind in SHAPES]
    arrows = [text for kind, text in LEGEND.items() if kind in there and kind in ARROWS]
    return "\n".join(" · ".join(texts) for texts in (nodes, arrows) if texts)


def dot(picture: Picture) -> str:
    """The whole text."""
    names = {shape.key: f"n{i}" for i, shape in enumerate(picture.shapes)}
    grouped = {key for keys in picture.groups.values() for key in keys}
    lines = [
        "digraph services {",
        f'  graph [rankdir=LR, bgcolor="white", nodesep=0.28, ranksep=0.55, fontname="{FONT}", '
        f"fontsize=10, labelloc=b, label={quoted(legend(picture))}];",
        f'  node [fontname="{FONT}", fontsize=12, height=0.4, color="{LINE}"];',
        f'  edge [fontname="{FONT}", fontsize=9, color="{LINE}", arrowsize=0.7];',
    ]
    lines += ["  " + _shape(each, names) for each in picture.shapes if each.key not in grouped]
    for number, (group, keys) in enumerate(picture.groups.items()):
        lines += [
            f"  subgraph cluster_{number} {{",
            f'    label={quoted(f"one of: {group}")}; labelloc=t; style="rounded,dashed";',
            f'    color="{LINE}";',
            *("    " + _shape(each, names) for each in picture.shapes if each.key in keys),
            "  }",
        ]
    lines += [
        "  " + _arrow(arrow, f"e{number}", names) for number, arrow in enumerate(picture.arrows)
    ]
    return "\n".join([*lines, "}", ""])


def _shape(shape: Shape, names: dict[str, str]) -> str:
    name = names[shape.key]
    classes = f"{shape.kind} {shape.state}".strip()
    fill = LIGHT[shape.state or shape.kind]
    return (
        f'{name} [id={name}, class="{classes}", label={quoted(shape.label)}, '
        f'{SHAPES[shape.kind]}, fillcolor="{fill}"];'
    )


def _arrow(arrow: Arrow, name: str, names: dict[str, str]) -> str:
    label = f", label={quoted(arrow.label)}" if arrow.label else ""
    return (
        f'{names[arrow.tail]} -> {names[arrow.head]} [id={name}, class="{arrow.kind}"{label}'
        f"{ARROWS[arrow.kind]}];"
    )
