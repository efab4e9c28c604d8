"""The site language: what its values check when they are made, and where they say it was."""

import inspect

import pytest

from agent.names import SERVICE_NAME
from firewall.ruleset.model import Where
from services.model import File, Secret, Service, Site, Unit, User, every, kinds, link, parameter
from services.site.conditions import All, Any_
from services.site.problems import Problem, SiteError, collecting
from services.site.types import misfits, words
from tests.site_parts import Thing, texts

# made with ssh-keygen -t ed25519; its private half is gone
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUp1HU+Vgxu7Y0KJUrD2CkA9hYdBKOeNzTRrUSHHfJG"


class Sizes(Service):
    """A service with a parameter of each sort."""

    count: int = parameter("how many", kinds.number(1, 5))
    share: float = parameter("how much of it", kinds.number(0, 1), default=0.5)
    names: tuple[str, ...] = parameter("links", kinds.each(kinds.LINK_NAME, most=2), default=())
    pairs: tuple[tuple[str, int], ...] = parameter("pairs", default=())
    other: Service | None = parameter("another", default=None)

    def check(self) -> None:
        if self.share > self.count / 2:
            self.tell("share", f"expected at most half of the count, got {self.share}")


def problems_of(**given: object) -> list[Problem]:
    """What is wrong with a Sizes of these."""
    with collecting() as found:
        Sizes(name="sizes", **given)  # type: ignore[arg-type]
    return found


LINK = "a link name: 1 to 15 printable characters without '/', ':' or spaces"
CASES: tuple[tuple[dict[str, object], str], ...] = (
    ({"count": 3}, ""),
    ({"count": 3, "share": 0}, ""),
    ({}, "sizes.count: expected 1 to 5, got nothing"),
    ({"count": 6}, "sizes.count: expected 1 to 5, got 6"),
    ({"count": True}, "sizes.count: expected a whole number, got True"),
    ({"count": 2.0}, "sizes.count: expected a whole number, got 2.0"),
    ({"count": "3"}, "sizes.count: expected a whole number, got '3'; write 3 without quotes"),
    ({"share": 1}, "sizes.share: expected at most half of the count, got 1"),
    ({"share": float("nan")}, "sizes.share: expected 0 to 1, got nan"),
    ({"names": "lan"}, "sizes.names: expected a tuple of texts, got 'lan'; write ('lan',)"),
    ({"names": ("a", "b/c")}, f"sizes.names[1]: expected {LINK}, got 'b/c'"),
    ({"names": ("a", "b", "c")}, f"sizes.names: expected 0 to 2 of: {LINK}, got ('a', 'b', 'c')"),
    (
        {"pairs": (("a", 1), ("b", "2"))},
        "sizes.pairs[1][1]: expected a whole number, got '2'; write 2 without quotes",
    ),
    ({"pairs": (("a",),)}, "sizes.pairs[0]: expected (text, a whole number), got ('a',)"),
    (
        {"other": Service},
        "sizes.other: expected a service or None, got the class Service; write Service(...)",
    ),
    ({"coutn": 2}, "sizes: expected a parameter of Sizes, got 'coutn'; did you mean 'count'?"),
)


@pytest.mark.parametrize(("given", "told"), CASES)
def test_each_parameter_is_checked(given: dict[str, object], told: str) -> None:
    count = {} if given == {} or "count" in given else {"count": 1}
    assert texts(problems_of(**count, **given)) == ([told] if told else [])


def test_parameters_are_given_by_name_and_changes_by_their_words() -> None:
    with collecting() as found:
        Secret("wlan")  # type: ignore[call-arg]
        Thing(name="thing").outputs.state.value("reload")
    assert texts(found) == [
        "secret: expected parameters by name, got 'wlan'; write NAME=VALUE",
        f"secret.name: expected {SERVICE_NAME}, got nothing",
        "thing/state: expected what a change does, got 'reload'; known: ignore, rerun, restart, "
        "signal ALRM, signal HUP, signal INT, signal QUIT, signal TERM, signal USR1, signal USR2, "
        "signal WINCH",
    ]


def test_a_problem_has_the_line_that_made_the_value() -> None:
    frame = inspect.currentframe()
    assert frame is not None
    with collecting() as found:
        line = frame.f_lineno + 1
        Sizes(name="sizes", count=9)
        User(keys=("none",))
    assert [each.where for each in found] == [Where(__file__, line), Where(__file__, line + 1)]


