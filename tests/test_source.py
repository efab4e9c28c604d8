"""Where MicroPython's source comes from: apt's configuration is read, and never written."""

from pathlib import Path

import pytest

from packager import source


def test_a_machine_without_a_debian_archive_is_told_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(source.HAND, raising=False)
    with pytest.raises(source.SourceError) as refused:
        source.prepare_source(tmp_path / "build", apt=tmp_path)
    assert str(refused.value) == (
        f"{tmp_path}: expected a Debian archive among its sources; "
        "or set FROST_MICROPYTHON to the source of MicroPython 1.25.0"
    )


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


def test_an_archive_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(source.SourceError) as refused:
        source.fetch(tmp_path, "http://127.0.0.1:9/debian")
    line = str(refused.value)
    assert line.startswith("apt-get update: E: Failed to fetch http://127.0.0.1:9/debian/")
    assert line.endswith("; or set FROST_MICROPYTHON to the source of MicroPython 1.25.0")
    assert "\n" not in line
