"""The manual's page of everything that a site can be made of, from the definitions themselves.

What a service needs of the image is asked of one in an example: a class alone does not know.
"""

import importlib
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, get_args

from packager.gathered import resources_of, units_of
from packager.site import load
from packager.site_errors import definitions
from services import model
from services.model import Claim, Debian, Delivered, Module, Outputs, Program, Service
from services.site.described import Described, annotations, parameters
from services.site.outputs import declared
from services.site.types import words

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
HEAD = """# Reference: what a site is made of

Made by `make docs` from the definitions: change those, not this page. How a site is written:
[site.md](site.md). Every parameter is given by name.
"""
VALUES = (model.Site, model.User, model.Secret, model.Budget)
RESOURCES = (model.File, model.Folder, model.Sysctl, model.Module, model.Debian, model.Program)


def page() -> str:
    """docs/reference.md."""
    classes = list(services())
    known = examples()
    parts = [HEAD, "## Services\n", _index(classes)]
    for each in classes:
        parts.append(_service(each, known.get(each)))
        parts += [_described(part, 4) for part in parts_of(each)]
    parts.append("## The site itself\n\nAll of these are imported from `services.model`.\n")
    parts += [_described(each) for each in VALUES]
    parts.append("## Files, settings and packages of the site's own\n")
    parts += [_resource(each) for each in RESOURCES]
    return "\n".join(parts)


def services() -> Iterator[type[Service]]:
    """The classes of all definitions that a site can use, by module and place in it."""
    for name in definitions():
        module = importlib.import_module(name)
        found = [
            each for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, Service) and each.__module__ == name
        ]  # fmt: skip
        yield from (each for each in found if each.units is not Service.units)


def parts_of(service: type[Service]) -> list[type[Described]]:
    """The values that only this service's parameters are made of."""
    found: list[type[Described]] = []
    for hint in annotations(service).values():
        waiting = [hint]
        while waiting:
            one = waiting.pop()
            waiting += get_args(one)
            mine = isinstance(one, type) and issubclass(one, Described)
            if mine and not issubclass(one, Service) and one not in (*VALUES, *found):
                found.append(one)
    return found


def examples() -> dict[type[Service], Service]:
    """A service of each class, from the first example that has one."""
    found: dict[type[Service], Service] = {}
    for path in sorted(EXAMPLES.glob("*.py")):
        site, _ = load(path)
        for each in site.services if site is not None else ():
            found.setdefault(type(each), each)
    return found


def _index(classes: list[type[Service]]) -> str:
    rows = [(f"[{each.__name__}](#{each.__name__.lower()})", _first(each)) for each in classes]
    return _table(("service", "what it is"), rows)


def _service(service: type[Service], example: Service | None) -> str:
    lines = [_heading(service, 3), _parameters(service)]
    outputs = declared(_outputs(service))
    if outputs:
        rows = []
        for name, each in outputs:
            kind = f" ({each.kind.words})" if each.kind.words else ""
            secret = " Secret." if each.secret else ""
            rows.append((f"`{name}`", _sentence(each.doc + kind) + secret))
        lines.append(_table(("output", "what it is"), rows))
    if example is not None:
        lines.append(_needs(example))
    return "\n".join(lines)


def _outputs(service: type[Service]) -> type[Outputs]:
    """The class of its outputs, from the property's annotation."""
    getter = service.outputs.fget  # type: ignore[attr-defined] # a property of the class
    made = inspect.get_annotations(getter, eval_str=True).get("return", Outputs)
    return made if isinstance(made, type) else Outputs


def _needs(service: Service) -> str:
    """What an image gets for this service."""
    found = resources_of(service)
    programs = {each.name for each in found if isinstance(each, Program)}
    ours = {command[0] for unit in units_of(service) for command in (unit.run, unit.stop)
            if command and "/" not in command[0]}  # fmt: skip
    listed: tuple[tuple[str, Iterable[str]], ...] = (
        ("packages", {each.package for each in found if isinstance(each, Debian)}),
        ("programs", programs | ours),
        ("kernel modules", {each.name for each in found if isinstance(each, Module)}),
        ("claims", {f"{each.kind} {each.what}" for each in found if isinstance(each, Claim)}),
        ("secrets", {each.secret for each in found if isinstance(each, Delivered)}),
    )
    rows = [f"{name} {', '.join(f'`{each}`' for each in sorted(values))}"
            for name, values in listed if values]  # fmt: skip
    return f"With the values of an example it needs: {'; '.join(rows)}.\n" if rows else ""


def _described(described: type[Described], level: int = 3) -> str:
    return "\n".join([_heading(described, level), _parameters(described)])


def _parameters(described: type[Described]) -> str:
    hints = annotations(described)
    rows = [
        (f"`{each.name}`", _sentence(each.metadata["doc"]), _values(each, hints[each.name]),
         _default(each))
        for each in sorted(parameters(described), key=lambda each: each.default is not MISSING)
    ]  # fmt: skip
    return _table(("parameter", "what it is", "values", "default"), rows)


def _values(each: "Field[Any]", hint: Any) -> str:
    """Type and range in words."""
    kind = each.metadata["kind"].words
    sort = words(hint)
    plain = ("text", "a whole number", "a number")
    if not kind:
        return sort
    if sort in plain or sort.startswith("a tuple of text"):
        return str(kind)
    return f"{sort}: {kind}"


def _default(each: "Field[Any]") -> str:
    if each.default is MISSING:
        return "must be given"
    if isinstance(each.default, Described):
        return f"`{type(each.default).__name__}()`"
    known = {"": "empty", (): "none"}
    return known.get(each.default) or f"`{each.default!r}`"


def _resource(resource: type) -> str:
    rows = []
    for each in fields(resource):
        if each.name != "where":
            shown = f"0o{each.default:o}" if each.name == "mode" else repr(each.default)
            default = "must be given" if each.default is MISSING else f"`{shown}`"
            rows.append((f"`{each.name}`", words(each.type), default))
    return "\n".join([_heading(resource, 3), _table(("field", "values", "default"), rows)])


def _heading(described: type, level: int) -> str:
    place = described.__module__
    place = "" if place.startswith(("services.model", "services.site")) else f"\n`{place}`\n"
    text = inspect.cleandoc(described.__doc__ or "")
    return f"{'#' * level} {described.__name__}\n{place}\n{text}\n"


def _first(described: type) -> str:
    """The first sentence of a docstring."""
    text = " ".join(inspect.cleandoc(described.__doc__ or "").split("\n\n")[0].split())
    return text.partition(". ")[0].rstrip(".")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    escaped = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in escaped)
