"""Where Debian's packages come from: apt's configuration is read, and never written."""

from pathlib import Path

import pytest

from packager.debian import apt, sources
from packager.debian.sources import DebianError, Source

KEY = "/usr/share/keyrings/debian-archive-keyring.gpg"
ONE_LINE = f"""\
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by={KEY}] http://mirror.example/debian bookworm main contrib # note
deb-src http://mirror.example/debian bookworm main
deb [ trusted=yes ] http://security.example/debian-security bookworm-security main
"""

DEB822 = f"""\
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
Signed-By: {KEY}

Types: deb
URIs: http://inline.example/debian
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS/xcRfwEQWzr

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
"""


def test_one_line_sources_are_read_with_options_and_comments() -> None:
    assert list(sources.one_line_sources(ONE_LINE)) == [
        Source("http://mirror.example/debian", ("bookworm",), ("main", "contrib"), KEY),
        Source("http://mirror.example/debian", ("bookworm",), ("main",)),
        Source("http://security.example/debian-security", ("bookworm-security",), ("main",)),
    ]


def test_deb822_sources_are_read_with_continuations_and_disabled_ones_left_out() -> None:
    suites = ("bookworm", "bookworm-updates")
    assert list(sources.deb822_sources(DEB822)) == [
        Source("http://security.example/debian-security", ("bookworm-security",), ("main",)),
        Source("http://one.example/debian", suites, ("main",), KEY),
        Source("http://two.example/debian", suites, ("main",), KEY),
        Source("http://inline.example/debian", ("bookworm",), ("main",)),
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
    assert sources.archive_address(tmp_path) == address


def test_a_machine_without_a_debian_archive_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text("deb http://a.example/linux/debian bookworm stable\n")
    with pytest.raises(DebianError) as refused:
        sources.machine_sources(tmp_path)
    assert str(refused.value) == f"{tmp_path}: expected a Debian archive among its sources"


def test_sources_are_said_again_for_another_architecture() -> None:
    text = sources.said_again(list(sources.deb822_sources(DEB822))[:2], "mipsel")
    assert text == (
        "deb [arch=mipsel] http://security.example/debian-security bookworm-security main\n"
        f"deb [arch=mipsel signed-by={KEY}] http://one.example/debian bookworm main\n"
        f"deb [arch=mipsel signed-by={KEY}] http://one.example/debian bookworm-updates main\n"
    )


def test_a_failing_command_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DebianError) as refused:
        apt.run(["sh", "-c", "echo 'E: no such suite' >&2; exit 100"], tmp_path)
    assert str(refused.value) == "sh echo 'E: no such suite' >&2; exit 100: E: no such suite"
    with pytest.raises(DebianError) as refused:
        apt.run(["no-such-command-here"], tmp_path)
    assert str(refused.value).startswith("no-such-command-here: not found")


def test_packages_without_a_valid_signature_are_refused(tmp_path: Path) -> None:
    """An archive on disk, right in all but that no key has signed it."""
    release = tmp_path / "archive" / "dists" / "x"
    release.mkdir(parents=True)
    (release / "InRelease").write_text("Suite: x\nDate: Thu, 01 Jan 2026 00:00:00 UTC\n")
    own = apt.Apt(tmp_path / "state", f"deb file:{tmp_path}/archive x main\n", "amd64")
    with pytest.raises(DebianError) as refused:
        own.update()
    assert "sign" in str(refused.value) or "Sign" in str(refused.value)
