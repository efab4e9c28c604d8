"""Where MicroPython's source comes from: apt's configuration is read, and never written."""

from pathlib import Path

import pytest

from packager import source

ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/k] http://mirror.example/debian bookworm main contrib # note
deb-src http://mirror.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
"""

DEB822 = """\
# a comment
Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Types: deb deb-src
URIs: http://one.example/debian
  http://two.example/debian
Suites: bookworm bookworm-updates
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
"""


def test_one_line_sources_are_read_with_options_and_comments() -> None:
    assert list(source.one_line_sources(ONE_LINE)) == [
        (["bookworm"], "http://mirror.example/debian"),
        (["bookworm"], "http://mirror.example/debian"),
        (["bookworm-security"], "http://security.example/debian-security"),
    ]


def test_deb822_sources_are_read_with_continuations_and_disabled_ones_left_out() -> None:
    suites = ["bookworm", "bookworm-updates"]
    assert list(source.deb822_sources(DEB822)) == [
        (["bookworm-security"], "http://security.example/debian-security"),
        (suites, "http://one.example/debian"),
        (suites, "http://two.example/debian"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "address"),
    [
        ("sources.list", ONE_LINE, "http://mirror.example/debian"),
        ("sources.list.d/debian.sources", DEB822, "http://one.example/debian"),
        ("sources.list.d/debian.list", ONE_LINE, "http://mirror.example/debian"),
    ],
)
def test_the_archive_is_the_machines_own_debian_archive(
    tmp_path: Path, name: str, text: str, address: str
) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "another.list").write_text("deb http://a.example/node x main\n")
    (tmp_path / name).write_text(text)
    assert source.archive_address(tmp_path) == address


def test_a_machine_without_a_debian_archive_is_told_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(source.SourceError) as refused:
        source.archive_address(tmp_path)
    text = f"{tmp_path}: expected a Debian archive among its sources; or set FROST_MICROPYTHON"
    assert str(refused.value) == text


def test_a_tarball_with_another_checksum_is_refused(tmp_path: Path) -> None:
    tarball = tmp_path / source.TARBALL
    tarball.write_bytes(b"abc")
    with pytest.raises(source.SourceError) as refused:
        source.verify(tarball)
    got = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert str(refused.value) == f"{tarball}: expected SHA-256 {source.SHA256}, got {got}"


def test_a_tree_named_by_hand_must_be_micropython(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(source.HAND, str(tmp_path))
    with pytest.raises(source.SourceError) as refused:
        source.prepare_source(tmp_path / "build")
    text = f"FROST_MICROPYTHON={tmp_path}: expected the source of MicroPython 1.25.0"
    assert str(refused.value) == text
    (tmp_path / "py").mkdir()
    header = tmp_path / "py" / "mpconfig.h"
    header.write_text("#define MICROPY_VERSION_MAJOR 1\n#define MICROPY_VERSION_MINOR 24\n")
    with pytest.raises(source.SourceError):
        source.prepare_source(tmp_path / "build")
    header.write_text("#define MICROPY_VERSION_MAJOR 1\n#define MICROPY_VERSION_MINOR 25\n")
    assert source.prepare_source(tmp_path / "build") == tmp_path.resolve()


def test_a_failing_command_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(source.SourceError) as refused:
        source.run(["sh", "-c", "echo 'E: no such suite' >&2; exit 100"], tmp_path)
    assert str(refused.value) == (
        "sh echo 'E: no such suite' >&2; exit 100: E: no such suite; "
        "or set FROST_MICROPYTHON to a source tree"
    )
    with pytest.raises(source.SourceError) as refused:
        source.run(["no-such-command-here"], tmp_path)
    assert "not found; without apt set FROST_MICROPYTHON" in str(refused.value)


def test_an_archive_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(source.SourceError) as refused:
        source.fetch(tmp_path, "http://127.0.0.1:9/debian")
    line = str(refused.value)
    assert line.startswith("apt-get update: E: Failed to fetch http://127.0.0.1:9/debian/")
    assert line.endswith("; or set FROST_MICROPYTHON to a source tree")
    assert "\n" not in line
