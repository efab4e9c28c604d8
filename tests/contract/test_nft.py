"""The packet filter by nft's language, on the runtime that runs this; each in a namespace."""

from agent.port import errno, files, nft, process
from tests.contract.links import shell
from tests.contract.tables import errno_of
from tests.contract.test_process import again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MODULE = b"tests.contract.test_nft"
SCRIPT = "/tmp/fg-contract-nft-%d" % process.pid()
MANY = 5000
ZONES = """\
table inet guard {
\tset lan { type ifname; elements = { "eth1" }; }
\tset seen { type ipv6_addr; flags timeout; }
\tchain forward {
\t\ttype filter hook forward priority filter; policy drop;
\t\tiifname @lan counter accept comment "RFC 6092 REC-1"
\t}
}
table ip hide {
\tset lan { type ifname; elements = { "eth1" }; }
}
"""


def plain(objects: "list[dict[str, Any]]") -> "list[dict[str, Any]]":
    """The same without the kernel's numbers for them."""
    return [
        {kind: {key: item[kind][key] for key in item[kind] if key != "handle"} for kind in item}
        for item in objects
    ]


def elements(table: str) -> list[str]:
    """What the set `lan` of a table holds, sorted."""
    found = nft.listing("set %s lan" % table)
    assert len(found) == 1, found
    return sorted(found[0]["set"].get("elem", []))


def addresses(count: int) -> list[str]:
    """That many IPv4 addresses as text, in their order."""
    return ["198.%d.%d.%d" % (100 + (n >> 16), n >> 8 & 255, n & 255) for n in range(count)]


def large(last: str) -> str:
    """A ruleset whose third line has MANY elements, and `last` behind them."""
    return "table ip large {\nset s { type ipv4_addr; elements = {\n%s%s\n}\n}\n}\n" % (
        ", ".join(addresses(MANY)),
        last,
    )


def test_a_ruleset_that_is_loaded_is_listed_whole() -> None:
    assert nft.listing("ruleset") == []
    assert nft.apply(ZONES) == ""
    lan = {"family": "inet", "name": "lan", "table": "guard", "type": "ifname", "elem": ["eth1"]}
    seen = {
        "family": "inet",
        "name": "seen",
        "table": "guard",
        "type": "ipv6_addr",
        "flags": ["timeout"],
    }
    chain = {
        "family": "inet",
        "table": "guard",
        "name": "forward",
        "type": "filter",
        "hook": "forward",
        "prio": 0,
        "policy": "drop",
    }
    match = {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "@lan"}
    rule = {
        "family": "inet",
        "table": "guard",
        "chain": "forward",
        "comment": "RFC 6092 REC-1",
        "expr": [{"match": match}, {"counter": {"packets": 0, "bytes": 0}}, {"accept": None}],
    }
    guard = [
        {"table": {"family": "inet", "name": "guard"}},
        {"set": lan},
        {"set": seen},
        {"chain": chain},
        {"rule": rule},
    ]
    other = {"family": "ip", "name": "lan", "table": "hide", "type": "ifname"}
    other["elem"] = ["eth1"]  # type: ignore[assignment]
    hide = [{"table": {"family": "ip", "name": "hide"}}, {"set": other}]
    assert plain(nft.listing("table inet guard")) == guard
    assert plain(nft.listing("table ip hide")) == hide
    assert plain(nft.listing("ruleset")) == guard + hide


def test_a_refused_ruleset_leaves_the_old_one_and_names_the_line() -> None:
    assert nft.apply(ZONES) == ""
    before = nft.listing("ruleset")
    change = "flush ruleset\nadd table inet guard\n"
    # what nft itself finds, and what the kernel finds when half of it is done
    assert nft.apply(change + "  add rule inet guard nonesuch accept") == (
        "ruleset:3:23-30: Error: Could not process rule: No such file or directory\n"
        "  add rule inet guard nonesuch accept\n"
        "                      ^^^^^^^^\n"
    )
    assert nft.apply(change + "create table inet guard\n") == (
        "ruleset:3:19-23: Error: Could not process rule: File exists\n"
        "create table inet guard\n"
        "                  ^^^^^\n"
    )
    refused = nft.apply("flush ruleset\ntable inet guard {\n\tchain {\n").split("\n")
    assert refused[0].startswith("ruleset:3:8-8: Error: syntax error, unexpected '{'"), refused
    assert refused[1:3] == ["\tchain {", "\t      ^"]
    assert nft.listing("ruleset") == before


