"""The hooks as programs, on both runtimes: command line, exit codes, messages, readiness."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent import outputs

PROJECT = Path(__file__).resolve().parents[1]
BUILD = PROJECT / "build" / "x86_64"
LEASE = {"PREFIXES": "2001:db8:1000::/56,3600,7200,1800,2880", "RDNSS": "2001:db8:53::1"}
USAGE = "odhcp_script: usage: odhcp_script [-n] [-d FD] IFNAME STATE\n"
FOLDER = "prefix/2001-db8-1000--_471263d9"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(params=["cpython", "frozen"])
def argv(request: pytest.FixtureRequest) -> list[str]:
    """How odhcp_script is started on a runtime."""
    if request.param == "cpython":
        return [sys.executable, "-m", "odhcp_script"]
    if not (BUILD / "odhcp_script").exists():
        pytest.skip("no frozen binary: make frozen TARGET=x86_64")
    return [str(BUILD / "odhcp_script")]


def dhcpcd_argv(argv: list[str]) -> list[str]:
    if len(argv) == 1:
        return [str(BUILD / "dhcpcd_script")]
    return [sys.executable, "-m", "odhcp_script.dhcpcd_main"]


@pytest.fixture
def run(argv: list[str], tmp_path: Path) -> Run:
    """Runs the hook with a clean environment; the service is `wan`, its root tmp_path/outputs."""

    def call(
        *operands: str, fds: tuple[int, ...] = (), program: list[str] = argv, **env: str
    ) -> "subprocess.CompletedProcess[str]":
        settings = {"SERVICE": "wan", "FROST_OUTPUTS": str(tmp_path / "outputs")} | env
        return subprocess.run(
            [*program, *operands],
            env={name: text for name, text in settings.items() if text != "UNSET"},
            capture_output=True,
            text=True,
            timeout=30,
            pass_fds=fds,
            cwd=PROJECT,
        )

    return call


def published(tmp_path: Path) -> dict[str, str] | None:
    return outputs.read(str(tmp_path / "outputs"), "wan")


def test_a_lease_is_published(run: Run, tmp_path: Path) -> None:
    done = run("wan", "bound", **LEASE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    values = published(tmp_path)
    assert values is not None
    untils = [values.pop(f"{FOLDER}/{name}-until") for name in ("preferred", "valid")]
    assert values == {
        "state": "bound",
        "ifname": "wan",
        "dns": "2001:db8:53::1",
        f"{FOLDER}/prefix": "2001:db8:1000::",
        f"{FOLDER}/length": "56",
        f"{FOLDER}/preferred": "3600",
        f"{FOLDER}/valid": "7200",
    }
    assert abs(float(untils[1]) - float(untils[0]) - 3600) < 0.0005


def test_lifetimes_that_count_down_are_no_event_for_subscribers(run: Run, tmp_path: Path) -> None:
    run("wan", "bound", **LEASE)
    watch = outputs.Watch(str(tmp_path / "outputs"))
    assert run("wan", "ra-updated", **LEASE).returncode == 0
    assert watch.read() == []
    assert run("wan", "updated", **(LEASE | {"RDNSS": "2001:db8:53::2"})).returncode == 0
    assert watch.read() == ["wan"]
    watch.close()


@pytest.mark.parametrize(
    ("operands", "env", "message"),
    [
        ((), {}, "expected an interface and a state"),
        (("wan",), {}, "expected an interface and a state"),
        (("wan", "bound", "x"), {}, "expected an interface and a state"),
        (("-x", "wan", "bound"), {}, "expected one of the options below, got -x"),
        (("-d", "x", "wan", "bound"), {}, 'option -d: expected a descriptor number, got "x"'),
        (
            ("a/b", "bound"),
            {},
            "expected a link name: 1 to 15 printable characters without '/', ':' or spaces, "
            'got "a/b"',
        ),
        (("wan", "BOUND"), {}, 'expected a state word, got "BOUND"'),
        (
            ("wan", "bound"),
            {"SERVICE": "UNSET"},
            "$SERVICE: expected a service name: 1 to 100 of A-Z a-z 0-9 _ . - , "
            "the first a letter or digit",
        ),
        (
            ("wan", "bound"),
            {"SERVICE": "../x"},
            "$SERVICE: expected a service name: 1 to 100 of A-Z a-z 0-9 _ . - , "
            "the first a letter or digit",
        ),
    ],
)
def test_wrong_usage_is_said_and_exits_100(
    run: Run,
    tmp_path: Path,
    operands: tuple[str, ...],
    env: dict[str, str],
    message: str,
) -> None:
    done = run(*operands, **env)
    assert (done.returncode, done.stdout) == (100, "")
    assert done.stderr == f"odhcp_script: {message}\n{USAGE}"
    assert not (tmp_path / "outputs").exists()


def test_what_fails_its_grammar_is_one_line_and_no_failure(run: Run, tmp_path: Path) -> None:
    hostile = os.fsdecode(b'https://a/$(id) "\n\xff\\')
    done = run("wan", "bound", PREFIXES="::/0,1,2,3,4", CAPTIVE_PORTAL_URI=hostile)
    assert done.returncode == 0
    assert done.stderr == (
        "odhcp_script: wan: PREFIXES: expected a prefix in 2000::/3 or fc00::/7 with a length "
        'from 16 to 128, got "::/0,1,2,3,4", left out\n'
        "odhcp_script: wan: CAPTIVE_PORTAL_URI: expected an http or https URI (RFC 3986) of at "
        'most 255 octets, got "https://a/$(id) \\"\\x0a\\xff\\\\", left out\n'
    )
    assert published(tmp_path) == {"state": "bound", "ifname": "wan"}


def test_a_long_list_is_cut_in_one_line_and_costs_nothing_else(run: Run, tmp_path: Path) -> None:
    lists = {
        "PREFIXES": " ".join(f"2001:db8:{number:x}::/48,3600,7200,1,2" for number in range(3000)),
        "RDNSS": " ".join(f"2001:db8::{number:x}" for number in range(1, 8001)),
        "DOMAINS": "isp.example",
    }
    done = run("wan", "bound", **lists)
    left_out = 'expected at most 64 items, got "more", left out'
    assert (done.returncode, done.stderr) == (
        0,
        f"odhcp_script: wan: PREFIXES: {left_out}\nodhcp_script: wan: RDNSS: {left_out}\n",
    )
    values = published(tmp_path)
    assert values is not None
    assert len([name for name in values if name.endswith("/prefix")]) == 64
    assert values["dns"].split("\n") == lists["RDNSS"].split()[:64]
    assert values["domains"] == "isp.example"


def test_a_large_variable_costs_no_prefix_at_a_renewal(
    argv: list[str], run: Run, tmp_path: Path
) -> None:
    lease = {"interface": "wan", "new_dhcp6_ia_pd1_iaid": "00000001"}
    first = "new_dhcp6_ia_pd1_prefix1"
    lease |= {first: "2001:db8:1000::", f"{first}_length": "56"}
    lease |= {f"{first}_pltime": "3600", f"{first}_vltime": "7200"}
    run(program=dhcpcd_argv(argv), reason="BOUND6", **lease)
    before = published(tmp_path)
    assert before is not None and before[f"{FOLDER}/prefix"] == "2001:db8:1000::"
    large = {"new_dhcp6_boot_file_url": "x" * 23950, "new_dhcp6_client_id": "0" * 23950}
    done = run(program=dhcpcd_argv(argv), reason="RENEW6", **lease, **large)
    assert (done.returncode, done.stderr) == (
        0,
        "dhcpcd_script: wan: environment: expected at most 24000 octets, "
        'got "new_dhcp6_client_id", left out\n',
    )
    after = published(tmp_path)
    assert after is not None and sorted(after) == sorted(before)


def test_a_fifo_in_the_place_of_the_lock_holds_nobody_up(run: Run, tmp_path: Path) -> None:
    (tmp_path / "outputs" / ".gen").mkdir(parents=True)
    lock = tmp_path / "outputs" / ".gen" / "wan.lock"
    os.mkfifo(lock)
    done = run("wan", "bound", **LEASE)
    text = f"{lock}: expected a file, got a FIFO, socket or device; remove it"
    assert (done.returncode, done.stderr) == (111, f"odhcp_script: {text}\n")


def test_an_item_is_reported_when_it_is_new_and_not_with_every_call(run: Run) -> None:
    def reported(state: str, **env: str) -> list[str]:
        done = run("wan", state, **env)
        assert done.returncode == 0
        return [line.partition(", got ")[2] for line in done.stderr.splitlines()]

    bad = {"PREFIXES": "::/0,3600,7200,1,2", "DOMAINS": "-x"}
    assert reported("bound", **bad) == ['"::/0,3600,7200,1,2", left out', '"-x", left out']
    bad["PREFIXES"] = "::/0,3000,6600,1,2"
    assert reported("ra-updated", **bad) == []
    assert reported("updated", **(bad | {"DOMAINS": "-x -y"})) == ['"-y", left out']
    assert reported("unbound") == []
    assert reported("bound", **bad) == ['"::/0,3000,6600,1,2", left out', '"-x", left out']


def test_a_dry_run_reports_what_a_call_has_reported_already(run: Run) -> None:
    bad = {"PREFIXES": "", "DOMAINS": "-x"}
    said = run("wan", "bound", **bad).stderr
    assert said.count("\n") == 1
    assert [run(*words, "wan", "bound", **bad).stderr for words in ((), ("-n",))] == ["", said]


def test_the_newline_makes_no_item_new(run: Run, pipes: list[tuple[int, int]]) -> None:
    _, writer = pipes[0]
    bad = LEASE | {"DOMAINS": "-x", "NOTIFY_FD": str(writer)}
    lines = [run("wan", "bound", fds=(writer,), **bad).stderr.count("\n") for _ in range(2)]
    assert lines == [1, 0]
    for descriptor in pipes[0] + pipes[1]:
        os.close(descriptor)


def test_each_half_of_dhcpcd_reports_its_items_once(argv: list[str], run: Run) -> None:
    program = dhcpcd_argv(argv)
    leased = {"reason": "RENEW6", "interface": "wan", "new_dhcp6_domain_search": "-x"}
    heard = {"reason": "ROUTERADVERT", "interface": "wan", "nd1_from": "::1"}
    lines = [run(program=program, **env).stderr.count("\n") for env in [leased, heard] * 3]
    assert lines == [1, 1, 0, 0, 0, 0]


def test_outputs_that_cannot_be_written_exit_111(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("wan", "bound", FROST_OUTPUTS=str(tmp_path / "file"), **LEASE)
    assert done.returncode == 111
    assert done.stderr.startswith(f"odhcp_script: {tmp_path}/file") and done.stderr.count("\n") == 1


def test_a_dry_run_shows_the_values_and_publishes_nothing(run: Run, tmp_path: Path) -> None:
    done = run("-n", "wan", "bound", **(LEASE | {"RDNSS": "2001:db8::2 2001:db8::1"}))
    lines = [line for line in done.stdout.splitlines() if "-until" not in line]
    assert lines == [
        "dns=2001:db8::2",
        "dns=2001:db8::1",
        "ifname=wan",
        f"{FOLDER}/length=56",
        f"{FOLDER}/preferred=3600",
        f"{FOLDER}/prefix=2001:db8:1000::",
        f"{FOLDER}/valid=7200",
        "state=bound",
    ]
    assert done.returncode == 0 and not (tmp_path / "outputs").exists()


def test_a_dry_run_needs_no_service(run: Run) -> None:
    done = run("-n", "wan", "started", SERVICE="UNSET")
    assert (done.returncode, done.stdout) == (0, "ifname=wan\nstate=started\n")


def ready(run: Run, reader: int, writer: int, *operands: str, **env: str) -> bytes:
    """What one call wrote to the notification pipe."""
    done = run(*operands, fds=(writer,), **env)
    assert (done.returncode, done.stderr) == (0, "")
    try:
        return os.read(reader, 100)
    except BlockingIOError:
        return b""


@pytest.fixture
def pipes() -> "list[tuple[int, int]]":
    made = [os.pipe() for _ in range(2)]
    for reader, _ in made:
        os.set_blocking(reader, False)
    return made


@pytest.mark.parametrize("by_option", [True, False])
def test_readiness_is_one_newline_for_each_pipe_when_there_is_something_to_use(
    run: Run, pipes: list[tuple[int, int]], by_option: bool
) -> None:
    got = []
    for reader, writer in pipes:
        operands = ("-d", str(writer)) if by_option else ()
        env = {} if by_option else {"NOTIFY_FD": str(writer)}
        zero = {"PREFIXES": "2001:db8:1000::/56,0,0,0,0", "RDNSS": "2001:db8::1"}
        for state, variables in (
            ("started", {}),
            ("bound", zero),
            ("updated", LEASE),
            ("updated", LEASE),
            ("unbound", {}),
            ("bound", LEASE),
        ):
            got.append(
                ready(run, reader, writer, *operands, "wan", state, **(dict(variables) | env))
            )
    assert got == [b"", b"", b"\n", b"", b"", b""] * 2
    for reader, writer in pipes:
        os.close(reader)
        os.close(writer)


def test_a_pipe_that_nobody_reads_or_that_is_closed_is_no_error(
    run: Run, pipes: list[tuple[int, int]], tmp_path: Path
) -> None:
    reader, writer = pipes[0]
    os.close(reader)
    done = run("-d", str(writer), "wan", "bound", fds=(writer,), **LEASE)
    assert (done.returncode, done.stderr) == (0, "")
    os.close(writer)
    done = run("-d", "77", "wan", "updated", **LEASE)
    assert (done.returncode, done.stderr) == (0, "")
    values = published(tmp_path)
    assert values is not None and values["state"] == "bound"
    for descriptor in pipes[1]:
        os.close(descriptor)


def test_a_call_that_is_killed_leaves_the_old_or_the_new(
    argv: list[str], run: Run, tmp_path: Path
) -> None:
    run("wan", "started")
    env = {"SERVICE": "wan", "FROST_OUTPUTS": str(tmp_path / "outputs"), **LEASE}
    seen = set()
    for delay in range(24):
        process = subprocess.Popen([*argv, "wan", "bound"], env=env, cwd=PROJECT)
        try:
            process.wait(delay * (0.0003 if len(argv) == 1 else 0.006))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            process.wait()
        values = published(tmp_path)
        assert values is not None
        seen.add((values["state"], len(values)))
    assert seen <= {("started", 2), ("bound", 9)}
    assert run("wan", "bound", **LEASE).returncode == 0
    values = published(tmp_path)
    assert values is not None and len(values) == 9


def test_dhcpcd_tells_a_lease_in_halves(argv: list[str], run: Run, tmp_path: Path) -> None:
    program = dhcpcd_argv(argv)
    bound = {
        "reason": "BOUND6",
        "interface": "wan",
        "new_dhcp6_ia_pd1_iaid": "00000001",
        "new_dhcp6_ia_pd1_prefix1": "2001:db8:1000::",
        "new_dhcp6_ia_pd1_prefix1_length": "56",
        "new_dhcp6_ia_pd1_prefix1_pltime": "3600",
        "new_dhcp6_ia_pd1_prefix1_vltime": "7200",
    }
    heard = {"reason": "ROUTERADVERT", "interface": "wan", "nd1_from": "fe80::1", "nd1_mtu": "1492"}
    for env, names in (
        (bound, 8),
        (heard, 9),
        ({"reason": "CARRIER", "interface": "wan"}, 9),
        ({"reason": "BOUND", "interface": "wan", "new_ip_address": "192.0.2.1"}, 9),
        ({"reason": "EXPIRE6", "interface": "wan"}, 3),
    ):
        done = run(program=program, **env)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        values = published(tmp_path)
        assert values is not None and len(values) == names, env
    assert values == {"state": "unbound", "ifname": "wan", "mtu": "1492"}


def test_dhcpcd_must_name_the_interface(argv: list[str], run: Run) -> None:
    done = run(program=dhcpcd_argv(argv), reason="BOUND6")
    assert done.returncode == 100
    assert done.stderr == (
        "dhcpcd_script: interface: expected a link name: 1 to 15 printable characters without "
        "'/', ':' or spaces\n"
        "dhcpcd_script: usage: dhcpcd_script [-n] [-d FD]   "
        "(dhcpcd tells the rest by the environment)\n"
    )
