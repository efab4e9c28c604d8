"""One service of the graph's file: a JSON object becomes a Service. Pure.

The defaults are here, and what each type of service may say.
"""

from agent.graph.fields import (
    Errors,
    Fields,
    either,
    is_element,
    is_line,
    is_printable,
    names,
    quoted,
    shown,
    text,
)
from agent.graph.model import (
    BUNDLE,
    ENV,
    FILE,
    IGNORE,
    KINDS,
    LONGRUN,
    ONESHOT,
    RERUN,
    RESTART,
    SIGNAL,
    SIGNALS,
    Alternative,
    Reference,
    Service,
    digest,
)
from agent.graph.needs import OUTPUT, SERVICE, read_condition
from agent.graph.spelling import suggestion
from agent.names import is_service_name
from agent.values import is_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COMMON = ("type", "description", "needs", "essential", "wanted")
PROCESS = (
    "run",
    "stop",
    "user",
    "outputs",
    "secrets",
    "env",
    "files",
    "up-timeout",
    "down-timeout",
)
STEERED = ("back-off", "breaker", "alternative")
KEYS: dict[str, tuple[str, ...]] = {
    LONGRUN: COMMON + PROCESS + STEERED + ("ready",),
    ONESHOT: COMMON + PROCESS + STEERED,
    BUNDLE: COMMON + ("contents",),
}
SIGNAL_CHANGES = tuple([SIGNAL + name for name in SIGNALS])
CHANGES = {
    LONGRUN: (RESTART, IGNORE) + SIGNAL_CHANGES,
    ONESHOT: (RESTART, RERUN, IGNORE),
}
CHANGE_WORDS = {
    LONGRUN: either((RESTART, IGNORE, SIGNAL + either(SIGNALS))),
    ONESHOT: either(CHANGES[ONESHOT]),
}

REFERENCE = ("output", "change", "optional")
STAND_IN = {"type": LONGRUN, "run": ["true"]}  # for a service that can't be read at all

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
DIGITS = "0123456789"
VARIABLE = "a variable of A-Z a-z 0-9 _ , not SERVICE and not FROST_*"
USER = "the name of a user"
LITERAL = (is_printable, "text or a reference")


def is_variable(name: str) -> bool:
    """Whether a service may set this variable (POSIX.1-2017 section 8.1; two are frostgate's)."""
    if name[:1] in DIGITS or name.strip(LETTERS + DIGITS):
        return False
    return name != "SERVICE" and not name.startswith("FROST_")


def is_program(word: str) -> bool:
    """Whether this is a program found by PATH or an absolute path."""
    return is_line(word) and ("/" not in word or word[0] == "/") and word[-1] != "/"


def is_user(name: str) -> bool:
    """Whether this can be in /etc/passwd."""
    if not 1 <= len(name) <= 32 or name[0] in "-.":
        return False
    return not name.strip(LETTERS + DIGITS + "-.")


def read_service(errors: Errors, name: str, value: "Any") -> Service:
    """One service, with defaults for what is missing or wrong."""
    place = "services." + name
    if not isinstance(value, dict):
        errors.expected(place, "a service", shown(value))
        value = STAND_IN
    kind = value.get("type")
    if kind not in KINDS:
        hint = suggestion(kind, list(KINDS)) if isinstance(kind, str) else ""
        errors.expected(place + ".type", either(KINDS), shown(kind), hint)
        kind, value = LONGRUN, STAND_IN  # what its other keys may be is not known
    fields = Fields(errors, place, value, "a " + kind, KEYS[kind])
    shape = _service(fields, name, kind)
    return Service(*(shape[:-1] + (digest(shape),)))