def test_a_ruleset_that_is_only_checked_changes_nothing() -> None:
    assert nft.apply(ZONES, True) == ""
    assert nft.listing("ruleset") == []
    assert nft.apply(ZONES) == ""
    before = nft.listing("ruleset")
    assert nft.apply("flush ruleset\n", True) == ""
    assert nft.apply('add element inet guard lan { "eth2" }\n', True) == ""
    refused = nft.apply("flush ruleset\nadd set inet guard s { type nonesuch; }\n", True)
    assert refused.split("\n")[0].startswith("ruleset:2:"), refused
    assert nft.listing("ruleset") == before


def test_elements_change_in_two_tables_together_or_not_at_all() -> None:
    assert nft.apply(ZONES) == ""
    both = 'add element inet guard lan { "eth2" }\nadd element ip hide lan { "eth2" }\n'
    assert nft.apply(both) == ""
    assert (elements("inet guard"), elements("ip hide")) == (["eth1", "eth2"],) * 2
    swap = 'delete element inet guard lan { "eth1" }\ndelete element ip hide lan { "eth9" }\n'
    assert nft.apply(swap).split("\n")[0] == (
        "ruleset:2:30-35: Error: Could not process rule: No such file or directory"
    )
    assert (elements("inet guard"), elements("ip hide")) == (["eth1", "eth2"],) * 2
    assert nft.apply(swap.replace("eth9", "eth1")) == ""
    assert (elements("inet guard"), elements("ip hide")) == (["eth2"],) * 2


def test_a_ruleset_longer_than_a_pipe_holds_is_loaded_and_listed() -> None:
    text = large("")
    assert len(text) > 65536
    assert nft.apply(text) == ""
    table, held = plain(nft.listing("table ip large"))
    assert table == {"table": {"family": "ip", "name": "large"}}
    assert sorted(held["set"]["elem"]) == sorted(addresses(MANY))
    # nft -t: the set without what it holds
    bare = {"family": "ip", "name": "s", "table": "large", "type": "ipv4_addr"}
    assert plain(nft.listing("table ip large", False)) == [table, {"set": bare}]


def test_an_error_longer_than_a_pipe_holds_is_told_and_cut() -> None:
    text = large(", nonesuch!")
    line = text.split("\n")[2]
    # nft shows the line's beginning, and its mark below the last of more than 65,536 columns
    assert len(line) > 65536
    refused = nft.apply(text.encode())
    assert len(refused) == 16384
    head, shown, mark = refused.split("\n")
    assert head.startswith("ruleset:3:%d-%d: Error: syntax error" % (len(line), len(line))), head
    assert len(shown) > 1000 and line.startswith(shown), shown
    assert mark == " " * len(mark)
    assert nft.listing("ruleset") == []


def test_a_numeric_listing_shows_numbers_for_symbols() -> None:
    rule = "icmpv6 type echo-request ct state established meta l4proto tcp accept"
    assert nft.apply("table ip6 t {\nchain c {\n%s\n}\n}\n" % rule) == ""

    def rights(numeric: bool) -> "list[Any]":
        found = [
            item["rule"] for item in nft.listing("table ip6 t", True, numeric) if "rule" in item
        ]
        return [part["match"]["right"] for part in found[0]["expr"] if "match" in part]

    # A machine without /etc/protocols has no name for the last
    assert rights(False)[:2] == ["echo-request", "established"]
    assert rights(True) == [128, 2, 6]


def test_a_listing_that_is_too_long_is_refused() -> None:
    comment = ' comment "' + "x" * 120 + '", '
    part = "add element ip large s { %s }\n"
    assert nft.apply("table ip large {\nset s { type ipv4_addr; }\n}\n") == ""
    whole = addresses(15000)
    for start in range(0, 15000, 5000):
        rows = [address + comment for address in whole[start : start + 5000]]
        assert nft.apply(part % "".join(rows)) == ""
    assert errno_of(nft.listing, "set ip large s") == 27  # EFBIG, everywhere
    assert len(nft.listing("set ip large s", False)) == 1


def test_what_is_not_there_lists_as_nothing() -> None:
    assert nft.apply(ZONES) == ""
    assert nft.listing("table ip6 guard") == []
    assert nft.listing("set inet guard nonesuch") == []
    assert nft.listing("set inet guard la") == []  # nft says which name it may have meant
    assert nft.listing("chain inet nonesuch forward") == []


def test_several_kinds_are_listed_in_one_call() -> None:
    assert nft.apply(ZONES) == ""
    apart = nft.listing("chains") + nft.listing("sets")
    assert len(apart) == 4
    assert nft.listing(("chains", "sets")) == apart
    for what in ((), ("chains", ""), ("chains", "set ip hide lan"), ("sets", "sets;")):
        assert errno_of(nft.listing, what) == errno.EINVAL, what
    assert len(nft.listing("chains")) == 1


