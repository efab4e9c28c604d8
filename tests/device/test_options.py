"""Command lines, on both runtimes."""

from agent import options
from agent.names import is_link_name, is_service_name


def refusal(argv: list[bytes]) -> str:
    """The text with which `argv` is refused; an assertion fails when it is not."""
    try:
        options.parse(argv, "vf", "td")
    except options.UsageError as error:
        return str(error)
    raise AssertionError(argv)


def test_options_may_be_grouped_and_values_attached() -> None:
    assert options.parse([b"-vf", b"-t5", b"-d", b"3", b"eth0", b"-x"], "vf", "td") == (
        {"v": "", "f": "", "t": "5", "d": "3"},
        ["eth0", "-x"],
    )
    assert options.parse([b"-vt", b"5", b"--", b"-v"], "vf", "td") == ({"v": "", "t": "5"}, ["-v"])
    assert options.parse([b"-"], "", "") == ({}, ["-"])


def test_what_does_not_fit_is_named() -> None:
    assert refusal([b"-x"]) == "expected one of the options below, got -x"
    assert refusal([b"-t"]) == "option -t: expected a value, got none"
    assert refusal([b"a\xff\n"]) == 'expected printable ASCII arguments, got "a\\xff\\x0a"'


def test_durations_are_plain_decimals() -> None:
    assert options.seconds("t", "0.5") == 0.5
    assert options.seconds("t", "30") == 30.0
    for text in ("", ".", "-1", "1e9", "nan", "inf", "1.2.3", "9" * 13):
        try:
            options.seconds("t", text)
        except options.UsageError:
            continue
        raise AssertionError(text)


def test_link_names_are_the_kernels() -> None:
    for name in ("lo", "eth0", "wan.100", "x" * 15, "br-lan", "@"):
        assert is_link_name(name), name
    for name in ("", ".", "..", "x" * 16, "a/b", "a b", "a:1", "a\n", "\u00e9"):
        assert not is_link_name(name), name


def test_service_names_can_be_folders_and_log_prefixes() -> None:
    for name in ("dhcp6c", "dhcp6c.wan", "0a_b-c", "x" * 100):
        assert is_service_name(name), name
    for name in ("", ".gen", "-n", "a/b", "a b", "x" * 101, "\u00e9", "a\u0661"):
        assert not is_service_name(name), name