def _service(fields: Fields, name: str, kind: str) -> Service:
    """The service but for its digest."""
    needs = None
    if fields.has("needs"):
        needs = read_condition(fields.errors, fields.at("needs"), fields.get("needs"))
    outputs = fields.different_texts("outputs", (is_path, "the path of an output"))
    secrets = fields.different_texts("secrets", (is_path, "the path of an output"))
    literals, references = _read_values(fields, kind)
    back_off = _inner(fields, "back-off", ("first", "cap"))
    breaker = _inner(fields, "breaker", ("failures", "within", "pause"))
    first, cap = back_off.seconds("first", 1), back_off.seconds("cap", 60)
    if first > cap:
        back_off.expected("first", "at most the cap of %s" % shown(cap))
    return Service(
        name,
        kind,
        fields.text("description", "", (is_line, "one line of text")),
        _read_command(fields, "run") if kind != BUNDLE else (),
        _read_command(fields, "stop") if fields.has("stop") else (),
        fields.text("user", "", (is_user, USER)),
        tuple(fields.different_texts("contents", SERVICE, 1)) if kind == BUNDLE else (),
        needs,
        tuple(sorted(outputs)),
        tuple(sorted(secrets)),
        references,
        literals,
        fields.one_of("ready", ("notify", "up"), "up") == "notify",
        fields.seconds("up-timeout", 60),
        fields.seconds("down-timeout", 10),
        first,
        cap,
        breaker.integer("failures", 1, 1000, 10),
        breaker.seconds("within", 120),
        breaker.seconds("pause", 300),
        fields.flag("essential", False),
        fields.one_of("wanted", ("boot", "demand"), "boot") == "boot",
        _read_alternative(fields) if fields.has("alternative") else None,
        "",
    )


def _inner(fields: Fields, key: str, keys: tuple[str, ...]) -> Fields:
    """An object within the service's, empty when it is not there."""
    value = fields.get(key) if fields.has(key) else {}
    return Fields(fields.errors, fields.at(key), value, "`%s`" % key, keys)


def _read_command(fields: Fields, key: str) -> tuple[str, ...]:
    """An argument list."""
    words = fields.texts(key, None, 1)
    if words and fields.get(key)[0] == words[0] and not is_program(words[0]):
        place = fields.at(key) + "[0]"
        fields.errors.expected(place, "a program's name or absolute path", quoted(words[0]))
    return tuple(words)


def _read_alternative(fields: Fields) -> Alternative:
    inner = _inner(fields, "alternative", ("group", "preference", "fail-back", "tries"))
    return Alternative(
        inner.text("group", None, (is_service_name, "the name of a group")),
        inner.integer("preference", -1000000, 1000000),
        inner.seconds("fail-back", 30),
        inner.integer("tries", 1, 1000, 3),
    )


def _read_values(
    fields: Fields, kind: str
) -> "tuple[tuple[tuple[str, str], ...], tuple[Reference, ...]]":
    """(literals, references) of `env` and `files`, sorted."""
    literals = []
    references = []
    for place, key, is_good, words in VALUES:
        table = fields.get(key) if fields.has(key) else {}
        for name in names(fields.errors, fields.at(key), table, "an object"):
            at = "%s.%s" % (fields.at(key), name)
            if not is_good(name):
                fields.errors.expected(fields.at(key), words, quoted(name))
            elif place == ENV and not isinstance(table[name], dict):
                literals.append((name, text(fields.errors, at, table[name], LITERAL)))
            else:
                inner = Fields(fields.errors, at, table[name], "a reference", REFERENCE)
                references.append(_read_reference(inner, place, name, kind))
    return tuple(literals), tuple(references)


def _read_reference(inner: Fields, place: str, name: str, kind: str) -> Reference:
    """A reference; whether it is secret is known when all services have been read (order.py)."""
    change = inner.get("change") if inner.has("change") else RESTART
    changes = CHANGES.get(kind, ())
    if changes and change not in changes:
        hint = suggestion(change, list(changes)) if isinstance(change, str) else ""
        inner.expected("change", CHANGE_WORDS[kind] + " for a " + kind, hint)
    optional = inner.flag("optional", False)
    return Reference(place, name, inner.text("output", None, OUTPUT), change, optional, False)


VALUES = (
    (ENV, "env", is_variable, VARIABLE),
    (FILE, "files", is_element, "the name of a file"),
)