def test_without_somebody_who_collects_the_first_problem_is_raised() -> None:
    with pytest.raises(SiteError, match=r"sizes.count: expected 1 to 5, got 9"):
        Sizes(name="sizes", count=9)


def test_of_a_bad_tuple_the_rest_is_used_and_of_a_bad_value_the_default() -> None:
    with collecting():
        made = Sizes(name="sizes", count=1, share=7.0, names=("a", "b/c", "d"))
    assert (made.names, made.share, made.broken) == (("a", "d"), 0.5, False)


def test_what_has_no_default_is_broken_and_so_is_what_is_made_of_it() -> None:
    with collecting() as found:
        inner = Sizes(name="inner", count="many")  # type: ignore[arg-type]
        outer = Sizes(name="outer", count=1, other=inner)
        site = Site(hostname="box", services=(outer,))
    assert len(found) == 1
    assert (inner.count, inner.broken, outer.broken, site.broken) == (0, True, True, True)


def test_conditions_are_flat_and_wait_for_each_other() -> None:
    a, b, c = link("a"), link("b", "up"), link("c", "addressed6")
    assert (a & b & c) == All((a, b, c))
    assert (a & (b | c)) == All((a, Any_((b, c))))
    assert every(None, a) is a and every(None) is None
    assert (a & (b | c)).compiled() == {
        "all": [
            {"link": "a"},
            {"any": [{"link": "b", "is": "up"}, {"link": "c", "is": "addressed6"}]},
        ]
    }


def test_outputs_and_services_in_a_condition_are_taken_as_meant_and_told() -> None:
    thing = Thing(name="thing")
    with collecting() as found:
        made = thing.outputs.state & link("a")  # type: ignore[operator]
        more = link("a") | thing  # type: ignore[operator]
    assert made.compiled() == {"all": [{"output": "thing/state"}, {"link": "a"}]}
    assert more.compiled() == {"any": [{"link": "a"}, {"service": "thing"}]}
    assert texts(found) == [
        "condition: expected a condition, got the output thing/state; "
        "write .present or .equals(TEXT) behind it",
        "condition: expected a condition, got the service thing; write .ready behind it",
    ]


def test_no_secret_and_no_private_key_is_shown() -> None:
    private = "-----BEGIN OPENSSH PRIVATE KEY-----\nMIIE\n-----END OPENSSH PRIVATE KEY-----\n"
    with collecting() as found:
        User(keys=(private,), password="tulips")
        Secret(name="two words tulips")  # a name is no secret
    assert "tulips" not in texts(found)[1] and "MIIE" not in "".join(texts(found))
    assert len(found) == 3


@pytest.mark.parametrize(
    ("key", "good"),
    [
        (KEY, True),
        (KEY + " me@laptop", True),
        (KEY + " me\nssh-ed25519 AAAA", False),
        (KEY.replace("AAAAC3", "AAAAC4"), False),
        (KEY[:-4], False),
        (KEY[:40], False),
        (KEY.replace("ed25519", "rsa", 1), False),
        ("restrict " + KEY, False),
    ],
)
def test_a_public_key_is_what_it_says(key: str, good: bool) -> None:
    assert (kinds.PUBLIC_KEY.wrong(key) == "") is good


def test_units_and_resources_check_their_types_too() -> None:
    with collecting() as found:
        unit = Unit(name="a", run=["b"], env={"X": 1}, notify="yes")  # type: ignore[arg-type, dict-item]
        file = File("/etc/x", 5)  # type: ignore[arg-type]
    assert (unit.run, unit.env, unit.notify, unit.broken) == ((), {}, False, True)
    assert (file.content, file.broken) == ("", True)
    assert sorted(texts(found)) == [
        '/etc/x.content: expected text or octets, got 5; write "5"',
        "a.env['X']: expected text or a Reference, got 1; write \"1\"",
        "a.notify: expected True or False, got 'yes'",
        "a.run: expected a tuple of texts, got the list ['b']; write ('b',)",
    ]


def test_a_type_is_told_in_words() -> None:
    hints = (int, tuple[str, ...], str | None, tuple[Thing | Secret, ...], tuple[int, str])
    assert [words(each) for each in hints] == [
        "a whole number",
        "a tuple of texts",
        "text or None",
        "a tuple of Thing services or secrets by their names",
        "(a whole number, text)",
    ]
    assert list(misfits(None, str | None)) == []
