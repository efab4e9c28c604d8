"""Graphviz: texts for its language, and SVG from it."""

import hashlib
import subprocess

from agent.report import plain


class PictureError(Exception):
    """There is no picture; one line for the user."""


def quoted(text: str) -> str:
    """A text as a string of the language: nothing in it is an escape, an entity or markup.

    Newlines stay, as centred lines.
    """
    lines = [plain(line).replace("\\", "\\\\") for line in text.split("\n")]
    # Graphviz takes `&lt;` for the character; `<` itself only begins HTML where no quotes are
    lines = [line.replace("&", "&amp;").replace('"', '\\"') for line in lines]
    return '"' + "\\n".join(lines) + '"'


def svg(text: str) -> str:
    """The picture that `dot` makes of a text; PictureError where it can't."""
    try:
        done = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, text=True)
    except FileNotFoundError:
        raise PictureError("dot: not found; install Debian's graphviz, or use --dot") from None
    if done.returncode != 0:
        raise PictureError(f"dot: failed: {' '.join(done.stderr.split())}")
    return done.stdout


def mark(name: str, text: str) -> str:
    """The line by which a picture tells what it was drawn from: `dot` differs between versions."""
    return f"<!-- {name} {hashlib.sha256(text.encode()).hexdigest()[:16]} -->\n"
