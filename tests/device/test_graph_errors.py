"""What is wrong in a graph's file is told all at once, with its place; on both runtimes."""

from tests.device.graphs import bundle, errors_in, errors_of, longrun, oneshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def wrong(**fields: "Any") -> list[str]:
    """The errors of a longrun `s` beside a longrun `lan`, without their common place."""
    lan = longrun(outputs=["ifname", "prefix", "key"], secrets=["key"])
    lines = errors_of({"s": longrun(**fields), "lan": lan})
    assert [line for line in lines if not line.startswith("services.s")] == []
    return [line[len("services.s") :].lstrip(".") for line in lines]


def needs(condition: "Any") -> list[str]:
    """The errors of a condition, without `needs`."""
    lines = wrong(needs=condition)
    assert [line for line in lines if not line.startswith("needs")] == []
    return [line[len("needs") :] for line in lines]


def test_unknown_services_are_named_with_the_place_and_the_likely_name() -> None:
    unknown = {"all": [{"link": "eth0"}, {"any": [{"service": "lna"}, {"output": "qqqqq/x"}]}]}
    assert needs(unknown) == [
        '.all[1].any[0]: expected the name of a service, got "lna"; did you mean "lan"?',
        '.all[1].any[1]: expected the name of a service, got "qqqqq"',
    ]
    assert wrong(env={"A": {"output": "la/x"}}, files={"b": {"output": "lam/x"}}) == [
        'env.A: expected the name of a service, got "la"; did you mean "lan"?',
        'files.b: expected the name of a service, got "lam"; did you mean "lan"?',
    ]
    assert errors_of({"b": bundle("a"), "c": longrun()}) == [
        'services.b.contents[0]: expected the name of a service, got "a"; did you mean "b"?'
    ]


def test_outputs_must_be_declared_by_their_service() -> None:
    declared = "; it declares lan/ifname, lan/key, lan/prefix"
    assert needs({"all": [{"output": "lan/ifnam"}, {"output": "lan/prefix/a/b"}]}) == [
        '.all[0]: expected an output that lan declares, got "lan/ifnam"; did you mean "lan/ifname"?'
    ]
    assert needs({"link": {"output": "lan/name-of-it"}}) == [
        ': expected an output that lan declares, got "lan/name-of-it"' + declared
    ]
    assert errors_of(
        {"a": longrun(env={"A": {"output": "b/x"}}), "b": bundle("c"), "c": oneshot()}
    ) == ['services.a.env.A: expected an output that b declares, got "b/x"; it declares none']


def test_nothing_is_concluded_from_what_a_wrong_service_lacks() -> None:
    user = longrun(needs={"output": "lan/x"}, alternative={"group": "g", "preference": 1})
    assert errors_of({"lan": longrun(outputs="x"), "user": user}) == [
        'services.lan.outputs: expected a list of texts, got "x"'
    ]


def test_unknown_keys_are_refused_by_type() -> None:
    keys = "; keys are contents, description, essential, needs, type, wanted"
    assert errors_of(
        {"b": {"type": "bundle", "run": ["x"], "contents": ["a"]}, "a": longrun()}
    ) == ['services.b: expected a key of a bundle, got "run"' + keys]
    lines = errors_of({"o": oneshot(ready="up")})
    assert len(lines) == 1 and lines[0].startswith(
        'services.o: expected a key of a oneshot, got "ready"; keys are alternative, back-off, '
    )
    assert wrong(neds={}) == [': expected a key of a longrun, got "neds"; did you mean "needs"?']
    assert wrong(back_off={"frist": 1}) == [
        'back-off: expected a key of `back-off`, got "frist"; did you mean "first"?'
    ]
    assert needs({"link": "eth0", "equals": "x"}) == [
        ': expected a key of the condition `link`, got "equals"; keys are is, link'
    ]


def test_types_are_told_first() -> None:
    lines = errors_of({"a": {"type": "oneshoot", "x": 1}, "b": [], "c": {}, "-d": {}, "e": None})
    assert lines == [
        "services: expected a service name: 1 to 100 of A-Z a-z 0-9 _ . - , the first a letter or "
        'digit, got "-d"',
        'services.a.type: expected longrun, oneshot or bundle, got "oneshoot"; '
        'did you mean "oneshot"?',
        "services.b: expected a service, got an empty list",
        "services.c.type: expected longrun, oneshot or bundle, got nothing",
        "services.e: expected a service, got nothing",
    ]