def test_a_listing_can_neither_change_anything_nor_be_an_option() -> None:
    assert nft.apply(ZONES) == ""
    before = nft.listing("ruleset")
    for what in (
        "",
        "ruleset; flush ruleset",
        "ruleset\nflush\nruleset; delete table inet guard",
        "-f /etc/passwd",
        "ruleset --version",
        "-c ruleset",
        'table inet "guard"',
        "table inet gu\xe4rd",
        "nonesuch",
        "table",
    ):
        assert errno_of(nft.listing, what) == errno.EINVAL, what
    assert nft.listing("ruleset") == before


def test_input_need_not_be_text_nor_end_its_last_line() -> None:
    assert nft.apply("") == ""
    assert nft.apply(b"\n# nothing\n") == ""
    assert nft.apply(b"add table inet guard") == ""
    assert nft.apply(b"add table inet one\n# \xff\xfe\nadd table inet b\xff\xe9d\n") == (
        "ruleset:3:17-17: Error: syntax error, unexpected junk, "
        "expecting end of file or newline or semicolon\n"
        "add table inet b??d\n"
        "                ^\n"
    )
    tables = [item["table"]["name"] for item in nft.listing("ruleset")]
    assert tables == ["guard"]


def test_no_descriptor_and_no_child_is_left() -> None:
    def now() -> tuple[int, bytes]:
        children = files.read("/proc/self/task/%d/children" % process.pid())
        return len(files.listing("/proc/self/fd")), children

    nft.apply(ZONES)
    before = now()
    for _ in range(20):
        assert nft.apply('add element inet guard lan { "eth2" }\n') == ""
        assert nft.apply("nonesuch\n") != ""
        assert len(nft.listing("ruleset")) == 7
        assert nft.listing("table inet nonesuch") == []
    assert now() == before
    assert before[1] == b""


def say_missing() -> None:
    """Child: what apply and listing raise where neither nft nor libnftables can be had."""
    for call in (lambda: nft.apply(ZONES), lambda: nft.listing("ruleset")):
        assert errno_of(call) == errno.ENOENT
    children = files.read("/proc/self/task/%d/children" % process.pid())
    assert children == b""


def child(function: bytes, setup: str, start: str, module: bytes = MODULE) -> None:
    """Run another function of a module in its own mounts, after `setup`, by way of `start`."""
    words = again(function)
    command = [module if word.startswith(b"tests.contract.test_") else word for word in words]
    quoted = " ".join(["'%s'" % word.decode() for word in command])
    files.write(SCRIPT, ("set -e\n%s\n%s %s\n" % (setup, start, quoted)).encode())
    try:
        shell("exec unshare -m sh " + SCRIPT)
    finally:
        files.remove_file(SCRIPT)


def test_a_machine_without_nft_is_told_apart() -> None:
    # Hidden from the child alone: the library under an empty file, the program by PATH.
    hide = "for so in /usr/lib/*/libnftables.so.1; do mount --bind /dev/null $so; done"
    child(b"say_missing", hide, "PATH=/nonexistent exec")


def say_dead() -> None:
    """Child: with an nft that dies at once, nobody says that it worked, nor why it was refused."""
    try:
        refused = nft.apply("add table inet guard\n")
    except OSError as error:
        assert error.errno == 5  # EIO, everywhere
        assert errno_of(nft.listing, "ruleset") == 5
        return
    # no program is asked where the library is at hand
    assert refused == ""
    assert plain(nft.listing("ruleset")) == [{"table": {"family": "inet", "name": "guard"}}]


def test_an_nft_that_dies_has_neither_taken_nor_refused() -> None:
    folder = SCRIPT + "-bin"
    files.make_folder(folder)
    files.write(folder + "/nft", b"#!/bin/sh\necho why >&2\nkill -9 $$\n", 0o755)
    try:
        child(b"say_dead", "", "PATH=%s:$PATH exec" % folder)
    finally:
        files.remove_file(folder + "/nft")
        files.remove_folder(folder)


def say_forbidden() -> None:
    """Child: what is said without CAP_NET_ADMIN."""
    assert errno_of(nft.listing, "ruleset") == errno.EPERM
    assert "Operation not permitted" in nft.apply("add table inet guard\n")


def test_who_may_not_is_told_so() -> None:
    child(b"say_forbidden", "", "exec setpriv --bounding-set -net_admin")
    assert nft.listing("ruleset") == []
