"""What Python raises at a site, as a problem that a person can act on: one line. Pure."""

import builtins
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import firewall.ruleset.model
import services
import services.model
from firewall.ruleset.model import Where
from services.site.described import parameters
from services.site.outputs import Outputs, declared
from services.site.problems import Problem, suggestion

UNEXPECTED = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")
ARGUMENT = re.compile(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'")
CANNOT_IMPORT = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")


def syntax(error: SyntaxError, start: Where) -> Problem:
    """A file that is no Python."""
    where = Where(error.filename or start.file, error.lineno or start.line)
    got = f", in: {error.text.strip()}" if error.text and error.text.strip() else ""
    return Problem(where, "", f"syntax error: {error.msg}{got}")


def raised(error: BaseException, frame: FrameType | None, where: Where) -> Problem:
    """What a site's line raised. frame: that line's."""
    for kind, words in KINDS:
        if isinstance(error, kind):
            text = words(error, frame)
            if text:
                return Problem(where, "", text)
    text = " ".join(str(error).split())
    return Problem(where, "", f"{type(error).__name__}: {text}" if text else type(error).__name__)


def _missing_module(error: Any, frame: FrameType | None) -> str:
    """A definition or a neighbour that is not there."""
    name = error.name or ""
    if name.split(".")[0] == "services":
        known = definitions()
        return f"expected a definition, got {name}{suggestion(_definition(name), known)}"
    beside = sorted(path.stem for path in Path(_file(frame)).parent.glob("*.py"))
    return f"expected a module to import, got {name!r}{suggestion(name, beside) if name else ''}"


def _definition(name: str) -> str:
    return name if name.endswith(".definition") else f"{name}.definition"


def definitions() -> list[str]:
    """The modules of all definitions that there are."""
    folder = Path(services.__file__).parent
    return sorted(f"services.{path.parent.name}.definition" for path in
                  folder.glob("*/definition.py"))  # fmt: skip


def _missing_name(error: Any, frame: FrameType | None) -> str:
    match = CANNOT_IMPORT.match(str(error))
    if not match:
        return ""
    module = __import__(match[2], fromlist=["_"])
    known = [name for name in vars(module) if not name.startswith("_")]
    return f"expected a name of {match[2]}, got {match[1]!r}{suggestion(match[1], known)}"


def _unknown_name(error: Any, frame: FrameType | None) -> str:
    known = [*frame.f_locals, *frame.f_globals, *vars(builtins)] if frame else []
    return f"expected a name that is known here, got {error.name!r}{_near(error.name, known)}"


def _unknown_attribute(error: Any, frame: FrameType | None) -> str:
    if error.obj is None or not error.name:
        return ""
    known = [name for name in dir(error.obj) if not name.startswith("_")]
    outputs = getattr(error.obj, "outputs", None)
    if isinstance(outputs, Outputs) and error.name in dict(declared(type(outputs))):
        name = outputs.service.name
        return f"expected {name}.outputs.{error.name}, got {name}.{error.name}"
    what = getattr(error.obj, "words", "") or f"a {type(error.obj).__name__}"
    return f"expected an attribute of {what}, got {error.name!r}{_near(error.name, known)}"


def _wrong_call(error: Any, frame: FrameType | None) -> str:
    """A parameter that a class of the firewall or a resource does not have."""
    match = UNEXPECTED.match(str(error)) or ARGUMENT.match(str(error))
    if not match:
        return ""
    places = [frame.f_globals, frame.f_locals] if frame else []
    known: list[str] = []
    for place in (*places, vars(services.model), vars(firewall.ruleset.model)):
        made = place.get(match[1])
        if is_dataclass(made):
            known = [each.name for each in fields(made) if each.init and each.name != "where"]
        elif isinstance(made, type):
            known = [each.name for each in parameters(made)]
        elif callable(made) and hasattr(made, "__code__"):
            code = made.__code__
            known = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    return f"expected a parameter of {match[1]}, got {match[2]!r}{suggestion(match[2], known)}"


def _ended(error: Any, frame: FrameType | None) -> str:
    return "expected a file that makes SITE, got one that ends the program"


def _near(word: str, known: list[str]) -> str:
    """Only what is close: that all of Python is known need not be told."""
    found = suggestion(word, known)
    return found if "did you mean" in found else ""


def _file(frame: FrameType | None) -> str:
    return frame.f_code.co_filename if frame else ""


KINDS: tuple[tuple[type[BaseException], Callable[[Any, FrameType | None], str]], ...] = (
    (ModuleNotFoundError, _missing_module),
    (ImportError, _missing_name),
    (NameError, _unknown_name),
    (AttributeError, _unknown_attribute),
    (TypeError, _wrong_call),
    (SystemExit, _ended),
)
