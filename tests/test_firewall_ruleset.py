"""The renderer against golden rulesets, each also loaded by nft; and what it refuses.

A case is a folder of tests/golden/firewall: input.py makes FIREWALL; expected.nft and expected.json
are what the device gets, expected.txt is what a person is told. `pytest --update-golden` writes
them; a missing or different one fails.
"""

import dataclasses
import difflib
import json
import random
import runpy
import subprocess
from pathlib import Path

import pytest

from firewall.ruleset import check, text, write
from firewall.ruleset.compose import compose
from firewall.ruleset.model import Firewall, Rule, Rulegroup, Zone
from firewall.ruleset.problems import RulesetError
from firewall.ruleset.rendered import Chain, Dispatch, Line
from firewall.stock.home_router import home_router
from tests.runtimes import SCALE

GOLDEN = Path(__file__).parent / "golden" / "firewall"
RULESETS = sorted(path.name for path in (GOLDEN / "rulesets").iterdir())
ERRORS = sorted(path.name for path in (GOLDEN / "errors").iterdir())


def made(folder: Path) -> Firewall:
    found = runpy.run_path(str(folder / "input.py"))["FIREWALL"]
    assert isinstance(found, Firewall)
    return found


def compare(path: Path, got: str, update: bool) -> None:
    if update:
        path.write_text(got)
    expected = path.read_text() if path.exists() else ""
    lines = (expected.splitlines(), got.splitlines())
    diff = "\n".join(difflib.unified_diff(*lines, str(path), "got", lineterm=""))
    assert got == expected, diff


@pytest.mark.parametrize("name", RULESETS)
def test_a_firewall_becomes_this_text(name: str, update_golden: bool) -> None:
    ruleset = compose(made(GOLDEN / "rulesets" / name))
    files = write.files(ruleset)
    compare(GOLDEN / "rulesets" / name / "expected.nft", files["ruleset.nft"], update_golden)
    follow = json.loads(files["follow.json"])
    for changing in ("ruleset", "written-by"):
        del follow[changing]
    shown = json.dumps(follow, indent=1) + "\n"
    compare(GOLDEN / "rulesets" / name / "expected.json", shown, update_golden)


@pytest.mark.root
@pytest.mark.parametrize("name", RULESETS)
def test_nft_takes_it_twice_and_lists_each_rule(name: str, tmp_path: Path) -> None:
    ruleset = compose(made(GOLDEN / "rulesets" / name))
    check.check(ruleset)
    content = text.text(ruleset).replace('include "/etc/frost/blocklist.nft"', "")
    (tmp_path / "ruleset.nft").write_text(content)
    script = (
        f"nft -f {tmp_path}/ruleset.nft && nft -f {tmp_path}/ruleset.nft && nft -j list ruleset"
    )
    listed = subprocess.run(
        ["unshare", "--net", "sh", "-c", script], capture_output=True, text=True
    )
    assert listed.returncode == 0, listed.stderr
    loaded = [item["rule"] for item in json.loads(listed.stdout)["nftables"] if "rule" in item]
    expected = [
        (table.name, chain.name, line.origin.comment if isinstance(line, Line) else "dispatch")
        for table in ruleset.tables
        for chain in table.chains
        for line in chain.lines
    ]
    got = [(rule["table"], rule["chain"], rule["comment"]) for rule in loaded]
    assert sorted(got) == sorted(expected)
    uncounted = [rule for rule in loaded if not any("counter" in each for each in rule["expr"])]
    assert {rule["comment"] for rule in uncounted} <= {"dispatch"}


@pytest.mark.root
@pytest.mark.parametrize("name", ERRORS)
def test_a_mistake_is_told_with_file_line_group_and_rule(name: str, update_golden: bool) -> None:
    folder = GOLDEN / "errors" / name
    with pytest.raises(RulesetError) as caught:
        check.check(compose(made(folder)))
    told = str(caught.value).replace(str(folder) + "/", "") + "\n"
    compare(folder / "expected.txt", told, update_golden)


def test_the_order_of_definition_does_not_matter() -> None:
    """Groups, zones' rules and settings in any order give the same rules and maps."""
    whole = made(GOLDEN / "rulesets" / "home_router_with_everything")
    expected = text.text(compose(whole))
    number = 20 * SCALE
    for seed in range(number):
        groups = list(whole.groups)
        random.Random(seed).shuffle(groups)
        assert text.text(compose(dataclasses.replace(whole, groups=tuple(groups)))) == expected
    print(f"{number} orders")


def test_json_has_every_rule() -> None:
    ruleset = compose(home_router())
    shown = json.loads(text.as_json(ruleset))
    rules = sum(len(chain["rules"]) for table in shown["tables"] for chain in table["chains"])
    lines = sum(len(chain.lines) for table in ruleset.tables for chain in table.chains)
    assert rules == lines > 100


def test_each_zone_leads_where_its_rules_are() -> None:
    """Whatever way the rules are gathered, a packet of two zones meets its rules in their order."""
    zones = ("a", "b", "c")
    number = 200 * SCALE
    for seed in range(number):
        source = random.Random(seed)
        rules = tuple(
            Rule(
                "forward",
                "accept",
                f"tcp dport {index}",
                tuple(source.sample(zones, source.randint(0, 2))),
                tuple(source.sample(zones, source.randint(0, 2))),
                stage=source.choice(("guard", "allow")),
            )
            for index in range(1, source.randint(2, 12))
        )
        group = Rulegroup("any", "any", "any", rules)
        table = compose(Firewall(tuple(map(Zone, zones)), (group,))).tables[0]
        chains = {chain.name: chain for chain in table.chains}
        for packet in [(one, other) for one in zones for other in zones]:
            assert met(chains, "forward", packet) == wanted(rules, packet), (seed, packet)
    print(f"{number} rulegroups")


def met(chains: dict[str, Chain], name: str, packet: tuple[str, str]) -> list[str]:
    """The rules that a packet of these zones meets, in order, by a walk through the chains."""
    found = []
    sides = {"iifname": packet[0], "oifname": packet[1]}
    for line in chains[name].lines:
        if isinstance(line, Dispatch):
            for zone, chain in line.chains:
                if zone == sides[line.key]:
                    found += met(chains, chain, packet)
            continue
        words = line.match.split()
        pairs = {words[i]: words[i + 1].lstrip("@") for i in range(0, len(words) - 1)}
        if all(pairs.get(side, zone) == zone for side, zone in sides.items()):
            found.append(words[-1])
    return found


def wanted(rules: tuple[Rule, ...], packet: tuple[str, str]) -> list[str]:
    rows = []
    for index, rule in enumerate(rules, 1):
        fits = (not rule.sources or packet[0] in rule.sources) and (
            not rule.destinations or packet[1] in rule.destinations
        )
        if fits:
            zoned = bool(rule.sources or rule.destinations)
            rows.append((rule.stage != "guard", zoned, index))
    return [str(index) for *_, index in sorted(rows)]