def test_values_have_their_types_and_ranges() -> None:
    most = "expected seconds from 0 to 1000000, got "
    assert wrong(up_timeout=True, down_timeout="1") == [
        "down-timeout: " + most + '"1"',
        "up-timeout: " + most + "true",
    ]
    assert wrong(back_off={"first": -1, "cap": 1000001}) == [
        "back-off.cap: " + most + "1000001",
        "back-off.first: " + most + "-1",
    ]
    assert wrong(back_off={"first": 61}) == [
        "back-off.first: expected at most the cap of 60, got 61"
    ]
    assert wrong(breaker={"failures": 0, "within": None, "pause": []}) == [
        "breaker.failures: expected a whole number from 1 to 1000, got 0",
        "breaker.pause: " + most + "an empty list",
        "breaker.within: " + most + "nothing",
    ]
    assert wrong(essential=1, wanted="bot", ready=None, description="a\nb", breaker=7) == [
        "breaker: expected `breaker`, got 7",
        'description: expected one line of text, got "a\\x0ab"',
        "essential: expected true or false, got 1",
        "ready: expected notify or up, got nothing",
        'wanted: expected boot or demand, got "bot"; did you mean "boot"?',
    ]
    alternative = {"group": "a b", "preference": 1.5, "tries": 10**20}
    assert wrong(alternative=alternative) == [
        'alternative.group: expected the name of a group, got "a b"',
        "alternative.preference: expected a whole number from -1000000 to 1000000, got 1.5",
        "alternative.tries: expected a whole number from 1 to 1000, got a number of many digits",
    ]


def test_commands_start_with_a_program() -> None:
    program = "run[0]: expected a program's name or absolute path, got "
    for word, shown in (("", '""'), ("a/b", '"a/b"'), ("./x", '"./x"'), ("/bin/", '"/bin/"')):
        assert wrong(run=[word]) == [program + shown]
    assert wrong(run=["x", 1, "a\x07"]) == [
        "run[1]: expected printable text, got 1",
        'run[2]: expected printable text, got "a\\x07"',
    ]
    assert wrong(run=[]) == ["run: expected one text or more, got an empty list"]
    assert wrong(run="x -y") == ['run: expected a list of texts, got "x -y"']
    assert errors_of({"a": {"type": "oneshot", "stop": [""]}}) == [
        "services.a.run: expected a list of texts, got nothing",
        'services.a.stop[0]: expected a program\'s name or absolute path, got ""',
    ]
    assert wrong(user="a b") == ['user: expected the name of a user, got "a b"']


def test_variables_and_files_have_names_that_can_be_used() -> None:
    words = "env: expected a variable of A-Z a-z 0-9 _ , not SERVICE and not FROST_*, got "
    env = {"SERVICE": "x", "FROST_X": "x", "1A": "x", "": "x", "A-B": "x", "FROST": "", "_s": ""}
    assert wrong(env=env) == [
        words + shown for shown in ('""', '"1A"', '"A-B"', '"FROST_X"', '"SERVICE"')
    ]
    assert wrong(env={"A": 3}) == ["env.A: expected text or a reference, got 3"]
    assert wrong(files={"../x": {"output": "lan/ifname"}, "y": "text"}) == [
        'files: expected the name of a file, got "../x"',
        'files.y: expected a reference, got "text"',
    ]


def test_changes_are_what_the_type_can_do() -> None:
    signals = "signal ALRM, HUP, INT, QUIT, TERM, USR1, USR2 or WINCH"
    longruns = "env.A.change: expected restart, ignore or %s for a longrun, got " % signals
    for change, got in (
        ("signal HPU", '"signal HPU"; did you mean "signal HUP"?'),
        ("signal KILL", '"signal KILL"'),
        ("rerun", '"rerun"'),
        (1, "1"),
    ):
        assert wrong(env={"A": {"output": "lan/ifname", "change": change}}) == [longruns + got]
    once = oneshot(env={"A": {"output": "b/x", "change": "signal HUP"}})
    assert errors_of({"a": once, "b": longrun(outputs=["x"])}) == [
        'services.a.env.A.change: expected restart, rerun or ignore for a oneshot, got "signal HUP"'
    ]
    assert wrong(env={"A": {"output": "ifname", "optional": "no"}}) == [
        'env.A.optional: expected true or false, got "no"',
        'env.A.output: expected an output as SERVICE/PATH, got "ifname"',
    ]


def test_secrets_are_outputs_and_are_shown_by_nothing() -> None:
    assert wrong(outputs=["x"], secrets=["x/y", "z"]) == [
        'secrets: expected some of its outputs, got "z"'
    ]
    assert wrong(env={"A": {"output": "lan/key"}}, files={"a": {"output": "lan/key"}}) == [
        'env.A: expected no secret in the environment, got the secret "lan/key"; '
        "put it into `files`"
    ]
    hint = "; whether it is present can be asked"
    conditions = [
        {"output": "lan/key", "equals": "x"},
        {"output": "lan/key/1"},
        {"link": {"output": "lan/key"}},
    ]
    assert needs({"any": conditions}) == [
        '.any[0]: expected no condition on a secret\'s value, got "lan/key"' + hint,
        '.any[2]: expected no condition on a secret\'s value, got "lan/key"' + hint,
    ]


