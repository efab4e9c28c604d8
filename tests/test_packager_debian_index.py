"""The index of an archive, and packages.lock."""

from pathlib import Path

import pytest

from packager.debian.index import Index, Package, parse_depends, write_index
from packager.debian.lock import Locked, read_lock, write_lock
from packager.debian.sources import DebianError

AVAILABLE = """\
Package: dnsmasq-base
Version: 2.90-4~deb12u2
Pre-Depends: init-system-helpers (>= 1.54~)
Depends: passwd, libc6 (>= 2.34), libfoo2 (= 1:2.0) | libbar, python3:any
Provides: dns-server (= 2), dnsmasq-any
SHA256: aa
Description: small DNS
 Depends: on nothing

Package: bind
Version: 1
Provides: dns-server
SHA256: bb
"""


def test_packages_are_found_by_name_and_by_what_they_provide(tmp_path: Path) -> None:
    write_index(tmp_path / "index", AVAILABLE)
    index = Index(tmp_path / "index")
    needs = ("init-system-helpers",), ("passwd",), ("libc6",), ("libfoo2", "libbar"), ("python3",)
    assert index.package("dnsmasq-base") == Package("dnsmasq-base", "2.90-4~deb12u2", "aa", needs)
    assert index.package("bind") == Package("bind", "1", "bb", ())
    assert index.package("none") is None
    assert index.providers("dns-server") == ["bind", "dnsmasq-base"]


def test_dependencies_are_groups_of_alternatives() -> None:
    text = "a, b (>= 1.0) | c [amd64], d:any <!nocheck>,"
    assert parse_depends(text) == (("a",), ("b", "c"), ("d",))


SUM = "0" * 64


def test_a_lock_is_read_as_it_was_written() -> None:
    rows = [Locked("mipsel", "b", "1:2", SUM), Locked("amd64", "a", "1~2", SUM)]
    text = write_lock([*rows, rows[0]])
    assert text == (
        "# frostgate packages.lock 1: architecture package version sha256\n"
        f"amd64 a 1~2 {SUM}\nmipsel b 1:2 {SUM}\n"
    )
    assert read_lock(text) == sorted(rows)


@pytest.mark.parametrize("line", ["amd64 a 1", f"amd64 a 1 {SUM}0", f"amd64 a 1 2 {SUM}"])
def test_a_wrong_line_of_a_lock_is_named(line: str) -> None:
    with pytest.raises(DebianError) as refused:
        read_lock(f"# x\n{line}\n", "my.lock")
    assert str(refused.value) == (
        f"my.lock:2: expected 'architecture package version sha256', got {line!r}"
    )
