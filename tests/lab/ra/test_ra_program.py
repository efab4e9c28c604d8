"""`ra` as a program: signals, restarts, reboots, its files, its command line."""

import os
import signal
import subprocess
import time

import pytest

from agent import outputs
from packager.isp import wait
from tests.lab.ra.bench import DAY, P1, P2, ROUTER, ROUTER_MAC, Bench, started

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root for namespaces: sudo make check"),
]


def test_rfc_9096_3_5_withdrawals_go_on_after_a_reboot_with_another_prefix(bench: Bench) -> None:
    started(bench)
    bench.stop(signal.SIGKILL)
    stored = bench.state / "ra"
    lines = stored.read_text().splitlines()
    assert lines[0] == "frostgate-ra 1"
    lines[1] = "boot 00000000-0000-0000-0000-000000000000"  # as if written in another boot
    stored.write_text("\n".join(lines) + "\n")
    outputs.clear(bench.root, "lan_prefix")
    outputs.clear(bench.root, "ra")
    bench.start()
    # the source has not spoken: what it may still list is not taken back
    bench.settle()
    assert bench.heard[-1].prefixes() == []
    bench.publish_prefixes((P2, DAY, DAY), delegated=[("2001:db8::", 40, DAY)])
    heard = bench.next_ra("a prefix", lambda h: h.prefixes())
    assert heard.prefixes() == [(P2, 2700, 5400), (P1, 0, 0)]


def test_rfc_9096_3_5_the_same_prefix_after_a_reboot_is_never_stale(bench: Bench) -> None:
    started(bench)
    bench.stop(signal.SIGKILL)
    stored = bench.state / "ra"
    stored.write_text(stored.read_text().replace("boot ", "boot 0"))
    begin = len(bench.heard)
    outputs.clear(bench.root, "lan_prefix")
    bench.start()
    bench.publish_prefixes((P1, DAY, DAY), delegated=[("2001:db8::", 40, DAY)])
    heard = bench.next_ra("the prefix", lambda h: h.prefixes())
    assert heard.prefixes() == [(P1, 2700, 5400)]
    assert [h.prefixes() for h in bench.heard[begin:] if (P1, 0, 0) in h.prefixes()] == []


def test_rfc_4861_6_2_5_on_term_it_ceases_to_be_a_router_and_a_prefix_stays(bench: Bench) -> None:
    started(bench)
    wait.until("the host has a default route", bench.host_default)
    assert bench.stop(signal.SIGTERM) == 0
    heard = bench.next_ra("the final one", lambda h: h.ra.routerlifetime == 0)
    assert heard.prefixes() == [(P1, 2700, 5400)]
    assert [o.rtlifetime for o in heard.options("ICMPv6NDOptRouteInfo")] == [0]
    sent = [heard.at for heard in bench.heard if heard.ip.dst == "ff02::1"]
    assert min([late - early for early, late in zip(sent, sent[1:], strict=False)]) > 2.95
    assert bench.host_default() == []


def test_a_restart_by_hup_disturbs_nobody_and_keeps_3_s(bench: Bench) -> None:
    started(bench)
    wait.until("the host has a default route", bench.host_default)
    assert bench.stop(signal.SIGHUP) == 0
    bench.start()
    heard = bench.next_ra("a multicast", lambda h: h.ip.dst == "ff02::1")
    sent = [heard.at for heard in bench.heard if heard.ip.dst == "ff02::1"]
    assert min([late - early for early, late in zip(sent, sent[1:], strict=False)]) > 2.95
    assert [h.ra.routerlifetime for h in bench.heard] == [2700] * len(bench.heard)
    assert heard.prefixes() == [(P1, 2700, 5400)]


def test_it_sleeps_while_nothing_is_due(bench: Bench) -> None:
    started(bench)
    bench.settle()
    assert bench.child is not None
    status = f"/proc/{bench.child.pid}/status"

    def switches() -> list[str]:
        with open(status) as lines:
            return [line for line in lines if "ctxt_switches" in line]

    before, begin = switches(), time.monotonic()
    wait.until("2 s to pass", time.monotonic, lambda now: now > begin + 2.0)
    assert switches() == before


