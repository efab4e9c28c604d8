"""The model of a root filesystem: what may be in it, and what two of its parts can't claim."""

from typing import Any

import pytest

from packager.root import tree as t

OURS = t.Origin("frostgate", "the agent")
SITE = t.Origin("site", "the site's own file")


def test_folders_above_a_file_are_there_by_themselves() -> None:
    tree = t.Tree([t.file("/etc/frost/agent", b"x", OURS)])
    assert [(e.path, e.kind, e.mode) for e in tree] == [
        ("/etc", "folder", 0o755),
        ("/etc/frost", "folder", 0o755),
        ("/etc/frost/agent", "file", 0o644),
    ]


@pytest.mark.parametrize("named_first", [True, False])
def test_a_folder_that_is_named_has_its_own_mode_in_either_order(named_first: bool) -> None:
    entries = [t.folder("/root", OURS, 0o700), t.file("/root/key", b"", OURS)]
    tree = t.Tree(entries if named_first else entries[::-1])
    assert [e.mode for e in tree] == [0o700, 0o644]


@pytest.mark.parametrize("named_first", [True, False])
def test_merged_trees_keep_what_was_named(named_first: bool) -> None:
    named = t.Tree([t.folder("/root", OURS, 0o700)])
    implied = t.Tree([t.file("/root/key", b"", SITE)])
    one, other = (named, implied) if named_first else (implied, named)
    tree = t.Tree()
    tree.merge(one)
    tree.merge(other)
    assert [(e.path, e.mode) for e in tree] == [("/root", 0o700), ("/root/key", 0o644)]


def test_the_same_twice_is_no_news_whosever_it_is(tmp_path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    tree = t.Tree([t.file("/a", b"x", OURS), t.file("/a", tmp_path / "x", SITE)])
    assert [e.origin for e in tree] == [OURS]


@pytest.mark.parametrize(
    ("other", "line"),
    [
        (
            t.file("/a", b"y", SITE),
            "/a: two claim it: a file, 0644, from frostgate: the agent; and a file, 0644, from "
            "site: the site's own file",
        ),
        (
            t.file("/a", b"y", OURS),
            "/a: two claim it: a file, 0644, from frostgate: the agent; and a file, 0644, from "
            "frostgate: the agent, with other content",
        ),
        (
            t.folder("/a", SITE, uid=7),
            "/a: two claim it: a file, 0644, from frostgate: the agent; and a folder, 0755 of 7:0, "
            "from site: the site's own file",
        ),
        (
            t.file("/a/b", b"", SITE),
            "/a/b (a file, 0644, from site: the site's own file): expected a folder above it, "
            "got /a as a file, 0644, from frostgate: the agent",
        ),
    ],
)
def test_two_that_claim_a_path_are_both_named(other: t.Entry, line: str) -> None:
    tree = t.Tree([t.file("/a", b"x", OURS)])
    with pytest.raises(t.TreeError) as refused:
        tree.add(other)
    assert str(refused.value) == line


def test_a_path_through_a_link_is_refused_with_the_path_to_say() -> None:
    tree = t.Tree([t.link("/sbin", "usr/sbin", OURS)])
    with pytest.raises(t.TreeError) as refused:
        tree.add(t.file("/sbin/init", b"", SITE))
    assert str(refused.value).endswith("from frostgate: the agent; say /usr/sbin/init")


def test_a_link_in_the_place_of_a_folder_is_refused() -> None:
    tree = t.Tree([t.file("/sbin/init", b"", SITE)])
    with pytest.raises(t.TreeError):
        tree.add(t.link("/sbin", "usr/sbin", OURS))


@pytest.mark.parametrize("path", ["etc", "/", "/a/", "/a//b", "/a/../b", "/a/./b", "", "/a\0b"])
def test_paths_are_absolute_and_plain(path: str) -> None:
    with pytest.raises(t.TreeError):
        t.file(path, b"", OURS)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "file"},
        {"kind": "folder", "content": b""},
        {"kind": "link"},
        {"kind": "file", "content": b"", "target": "x"},
        {"kind": "folder", "mode": 0o40755},
        {"kind": "door"},
    ],
)
def test_an_entry_has_what_its_kind_has(fields: dict[str, Any]) -> None:
    with pytest.raises(t.TreeError):
        t.Entry(**{"path": "/a", "mode": 0o644, "origin": OURS, **fields})


def test_a_folder_comes_right_before_all_below_it() -> None:
    tree = t.Tree([t.file(path, b"", OURS) for path in ("/a/b", "/a-c", "/a.d/e", "/a/b-c")])
    assert [e.path for e in tree] == ["/a", "/a/b", "/a/b-c", "/a-c", "/a.d", "/a.d/e"]


def test_links_are_followed_on_the_way_and_at_the_end() -> None:
    tree = t.Tree([
        t.link("/lib", "usr/lib", OURS),
        t.link("/usr/lib/libc.so", "../../lib/libc.so.6", OURS),
        t.file("/usr/lib/libc.so.6", b"", OURS),
        t.link("/usr/lib/absolute", "/lib/libc.so", OURS),
    ])  # fmt: skip
    assert tree.follow("/lib/absolute") == "/usr/lib/libc.so.6"
    assert tree.follow("/lib/none/x") == "/usr/lib/none/x"


def test_links_in_a_ring_are_one_line() -> None:
    tree = t.Tree([t.link("/a", "b", OURS), t.link("/b", "a", OURS)])
    with pytest.raises(t.TreeError) as refused:
        tree.follow("/a")
    assert str(refused.value) == "/a: its links lead round in a ring"


def test_what_is_removed_goes_with_all_below_it() -> None:
    tree = t.Tree([t.file(path, b"", OURS) for path in ("/a/b", "/ab")])
    tree.remove("/a")
    assert [e.path for e in tree] == ["/ab"]


def test_sizes_are_by_package_the_biggest_first() -> None:
    tree = t.Tree([t.file("/a", b"x", OURS), t.file("/b", b"xyz", SITE), t.link("/c", "ab", OURS)])
    assert list(tree.sizes().items()) == [("frostgate", 3), ("site", 3)]


def test_the_manifest_says_of_each_path_whose_it_is_and_why() -> None:
    why = t.Origin(
        "libgmp10", "dnsmasq needs it", ("dnsmasq needs nettle", "nettle needs gmp"), ("dnsmasq",)
    )
    tree = t.Tree([t.file("/usr/lib/libgmp.so.10", b"1234", why)])
    entry = {
        "package": "libgmp10",
        "reason": "dnsmasq needs it",
        "chain": list(why.chain),
        "needed_by": ["dnsmasq"],
    }
    assert t.manifest(tree, "qemu-x86_64") == {
        "frostgate-image": 1,
        "target": "qemu-x86_64",
        "entries": [
            {"path": "/usr", "kind": "folder", "size": 0, **entry},
            {"path": "/usr/lib", "kind": "folder", "size": 0, **entry},
            {"path": "/usr/lib/libgmp.so.10", "kind": "file", "size": 4, **entry},
        ],
    }
