"""What the kernel is asked for: settings below /proc/sys, and modules."""

import re
from collections.abc import Iterator

from packager.checks.known_modules import KnownModules
from packager.checks.singletons import who
from packager.gathered import Gathered
from services.model import Module, Sysctl
from services.site.problems import Problem, shown, suggestion

TOPS = ("abi", "debug", "dev", "fs", "kernel", "net", "sunrpc", "user", "vm")
ELEMENT = re.compile(r"[A-Za-z0-9_.:@-]+")
MODULE = re.compile(r"[A-Za-z0-9_-]{1,55}")  # include/linux/module.h, MODULE_NAME_LEN


def check(found: Gathered) -> Iterator[Problem]:
    """Settings and modules of an impossible form."""
    for owner, each in found.resources:
        if isinstance(each, Sysctl):
            text = _wrong_path(each.path) or _wrong_value(each)
            if text:
                yield Problem(each.where, who(owner), text)
        if isinstance(each, Module) and not MODULE.fullmatch(each.name):
            text = f"expected a kernel module's name as 8021q, got {shown(each.name)}"
            name = each.name.rpartition("/")[2].partition(".ko")[0]
            hint = f"; write {name!r}" if MODULE.fullmatch(name) else ""
            yield Problem(each.where, who(owner), text + hint)


def check_modules(found: Gathered, known: KnownModules) -> Iterator[Problem]:
    """Modules that the target's kernel does not have, where its list is at hand."""
    for owner, each in found.resources:
        if isinstance(each, Module) and MODULE.fullmatch(each.name):
            if not known.has(each.name):
                hint = suggestion(each.name.replace("-", "_"), list(known.names))
                hint = hint if "did you mean" in hint else ""
                text = f"expected a module of {known.kernel}, got {each.name!r}{hint}"
                yield Problem(each.where, who(owner), text)


def _wrong_path(path: str) -> str:
    words = path.split("/")
    if len(words) == 1 and path.partition(".")[0] in TOPS:
        text = "expected the path of a setting below /proc/sys with /"
        return f"{text}, got {path!r}; write {path.replace('.', '/')!r}"
    if path.startswith("/proc/sys/"):
        short = path.removeprefix("/proc/sys/")
        return f"expected the path of a setting below /proc/sys, got {path!r}; write {short!r}"
    good = len(words) > 1 and all(ELEMENT.fullmatch(word) for word in words) and ".." not in words
    if not good or words[0] not in TOPS:
        tops = ", ".join(TOPS)
        return (
            f"expected the path of a setting below /proc/sys (in {tops}), as net/ipv4/ip_forward, "
            f"got {shown(path)}"
        )
    return ""


def _wrong_value(setting: Sysctl) -> str:
    value = setting.value
    if isinstance(value, str) and value and value.isprintable():
        return ""
    hint = f'; write "{value}"' if isinstance(value, int) else ""
    return f"expected one line of text for {setting.path}, got {shown(value)}{hint}"
