"""The graph that is to be drawn: a site's, compiled, or one that was compiled already."""

from pathlib import Path

from agent.graph import read
from agent.graph.model import Graph
from packager import compiled
from packager import site as sites
from services.site.problems import SiteError


def graph(path: Path) -> Graph:
    """The graph of a site's file, or of a graph.json. SiteError and GraphError tell all that is
    wrong, OSError that there is no such file."""
    if path.suffix == ".json":
        return read.read(path.read_bytes(), str(path))
    path.stat()
    site, problems = sites.load(path)
    if problems or site is None:
        raise SiteError(problems)
    return read.read(compiled.compile(site).graph, str(path))
