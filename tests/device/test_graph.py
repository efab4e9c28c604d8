"""What a graph's file gives, on both runtimes."""

from agent.graph.model import (
    Alternative,
    GraphError,
    Reference,
    Service,
    canonical,
    covers,
    is_secret,
    split_output,
)
from agent.graph.read import read
from tests.device.graphs import bundle, errors_in, graph_of, longrun, oneshot, text_of


def test_a_service_has_defaults_for_what_it_does_not_say() -> None:
    got = graph_of({"dns": longrun()}).services["dns"]
    assert got == Service(
        "dns",
        "longrun",
        "",
        ("daemon",),
        (),
        "",
        (),
        None,
        (),
        (),
        (),
        (),
        False,
        60,
        10,
        1,
        60,
        10,
        120,
        300,
        False,
        True,
        None,
        "99f4d8ab755d78a4",
    )


def test_a_service_is_read_whole() -> None:
    wan = longrun(
        description="the uplink",
        run=["/sbin/odhcp6c", "-v", "", "a b\nc \u00e9"],
        user="_odhcp",
        needs={"link": "eth0"},
        outputs=["prefix", "dns"],
        secrets=["prefix/key"],
        env={"B": "2", "A": {"output": "ppp/ifname", "change": "signal HUP"}, "C": ""},
        files={"key.pem": {"output": "ppp/key", "optional": True, "change": "ignore"}},
        ready="notify",
        up_timeout=0,
        down_timeout=2.5,
        back_off={"first": 0.5, "cap": 8},
        breaker={"failures": 3, "within": 30, "pause": 60},
        essential=True,
        wanted="demand",
        alternative={"group": "uplinks", "preference": 10, "fail-back": 5, "tries": 2},
    )
    other = oneshot(alternative={"group": "uplinks", "preference": 20}, stop=["undo", "it"])
    graph = graph_of(
        {"wan": wan, "lte": other, "ppp": longrun(outputs=["ifname", "key"], secrets=["key"])}
    )
    assert graph.services["wan"] == Service(
        "wan",
        "longrun",
        "the uplink",
        ("/sbin/odhcp6c", "-v", "", "a b\nc \u00e9"),
        (),
        "_odhcp",
        (),
        ("link", "eth0", None, "running"),
        ("dns", "prefix"),
        ("prefix/key",),
        (
            Reference("env", "A", "ppp/ifname", "signal HUP", False, False),
            Reference("file", "key.pem", "ppp/key", "ignore", True, True),
        ),
        (("B", "2"), ("C", "")),
        True,
        0,
        2.5,
        0.5,
        8,
        3,
        30,
        60,
        True,
        False,
        Alternative("uplinks", 10, 5, 2),
        "9cacf05ce47315d6",
    )
    assert graph.services["lte"].alternative == Alternative("uplinks", 20, 30, 3)
    assert graph.services["lte"].stop == ("undo", "it")
    assert graph.groups == {"uplinks": ("wan", "lte")}
    assert graph.secrets == {"wan/prefix/key", "ppp/key"}


def test_every_condition_becomes_a_node() -> None:
    device = {"subsystem": "tty", "attributes": {"b/c": "2", "a": 'x"y'}}
    parts = [
        {"service": "a"},
        {"service": "a", "is": "up"},
        {"output": "a/x/y"},
        {"output": "a/x", "equals": ""},
        {"link": "eth0", "is": "addressed6"},
        {"link": {"output": "a/x"}, "is": "present"},
        {"device": device},
        {"any": [{"all": [{"device": {"subsystem": "net", "name": "eth?"}}]}]},
    ]
    graph = graph_of({"a": longrun(outputs=["x"]), "b": longrun(needs={"all": parts})})
    tty = 'device {"attributes":{"a":"x\\"y","b/c":"2"},"name":"*","subsystem":"tty"}'
    net = 'device {"attributes":{},"name":"eth?","subsystem":"net"}'
    assert graph.services["b"].needs == (
        "all",
        (
            ("service", "a", "ready"),
            ("service", "a", "up"),
            ("output", "a/x/y", None),
            ("output", "a/x", ""),
            ("link", "eth0", None, "addressed6"),
            ("link", None, "a/x", "present"),
            ("device", tty[7:]),
            ("any", (("all", (("device", net[7:]),)),)),
        ),
    )
    assert graph.watchers == {
        "s6 a": ("a", "b"),
        "s6 b": ("b",),
        "output a/x": ("a", "b"),
        "output a/x/y": ("a", "b"),
        "link eth0": ("b",),
        tty: ("b",),
        net: ("b",),
    }
    assert graph.link_outputs == {"a/x": ("b",)}


