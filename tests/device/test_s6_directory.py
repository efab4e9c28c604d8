"""The service directories, file by file."""

from agent.graph.model import ONESHOT
from agent.s6 import directory, execline
from tests.device.s6_services import PATHS, oneshot, secret_file, service, variable

EXECLINE = "/usr/lib/execline/bin/"
HEAD = (
    "#!/usr/lib/execline/bin/execlineb -P\n"
    "/usr/lib/execline/bin/fdmove -c 2 1\n"
    "/usr/lib/execline/bin/getpid FROST_PID\n"
    "/usr/bin/s6-envdir -fL env\n"
)
LOG = (
    "#!/usr/lib/execline/bin/execlineb -P\n"
    "/usr/bin/s6-log -b -l 4000 -d 3 s32768 n3 S98304 p%s: T %s\n"
)


def common(name: str) -> dict[str, tuple[int, str]]:
    """What every service's directory has."""
    return {
        "down": (0o644, ""),
        "env/SERVICE": (0o644, name + "\n"),
        "env/FROST_OUTPUTS": (0o644, "/run/services/outputs\n"),
        "env/FROST_SCAN": (0o644, "/run/service\n"),
        "log/run": (0o755, LOG % (name, "/run/log/frost/" + name)),
        "log/notification-fd": (0o644, "3\n"),
    }


def with_notification(name: str) -> dict[str, tuple[int, str]]:
    """The same for a service that tells its readiness."""
    expected = common(name)
    expected["notification-fd"] = expected["env/NOTIFY_FD"] = (0o644, "3\n")
    return expected


def test_a_plain_longrun_becomes_its_program() -> None:
    expected = common("web")
    expected["run"] = (0o755, HEAD + 'httpd -f "a b"\n')
    assert directory.render(service("web", run=("httpd", "-f", "a b")), PATHS) == expected


def test_a_longrun_that_tells_its_readiness_has_a_descriptor_for_it() -> None:
    expected = with_notification("web")
    expected["run"] = (0o755, HEAD + "sleep 1000\n")
    assert directory.render(service("web", notify=True), PATHS) == expected


def test_a_user_and_variables_are_set_and_references_wait_for_their_values() -> None:
    references = (variable("DNS", "wan/dns"), secret_file("key", "vpn/key"))
    web = service("web", user="www", literals=(("A", "1"), ("B", "")), references=references)
    expected = common("web")
    expected["env/A"] = (0o644, "1\n")
    expected["env/B"] = (0o644, "\n")
    expected["run"] = (0o755, HEAD + "/usr/bin/s6-setuidgid www sleep 1000\n")
    assert directory.render(web, PATHS) == expected
    assert directory.reference_files(web) == ["env/DNS", "data/key"]


def test_a_oneshot_runs_under_its_holder_and_is_undone_by_finish() -> None:
    once = oneshot("nat", run=("nft", "-f", "x"), stop=("nft", "flush ruleset"), down_timeout=1.5)
    expected = with_notification("nat")
    command = "frost-oneshot /usr/lib/execline/bin/fdclose 3 nft -f x\n"
    expected["run"] = (0o755, HEAD + command)
    finish = HEAD.replace(EXECLINE + "getpid FROST_PID\n", "").replace(" -P\n", "\n", 1)
    expected["finish"] = (0o755, finish + 'frost-oneshot -u nft "flush ruleset"\n')
    expected["timeout-finish"] = (0o644, "1500\n")
    assert directory.render(once, PATHS) == expected


def test_a_oneshot_without_stop_has_no_finish() -> None:
    rendered = directory.render(service("once", kind=ONESHOT, run=("true",)), PATHS)
    assert ("finish" in rendered, "timeout-finish" in rendered) == (False, False)


def test_a_users_oneshot_and_its_stop_run_as_that_user() -> None:
    rendered = directory.render(oneshot("once", run=("a",), stop=("b",), user="www"), PATHS)
    command = "frost-oneshot /usr/lib/execline/bin/fdclose 3 /usr/bin/s6-setuidgid www a\n"
    assert rendered["run"] == (0o755, HEAD + command)
    assert rendered["finish"][1].endswith("\nfrost-oneshot -u /usr/bin/s6-setuidgid www b\n")


def test_the_agent_itself_is_started_by_s6() -> None:
    expected = with_notification("frost-agent")
    del expected["down"]
    expected["env/FROST_GRAPH"] = (0o644, "/etc/frost/graph.json\n")
    expected["run"] = (0o755, HEAD + "frost-agent\n")
    assert directory.daemon(PATHS, [("FROST_GRAPH", "/etc/frost/graph.json")]) == expected


def test_words_are_quoted_where_execline_would_read_something_else() -> None:
    words = ["a", "", "{", "}", "#", '"', "\\", "$x", "a b", "\n", "-", "x=1,2+3@%:/.", "\xe9"]
    expected = 'a "" "{" "}" "#" "\\"" "\\\\" "$x" "a b" "\n" - x=1,2+3@%:/. "\xe9"\n'
    assert execline.line(words) == expected
    try:
        execline.line(["a\0b"])
    except execline.QuoteError as error:
        assert "%s" % error == "expected an argument without NUL"
        return
    raise AssertionError("no error")
