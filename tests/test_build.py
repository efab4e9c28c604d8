"""`frostgate build` with Debian's real packages and our frozen programs: the same bits, wherever
and whenever; only what has changed is made again; packages.lock; budgets.
"""

import json
import lzma
import os
import platform
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from packager.debian import archive as archives
from packager.debian.lock import read_lock
from packager.image import making, skeleton
from tests.runtimes import ROOT
from tests.site_build import EPOCH, Place, octets, site

DAY = "2023-11-14"  # that EPOCH is in


@pytest.fixture(autouse=True)
def epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The site's squashfs for qemu-x86_64. Tests leave it as they found it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
        place = Place(tmp_path_factory.mktemp("original"))
        assert place.build()[0] == 0
    yield place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def steps(err: str) -> list[str]:
    """What the build said, without its seconds."""
    return [re.sub(r"^ *[\d.]+ s ", "", line) for line in err.splitlines()]


def unchanged(err: str) -> list[str]:
    return [line.partition(",")[0] for line in steps(err) if line.endswith(", unchanged")]


def process(path: Path, image: Path, *words: str, **environment: str) -> "subprocess.Popen[str]":
    """The same as a process of its own, in a group of its own, as others would start it."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "packager", "build", path.name, "-o", str(image), *words],
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT}/packaging", **environment},
        start_new_session=True,
        umask=0o077,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# The same inputs are the same bits


@pytest.mark.parametrize("form", ["squashfs", "ext4", "initramfs"])
def test_the_same_inputs_are_the_same_bits(
    form: str, built: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    here = built
    if form != "squashfs":
        here = Place(tmp_path / "here")
        assert here.build("--format", form)[0] == 0
    elsewhere = site(tmp_path / "a folder" / "elsewhere")
    home = tmp_path / "home"
    home.mkdir()
    settings = {"TZ": "Pacific/Auckland", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
    running = process(
        elsewhere, tmp_path / "there", "--format", form,
        HOME=str(home), USER="nobody", PYTHONHASHSEED="7", **settings,
    )  # fmt: skip
    _, err = running.communicate()
    assert running.returncode == 0, err
    there = octets(tmp_path / "there")
    assert octets(here.image).keys() == there.keys()
    assert [name for name, each in octets(here.image).items() if there[name] != each] == []
    assert {"image.json", "packages.lock", "vmlinuz", "initrd"} <= there.keys()
    dates = DATES[form](tmp_path / "there")
    assert dates == {DAY}, dates


def squashfs_dates(image: Path) -> set[str]:
    command = ["unsquashfs", "-lln", str(image / "root.squashfs")]
    told = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TZ": "UTC"})
    return {line.split()[3] for line in told.stdout.splitlines() if line[:1] in "dlcbps-"}


def ext4_dates(image: Path) -> set[str]:
    told = ""
    for path in ("/etc/hostname", "/usr/bin", "/"):
        command = ["debugfs", "-R", f"stat {path}", str(image / "root.ext4")]
        told += subprocess.run(command, capture_output=True, text=True).stdout
    return {date_of(int(each, 16)) for each in re.findall(r"[acmr]time: 0x(\w{8})", told)}


def initramfs_dates(image: Path) -> set[str]:
    archive = lzma.decompress((image / "initrd").read_bytes())
    heads = re.findall(rb"070701([0-9A-F]{104})", archive)[:-1]  # the trailer's is 0
    return {date_of(int(head[40:48], 16)) for head in heads}


def date_of(seconds: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


DATES = {"squashfs": squashfs_dates, "ext4": ext4_dates, "initramfs": initramfs_dates}


# What has not changed


def test_a_second_build_makes_nothing(built: Place) -> None:
    before = octets(built.image)
    times = {each.name: each.stat().st_mtime_ns for each in built.image.glob("*[zd]")}
    code, out, err = built.build()
    assert (code, out) == (0, f"{built.image}\n")
    assert unchanged(err) == ["the initrd that mounts it", "the root as squashfs"]
    assert octets(built.image) == before
    assert {name: (built.image / name).stat().st_mtime_ns for name in times} == times


def test_a_result_changed_by_hand_is_made_again(built: Place) -> None:
    before = octets(built.image)
    initrd = built.image / "initrd"
    stat = initrd.stat()
    initrd.write_bytes(before["initrd"][:-1] + b"x")
    os.utime(initrd, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    (built.image / "vmlinuz").unlink()
    code, _, err = built.build()
    assert code == 0
    assert unchanged(err) == ["the root as squashfs"]
    assert octets(built.image) == before


def test_an_interrupted_build_leaves_the_old_image_and_the_next_one_makes_the_root(
    built: Place,
) -> None:
    before = octets(built.image)
    site(built.site.parent, host="other")
    running = process(built.site, built.image)
    deadline = time.monotonic() + 60
    while not list(built.image.glob(".root.squashfs*.new")):
        assert time.monotonic() < deadline and running.poll() is None
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    now = octets(built.image)
    assert {name: now[name] for name in before} == before
    assert all(name.startswith(".") for name in now.keys() - before)

    kernel = (built.image / "vmlinuz").stat()
    begun = time.monotonic()
    code, _, err = built.build()
    print(f"a site's edit to a new image in {time.monotonic() - begun:.1f} s")
    now = octets(built.image)
    assert code == 0
    assert unchanged(err) == ["the initrd that mounts it"]
    assert (built.image / "vmlinuz").stat() == kernel
    assert now.keys() == before.keys()
    assert now["root.squashfs"] != before["root.squashfs"]

    for name, each in before.items():  # as it was
        if now[name] != each:
            (built.image / name).write_bytes(each)
    site(built.site.parent)


# packages.lock


@pytest.fixture
def cache(tmp_path: Path, built: Place, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The packages' cache with an index of its own: an archive that has moved on, and is empty."""
    cache, real = tmp_path / "cache", making.CACHE / "amd64"
    (cache / "amd64").mkdir(parents=True)
    shutil.copy(real / "index", cache / "amd64" / "index")
    for name in ("debs", "unpacked"):
        (cache / "amd64" / name).mkdir()
        for each in (real / name).iterdir():
            (cache / "amd64" / name / each.name).symlink_to(each)
    table = sqlite3.connect(cache / "amd64" / "index")
    table.execute("UPDATE package SET version = '99' WHERE name IN ('busybox', 'libc6')")
    table.commit()
    table.close()
    suite = tmp_path / "debian" / "dists" / "x"
    (suite / "main" / "binary-amd64").mkdir(parents=True)
    (suite / "main" / "binary-amd64" / "Packages").write_text("")
    (suite / "Release").write_text("Suite: x\nComponents: main\nArchitectures: amd64\n")
    empty = f"deb [trusted=yes] file:{tmp_path}/debian x main\n"
    monkeypatch.setattr(archives, "said_again", lambda *_: empty)
    monkeypatch.setattr(making, "CACHE", cache)
    return cache