def test_references_bundles_and_their_lookups() -> None:
    refers = {"X": {"output": "a/x"}, "Y": {"output": "b/y", "optional": True}}
    graph = graph_of(
        {
            "all": bundle("c", "both"),
            "both": bundle("b", "a"),
            "a": longrun(outputs=["x"]),
            "b": longrun(outputs=["y"]),
            "c": longrun(env=refers, needs={"service": "a", "is": "up"}),
        }
    )
    x = ("output", "a/x", None)
    assert graph.conditions == {
        "a": None,
        "b": None,
        "c": ("all", (("service", "a", "up"), x)),
        "both": ("all", (("service", "b", "ready"), ("service", "a", "ready"))),
        "all": ("all", (("service", "c", "ready"), ("service", "both", "ready"))),
    }
    assert graph.order == ["a", "b", "both", "c", "all"]
    assert graph.rank == {"a": 0, "b": 1, "both": 2, "c": 3, "all": 4}
    assert graph.needs == {
        "a": (),
        "b": (),
        "c": ("a", "b"),
        "both": ("a", "b"),
        "all": ("both", "c"),
    }
    assert graph.needed_by == {
        "a": ("both", "c"),
        "b": ("both", "c"),
        "c": ("all",),
        "both": ("all",),
        "all": (),
    }
    assert graph.bundles_of == {
        "a": ("both",),
        "b": ("both",),
        "c": ("all",),
        "both": ("all",),
        "all": (),
    }
    assert graph.watchers["output b/y"] == ("b", "c")


def test_providers_come_before_users_and_names_break_ties() -> None:
    graph = graph_of(
        {
            "a": longrun(needs={"service": "z"}),
            "z": longrun(needs={"service": "y"}),
            "y": longrun(),
            "x": longrun(),
            "b": longrun(needs={"service": "y"}),
        }
    )
    assert graph.order == ["x", "y", "b", "z", "a"]


def test_names_break_ties_between_users_of_different_providers() -> None:
    services = {"p": longrun(), "q": longrun()}
    services["z"] = longrun(needs={"service": "p"})
    services["b"] = longrun(needs={"service": "q"})
    assert graph_of(services).order == ["p", "q", "b", "z"]


def test_a_reference_below_a_secret_is_secret() -> None:
    services = {"a": longrun(outputs=["key", "x"], secrets=["key"])}
    services["b"] = longrun(files={"1": {"output": "a/key/1"}, "2": {"output": "a/x"}})
    assert [part.secret for part in graph_of(services).services["b"].references] == [True, False]


def test_the_digest_changes_with_the_service_directory_alone() -> None:
    def digest(**fields: object) -> str:
        graph = graph_of({"a": longrun(**fields), "b": longrun(outputs=["x", "y"])})
        return graph.services["a"].digest

    same = (
        {"description": "other"},
        {"needs": {"service": "b"}},
        {"back-off": {"first": 2}},
        {"outputs": ["z"]},
        {"essential": True},
        {"up-timeout": 60.0},
    )
    assert {digest(**fields) for fields in same} == {digest()}
    different: tuple[dict[str, object], ...] = (
        {},
        {"run": ["daemon", ""]},
        {"run": ["daemon "]},
        {"user": "nobody"},
        {"env": {"A": ""}},
        {"env": {"A": {"output": "b/x"}}},
        {"env": {"A": {"output": "b/y"}}},
        {"files": {"A": {"output": "b/x"}}},
        {"ready": "notify"},
        {"up-timeout": 59.9},
        {"down-timeout": 0},
    )
    assert len({digest(**fields) for fields in different}) == len(different)


