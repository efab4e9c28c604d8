"""What an annotation says of a value, for messages: which part is wrong, and what to write instead.

Annotations are those of parameters: classes, `X | Y`, `tuple[X, ...]`, `tuple[X, Y]`, None, Any.
"""

import collections.abc
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_origin

from services.site.problems import shown

WORDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    bytes: "octets",
}
PLURALS = {str: "texts", int: "whole numbers", float: "numbers"}
UNIONS = (typing.Union, types.UnionType)


def is_of(value: object, hint: Any) -> bool:
    """Whether the value is of the type that an annotation says."""
    return next(misfits(value, hint), None) is None


def misfits(value: object, hint: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(place, what to say) of each part that is not of the type; a place in a tuple is `[0]`."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return
    if origin in UNIONS:
        if not any(is_of(value, each) for each in inner):
            yield from _closest(value, hint, inner, place)
    elif origin is tuple and isinstance(value, tuple) and _fits_length(value, inner):
        for number, item in enumerate(value):
            of = inner[0] if inner[-1] is Ellipsis else inner[number]
            yield from misfits(item, of, f"{place}[{number}]")
    elif origin is collections.abc.Mapping and isinstance(value, dict):
        for key, item in value.items():
            yield from misfits(key, inner[0], place)
            yield from misfits(item, inner[1], f"{place}[{key!r}]")
    elif origin is tuple or not _is_instance(value, origin or hint):
        yield place, f"expected {words(hint)}, got {told(value, hint)}{advice(value, hint)}"


def _fits_length(value: tuple[object, ...], inner: tuple[Any, ...]) -> bool:
    return inner[-1] is Ellipsis or len(inner) == len(value)


def _closest(
    value: object, hint: Any, inner: tuple[Any, ...], place: str
) -> Iterator[tuple[str, str]]:
    """Of a tuple where a tuple may be, the items are told; otherwise all that may be there."""
    for each in inner:
        if isinstance(value, tuple) and get_origin(each) is tuple:
            yield from misfits(value, each, place)
            return
    yield place, f"expected {words(hint)}, got {told(value, hint)}{advice(value, hint)}"


def _is_instance(value: object, hint: Any) -> bool:
    """isinstance(), but that a whole number is a number, and True and False are neither."""
    if hint in (int, float):
        known = (int, float) if hint is float else (int,)
        return isinstance(value, known) and not isinstance(value, bool)
    return value is None if hint is None else isinstance(value, hint)


def words(hint: Any, many: bool = False) -> str:
    """An annotation for people; `many`: of the items of a tuple."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in UNIONS:
        return " or ".join(words(each, many) for each in inner)
    if origin is tuple and inner[-1] is Ellipsis:
        return f"a tuple of {words(inner[0], many=True)}"
    if origin is tuple:
        return "(" + ", ".join(words(each) for each in inner) + ")"
    if hint is None or hint is type(None):
        return "None"
    if hint in WORDS:
        return PLURALS.get(hint, WORDS[hint]) if many else WORDS[hint]
    own = vars(hint).get("SORT") if isinstance(hint, type) else None
    if own:
        return str(own[1] if many else own[0])
    name = str(getattr(hint, "__name__", hint))
    noun = getattr(hint, "NOUN", "")
    if many:
        return f"{name} {noun or 'value'}s"
    return f"{_article(name)} {name} {noun}".rstrip()


def _article(name: str) -> str:
    return "an" if name[:1] in "AEIOU" else "a"


def told(value: object, hint: Any) -> str:
    """A value for a message; not shown where a secret was expected."""
    if isinstance(value, str) and is_secret(hint):
        return "text (not shown)"
    if isinstance(value, list):
        return f"the list {shown(value)}"
    return shown(value)


def is_secret(hint: Any) -> bool:
    """Whether an annotation asks for a secret by reference."""
    return any(is_secret(each) for each in get_args(hint)) or getattr(hint, "HIDDEN", False) is True


def advice(value: object, hint: Any) -> str:
    """`; write ...`, where it is plain what was meant."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in UNIONS:
        found = [advice(value, each) for each in inner]
        return next((each for each in found if each), "")
    if isinstance(value, type):
        return f"; write {value.__name__}(...)"
    if origin is tuple:
        if isinstance(value, list | set):
            return f"; write {_tuple(value)}"
        if inner[-1] is Ellipsis and is_of(value, inner[0]):
            return f"; write ({_code(value)},)"
        return advice(value, inner[0]) if inner[-1] is Ellipsis else ""
    if is_secret(hint) and isinstance(value, str):
        return ('; write Secret(name="...") here and in Site.secrets, and put the value into the '
                "file of this name in the secrets' folder")  # fmt: skip
    if hint is int and isinstance(value, str) and value.isdecimal():
        octal = value.startswith("0") and len(value) > 1 and not set(value) & set("89")
        number = f"0o{value.lstrip('0')}" if octal else value
        return f"; write {number} without quotes"
    if hint is str and isinstance(value, int) and not isinstance(value, bool):
        return f'; write "{value}"'
    meant = getattr(hint, "advice", None)
    return str(meant(value)) if callable(meant) else ""


def _tuple(values: Iterable[object]) -> str:
    """The same as a tuple, as the site would write it."""
    items = [_code(value) for value in values]
    text = f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    return text if items and "..." not in items and len(text) <= 80 else "(...,) instead of [...]"


def _code(value: object) -> str:
    """A value as the site would write it: text as text, what has a name as an example of it."""
    if isinstance(value, str | int | float):
        return shown(value)
    name = getattr(value, "name", None) or getattr(value, "path", "")
    return str(name).replace("-", "_") if str(name).replace("-", "_").isidentifier() else "..."


def stand_in(hint: Any) -> Any:
    """Something of this type, in the place of a value that was told to be wrong or missing."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in UNIONS:
        return None if type(None) in inner else stand_in(inner[0])
    if origin is tuple or hint is tuple:
        return ()
    if hint in WORDS:
        return hint()
    if origin is collections.abc.Mapping:
        return {}
    return hint.stand_in() if hasattr(hint, "stand_in") else None
