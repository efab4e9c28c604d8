"""The command lines of lan_prefix and wan_address: what they take, and the texts of refusals."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.names import LINK_NAME, SERVICE_NAME
from agent.options import UsageError
from services.dhcp6 import lan_prefix, wan_address
from services.dhcp6.allocator import Lan
from tests import runtimes

PROGRAMS = {
    "frozen": [str(runtimes.ROOT / "build/x86_64/lan_prefix")],
    "cpython": [sys.executable, "-m", "services.dhcp6.lan_prefix"],
}


def test_a_lan_is_a_name_and_what_is_told_about_it() -> None:
    assert lan_prefix.parse_lan("br-lan") == Lan("br-lan", None, 1, 0, 0)
    assert lan_prefix.parse_lan("lan0,id=1f,suffix=::fe,priority=9,lease=600") == Lan(
        "lan0", 0x1F, 0xFE, 9, 600
    )


@pytest.mark.parametrize(
    "word", ["id=", "id=xyz", "id=-1", "suffix=::", "suffix=1::1", "suffix=1", "lease=1h"]
)
def test_what_does_not_fit_is_named(word: str) -> None:
    with pytest.raises(UsageError) as caught:
        lan_prefix.parse_lan("lan0," + word)
    known = "id=HEX, suffix=::HEX, priority=NUMBER or lease=SECONDS"
    expected = f'LAN "lan0,{word}": expected {known}, got "{word}"'
    assert str(caught.value) == expected


@pytest.mark.parametrize("words", ["id=1,id=2", "suffix=::2,suffix=::3", "priority=1,priority=1"])
def test_each_thing_is_told_about_a_lan_once(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        lan_prefix.parse_lan("lan0," + words)
    kind = words.partition("=")[0]
    assert str(caught.value) == f'LAN "lan0,{words}": expected {kind} once, got it twice'


def test_two_lans_may_not_share_a_name_or_an_id() -> None:
    with pytest.raises(UsageError, match="LAN lan0: expected once, got twice"):
        lan_prefix.parse_lans(["lan0", "lan0,id=1"])
    with pytest.raises(UsageError, match="id a: expected once, got twice"):
        lan_prefix.parse_lans(["lan0,id=a", "lan1,id=0a"])


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (
            [],
            "LEASE: expected " + SERVICE_NAME,
        ),
        ([b"lease"], "expected at least one LAN, got none"),
        ([b"-w", b"x", b"lease", b"lan0"], 'option -w: expected seconds like 5 or 0.5, got "x"'),
        (
            [b"lease", b"a/b"],
            'LAN "a/b": expected ' + LINK_NAME,
        ),
    ],
)
def test_wrong_usage_is_one_line_and_the_usage(
    argv: list[bytes], line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert lan_prefix.main(argv, {}) == 100
    assert capfd.readouterr().err == (
        f"lan_prefix: {line}\nlan_prefix: usage: {lan_prefix.USAGE}\n"
    )


def test_wan_address_takes_one_lease_and_at_most_one_link(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert wan_address.main([b"lease", b"wan", b"more"], {}) == 100
    assert wan_address.main([b"lease"], {b"SERVICE": b"../x"}) == 100
    assert capfd.readouterr().err.splitlines()[0] == (
        "wan_address: IFNAME: expected one, a link name: 1 to 15 printable characters"
        " without '/', ':' or spaces"
    )


@pytest.mark.parametrize("runtime", runtimes.NAMES)
def test_a_lease_that_cannot_be_read_is_told_in_one_line(tmp_path: Path, runtime: str) -> None:
    (tmp_path / ".gen").mkdir()
    (tmp_path / "wan").symlink_to(".gen/nonsense")
    done = subprocess.run(
        [*PROGRAMS[runtime], "-n", "wan", "lan0"],
        env={**os.environ, "FROST_OUTPUTS": str(tmp_path), "PYTHONPATH": str(runtimes.ROOT)},
        capture_output=True,
        text=True,
    )
    lines = done.stderr.splitlines()
    assert (done.returncode, len(lines)) == (0, 1), done.stderr
    assert lines[0].startswith(f"lan_prefix: {tmp_path}/wan: expected ")