def test_a_secret_is_known_by_itself_and_by_a_folder_above_it() -> None:
    graph = graph_of({"a": longrun(outputs=["x", "y"], secrets=["x/key", "y"])})
    shown = {path: is_secret(graph, path) for path in ("a/x", "a/x/key", "a/x/key/1", "a/y", "b/y")}
    assert shown == {
        "a/x": False,
        "a/x/key": True,
        "a/x/key/1": True,
        "a/y": True,
        "b/y": False,
    }
    assert split_output("a/x/key") == ("a", "x/key")
    assert covers(("x",), "x/key") and not covers(("x",), "xy")


def test_canonical_json_is_the_same_everywhere() -> None:
    value = {"b": [1, (True, None, -2)], "a": 'q"\\\n\u00e9\U0001f600', "c": {}}
    assert (
        canonical(value) == '{"a":"q\\"\\\\\\u000a\u00e9\U0001f600","b":[1,[true,null,-2]],"c":{}}'
    )


def test_another_version_is_refused_with_one_line() -> None:
    file = '{"frostgate-graph": %s, "services": 7, "new": 1%s}'
    line = "frostgate-graph: expected 1, got %s, written by %s; write it anew for frostgate 0.1.0"
    writer = ', "written-by": "frostgate 9.0"'
    assert errors_in(file % ("2", writer)) == [line % ("2", '"frostgate 9.0"')]
    nobody = "a frostgate that does not say its name"
    assert errors_in(file % ('"1"', "")) == [line % ('"1"', nobody)]
    assert errors_in(file % ("true", "")) == [line % ("true", nobody)]
    assert errors_in('{"services": {}}') == [
        'expected an object with "frostgate-graph": 1, got an object without'
    ]
    assert errors_in('"x"') == ['expected an object with "frostgate-graph": 1, got "x"']


def test_a_file_may_be_octets_and_must_be_json_of_bounded_size() -> None:
    assert read(text_of({}).encode(), "GRAPH").order == []
    assert errors_in(b"\xff") == ["expected UTF-8, got other octets"]
    assert errors_in(b" " * (4 << 20) + b"1") == ["expected at most 4194304 octets, got 4194305"]
    for text in ("", "{", "[" * 5000, '{"a":1}}', '"\\n', "[1", '{"a":[1}'):
        lines = errors_in(text)
        assert len(lines) == 1 and lines[0].startswith("expected JSON, got what is none ("), lines


def test_a_file_that_was_cut_off_is_refused_wherever_it_was() -> None:
    # MicroPython's JSON reader by itself takes many of these
    text = text_of({"a": longrun(run=["x", '"{', "\\"]), "b": longrun(up_timeout=10)})
    for length in range(len(text)):
        lines = errors_in(text[:length])
        assert len(lines) == 1 and lines[0].startswith("expected JSON, got what is none ("), length
    assert read(text + " \n", "GRAPH").order == ["a", "b"]
    assert len(errors_in(text + "}")) == len(errors_in(text + "1")) == 1


def test_a_file_of_any_depth_is_refused_with_one_line() -> None:
    assert len(errors_in("[" * 100000 + "]" * 100000)) == 1


def test_the_error_is_its_lines() -> None:
    try:
        read('{"frostgate-graph": 1, "x": 1, "y": 2}', "/etc/frost/graph.json")
    except GraphError as error:
        keys = "keys are frostgate-graph, services, written-by"
        assert error.lines == [
            '/etc/frost/graph.json: expected a key of a graph, got "x"; ' + keys,
            '/etc/frost/graph.json: expected a key of a graph, got "y"; ' + keys,
            "/etc/frost/graph.json: services: expected an object of services, got nothing",
        ]
        assert str(error) == "\n".join(error.lines)
        return
    raise AssertionError("no error")
