"""The size report as a picture: an SVG treemap, packages divided into their files. Pure.

Areas are proportional to octets. It stands alone (no script, no font, no address), has colours for
light and dark, a title on every rectangle, and can be walked through with the tabulator key.
"""

from html import escape
from typing import NamedTuple

from agent.report import plain
from packager.size import groups
from packager.size.contents import Contents, Item
from packager.size.table import method, percent, shown
from packager.size.tiles import Rectangle, divide

WIDTH, HEIGHT, HEAD = 1000.0, 620.0, 46.0
MOST = 30  # rectangles of one package: the rest of its files are one
SMALLEST = 0.0002  # of the picture: what is smaller joins the rest
# mean width of a sans-serif character, in its font's size
CHARACTER, BOLD = 0.58, 0.66

# Hues are of packages, by turns; those of one kind keep theirs. Text is readable on all of them.
KINDS = {"frostgate": "ours", "site": "ours", "kernel": "kernel", "rootfs": "base"}
TURNS = ("a", "b", "c", "d", "e")
LIGHT = {"ours": "#ffd9a0", "kernel": "#d5d5d5", "base": "#e4dccf", "a": "#c4dcf4", "b": "#cfe8c9",
         "c": "#e6d2ee", "d": "#f6cfd0", "e": "#c9e8e6"}  # fmt: skip
DARK = {"ours": "#7a4f10", "kernel": "#4a4a4a", "base": "#574f40", "a": "#24486b", "b": "#2f5a2a",
        "c": "#573767", "d": "#6e3336", "e": "#22585a"}  # fmt: skip


class Tile(NamedTuple):
    """A rectangle to be drawn, with the octets that it stands for."""

    name: str
    title: str
    weight: int
    at: Rectangle


class Block(NamedTuple):
    """A package's rectangle and what is in it."""

    tile: Tile
    colour: str
    inside: tuple[Tile, ...]


def style(colours: dict[str, str], text: str, line: str, ground: str) -> str:
    """CSS for one scheme."""
    fills = "".join(f".tm-{name} .tm-t{{fill:{colour}}}" for name, colour in colours.items())
    return (
        f".tm-bg{{fill:{ground}}}.tm text{{fill:{text}}}.tm-t{{stroke:{ground}}}"
        f".tm-o{{stroke:{line}}}{fills}"
    )


STYLE = (
    ".tm text{font-family:system-ui,'DejaVu Sans',sans-serif;pointer-events:none}"
    ".tm-t{stroke-width:.6}.tm-o{fill:none;stroke-width:1.4;pointer-events:none}"
    ".tm-p:focus{outline:none}.tm-p:focus>.tm-o{stroke:#e8590c;stroke-width:4}"
    ".tm-t:hover{opacity:.75}.tm-n{font-weight:600}"
    + style(LIGHT, "#1a1a1a", "#444", "#fff")
    + f"@media(prefers-color-scheme:dark){{{style(DARK, '#f2f2f2', '#aaa', '#16181b')}}}"
)


def draw(contents: Contents) -> str:
    """The whole SVG file."""
    word = "contents" if contents.method == "unknown" else "share of the image"
    whole = sum(map(contents.weight, contents.items))
    title = f"{contents.name}: {shown(contents.image)}"
    by = "package" if contents.has_packages else "folder"
    subtitle = f"areas: {word}, by {by} and file, together {shown(whole)}"
    blocks = lay_out(contents)
    largest = "; ".join(block.tile.title for block in blocks[:5])
    described = f"{subtitle}. {method(contents)} The largest: {largest}."
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tm" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" '
        'role="group" aria-labelledby="tm-title tm-desc">',
        f'<title id="tm-title">{_xml(title)}</title>',
        f'<desc id="tm-desc">{_xml(described)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="tm-bg" width="{WIDTH:g}" height="{HEIGHT:g}"/>',
        f'<text class="tm-n" x="8" y="20" font-size="16">{_xml(title)}</text>',
        f'<text x="8" y="38" font-size="12">{_xml(subtitle)}</text>',
    ]
    for block in blocks:
        lines += _block(block)
    return "\n".join([*lines, "</svg>", ""])


