"""The picture of the home router in the documentation.

`python -m packager.picture.example FOLDER` writes home-router.svg.
"""

import sys
from pathlib import Path

from packager.picture import site
from packager.picture.drawing import Picture, draw
from packager.picture.dressed import dress
from packager.picture.graphviz import mark, svg
from packager.picture.language import dot

NAME = "home-router"
SITE = Path(__file__).resolve().parents[3] / "examples" / "home_router.py"


def picture() -> Picture:
    """What it shows."""
    return draw(site.graph(SITE), "services of examples/home_router.py")


def drawn_from(found: Picture) -> str:
    """The last line of the file: it changes with what is drawn and with what is said of it."""
    return mark(NAME, dot(found) + repr(sorted(found.titles().items())))


def main(folder: Path) -> None:
    """Write the file."""
    found = picture()
    text = dress(svg(dot(found)), found) + drawn_from(found)
    (folder / f"{NAME}.svg").write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
