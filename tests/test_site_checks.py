"""Each check of a site by itself: what it lets pass, and what it says of the smallest mistake.

The whole texts that people see are golden (test_site_check.py); here is what these leave.
"""

import json
import os
import re
from pathlib import Path

import pytest

from firewall.ruleset.model import Firewall, Link, Zone
from firewall.stock.home_router import home_router
from packager.checks import kernel, links, secrets
from packager.checks.everything import check
from packager.checks.known_modules import known_modules
from packager.gathered import gather
from packager.targets import find_target
from services.console.definition import Console
from services.firewall.definition import PacketFilter
from services.model import (
    Account,
    Alternative,
    Claim,
    Debian,
    File,
    Folder,
    Module,
    Program,
    Secret,
    Service,
    Sysctl,
    Unit,
    User,
    bundle,
    device,
    link,
    longrun,
)
from tests.site_parts import Thing, site, texts, told


def test_a_site_whose_parts_fit_has_no_problems() -> None:
    wan = Thing(name="wan", more=(Claim("port", "udp/1"), Account("keeper")))
    state = wan.outputs.state
    user = Thing(
        name="user",
        needs=wan.ready & (state.equals("on") | state.equals("off")) & device("tty", "ttyUSB*"),
        reads=(wan.outputs.token.value(), wan.outputs.folder.below("a").value("ignore")),
        more=(Claim("port", "udp/2"), Folder("/var/lib/user", owner="keeper", keep=True)),
        upstream=(state,),
    )
    assert (
        told(wan, user, users=(User(name="anna"),), sysctls=(Sysctl("vm/swappiness", "1"),)) == []
    )


def test_an_output_that_no_unit_declares_is_told_whoever_refers_to_it() -> None:
    wan = Thing(name="wan")
    gone = wan.outputs.forgotten
    users = [
        Thing(name="a", needs=gone.present),
        Thing(name="b", reads=(gone.value(),)),
        Thing(name="c", upstream=(gone,)),
        Thing(name="d", needs=link(gone)),
    ]
    text = "expected an output of wan, got 'wan/forgotten'; known: folder, state, token"
    assert told(wan, *users) == [
        f"{subject}: {text}" for subject in ("a", "b: files/value0", "c: upstream", "d")
    ]


def test_a_cycle_is_told_once_and_two_cycles_twice() -> None:
    def pair(a: str, b: str) -> list[Thing]:
        there = Thing(name=b)
        first = Thing(name=a, needs=there.ready)
        return [first, Thing(name=b, needs=first.outputs.state.present)]

    found = told(*pair("a", "b"), *pair("c", "d"))
    # the services that were referred to are others of the same names than the site's
    cycles = [line for line in found if "cycle" in line]
    assert [re.sub(r" \([^)]*\)", "", line) for line in cycles] == [
        "a: expected no cycle, got a -> b -> a: a needs b; b needs a/state",
        "c: expected no cycle, got c -> d -> c: c needs d; d needs c/state",
    ]


def test_what_the_agent_alone_refuses_has_the_units_line() -> None:
    choice = Alternative("uplinks", 1)
    a = Thing(name="a", extra=(longrun("a-1", "ifwait", alternative=choice),))
    found = check(site(a))
    assert texts(found) == [
        'a-1: alternative.group: expected a group of at least two services, got "uplinks"'
    ]
    assert found[0].where == a.extra[0].where


def test_two_alternatives_at_once_can_never_be() -> None:
    a = Thing(
        name="a",
        extra=(
            longrun("a-1", "ifwait", alternative=Alternative("ways", 1)),
            longrun("a-2", "ifwait", alternative=Alternative("ways", 2)),
            bundle("a-all", "a-1", "a-2"),
        ),
    )
    assert told(a) == [
        'a-all: contents[1]: expected one of the alternatives "ways" at a time, got a-1 and a-2'
    ]


def test_contradictions_are_found_inside_a_choice_and_not_across_it() -> None:
    wan = Thing(name="wan")
    state = wan.outputs.state
    both = state.equals("on") & state.equals("off")
    fine = state.equals("on") | state.equals("off")
    found = told(
        wan,
        Thing(name="deep", needs=wan.ready & (both | link("eth0"))),
        Thing(name="fine", needs=fine & wan.ready),
    )
    assert found == [
        "deep: expected a condition that can hold, got wan/state to be 'on' and 'off' at once; "
        "`|` is either of them"
    ]


def test_a_producer_on_demand_needs_somebody() -> None:
    a = Thing(name="a", on_demand=True)
    assert len(told(a)) == 1 and told(a)[0].startswith(
        "a: expected somebody to need it, got nobody"
    )
    assert told(a, Thing(name="b", needs=a.ready)) == []


def test_links_are_any_where_the_machine_is_not_known() -> None:
    found = gather(site(Thing(name="a", needs=link("wlan7"))))
    assert list(links.check(found, None)) == []
    assert list(links.check(found, find_target("overlay-mips"))) == []
    assert len(list(links.check(found, find_target("qemu-malta")))) == 1


def test_equal_files_settings_and_accounts_may_come_from_two() -> None:
    both = (File("/etc/x", "x"), Sysctl("vm/swappiness", "1"), Account("keeper"), Folder("/srv"))
    assert told(Thing(name="a", more=both), Thing(name="b", more=both)) == []
    other = (Account("keeper", home="/srv"), Folder("/srv", keep=True))
    found = told(Thing(name="a", more=both), Thing(name="b", more=other))
    assert [re.sub(r" \([^)]*\)", "", line) for line in found] == [
        "b: expected /srv once, got it from a with another kind, mode and owner",
        "b: expected one account keeper, got '/' of a and '/srv' of b",
    ]


