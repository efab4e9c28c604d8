"""Debian's real packages: a small home router of three architectures, its programs under qemu-user,
the kernels' modules held against depmod, and what a lock and a cache are good for."""

import os
import re
import shutil
import stat
import subprocess
import time
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from packager.debian import archive as archives
from packager.debian.archive import Archive
from packager.debian.contents import read_contents
from packager.debian.kernel import open_kernel
from packager.debian.lock import Locked, read_lock, write_lock
from packager.debian.selection import Selection, Wanted, provided_paths, select
from packager.debian.sources import DebianError
from packager.formats import squashfs
from packager.root.tree import Origin, Tree, file, link
from packager.targets import AARCH64, MALTA, X86_64, Debian, Target

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "debian"
LIMIT = 8_000_000  # octets of squashfs for all but kernel and modules of the home router

S6 = tuple(f"/usr/bin/s6-{name}" for name in
           ("svscan", "supervise", "svc", "log", "svscanctl", "svwait", "svstat"))  # fmt: skip
WANTED = [
    Wanted("busybox", ("/bin/busybox",), "the shell and the small tools"),
    Wanted("s6", S6, "what keeps services running"),
    Wanted("execline", ("/usr/lib/execline/bin/*",), "what run files are written in"),
    Wanted("dropbear-bin", ("/usr/sbin/dropbear", "/usr/bin/dropbearkey"), "remote login"),
    Wanted("nftables", ("/usr/sbin/nft",), "the packet filter"),
    Wanted("dnsmasq-base", ("/usr/sbin/dnsmasq",), "DNS and DHCP for the LAN"),
    Wanted("netbase", ("/etc/protocols",), "nft knows protocols by their names here"),
]
MODULES = ("virtio_pci", "virtio_net", "e1000", "pcnet32", "squashfs", "overlay", "nft_masq",
           "nft_flow_offload", "nft-expr-ct", "ext4", "pppoe", "jffs2", "ubifs")  # fmt: skip
# What loads more at run time, and why it needs none of that here: dlopen(3) shows in no table.
LOADERS = {
    "libc.so.6": "NSS modules other than files and dns, gconv, libgcc_s for threads that are ended",
    "libgcrypt.so.20": "only its self test in FIPS mode",
    "libsystemd.so.0": "compressors and idn for what journals and resolved do",
    "libxtables.so.12": "iptables' extensions, for rules that nft did not make",
    "libgmp.so.10": "",
}


def debian(target: Target) -> Debian:
    assert target.debian is not None
    return target.debian


def archive(target: Target, lock: tuple[Locked, ...] = ()) -> Archive:
    return Archive(CACHE, debian(target).architecture, lock)


def home_router(target: Target, lock: tuple[Locked, ...] = ()) -> Selection:
    return select(archive(target, lock), WANTED, debian(target))


def placed(tree: Tree, folder: Path) -> Path:
    for each in tree:
        place = folder / each.path.lstrip("/")
        if each.kind == "folder":
            place.mkdir(parents=True, exist_ok=True)
        elif each.kind == "link":
            # Absolute ones would lead to the host's own files.
            above = "../" * (each.path.count("/") - 1)
            place.symlink_to(re.sub("^/", above or "./", each.target))
        else:
            place.write_bytes(each.octets())
            place.chmod(each.mode)
    return folder


@pytest.mark.parametrize(
    ("target", "emulator"),
    [(X86_64, ""), (AARCH64, "qemu-aarch64-static"), (MALTA, "qemu-mipsel-static")],
    ids=lambda each: each.name if isinstance(each, Target) else "",
)
def test_the_home_routers_programs_start_with_what_was_taken_and_nothing_else(
    target: Target, emulator: str, tmp_path: Path
) -> None:
    root = placed(home_router(target).tree, tmp_path)
    if not emulator and os.geteuid() != 0:
        pytest.skip("needs root for chroot: run `make check` as root")
    if emulator and shutil.which(emulator) is None:
        pytest.skip(f"{emulator} is not there: run `make setup`")

    (root / "dev").mkdir()
    if not emulator:
        os.mknod(root / "dev" / "urandom", stat.S_IFCHR | 0o666, os.makedev(1, 9))

    def run(*argv: str) -> str:
        # qemu-user's -L looks for the dynamic linker there; its folders are those of the target.
        command = ["chroot", str(root), *argv]
        if emulator:
            library = f"/usr/lib/{debian(target).multiarch}"
            command = [emulator, "-L", str(root), "-E", f"LD_LIBRARY_PATH={root}{library}",
                       f"{root}{argv[0]}", *argv[1:]]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    # qemu-user has no netfilter sockets: nft says so once it has all its libraries.
    begins = "mnl.c:60: Unable to initialize Netlink socket" if emulator else "nftables v1"
    assert run("/usr/sbin/nft", "--version").startswith(begins)
    assert run("/usr/sbin/dnsmasq", "--version").startswith("Dnsmasq version 2")
    assert run("/usr/sbin/dropbear", "-V").startswith("Dropbear v")
    assert run("/usr/bin/busybox", "echo", "here") == "here\n"
    assert "usage: s6-svscan" in run("/usr/bin/s6-svscan", "-?")
    assert run("/usr/lib/execline/bin/importas", "-u", "x", "HOME", "/bin/none").startswith(
        "import"
    )
    # The image may not need more than was asked for, through the host's files.
    assert {e.origin.package for e in home_router(target).tree} >= {"libc6", "libnettle8"}


