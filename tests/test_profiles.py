"""Profiles: what they make is what is written out, and what is wrong is told at the site's line."""

import runpy
from pathlib import Path

import pytest

from packager import compiled
from packager.__main__ import main
from services.link.definition import Ethernet
from services.profiles.definition import Gateway
from services.site.problems import collecting
from tests.runtimes import ROOT

HEAD = """\
from services.link.definition import Ethernet
from services.model import Site
from services.profiles.definition import Gateway
"""


def site_of(name: str) -> compiled.Compiled:
    return compiled.compile(runpy.run_path(str(ROOT / "examples" / f"{name}.py"))["SITE"])


def test_a_gateway_is_the_router_that_is_written_out() -> None:
    made, full = site_of("home_router"), site_of("home_router_in_full")
    assert made.graph == full.graph
    assert made == full


def told(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of a check of this site."""
    path = folder / "site.py"
    path.write_text(HEAD + text)
    main(["check", str(path)])
    output = capsys.readouterr()
    return [line.replace(f"{path}:", "") for line in (output.out + output.err).splitlines()[:-1]]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ('adress="10.0.0.1/24"', "expected a parameter of Gateway, got 'adress'"),
        ('ports="eth1"', "gateway.ports: expected a tuple of Link services, got 'eth1'"),
        ("ports=()", "gateway.ports: expected at least one link, got none"),
        ('address="10.0.0.1/25"', "gateway.first: expected an address"),
        ('first="10.0.0.1"', "dhcp.first: expected an address of 192.168.1.0/24, got 10.0.0.1"),
        ('hostname="a b"', "gateway.hostname: expected "),
        ("ports=(wan, lan)", "gateway.ports: expected other links than the WAN's, got eth0"),
    ],
)
def test_what_is_wrong_is_told_at_the_line_of_the_site(
    words: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = "" if words.startswith("ports") else "ports=(lan,), "
    text = (
        'wan = Ethernet(name="wan", ifname="eth0")\n'
        'lan = Ethernet(name="lan1", ifname="eth1")\n'
        "\n"
        f"home = Gateway(wan=wan, {usual}{words})\n"
        'SITE = Site(hostname="box", services=home.services)\n'
    )
    found = told(text, tmp_path, capsys)
    assert found and all(each.startswith("7: ") for each in found), found
    assert any(line in each for each in found), found


def test_services_of_a_profile_are_the_same_each_time() -> None:
    """Others refer to them, and the site knows them by what they are."""
    home = Gateway(
        wan=Ethernet(name="wan", ifname="eth0"), ports=(Ethernet(name="lan", ifname="eth1"),)
    )
    assert all(one is other for one, other in zip(home.services, home.services, strict=True))
    assert home.lan is home.ports[0]


def test_a_gateway_with_mistakes_makes_no_others() -> None:
    with collecting() as problems:
        home = Gateway(ports=(Ethernet(name="lan", ifname="eth1"),))  # type: ignore[call-arg]
        home.services  # noqa: B018 # made by asking
    assert [str(each).partition(": ")[2] for each in problems] == [
        "gateway.wan: expected a Link service, got nothing"
    ]
