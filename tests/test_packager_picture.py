"""frostgate graph: what the picture of a service graph shows, also of a running router."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from agent.graph.model import Graph
from agent.graph.read import read
from agent.supervision.table import STATES
from packager import __main__ as command
from packager.picture import drawing, example, graphviz, live, sparing
from packager.picture.drawing import Arrow, Picture
from packager.picture.dressed import dress
from packager.picture.language import DARK, LIGHT, dot

ROOT = Path(__file__).resolve().parents[1]
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"]; evil [label="\\N\\l</title><script>&lt;&quot;'


def text_of(services: dict[str, Any]) -> str:
    whole = {name: {"type": "longrun", "run": [name], **rest} for name, rest in services.items()}
    return json.dumps({"frostgate-graph": 1, "services": whole})


def graph(**services: dict[str, Any]) -> Graph:
    return read(text_of({name.replace("_", "-"): rest for name, rest in services.items()}), "test")


def arrows(found: Picture) -> list[tuple[str, str, str, str]]:
    return [(each.tail, each.head, each.kind, each.label) for each in found.arrows]


def svg_of(found: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(dress(graphviz.svg(dot(found)), found))


ALL_KINDS: dict[str, dict[str, Any]] = {
    "cable": {
        "outputs": ["state", "dns", "ifname"],
        "needs": {"link": "eth0"},
        "alternative": {"group": "uplinks", "preference": 1},
    },
    "modem": {
        "outputs": ["ifname"],
        "needs": {"device": {"subsystem": "tty", "name": "tty?", "attributes": {"a/b": HOSTILE}}},
        "alternative": {"group": "uplinks", "preference": 2},
    },
    "route": {
        "type": "oneshot",
        "description": HOSTILE,
        "needs": {
            "any": [
                {"output": "cable/state", "equals": HOSTILE},
                {"all": [{"service": "modem", "is": "up"},
                         {"link": {"output": "modem/ifname"}, "is": "addressed4"}]},
            ]
        },
    },
    "dns": {
        "env": {"WAN": {"output": "cable/ifname", "change": "ignore", "optional": True}},
        "files": {"servers": {"output": "cable/dns", "change": "signal HUP"}},
    },
    "all-of-it": {"type": "bundle", "run": None, "contents": ["dns", "route"]},
    "follower": {"run": ["follower", "-l", "cable/dns,modem", "cable/nonesuch"]},
}  # fmt: skip
ALL_KINDS["all-of-it"].pop("run")


def everything() -> Graph:
    whole = {
        name: {"type": "longrun", **({} if "contents" in rest else {"run": [name]}), **rest}
        for name, rest in ALL_KINDS.items()
    }
    return read(json.dumps({"frostgate-graph": 1, "services": whole}), "test")


def test_conditions_and_references_are_arrows_with_what_they_ask() -> None:
    found = drawing.draw(everything(), "x")
    device = next(shape.key for shape in found.shapes if shape.kind == "device")
    any_, all_ = (next(s.key for s in found.shapes if s.kind == kind) for kind in ("any", "all"))
    assert sorted(arrows(found)) == sorted(
        [
            ("link eth0", "cable", "need", "running"),
            (device, "modem", "need", ""),
            ("cable", any_, "need", f"state = {HOSTILE[:27]}…"),
            ("modem", all_, "need", "up\nlink in ifname\naddressed4"),
            (all_, any_, "need", ""),
            (any_, "route", "need", ""),
            ("cable", "dns", "reference", "$WAN ← ifname ?\n(ignore)\nservers ← dns\n(signal HUP)"),
            ("dns", "all-of-it", "content", ""),
            ("route", "all-of-it", "content", ""),
            ("cable", "follower", "follows", "dns"),
            ("modem", "follower", "follows", ""),
        ]
    )
    assert found.groups == {"uplinks": ["cable", "modem"]}


def test_shapes_styles_and_groups_are_in_the_language() -> None:
    text = dot(drawing.draw(everything(), "x"))
    for sign in ('class="oneshot"', "shape=hexagon", "shape=folder", "shape=diamond",
                 'style="dashed"', 'style="dotted"', 'label="one of: uplinks"'):  # fmt: skip
        assert sign in text
    assert text.index("subgraph cluster_0") < text.index('label="cable"')


def test_what_follows_from_another_need_is_not_drawn_but_said() -> None:
    found = drawing.draw(
        graph(
            base={},
            wan={"needs": {"service": "base"}, "outputs": ["state"]},
            dns={"needs": {"all": [{"service": "base"}, {"output": "wan/state"}]}},
            ntp={"needs": {"any": [{"service": "base"}, {"service": "wan"}]}},
        ),
        "x",
    )
    plain = [each for each in arrows(found) if "knot" not in each[0] + each[1]]
    assert plain == [("base", "wan", "need", ""), ("wan", "dns", "need", "state")]
    assert "dns needs service base ready" in drawing.described(found)
    knot = next(shape.key for shape in found.shapes if shape.kind == "any")
    assert ("base", knot, "need", "") in arrows(found)


def test_what_most_wait_for_is_told_in_them() -> None:
    users = {f"s{i}": {"needs": {"service": "base"}} for i in range(sparing.HUB)}
    found = drawing.draw(graph(base={}, **users), "x")
    assert found.arrows == []
    assert [shape.label for shape in found.shapes if shape.key == "s0"] == ["s0\nafter base"]
    users.pop("s0")
    assert len(drawing.draw(graph(base={}, **users), "x").arrows) == sparing.HUB - 1


def test_arrows_between_the_same_two_are_one() -> None:
    two = [Arrow("a", "b", "need", "x", "1", "b"), Arrow("a", "b", "need", "", "2", "b"),
           Arrow("a", "b", "reference", "y", "3", "b")]  # fmt: skip
    assert drawing.merged(two) == [Arrow("a", "b", "need", "x", "1\n2", "b"), two[2]]


def test_hostile_texts_stay_texts() -> None:
    found = drawing.draw(everything(), HOSTILE)
    root = svg_of(found)
    assert "script" not in {element.tag.removeprefix(SVG) for element in root.iter()}
    assert root.findtext(f"{SVG}title") == HOSTILE
    labels = ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
    assert f"a/b={HOSTILE[:27]}…" in labels
    nodes = [g for g in root.iter(f"{SVG}g") if g.get("class", "").startswith("node")]
    assert len(nodes) == len(found.shapes)
    titles = [g.findtext(f"{SVG}title") for g in nodes]
    assert f"route, oneshot: {HOSTILE}" in titles


@pytest.mark.parametrize("text", [HOSTILE, "a\nb", "\\", "&amp;", "<b>x</b>", "\x1b[1m\u202e", '"'])
def test_any_text_is_a_label_as_it_is(text: str) -> None:
    drawn = graphviz.svg(f"digraph {{ n0 [label={graphviz.quoted(text)}] }}")
    root = ElementTree.fromstring(drawn)
    labels = ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
    shown = text.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
    assert "\n".join(labels).replace("\xa0", " ") == shown


def test_the_picture_can_be_read_without_seeing_it() -> None:
    found = drawing.draw(everything(), "x")
    root = svg_of(found)
    assert root.get("aria-describedby") == "fg-desc"
    words = root.findtext(f"{SVG}desc") or ""
    for line in ("cable, longrun", "one of uplinks, preference 1",
                 "  cable needs link eth0 running",
                 "  dns gets output cable/dns as servers; a change: signal HUP",
                 "  all-of-it contains dns",
                 "  follower follows outputs of cable/dns: its command names them"):  # fmt: skip
        assert line in words.split("\n"), line
    for group in root.iter(f"{SVG}g"):
        kind = group.get("class", "").split()[0]
        if kind == "node":
            assert group.get("tabindex") == "0" and group.get("aria-label")
        if kind in ("node", "edge"):
            assert group.findtext(f"{SVG}title")


def test_each_kind_and_state_has_a_colour_for_light_and_dark() -> None:
    assert set(LIGHT) == set(DARK)
    assert {f"is-{state}" for state in STATES} <= set(LIGHT)


# A running router


def record(name: str, state: str, **more: Any) -> str:
    given = {"name": name, "kind": "longrun", "state": state, "since": 75.0, "reason": "",
             "waits": None, "failures": 0, "retry_in": None, **more}  # fmt: skip
    return json.dumps(given)


def test_states_colour_and_tell_since_and_why() -> None:
    lines = [
        record("cable", "failed", reason="exit code 1", failures=2),
        record("modem", "up"),
        record("dns", "down", waits="output cable/dns is missing"),
    ]
    stands = live.read(lines, "router")
    found = drawing.draw(everything(), "x", stands)
    shapes = {shape.key: shape for shape in found.shapes}
    assert shapes["cable"].state == "is-failed"
    assert shapes["cable"].label == "cable\nfailed 1 min 15 s"
    assert "failed for 1 min 15 s: exit code 1, 2 failures in a row" in shapes["cable"].title
    assert "down for 1 min 15 s: output cable/dns is missing" in shapes["dns"].title
    assert shapes["route"].state == "is-unknown"
    classes = [g.get("class") for g in svg_of(found).iter(f"{SVG}g")]
    assert "node longrun is-failed" in classes


@pytest.mark.parametrize(
    "line, text",
    [
        ("frost: no agent", "router: line 2: expected a record of `frost status -j`, got "
                            "'frost: no agent'"),
        ("[1]", "router: line 2: expected a record of `frost status -j`, got '[1]'"),
        (record("a", "glowing"),
         "router: line 2: expected down starting up stopping failed, got 'glowing'"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_record_is_told(line: str, text: str) -> None:
    with pytest.raises(graphviz.PictureError) as refused:
        live.read([record("a", "up"), line], "router")
    assert str(refused.value) == text


def test_no_record_at_all_is_told() -> None:
    with pytest.raises(graphviz.PictureError) as refused:
        live.read(["", "\n"], "-")
    assert str(refused.value) == "-: expected the output of `frost status -j`, got none"


def test_a_router_is_asked_by_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\necho \"$@\" > {tmp_path}/words\necho '{record('a', 'up')}'\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert live.fetch("root@router") == record("a", "up") + "\n"
    words = (tmp_path / "words").read_text().split()
    assert words == ["-o", "ConnectTimeout=30", "root@router", "frost", "status", "-j"]
    ssh.write_text("#!/bin/sh\necho 'no route to host' >&2; exit 255\n")
    with pytest.raises(graphviz.PictureError) as refused:
        live.fetch("router")
    assert str(refused.value) == "router: frost status -j: no route to host"
    with pytest.raises(graphviz.PictureError, match="expected -, a file, or a host for ssh"):
        live.fetch("-oProxyCommand=x")


# The command


def test_a_compiled_graph_and_states_from_standard_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "graph.json").write_text(text_of({"a": {}, "b": {"needs": {"service": "a"}}}))
    done = subprocess.run(
        [str(ROOT / ".venv/bin/python"), "-m", "packager", "graph", str(tmp_path / "graph.json"),
         "--live", "-", "--dot", str(tmp_path / "a.dot"), "--svg", str(tmp_path / "a.svg")],
        input=record("a", "up"), text=True, capture_output=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "packaging"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert 'label="a\\nup 1 min 15 s"' in (tmp_path / "a.dot").read_text()
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    assert command.main(["graph", str(tmp_path / "graph.json")]) == 0
    assert capsys.readouterr().out.startswith("<svg")


def test_what_can_not_be_drawn_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "graph.json").write_text(text_of({"a": {"needs": {"service": "b"}}}))
    (tmp_path / "site.py").write_text("SITE = 3\n")
    assert command.main(["graph", str(tmp_path / "graph.json")]) == 1
    assert command.main(["graph", str(tmp_path / "site.py")]) == 1
    assert command.main(["graph", str(tmp_path / "nonesuch.py")]) == 111
    assert capsys.readouterr().err.splitlines()[:2] == [
        f'frostgate graph: {tmp_path}/graph.json: services.a.needs: expected the name of a '
        'service, got "b"; did you mean "a"?',
        f"frostgate graph: {tmp_path}/site.py:1: expected SITE to be a Site, got 3; write SITE = "
        "Site(...)",
    ]  # fmt: skip


def test_the_documentations_picture_is_that_of_the_example() -> None:
    text = (ROOT / "docs" / f"{example.NAME}.svg").read_text()
    assert text.endswith(example.drawn_from(example.picture())), "run `make docs`"
    ElementTree.fromstring(text)