def test_a_lock_gives_the_same_image_when_the_archive_has_moved_on(
    built: Place, cache: Path
) -> None:
    before = octets(built.image)
    code, _, err = built.build("--lock", str(built.image / "packages.lock"))
    assert code == 0, err
    assert unchanged(err) == ["the initrd that mounts it", "the root as squashfs"]
    assert octets(built.image) == before
    assert b"amd64 busybox 99" not in before["packages.lock"]


def test_a_lock_with_a_version_that_is_nowhere_is_told_in_a_line(
    built: Place, cache: Path, tmp_path: Path
) -> None:
    before = octets(built.image)
    text = before["packages.lock"].decode()
    lock = tmp_path / "packages.lock"
    lock.write_text(re.sub(r"^amd64 busybox \S+", "amd64 busybox 0-0", text, flags=re.MULTILINE))
    code, out, err = built.build("--lock", str(lock), "-q")
    assert (code, out) == (1, "")
    [line] = err.splitlines()
    assert line.startswith("frostgate: packages.lock: busybox 0-0: not to be had any more (")
    assert octets(built.image) == before


def test_a_lock_that_is_none_is_told_with_its_line(place: Place, tmp_path: Path) -> None:
    lock = tmp_path / "my.lock"
    lock.write_text("# mine\namd64 busybox\n")
    assert place.build("--lock", str(lock)) == (
        1,
        "",
        f"frostgate: {lock}:2: expected 'architecture package version sha256', got "
        "'amd64 busybox'\n",
    )
    assert not place.image.exists()