@pytest.mark.parametrize(
    ("content", "mode", "lines", "text"),
    [
        (b"tulips", 0o600, False, ""),
        (b"tulips\n", 0o640, False, ""),
        (b"a\nb\n", 0o600, True, ""),
        (b"", 0o600, False, "got an empty file"),
        (b" \n", 0o600, False, "got an empty file"),
        (b"tulips", 0o644, False, "got mode 0644 of"),
        (b"tulips", 0o602, False, "got mode 0602 of"),
        (b"tu\0lips", 0o600, True, "got a NUL in it"),
        (b"a\nb\n", 0o600, False, "got several; say Secret(name="),
    ],
)
def test_a_secrets_file_is_looked_at_and_never_shown(
    content: bytes, mode: int, lines: bool, text: str, tmp_path: Path
) -> None:
    path = tmp_path / "wlan"
    path.write_bytes(content)
    os.chmod(path, mode)
    found = gather(site(secrets=(Secret(name="wlan", lines=lines),)))
    problems = list(secrets.check_files(found, tmp_path))
    assert len(problems) == bool(text)
    for each in problems:
        assert text in each.text and "tulips" not in each.text


def test_modules_are_compared_with_the_kernels_where_these_are_known(tmp_path: Path) -> None:
    found = gather(
        site(
            modules=(
                Module("nf-tables"),
                Module("pppeo"),
                Module("net-pf-24-proto-0"),
                Module("wireguard"),
            )
        )
    )
    rows = [["nf_tables", "/x"], ["pppoe", "/y", [], [], [], ["net-pf-24-proto-0"]]]
    folder = tmp_path / "amd64" / "unpacked" / "linux-image-6.1.0-57-amd64_6.1.192-3"
    target = find_target("qemu-x86_64")
    assert known_modules(target, tmp_path) is None
    folder.mkdir(parents=True)
    (folder / "modules.json").write_text(json.dumps(rows))
    known = known_modules(target, tmp_path)
    assert known is not None and known_modules(find_target("qemu-malta"), tmp_path) is None
    assert texts(list(kernel.check_modules(found, known))) == [
        "site: expected a module of linux-image-6.1.0-57-amd64, got 'pppeo'; did you mean 'pppoe'?",
        "site: expected a module of linux-image-6.1.0-57-amd64, got 'wireguard'",
    ]


def test_a_service_is_listed_once_and_has_a_unit_of_its_name() -> None:
    a = Thing(name="a")
    assert [line for line in told(a, a) if "SITE" in line] == [
        "a: expected each service once in SITE"
    ]

    class Nameless(Service):
        """A service whose definition forgot the unit of its name."""

        def units(self) -> tuple[Unit, ...]:
            return (longrun(f"{self.name}-1", "ifwait"),)

    assert told(Nameless(name="b")) == [
        "b: expected one unit to have its name, got b-1, of Nameless"
    ]


def test_programs_are_ours_or_come_with_something() -> None:
    brought = (Debian("tcpdump", ("usr/bin/tcp*",)), File("/opt/run", "#!/bin/sh", 0o755))
    units = (
        longrun("a-1", "tcpdump"),
        longrun("a-2", "/opt/run"),
        longrun("a-3", "/usr/bin/tcpdump"),
    )
    assert told(Thing(name="a", more=brought, extra=units)) == []
    assert told(Thing(name="a", more=(Program("firewal"),))) == [
        "a: expected one of our programs, got 'firewal'; did you mean 'firewall'?"
    ]


def test_one_firewall_is_enough_and_without_nft_it_is_told_so() -> None:
    ruleset = Firewall((Zone("wan"),), ())
    first = PacketFilter(name="first", ruleset=ruleset)
    second = PacketFilter(name="second", ruleset=ruleset)
    found = texts(check(site(first, second), nft=""))
    assert any(
        line.startswith("second: expected one packet filter, got a second") for line in found
    )
    found = texts(check(site(first), nft="/no/such/nft"))
    assert len(found) == 1 and found[0].startswith("first: its rules can't be shown to nft: ")


def test_a_console_is_for_users_with_a_password() -> None:
    hashed = "$6$frostgate$MgJXOWhS4HUgEymp/0QERYRqWXd7Qo5KWAyeOrVg6vwE1T7Lami.FoW2OpuM5BkGpzJhGr"
    assert told(Console(), users=(User(name="root", password=hashed),)) == []
    assert told(Console(), users=(User(name="root"),)) == [
        "console: expected a user with a password, got none in the site: nobody could log in; "
        "`openssl passwd -6` makes one"
    ]


def test_a_secret_is_declared_once() -> None:
    same = (Secret(name="wlan"), Secret(name="wlan"))
    assert told(secrets=same) == []
    found = told(secrets=(*same, Secret(name="wlan", lines=True)))
    assert len(found) == 1 and found[0].startswith("wlan: expected each secret once")


def test_a_router_without_leases_follows_none() -> None:
    ruleset = home_router(
        wan=Zone("wan", (Link("eth0"),)), lan=Zone("lan", (Link("eth1"),)),
        prefixes="", advertiser="", address="",
    )  # fmt: skip
    assert told(PacketFilter(ruleset=ruleset)) == []