def test_dry_run_prints_what_would_be_sent_and_sends_nothing(bench: Bench) -> None:
    bench.publish_lease(dns="2001:db8::53", domains="isp.example")
    published = time.monotonic()
    bench.publish_prefixes((P1, DAY, 5400.0), delegated=[("2001:db8::", 40, DAY)])
    wait.until(
        "the router's link-local address",
        lambda: bench.in_router("ip", "-6", "addr", "show", "dev", "lan0"),
        lambda text: ROUTER in text,
    )
    wait.until(
        "the router's link to run",
        lambda: bench.in_router("ip", "link", "show", "dev", "lan0"),
        lambda text: "LOWER_UP" in text and "state UP" in text,
    )
    done = subprocess.run(
        bench.command("-n", "lan0", "lan9"),
        capture_output=True,
        text=True,
        env=bench.environment(),
        timeout=20,
    )
    # Whole seconds that are left, however long it took to get there.
    left = int(done.stdout.partition(" valid ")[2].partition(" s")[0])
    assert 5400 - (time.monotonic() - published) - 1 < left < 5400
    assert done.stdout.splitlines() == [
        "lan0: router lifetime 2700 s, preference medium, hop limit 64, managed no, other no",
        f"lan0: source link-layer address {ROUTER_MAC}",
        f"lan0: prefix 2001:db8:1::/64 on-link autonomous preferred 2700 s valid {left} s",
        "lan0: route 2001:db8::/40 preference medium lifetime 5400 s",
        f"lan0: name servers 2001:db8::53 lifetime {left} s",
        f"lan0: search domains isp.example lifetime {left} s",
        "lan9: not sent: the link is missing, down or has no link-local address",
        "lan9: router lifetime 0 s, preference medium, hop limit 64, managed no, other no",
        "lan9: route 2001:db8::/40 preference medium lifetime 5400 s",
    ]
    assert done.returncode == 0
    assert not bench.state.exists()
    bench.read()
    assert bench.heard == []


def test_a_corrupt_memory_costs_one_line_and_nothing_else(bench: Bench) -> None:
    bench.state.mkdir()
    (bench.state / "ra").write_bytes(b"\xff\x00elephant\n")
    started(bench)
    assert bench.said() == (
        f"ra: {bench.state}/ra: expected text, got something else; starting with an empty memory\n"
    )
    wait.until(
        "a whole memory",
        (bench.state / "ra").read_bytes,
        lambda data: data.startswith(b"frostgate"),
    )


@pytest.mark.parametrize(
    ("line", "times"), [(b"lan0 prefix x LA - live\n", 20000), (b"\0", 40 << 20)]
)
def test_a_corrupt_memory_of_any_size_costs_one_line(bench: Bench, line: bytes, times: int) -> None:
    bench.state.mkdir()
    (bench.state / "ra").write_bytes(b"frostgate-ra 1\nboot 0\n" + line * times)
    started(bench)
    assert bench.said() == (
        f"ra: {bench.state}/ra: File too large; starting with an empty memory\n"
    )
    wait.until("a memory of its own", lambda: (bench.state / "ra").stat().st_size < 1000)


def test_without_stable_storage_it_advertises_and_says_what_is_missing(bench: Bench) -> None:
    bench.state.write_text("a file, where a folder should be")
    started(bench)
    assert bench.heard[-1].prefixes() == [(P1, 2700, 5400)]
    wait.until(
        "the complaint",
        bench.said,
        lambda text: "withdrawn prefixes would be forgotten at a reboot" in text,
    )


def test_wrong_usage_is_exit_code_100_with_the_usage(bench: Bench) -> None:
    done = subprocess.run(
        bench.argv + ["-l", "wan"],
        capture_output=True,
        text=True,
        cwd=bench.folder.parent.parent,
        env=dict(bench.environment(), PYTHONPATH=os.getcwd()),
        timeout=20,
    )
    assert (done.returncode, done.stdout) == (100, "")
    assert done.stderr.splitlines() == [
        "ra: expected option -p",
        "ra: usage: ra [-nv] [-d FD] [-f FIREWALL] -l LEASE -p SERVICE[,SERVICE...] "
        "LAN[,OPTION=VALUE...]...",
    ]
