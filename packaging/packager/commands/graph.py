"""`frostgate graph SITE`: a picture of the services and of what each waits for."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add(verbs: Any) -> None:
    """The verb's parser."""
    verb = verbs.add_parser(
        "graph",
        help="draw the services and what they wait for",
        description="Draw the services and what they wait for, as SVG on standard output.",
    )
    verb.add_argument("site", type=Path, metavar="SITE", help="a site, or a compiled graph (.json)")
    verb.add_argument("--svg", type=Path, metavar="FILE", help="write the SVG there")
    verb.add_argument("--dot", type=Path, metavar="FILE", help="write Graphviz' language there")
    verb.add_argument(
        "--live",
        metavar="ROUTER",
        help="with the states of a running router: user@host for ssh, a file with the output of "
        "`frost status -j`, or - for standard input",
    )


def run(given: argparse.Namespace) -> int:
    """Exit codes: 0; 1 the site, the graph or the states have problems; 111 no such file."""
    from agent.graph.model import GraphError
    from packager.picture import live, site
    from packager.picture.drawing import draw
    from packager.picture.dressed import dress
    from packager.picture.graphviz import PictureError, svg
    from packager.picture.language import dot
    from services.site.problems import SiteError

    try:
        graph = site.graph(given.site)
        stands = None
        if given.live is not None:
            stands = live.read(live.fetch(given.live).splitlines(), given.live)
        picture = draw(graph, f"services of {given.site.name}", stands)
        text = dot(picture)
        if given.dot:
            given.dot.write_text(text)
        if given.svg:
            given.svg.write_text(dress(svg(text), picture))
        if not given.dot and not given.svg:
            sys.stdout.write(dress(svg(text), picture))
    except (GraphError, PictureError, SiteError) as error:
        sys.stderr.write("".join(f"frostgate graph: {line}\n" for line in str(error).splitlines()))
        return 1
    return 0