def test_the_home_router_is_within_its_budget_and_told_by_package(tmp_path: Path) -> None:
    selection = home_router(X86_64)
    tree = Tree(selection.tree)
    frost = ROOT / "build" / "x86_64" / "frost"
    if frost.exists():
        tree.add(file("/usr/bin/frost", frost, Origin("frostgate", "our programs"), 0o755))
    started = time.monotonic()
    size = squashfs.write(tree, tmp_path / "root")
    print(f"{size} octets of squashfs in {time.monotonic() - started:.1f} s")
    for package, octets in list(tree.sizes().items())[:12]:
        print(f"{octets:9} {package}")
    assert size < LIMIT


def test_what_loads_more_at_run_time_is_known() -> None:
    loading = set()
    for each in home_router(X86_64).tree:
        if each.kind != "file" or not each.octets().startswith(b"\x7fELF"):
            continue
        assert isinstance(each.content, Path)
        with each.content.open("rb") as read:
            symbols = ELFFile(read).get_section_by_name(".dynsym")
            assert isinstance(symbols, SymbolTableSection)
            names = [symbol.name for symbol in symbols.iter_symbols()]
        if "dlopen" in names:
            loading.add(re.sub(r"(\.so\.\d+).*", r"\1", each.path.rpartition("/")[2]))
    assert loading - set(LOADERS) == set()


def test_reasons_lead_from_what_was_asked_for() -> None:
    tree = home_router(X86_64).tree
    unistring = tree.get("/usr/lib/x86_64-linux-gnu/libunistring.so.2")
    assert unistring is not None
    assert unistring.origin.reason == "dnsmasq-base needs libunistring2 through libidn2-0"
    assert unistring.origin.needed_by == ("dnsmasq-base",)
    libc = tree.get("/usr/lib/x86_64-linux-gnu/libc.so.6")
    assert libc is not None
    assert set(libc.origin.needed_by) == {each.package for each in WANTED} - {"netbase"}


def test_a_lock_gives_the_same_without_asking_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    first = home_router(X86_64)
    lock = tuple(read_lock(write_lock(first.lock)))

    def nobody(*_: object) -> None:
        raise AssertionError("asked the machine for its sources")

    monkeypatch.setattr(archives, "machine_sources", nobody)
    second = home_router(X86_64, lock)
    assert list(second.tree) == list(first.tree) and second.lock == first.lock


def test_a_locked_version_that_is_gone_is_told(tmp_path: Path) -> None:
    index = CACHE / "amd64" / "index"
    home_router(X86_64)
    (tmp_path / "amd64").mkdir()
    shutil.copy(index, tmp_path / "amd64" / "index")
    gone = Locked("amd64", "netbase", "1.0-0", "0" * 64)
    with pytest.raises(DebianError) as refused:
        Archive(tmp_path, "amd64", [gone]).open("netbase")
    assert str(refused.value).startswith("packages.lock: netbase 1.0-0: not to be had any more (")


def test_a_package_that_was_changed_is_refused(tmp_path: Path) -> None:
    shutil.copytree(CACHE / "amd64" / "apt", tmp_path / "amd64" / "apt", dirs_exist_ok=True)
    shutil.copy(CACHE / "amd64" / "index", tmp_path / "amd64" / "index")
    own = Archive(tmp_path, "amd64")
    own.fetch(["netbase"])
    deb = next((tmp_path / "amd64" / "debs").glob("netbase_*.deb"))
    deb.write_bytes(deb.read_bytes()[:-1] + b"x")
    with pytest.raises(DebianError) as refused:
        own.open("netbase")
    assert str(refused.value).startswith(f"{deb}: expected SHA-256 ")
    assert not list((tmp_path / "amd64").glob("unpacked/*"))