def test_conditions_are_one_thing_each() -> None:
    sorts = ": expected one of all, any, service, output, link, device, got "
    assert needs({}) == [sorts + "none of them"]
    assert needs({"servce": "lan"}) == [sorts + 'none of them; did you mean "service"?']
    assert needs({"service": "lan", "link": "eth0"}) == [sorts + "service and link"]
    assert needs([]) == [": expected a condition, got an empty list"]
    assert needs({"all": [{"any": []}, 7, {"all": {}}]}) == [
        ".all[0].any: expected a list of conditions, got an empty list",
        ".all[1]: expected a condition, got 7",
        ".all[2].all: expected a list of conditions, got an object",
    ]
    assert needs({"service": "lan", "is": "redy"}) == [
        '.is: expected up or ready, got "redy"; did you mean "ready"?'
    ]
    states = ".is: expected present, up, running, addressed, addressed4 or addressed6, got "
    assert needs({"link": "eth0", "is": "ready"}) == [states + '"ready"']


def test_links_and_devices_have_names_the_kernel_knows() -> None:
    link = ".link: expected a link name: 1 to 15 printable characters without '/', ':' or spaces"
    link += ' or {"output": "SERVICE/PATH"}, got '
    assert needs({"link": "eth 0"}) == [link + '"eth 0"']
    assert needs({"link": 5}) == [link + "5"]
    assert needs({"link": {"output": "x"}}) == [
        '.link.output: expected an output as SERVICE/PATH, got "x"'
    ]
    assert needs({"device": "sda"}) == ['.device: expected a device, got "sda"']
    device = {"subsystem": "a/b", "name": "", "attributes": {"../x": "1", "y": 2}}
    assert needs({"device": device}) == [
        '.device.attributes: expected the path of a file, got "../x"',
        ".device.attributes.y: expected printable text, got 2",
        '.device.name: expected a pattern of names as eth*, got ""',
        '.device.subsystem: expected the name of a subsystem, got "a/b"',
    ]
    assert needs({"device": {}}) == [
        ".device.subsystem: expected the name of a subsystem, got nothing"
    ]


def test_conditions_nest_to_a_bound() -> None:
    condition: dict[str, Any] = {"link": "eth0"}
    for _ in range(16):
        condition = {"all": [condition]}
    assert needs(condition) == [
        "%s: expected at most 16 conditions in each other, got more" % (".all[0]" * 16)
    ]


def test_nothing_is_listed_twice() -> None:
    assert wrong(outputs=["x", "y", "x"]) == ['outputs[2]: expected each once, got "x" again']
    assert errors_of({"b": bundle("a", "a"), "a": longrun()}) == [
        'services.b.contents[1]: expected each once, got "a" again'
    ]


def test_cycles_are_printed_whatever_they_run_through() -> None:
    lines = errors_of(
        {
            "a": longrun(needs={"all": [{"link": "x"}, {"service": "b"}]}),
            "b": longrun(env={"X": {"output": "c/x", "optional": True}}),
            "c": longrun(outputs=["x"], needs={"link": {"output": "d/l"}}),
            "d": longrun(outputs=["l"], needs={"any": [{"output": "e/y"}, {"link": "y"}]}),
            "e": longrun(outputs=["y"], needs={"service": "f"}),
            "f": bundle("a"),
            "g": longrun(outputs=["me"], files={"m": {"output": "g/me"}}),
            "h": longrun(needs={"service": "a"}),
        }
    )
    assert lines == [
        "services.a.needs.all[1]: expected no cycle, got a -> b -> c -> d -> e -> f -> a",
        "services.g.files.m: expected no cycle, got g -> g",
    ]


def test_alternatives_are_a_choice() -> None:
    def member(preference: int, group: str = "uplinks", **fields: "Any") -> "Any":
        return longrun(alternative={"group": group, "preference": preference}, **fields)

    assert errors_of({"a": member(1), "b": member(2), "c": member(1, "uplink")}) == [
        'services.c.alternative.group: expected a group of at least two services, got "uplink"; '
        'did you mean "uplinks"?'
    ]
    assert errors_of({"a": member(1), "b": member(1)}) == [
        "services.b.alternative.preference: expected another preference than a has, got 1"
    ]
    one = ': expected one of the alternatives "uplinks" at a time, got '
    needing = {"any": [{"service": "a"}, {"output": "a/x"}]}
    services = {
        "a": member(1, outputs=["x"]),
        "b": member(2, needs={"service": "x"}),
        "x": longrun(needs=needing),
        "y": longrun(needs={"all": [{"link": "e"}, {"service": "a"}, {"service": "b"}]}),
        "z": longrun(needs={"any": [{"service": "a"}, {"service": "b"}]}),
    }
    assert errors_of(services) == [
        "services.b.needs%sb and a" % one,
        "services.y.needs.all[2]%sa and b" % one,
    ]


def test_errors_are_bounded() -> None:
    lines = errors_of({"a": longrun(run=["x"] + [1] * 150)})
    assert len(lines) == 101
    assert lines[-1] == "and 50 errors more"


def test_strange_text_is_escaped() -> None:
    text = '{"frostgate-graph": 1, "services": {"a\\u0007": {}, "b": {"type": "\\u202e"}}}'
    assert errors_in(text)[0].endswith('got "a\\x07"')
    assert errors_in(text)[1].endswith('got "\\xe2\\x80\\xae"')
