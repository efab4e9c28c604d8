"""Runs a site's file: a Site, or all that is wrong with it, as problems with file and line.

A site is Python: it may import what stands beside it. Whatever it raises becomes one line at the
innermost line of the site's own code. Nothing is remembered from one load to the next.
"""

import contextlib
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import CodeType, FrameType, TracebackType

from firewall.ruleset.model import Where
from packager import site_errors
from packager.site_lines import refined
from services.model import Site
from services.site.problems import Problem, SiteError, collecting, is_ours, shown, suggestion

NAME = "SITE"


def load(path: Path, *, verbose: bool = False) -> tuple[Site | None, list[Problem]]:
    """(the site, None when there is none to speak of; what is wrong so far, by file and line).

    verbose: tracebacks of what the site raises, on standard error, besides. What the site prints
    goes there too. Problems name files as `path` does: relative when it is.
    """
    with collecting() as told, _folder_first(path.parent), contextlib.redirect_stdout(sys.stderr):
        found = _run(path, told, verbose)
        site = _site(path, found, told) if found is not None else None
    return site, tidied(_exact(told, path), path)


def _exact(problems: list[Problem], path: Path) -> list[Problem]:
    """The problems of the site's file with the lines of parameters, not of calls."""
    mine = [each for each in problems if each.where.file == str(path)]
    others = [each for each in problems if each.where.file != str(path)]
    if not path.is_file():
        return problems
    return [*others, *refined(mine, path.read_text(errors="replace"))]


def tidied(problems: list[Problem], path: Path) -> list[Problem]:
    """Each once, by file and line, with the names of files as the user gave that of the site."""
    folder = str(path.parent.resolve()) + "/"
    given = "" if path.parent == Path() else f"{path.parent}/"
    return sorted({replace(each, where=_named(each.where, folder, given)) for each in problems})


def _named(where: Where, folder: str, given: str) -> Where:
    return Where(given + where.file.removeprefix(folder), where.line) if (
        where.file.startswith(folder)
    ) else where  # fmt: skip


@contextlib.contextmanager
def _folder_first(folder: Path) -> Iterator[None]:
    """The site's neighbours can be imported, and are forgotten afterwards: the next site may have
    others of the same names."""
    before = set(sys.modules)
    inside = str(folder.resolve())
    sys.path.insert(0, inside)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        sys.path.remove(inside)
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(inside + "/") and not is_ours(file):
                del sys.modules[name]
        sys.path_importer_cache.pop(inside, None)


def _run(path: Path, told: list[Problem], verbose: bool) -> dict[str, object] | None:
    """What the file has defined when it ended; None after a problem that ended it."""
    start = Where(str(path), 1)
    try:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except OSError as error:
        text = f"expected a file that can be read, got: {error.strerror}"
        told.append(Problem(start, "", text))
        return None
    except SyntaxError as error:
        told.append(site_errors.syntax(error, start))
        return None
    except ValueError as error:  # a NUL
        told.append(Problem(start, "", f"expected Python, got what is none: {error}"))
        return None
    return _execute(code, path, told, verbose)


def _execute(
    code: CodeType, path: Path, told: list[Problem], verbose: bool
) -> dict[str, object] | None:
    found: dict[str, object] = {"__name__": "__site__", "__file__": str(path)}
    try:
        exec(code, found)
    except SiteError as error:
        told += error.problems or [site_errors.raised(error, *innermost(error.__traceback__, path))]
    except SyntaxError as error:  # of a neighbour
        told.append(site_errors.syntax(error, Where(str(path), 1)))
    except (Exception, SystemExit) as error:
        frame, where = innermost(error.__traceback__, path)
        told.append(site_errors.raised(error, frame, where))
        if verbose:
            traceback.print_exc(file=sys.stderr)
    else:
        return found
    return None


def innermost(trace: TracebackType | None, path: Path) -> tuple[FrameType | None, Where]:
    """The site's own line that was running last, and its frame."""
    folder = str(path.parent.resolve()) + "/"
    found: tuple[FrameType | None, Where] = (None, Where(str(path), 1))
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file == str(path) or (file.startswith(folder) and not is_ours(file)):
            found = (trace.tb_frame, Where(file, trace.tb_lineno))
        trace = trace.tb_next
    return found


def _site(path: Path, found: dict[str, object], told: list[Problem]) -> Site | None:
    """The SITE that the file made."""
    site = found.get(NAME)
    if isinstance(site, Site):
        return site
    where = Where(str(path), 1)
    if NAME in found:
        text = f"expected SITE to be a Site, got {shown(site)}; write SITE = Site(...)"
        told.append(Problem(where, "", text))
        return None
    made = [name for name, value in found.items() if isinstance(value, Site)]
    if made:
        text = f"expected the site to be named SITE, got it as {made[0]}"
        told.append(Problem(found[made[0]].where, "", text))  # type: ignore[attr-defined]
        return None
    names = [name for name in found if not name.startswith("_")]
    hint = suggestion(NAME, names) if len(names) > 24 else ""
    text = "expected the file to make SITE, got none"
    told.append(
        Problem(where, "", f"{text}{hint}; write SITE = Site(hostname=..., services=(...))")
    )
    return None
