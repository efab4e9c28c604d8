"""What chosen files need, sought in a few packages in memory; what is said if nobody has it."""

from pathlib import Path

import pytest

from packager.debian.closure import closure
from packager.debian.contents import Contents, Item, merged, pattern_expression
from packager.debian.elf import Needs
from packager.debian.sources import DebianError

LIB = "/usr/lib/x86_64-linux-gnu"
X86, MIPS = "EM_X86_64 64 little", "EM_MIPS 32 little"


class InMemory:
    """Packages as a table: package -> (depends, path -> a link's target or what the file needs)."""

    def __init__(self, table: dict[str, tuple[list[str], dict[str, str | Needs]]]) -> None:
        self.table = table
        self.opened: list[str] = []

    def open(self, name: str) -> Contents:
        if name not in self.opened:
            self.opened.append(name)
        items = {
            path: Item(path, "link", 0o777, target=what) if isinstance(what, str)
            else Item(path, "file", 0o755, held=path)
            for path, what in self.table[name][1].items()
        }  # fmt: skip
        return Contents(name, "1", "", (), items, Path("/none"))

    def depends(self, name: str) -> list[str]:
        return self.table[name][0]

    def needs(self, contents: Contents, item: Item) -> Needs:
        what = self.table[contents.name][1][item.path]
        assert isinstance(what, Needs)
        return what


PACKAGES = InMemory(
    {
        "dns": (["passwd", "libnettle8", "libc6"], {
            "/usr/sbin/dns": Needs("/lib64/ld.so", ("libnettle.so.8", "libc.so.6"), (), X86)}),
        "libnettle8": (["libgmp10"], {
            f"{LIB}/libnettle.so.8": "libnettle.so.8.1",
            f"{LIB}/libnettle.so.8.1": Needs("", ("libgmp.so.10",), (), X86)}),
        "libgmp10": (["libc6"], {f"{LIB}/libgmp.so.10": Needs("", ("libc.so.6",), (), X86)}),
        "libc6": ([], {
            "/usr/lib64/ld.so": f"/lib/{LIB.rpartition('/')[2]}/ld.so",
            f"{LIB}/ld.so": Needs(machine=X86),
            f"{LIB}/libc.so.6": Needs("/lib64/ld.so", ("ld.so",), (), X86)}),
        "passwd": ([], {}),
        "dash": (["libc6"], {"/usr/bin/sh": "dash", "/usr/bin/dash": Needs("", (), (), X86)}),
        "script": ([], {"/usr/bin/script": Needs("/bin/sh")}),
        "own": (["libc6"], {
            "/usr/lib/own/x": Needs("", ("libown.so",), ("$ORIGIN/lib",), X86),
            "/usr/lib/own/lib/libown.so": Needs("", (), (), X86)}),
        "foreign": (["libforeign1"], {"/usr/bin/f": Needs("", ("libforeign.so.1",), (), X86)}),
        "libforeign1": ([], {f"{LIB}/libforeign.so.1": Needs("", (), (), MIPS)}),
        "checker": (["libext2fs2", "libcom-err2"], {
            "/usr/sbin/fsck": Needs("", ("libext2fs.so.2",), (), X86)}),
        "libext2fs2": ([], {f"{LIB}/libext2fs.so.2": Needs("", ("libcom_err.so.2",), (), X86)}),
        "libcom-err2": ([], {f"{LIB}/libcom_err.so.2": Needs("", (), (), X86)}),
        "dangling": ([], {"/usr/bin/vi": "/etc/alternatives/vi"}),
    }
)  # fmt: skip


def found(package: str, path: str, provided: tuple[str, ...] = ()):
    item = PACKAGES.open(package).items[path]
    return closure(PACKAGES, [(package, item, "why")], "x86_64-linux-gnu", provided)


