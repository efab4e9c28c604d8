"""Graphviz' SVG made fit for people: light and dark, titles, a text that says the same. Pure."""

from xml.etree import ElementTree

from agent.report import plain
from packager.picture.drawing import Picture, described
from packager.picture.graphviz import PictureError
from packager.picture.language import DARK, LIGHT

SVG = "{http://www.w3.org/2000/svg}"


def _all(parents: str, elements: str, rule: str) -> str:
    """A rule for every element in every parent; written out, for viewers that know little CSS."""
    each = [f"{p} {e}" for p in parents.split() for e in elements.split()]
    return f"{','.join(each)}{{{rule}}}"


def _fills(colours: dict[str, str]) -> str:
    return "".join(
        _all(f".node.{name}", "path polygon ellipse", f"fill:{colour}")
        for name, colour in colours.items()
    )


STYLE = (
    "text{font-family:'DejaVu Sans',Verdana,sans-serif}"
    ".node:focus{outline:3px solid #e8590c;outline-offset:2px}"
    ".edge:hover path{stroke-width:3}" + _fills(LIGHT) + "@media(prefers-color-scheme:dark){"
    ".graph>polygon{fill:#16181b}text{fill:#f2f2f2}"
    + _all(".cluster", "path polygon", "fill:none")
    + _all(".node .edge .cluster", "path polygon ellipse polyline", "stroke:#a9b6c4")
    + ".edge polygon{fill:#a9b6c4}.edge.content polygon{fill:none}"
    + _fills(DARK)
    + "}"
)


def dress(svg: str, picture: Picture) -> str:
    """The SVG with style, titles and a description. PictureError for what is not dot's."""
    ElementTree.register_namespace("", SVG.strip("{}"))
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(svg)
    graph = root.find(f"{SVG}g")
    if graph is None:
        raise PictureError("dot: expected an SVG with a graph in it")
    titles = picture.titles()
    for group in list(graph.iter(f"{SVG}g")):
        title = group.find(f"{SVG}title")
        text = titles.get(group.get("id", ""))
        if title is None:
            continue
        if text is None:
            group.remove(title)  # dot's name of the graph or of a cluster says nothing
            continue
        title.text = _plain(text)
        if "node" in group.get("class", "").split():
            group.set("tabindex", "0")
            group.set("role", "img")
            group.set("aria-label", _plain(text))
    root.set("role", "group")
    root.set("aria-labelledby", "fg-title")
    root.set("aria-describedby", "fg-desc")
    root.insert(0, _element("title", picture.name, id="fg-title"))
    root.insert(1, _element("desc", described(picture), id="fg-desc"))
    root.insert(2, _element("style", STYLE))
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _element(tag: str, text: str, **attributes: str) -> ElementTree.Element:
    made = ElementTree.Element(f"{SVG}{tag}", attributes)
    made.text = _plain(text)
    return made


def _plain(text: str) -> str:
    return "\n".join(plain(line) for line in text.split("\n"))
