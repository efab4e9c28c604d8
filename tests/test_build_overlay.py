"""`frostgate build` of overlays: just our files, or these on somebody else's root; and secrets."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from tests.site_build import EPOCH, Place, octets, site

MAGIC = "lilies-of-the-valley"  # the secret


@pytest.fixture(autouse=True)
def epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def members(path: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(path) as read:
        return {"/" + each.name: each for each in read}


def test_an_overlay_is_just_our_files_and_tells_what_it_needs(place: Place) -> None:
    code, _, err = place.build("--target", "overlay-mips")
    assert code == 0, err
    assert octets(place.image).keys() == {".made.json", "image.json", "packages.lock", "root.tar"}
    found = members(place.image / "root.tar")
    theirs = [path for path in found if not path.startswith(("/etc/frost", "/usr/libexec/frost"))]
    assert theirs == ["/etc", "/usr", "/usr/bin", "/usr/bin/frost", "/usr/libexec"]
    assert found["/usr/bin/frost"].linkname == "/usr/libexec/frost/frost"
    assert {each.mtime for each in found.values()} == {EPOCH}
    with tarfile.open(place.image / "root.tar") as read:
        binary = read.extractfile("usr/libexec/frost/frost")
        assert binary is not None
        head = binary.read(20)
    assert head[:6] == b"\x7fELF\x01\x02" and head[18:20] == b"\x00\x08"  # 32 bit, big, MIPS
    told = [line for line in err.splitlines() if line.startswith("the machine has to have")]
    needs = json.loads((place.image / "image.json").read_text())["needs"]
    assert needs["users"] == needs["modules"] == []
    assert "s6: /usr/bin/s6-svscan" in needs["files"]
    assert told == [f"the machine has to have these files: {', '.join(needs['files'])}"]


def rootfs(path: Path) -> Path:
    """Somebody else's: merged /usr, a user www, a file that ours replaces and one that stays."""
    with tarfile.open(path, "w") as made:
        for name, target in (
            ("bin", "usr/bin"),
            ("lib", "usr/lib"),
            ("opt", "/usr/local"),
            ("etc/passwd", "users"),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            made.addfile(member)
        for name, text in {
            "etc/users": "root:x:0:0::/root:/bin/sh\nwww:x:33:34::/srv:/bin/false\n",
            "etc/motd": "theirs\n",
            "usr/lib/theirs": "theirs\n",
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            made.addfile(member, io.BytesIO(text.encode()))
    return path


WWW = """\
File("/lib/ours", "ours", 0o640, "www"), File("/opt/ours", "ours"), File("/etc/motd", "ours\\n"),
"""


def test_an_overlay_is_merged_onto_somebody_elses_root(place: Place, tmp_path: Path) -> None:
    site(place.site.parent, files=WWW, users='User(name="www")')
    theirs = rootfs(tmp_path / "theirs.tar")
    code, _, err = place.build("--target", "overlay-x86_64", "--rootfs", str(theirs))
    assert code == 0, err
    found = members(place.image / "root.tar")
    assert {"/bin", "/usr/lib/theirs", "/usr/libexec/frost/frost", "/usr/bin/frost"} <= set(found)
    assert found["/lib"].linkname == "usr/lib"
    ours = found["/usr/lib/ours"]
    assert (ours.uid, ours.gid, ours.mode) == (33, 34, 0o640)
    assert "/usr/local/ours" in found
    with tarfile.open(place.image / "root.tar") as read:
        contents = {name: read.extractfile(f"etc/{name}") for name in ("motd", "users")}
        read_out = {name: each.read() for name, each in contents.items() if each}
    assert read_out["motd"] == b"ours\n"
    assert read_out["users"].startswith(b"root:x:0:0::/root") and b"www" in read_out["users"]


def test_an_owner_whom_the_root_has_not_is_told_in_a_line(place: Place, tmp_path: Path) -> None:
    site(place.site.parent, files='File("/srv/a", "a", 0o600, "ada"),', users='User(name="ada")')
    for words, known in (((), "root"), (("--rootfs", str(rootfs(tmp_path / "t"))), "root www")):
        code, out, err = place.build("--target", "overlay-x86_64", "-q", *words)
        assert (code, out) == (1, "")
        assert err == (
            f"frostgate: user ada: expected it among those of the root file system ({known}); add "
            "it there, and give that with --rootfs\n"
        )
        assert octets(place.image) == {}


def test_a_root_for_a_machine_of_ours_is_told_in_a_line(place: Place, tmp_path: Path) -> None:
    assert place.build("--rootfs", str(rootfs(tmp_path / "t.tar"))) == (
        1,
        "",
        "frostgate: --rootfs: expected a target of overlay-aarch64 overlay-armv7 overlay-mips "
        "overlay-mipsel overlay-riscv64 overlay-x86_64, got qemu-x86_64\n",
    )
    assert not place.image.exists()


# Secrets


def test_secrets_are_in_the_image_alone_for_root_alone(place: Place, tmp_path: Path) -> None:
    values = tmp_path / "values"
    values.mkdir()
    (values / "wlan").write_text(MAGIC + "\n")
    (values / "wlan").chmod(0o600)
    words = ("--target", "overlay-x86_64", "-q")
    assert place.build(*words, "--secrets", str(values))[0] == 0
    found = members(place.image / "root.tar")
    secret, above = found["/etc/frost/secrets/wlan"], found["/etc/frost/secrets"]
    assert [(e.mode, e.uid, e.gid) for e in (secret, above)] == [(0o600, 0, 0), (0o700, 0, 0)]
    image = octets(place.image)
    assert image["root.tar"].count(MAGIC.encode()) == 1
    assert [name for name, each in image.items() if MAGIC.encode() in each] == ["root.tar"]
    assert (place.image / "root.tar").stat().st_mode & 0o777 == 0o600

    assert place.build(*words)[0] == 0
    assert "/etc/frost/secrets" not in members(place.image / "root.tar")
    assert [name for name, each in octets(place.image).items() if MAGIC.encode() in each] == []


def test_a_secret_without_a_value_builds_nothing(place: Place, tmp_path: Path) -> None:
    code, out, err = place.build("--secrets", str(tmp_path))
    assert (code, out) == (1, "")
    assert err.startswith(f"{place.site}:8: wlan: expected the secret's value in {tmp_path}/wlan")
    assert not place.image.exists()