def test_libraries_links_and_the_dynamic_linker_come_along_with_the_steps_that_led_there() -> None:
    files = found("dns", "/usr/sbin/dns")
    assert sorted(files) == [
        "/usr/lib/x86_64-linux-gnu/ld.so",
        "/usr/lib/x86_64-linux-gnu/libc.so.6",
        "/usr/lib/x86_64-linux-gnu/libgmp.so.10",
        "/usr/lib/x86_64-linux-gnu/libnettle.so.8",
        "/usr/lib/x86_64-linux-gnu/libnettle.so.8.1",
        "/usr/lib64/ld.so",
        "/usr/sbin/dns",
    ]
    gmp = files[f"{LIB}/libgmp.so.10"]
    assert gmp.names == ("dns", "libnettle8", "libgmp10")
    assert gmp.chain == (
        "why",
        "/usr/sbin/dns uses libnettle.so.8 of libnettle8",
        f"{LIB}/libnettle.so.8 is a link to {LIB}/libnettle.so.8.1",
        f"{LIB}/libnettle.so.8.1 uses libgmp.so.10 of libgmp10",
    )


def test_packages_without_what_is_sought_are_not_opened() -> None:
    PACKAGES.opened.clear()
    found("dns", "/usr/sbin/dns")
    assert "passwd" not in PACKAGES.opened


def test_all_who_need_a_file_are_told() -> None:
    chosen = [
        (package, PACKAGES.open(package).items[path], "why")
        for package, path in (("dns", "/usr/sbin/dns"), ("dash", "/usr/bin/sh"))
    ]
    chosen.append(("libgmp10", PACKAGES.open("libgmp10").items[f"{LIB}/libgmp.so.10"], "why"))
    files = closure(PACKAGES, chosen, "x86_64-linux-gnu")
    assert files[f"{LIB}/libc.so.6"].needed_by == ["dns", "libgmp10"]
    assert files[f"{LIB}/libnettle.so.8"].needed_by == ["dns"]


def test_a_script_brings_its_interpreter_from_debians_essential_packages() -> None:
    assert sorted(found("script", "/usr/bin/script")) == [
        "/usr/bin/dash",
        "/usr/bin/script",
        "/usr/bin/sh",
    ]


def test_what_somebody_else_provides_is_not_sought() -> None:
    assert list(found("script", "/usr/bin/script", ("/usr/bin/sh",))) == ["/usr/bin/script"]


def test_a_runpath_of_its_own_is_looked_in_first() -> None:
    assert sorted(found("own", "/usr/lib/own/x")) == [
        "/usr/lib/own/lib/libown.so",
        "/usr/lib/own/x",
    ]


@pytest.mark.parametrize(
    ("package", "path", "what"),
    [
        ("foreign", "/usr/bin/f", "/usr/bin/f of foreign needs libforeign.so.1"),
        (
            "dangling",
            "/usr/bin/vi",
            "the link /usr/bin/vi of dangling needs /etc/alternatives/vi",
        ),
    ],
)
def test_what_nobody_has_is_one_line(package: str, path: str, what: str) -> None:
    with pytest.raises(DebianError) as refused:
        found(package, path)
    assert str(refused.value) == (
        f"{what}: expected it in one of the packages that {package} depends on; name the package "
        "that has it among those that are wanted"
    )


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/bin/sh", "/usr/bin/sh"),
        ("/lib", "/usr/lib"),
        ("/lib64/ld.so", "/usr/lib64/ld.so"),
        ("/library/x", "/library/x"),
        ("/usr/bin/sh", "/usr/bin/sh"),
        ("/etc/lib/x", "/etc/lib/x"),
    ],
)
def test_paths_are_those_of_the_merged_usr(path: str, where: str) -> None:
    assert merged(path) == where


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/a/*", "/a/b", True),
        ("/a/*", "/a/b/c", False),
        ("/a/**", "/a/b/c", True),
        ("/a/b?", "/a/bc", True),
        ("/a/b?", "/a/b/", False),
        ("/a/[bc]d", "/a/cd", True),
        ("/a/x.y", "/a/xzy", False),
        ("/a/**.ko", "/a/b/c.ko", True),
    ],
)
def test_patterns_are_the_shells(pattern: str, path: str, fits: bool) -> None:
    assert bool(pattern_expression(pattern).fullmatch(path)) == fits


def test_what_a_library_does_not_say_that_it_needs_its_users_may() -> None:
    files = found("checker", "/usr/sbin/fsck")
    assert files[f"{LIB}/libcom_err.so.2"].package == "libcom-err2"