def test_all_that_is_wanted_in_vain_is_told_at_once() -> None:
    wanted = [
        Wanted("dropbear-bin", ("/usr/sbin/dropbaer", "/usr/share/doc/dropbear-bin/README"), "x"),
        Wanted("netbase", ("/etc/protocols/*",), "x"),
    ]
    with pytest.raises(DebianError) as refused:
        select(archive(X86_64), wanted, debian(X86_64))
    lines = [re.sub(r" \d\S*:", " V:", line) for line in str(refused.value).splitlines()]
    assert lines == [
        "dropbear-bin V: expected a file /usr/sbin/dropbaer; it has /usr/bin/dropbearkey, "
        "/usr/lib/dropbear, /usr/sbin/dropbear",
        "dropbear-bin V: expected a file /usr/share/doc/dropbear-bin/README; documentation and "
        "other languages are never in an image",
        "netbase V: expected a file /etc/protocols/*",
    ]
    with pytest.raises(DebianError) as refused:
        archive(X86_64).open("no-such-package-here")
    assert str(refused.value) == "no-such-package-here: Debian has no such package for amd64"


def test_what_others_provide_is_left_to_them() -> None:
    why = Origin("site", "its shell")
    shell = Tree([link("/usr/bin/sh", "busybox", why), file("/usr/bin/busybox", b"", why)])
    wanted = [Wanted("debianutils", ("/usr/bin/savelog",), "a script")]
    with_dash = select(archive(X86_64), wanted, debian(X86_64))
    without = select(archive(X86_64), wanted, debian(X86_64), provided_paths(shell))
    assert "/usr/bin/dash" in with_dash.tree and "/usr/bin/dash" not in without.tree


def test_what_maintainer_scripts_would_link_is_linked() -> None:
    """The kernel asks for regulatory.db; Debian's has another name until it is set up."""
    wanted = [Wanted("wireless-regdb", ("/usr/lib/firmware/regulatory.db*-debian",), "laws")]
    tree = select(archive(X86_64), wanted, debian(X86_64)).tree
    for name in ("regulatory.db", "regulatory.db.p7s"):
        made = tree.get(f"/usr/lib/firmware/{name}")
        assert made is not None and made.target == f"{name}-debian"
        assert tree.get(f"/usr/lib/firmware/{made.target}") is not None


@pytest.mark.parametrize("target", [X86_64, AARCH64, MALTA], ids=lambda target: target.name)
def test_modules_and_tables_are_as_depmod_has_them(target: Target, tmp_path: Path) -> None:
    kernel = open_kernel(archive(target), debian(target))
    assert kernel.config()["CONFIG_MODULES"] == "y" and kernel.image.stat().st_size > 1 << 20
    tree = kernel.tree(dict.fromkeys(MODULES, "a test"))
    base = placed(tree, tmp_path)
    (base / "lib").symlink_to("usr/lib")
    folder = base / kernel.folder.lstrip("/")
    ours = {name: (folder / name).read_text().splitlines()
            for name in ("modules.dep", "modules.alias", "modules.softdep")}  # fmt: skip
    builtin = read_contents(next((CACHE / debian(target).architecture / "unpacked").glob(
        f"linux-image-{kernel.release}_*")))  # fmt: skip
    for name in ("modules.builtin.modinfo", "modules.order"):
        shutil.copy(builtin.content(builtin.items[f"{kernel.folder}/{name}"]), folder)
    depmod = shutil.which("depmod", path="/usr/sbin:/sbin")
    assert depmod is not None
    subprocess.run([depmod, "-b", str(base), kernel.release], check=True)
    theirs = {name: [line for line in (folder / name).read_text().splitlines() if line[0] != "#"]
              for name in ours}  # fmt: skip
    for name in ("modules.alias", "modules.softdep"):
        assert sorted(ours[name]) == sorted(theirs[name])
    needs = [dict(line.split(":") for line in rows) for rows in
             (ours["modules.dep"], theirs["modules.dep"])]  # fmt: skip
    assert needs[0].keys() == needs[1].keys()
    for path, words in needs[0].items():
        assert sorted(words.split()) == sorted(needs[1][path].split())
        # Loaded from the last to the first, each finds what it needs.
        loaded: set[str] = set()
        for each in words.split()[::-1]:
            assert set(needs[0][each].split()) <= loaded
            loaded.add(each)