def lay_out(contents: Contents) -> list[Block]:
    """Where everything goes, the largest package first."""
    room = Rectangle(0, HEAD, WIDTH, HEIGHT - HEAD)
    if contents.has_packages:
        found = groups.by_package(contents)
        owner = {item.path: item.package for item in contents.items}
    else:
        found = groups.by_folder(contents)
        names = {group.name for group in found}
        owner = {item.path: _folder(item.path, names) for item in contents.items}
    members: dict[str, list[Item]] = {}
    for item in contents.items:
        if contents.weight(item) > 0:
            members.setdefault(owner[item.path], []).append(item)
    found = [group for group in found if group.name in members]
    weights = [sum(map(contents.weight, members[group.name])) for group in found]
    whole = sum(weights)
    blocks = []
    turn = 0
    for group, weight, at in zip(found, weights, divide(weights, room), strict=True):
        colour = KINDS.get(group.name, "")
        if not colour:
            colour, turn = TURNS[turn % len(TURNS)], turn + 1
        why = f": {group.why}" if group.why else ""
        title = f"{group.name} {shown(weight)}, {percent(weight, whole)}{why}"
        inside = _inside(contents, members[group.name], whole, at)
        blocks.append(Block(Tile(group.name, title, weight, at), colour, inside))
    return blocks


def _inside(contents: Contents, items: list[Item], whole: int, at: Rectangle) -> tuple[Tile, ...]:
    """A package's files; the small ones are one rectangle, whose title counts them."""
    items = sorted(items, key=lambda item: (-contents.weight(item), item.path))
    large = [item for item in items[:MOST] if contents.weight(item) >= whole * SMALLEST]
    small = items[len(large) :]
    rows = [(item.path, contents.weight(item), "because " + item.reason if item.reason else "")
            for item in large]  # fmt: skip
    if small:
        count = f"{len(small)} {'smaller files' if len(small) > 1 else 'smaller file'}"
        rows.append((count, sum(map(contents.weight, small)), ""))
        rows.sort(key=lambda row: -row[1])
    places = divide([weight for _, weight, _ in rows], at)
    return tuple(
        Tile(name, _title(name, weight, whole, why), weight, place)
        for (name, weight, why), place in zip(rows, places, strict=True)
    )


def _title(name: str, weight: int, whole: int, why: str) -> str:
    return ", ".join(filter(None, (f"{name} {shown(weight)}", percent(weight, whole), why)))


def _folder(path: str, names: set[str]) -> str:
    """The nearest of the named folders above a path."""
    above = path.rpartition("/")[0]
    while above and above not in names:
        above = above.rpartition("/")[0]
    return above or "/"


def _block(block: Block) -> list[str]:
    tile = block.tile
    lines = [
        f'<g class="tm-p tm-{block.colour}" tabindex="0" role="img" '
        f'aria-label="{_xml(tile.title)}">',
    ]
    has_name = tile.at.width > 40 and tile.at.height > 16
    for inner in block.inside:
        lines.append(
            f'<rect class="tm-t" data-octets="{inner.weight}" {_place(inner.at)}>'
            f"<title>{_xml(tile.name)}: {_xml(inner.title)}</title></rect>"
        )
    lines.append(f'<rect class="tm-o" data-octets="{tile.weight}" {_place(tile.at)}/>')
    if has_name:
        size = min(15.0, max(10.0, tile.at.height / 4))
        text = f"{tile.name} {shown(tile.weight)}"
        if len(text) * size * BOLD > tile.at.width - 8:
            text = tile.name
        # a smaller font before a shorter name
        size = max(9.0, min(size, (tile.at.width - 8) / (len(text) * BOLD)))
        lines.append(_text(text, tile.at, size, tile.at.y + size + 2, "tm-n"))
    for inner in block.inside:
        # below the package's name, which stands in the first rectangles
        top = inner.at.y - tile.at.y
        if inner.at.height > (34 if top < 20 else 14) and inner.at.width > 44:
            name = inner.name.rpartition("/")[2]
            lines.append(_text(name, inner.at, 10, inner.at.y + inner.at.height - 4, ""))
    return [*[line for line in lines if line], "</g>"]


def _text(text: str, at: Rectangle, size: float, y: float, name: str) -> str:
    """A label cut to its rectangle; nothing where less than four characters would be left."""
    fits = int((at.width - 8) / (size * (BOLD if name else CHARACTER)) + 0.01)
    text = plain(text)
    if len(text) > fits:
        text = text[: fits - 1] + "…" if fits >= 5 else ""
    if not text:
        return ""
    kind = f'class="{name}" ' if name else ""
    place = f'x="{at.x + 4:.1f}" y="{y:.1f}" font-size="{size:.1f}"'
    return f"<text {kind}{place}>{escape(text)}</text>"


def _place(at: Rectangle) -> str:
    return f'x="{at.x:.3f}" y="{at.y:.3f}" width="{at.width:.3f}" height="{at.height:.3f}"'


def _xml(text: str) -> str:
    """Text for an element or an attribute: no control characters, nothing that is markup."""
    return escape(plain(text))
