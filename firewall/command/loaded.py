"""What the kernel has loaded, and what it knows of addresses: asked for the walk and the list."""

from agent.command.errors import OTHER, SYSTEM_CALL_FAILED, CommandError
from agent.port import netlink, nft, process
from agent.port.errno import EFBIG, ENOENT, EPERM
from firewall.command.facts import Facts
from firewall.command.ruleset import Ruleset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RT_TABLE_LOCAL = 255  # linux/rtnetlink.h


def ruleset() -> Ruleset:
    """All tables without elements; CommandError when they can't be had."""
    return Ruleset(objects(), fetch, probe)


def objects() -> "list[dict[str, Any]]":
    """All tables as nft lists them in numbers, without elements."""
    try:
        return nft.listing("ruleset", elements=False, numeric=True)
    except OSError as error:
        raise failed(error) from None


def failed(error: OSError) -> CommandError:
    """What is said when nft can't be asked."""
    number = error.errno or 0
    if number == EFBIG:
        return CommandError(OTHER, "nft: expected at most 2 MiB of rules, got more")
    hint = {EPERM: "; only root may ask", ENOENT: "; is nft installed?"}.get(number, "")
    return CommandError(SYSTEM_CALL_FAILED, "nft: %s%s" % (process.strerror(number), hint))


def fetch(family: str, table: str, name: str) -> "list[Any] | None":
    """A set's or map's elements; None: too many to read."""
    for kind in ("set", "map"):
        try:
            found = nft.listing("%s %s %s %s" % (kind, family, table, name), numeric=True)
        except OSError as error:
            if error.errno == EFBIG:
                return None
            raise failed(error) from None
        for item in found:
            if kind in item:
                return item[kind].get("elem", [])  # type: ignore[no-any-return]
    return []


def probe(text: str) -> bool:
    """Whether a set too large to read has a value."""
    try:
        return nft.apply("get element " + text + "\n") == ""
    except OSError as error:
        raise failed(error) from None


def facts() -> Facts:
    """This machine's addresses and routes."""
    try:
        kernel = netlink.Kernel()
        try:
            names = {link.index: link.name for link in kernel.dump("link")}
            local = kernel.dump("route", RT_TABLE_LOCAL)
            return Facts(names, local, kernel.dump("route"))
        finally:
            kernel.close()
    except OSError as error:
        text = "netlink: %s" % process.strerror(error.errno or 0)
        raise CommandError(SYSTEM_CALL_FAILED, text) from None