# Budgets


def test_an_image_over_its_budgets_fails_with_the_sites_line(built: Place) -> None:
    kept = 'Folder("/var/lib/x", keep=True), File("/var/lib/x/y", 5000 * "z"),'
    limits = "image=10_000_000, root=100_000, programs=100_000, overlay=10_000"
    site(built.site.parent, files=kept, budget=limits)
    code, out, err = built.build("-q")
    site(built.site.parent)
    assert (code, out) == (1, "")
    rows = [line.partition(": expected at most ") for line in err.splitlines()]
    image, overlay, programs, root = rows
    assert overlay[0] == f"{built.site}:10: budget.overlay"
    assert overlay[2] == (
        "10,000 octets of what the image has in folders that are kept, in blocks of 4 KiB, "
        "got 12,288, 2,288 too many; the largest: /var/lib/x 12.3 kB"
    )
    where = f"{built.site}:10: budget"
    assert [image[0], programs[0], root[0]] == [f"{where}.{each}" for each in
                                                ("image", "programs", "root")]  # fmt: skip
    manifest = json.loads((built.image / "image.json").read_text())
    whole = sum(size for name, size in manifest["files"].items() if name != "packages.lock")
    assert whole == sum((built.image / name).stat().st_size for name in
                        ("vmlinuz", "initrd", "root.squashfs"))  # fmt: skip
    assert image[2].startswith(
        f"10,000,000 octets of the image, got {whole:,}, {whole - 10_000_000:,} too many; "
        "the largest: vmlinuz 8.2 MB, "
    )
    assert re.fullmatch(
        r"100,000 octets of our programs, as squashfs, got \d{3},\d{3}, [\d,]+ too many; "
        r"the dearest: (\S+ [\d.]+ kB, ){2}\S+ [\d.]+ kB",
        programs[2],
    )
    assert re.fullmatch(
        r"100,000 octets of all but kernel and modules, as squashfs, got [\d,]+, [\d,]+ too many; "
        r"the largest: libc6 \d+ kB, (\S+ \d+ kB, )\S+ \d+ kB",
        root[2],
    )


# Wrong usage, and what is wrong with a site


@pytest.mark.parametrize("words", [("--target", "qemu-vax"), ("--format", "floppy"), ("--so",)])
def test_wrong_usage_is_100_and_builds_nothing(words: tuple[str, ...], place: Place) -> None:
    code, out, err = place.build(*words)
    assert (code, out) == (100, "")
    assert err.startswith("frostgate build: ") or words == ("--so",)
    assert words[-1] in err.splitlines()[0]
    assert not place.image.exists()


def test_a_broken_site_is_told_and_nothing_is_built(place: Place) -> None:
    site(place.site.parent, files='File("/etc/a", "a", 0o600, "ada"), File("b", "b"),')
    assert place.build() == (
        1,
        "",
        f"{place.site}:9: site: expected /etc/a to belong to a user of the image, got 'ada'; "
        "known: nobody, root\n"
        f"{place.site}:9: site: file: expected an absolute path without . and .., got 'b'\n",
    )
    assert not place.image.exists()


def test_a_date_that_is_none_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("yesterday", "-1", "1.5", "2147483648"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
        assert place.build() == (
            1,
            "",
            "frostgate: SOURCE_DATE_EPOCH: expected seconds since 1970, 0 to 2147483647, got "
            f"{text!r}\n",
        )
    assert not place.image.exists()


# What is in it


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the image's busybox is for x86_64")
def test_busybox_has_every_command_that_is_a_name_of_it(built: Place, tmp_path: Path) -> None:
    locked = read_lock((built.image / "packages.lock").read_text())
    [version] = [each.version for each in locked if each.package == "busybox"]
    unpacked = making.CACHE / "amd64" / "unpacked" / f"busybox_{version.replace(':', '%3a')}"
    busybox = shutil.copy(unpacked / "files" / "usr" / "bin" / "busybox", tmp_path)
    os.chmod(busybox, 0o755)
    told = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    names = {path.rpartition("/")[2] for path in skeleton.commands(skeleton.beside("commands"))}
    assert names - set(told.stdout.split()) == set()
