"""The loader in a namespace with the real kernel, on both runtimes."""

import os
import signal
import time
from typing import Any

import pytest

from packager.isp import wait
from tests import runtimes
from tests.device import firewall_specs
from tests.device.firewall_specs import LEASE
from tests.lab.firewall.loader_room import Room

pytestmark = pytest.mark.root
CLOSED, OPEN = ["0", "0"], ["1", "1"]
BASE = 'comment "base/1 loopback"'


def lease(room: Room) -> None:
    """All outputs of the small site; the deadline is a minute ahead."""
    for service in ("lan_prefix", "wan"):
        room.publish(service, LEASE[service])
    values = dict(LEASE["ra"])
    values["withdrawn/c/until"] = f"{time.monotonic() + 60:.3f}"
    room.publish("ra", values)


def changed(text: str) -> tuple[str, dict[str, Any]]:
    """The folder with another text of the ruleset."""
    return text, firewall_specs.spec(text)


def test_the_first_load_opens_after_the_ruleset_is_in(room: Room) -> None:
    lease(room)
    assert room.switches() == CLOSED
    room.start()
    assert room.switches() == OPEN
    assert room.elements("wan") == ['"ppp0"']
    assert room.elements("lan") == ['"lan0"']
    assert room.elements("nas") == ["2001:db8:0:1::10"]
    assert room.elements("forward_from") == [
        '"lan0" : jump forward_lan',
        '"ppp0" : jump forward_wan',
    ]
    assert room.elements("assigned") == ['2001:db8:0:1::/64 . "lan0"', '2001:db8:0:2::/64 . "lan1"']
    [stale] = room.elements("stale")
    assert stale.startswith("2001:db8:9::/64 timeout "), stale
    assert room.inside("cat", "/proc/sys/net/netfilter/nf_conntrack_udp_timeout") == "300\n"
    assert room.said() == []
    before = room.ruleset()
    assert room.end() == 0
    assert (room.ruleset(), room.switches()) == (before, OPEN)


def test_without_a_ruleset_nothing_is_forwarded(room: Room) -> None:
    room.switch("1")
    (room.folder / "follow.json").unlink()
    done = room.run()
    assert done.returncode == 1
    assert done.stderr == (
        f"firewall: {room.folder}/follow.json: expected to read, got No such file or directory; "
        "the ruleset before stays\n"
    )
    assert room.switches() == CLOSED
    assert room.ruleset().count(BASE) == 2
    assert room.ruleset().count("policy drop") == 4


def test_the_base_ruleset_alone(room: Room) -> None:
    room.switch("1")
    done = room.run("-b")
    assert (done.returncode, done.stderr) == (0, "")
    assert room.switches() == CLOSED
    assert room.ruleset().count(BASE) == 2
    room.switch("1")
    before = room.ruleset()
    room.run("-b")
    assert (room.ruleset(), room.switches()) == (before, OPEN)  # there is something of ours
    room.start()
    assert BASE not in room.ruleset()
    before = room.ruleset()
    room.run("-b")
    assert room.ruleset() == before


def test_closing_leaves_the_ruleset(room: Room) -> None:
    room.start()
    before = room.ruleset()
    done = room.run("-c")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (room.ruleset(), room.switches()) == (before, CLOSED)


def settings(room: Room) -> list[str]:
    """What the ruleset's kernel settings are."""
    return room.inside("sh", "-c", "grep -r '' /proc/sys/net/netfilter").splitlines()


def test_one_that_undoes_leaves_the_base_ruleset_and_settings_as_they_were(room: Room) -> None:
    room.run("-b")
    counting = "nf_conntrack_count"
    before = (room.ruleset(), [line for line in settings(room) if counting not in line])
    room.start("-u")
    assert room.switches() == OPEN
    assert BASE not in room.ruleset()
    assert [line for line in settings(room) if counting not in line] != before[1]
    assert room.end() == 0
    after = (room.ruleset(), [line for line in settings(room) if counting not in line])
    assert after == before
    assert room.switches() == CLOSED
    done = room.run("-bu")
    assert (done.returncode, done.stderr, room.ruleset()) == (0, "", "")


def test_the_preview_is_what_would_be_loaded(room: Room) -> None:
    lease(room)
    done = room.run("-n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(firewall_specs.ruleset())
    assert done.stdout.endswith(
        "# /proc/sys/net/netfilter/nf_conntrack_udp_timeout = 300\n"
        "# /proc/sys/net/ipv4/ip_forward = 1\n"
        "# /proc/sys/net/ipv6/conf/all/forwarding = 1\n"
    )
    assert room.ruleset() == ""
    assert room.switches() == CLOSED
    room.nft(done.stdout)
    shown = room.ruleset()
    room.nft("flush ruleset")
    room.start()
    assert strip(room.ruleset()) == strip(shown)


def test_links_join_and_leave_by_elements_alone(room: Room) -> None:
    room.publish("wan", {"ifname": "ppp0"})
    room.start("-v")
    # A rule put in by hand is gone after a reload, and only then.
    room.nft('insert rule ip6 frost_ip6 forward counter comment "mark"\n')
    room.publish("lan", {"ifname": "br0\nno_such_link"})
    room.wait_elements("lan", ['"br0"', '"lan0"', '"no_such_link"'])
    assert room.elements("lan", "ip") == room.elements("lan")
    assert '"br0" : jump forward_lan' in room.elements("forward_from", "ip")
    room.publish("wan", {"ifname": "ppp1"})
    room.wait_elements("wan", ['"ppp1"'])
    room.publish("lan", None)
    room.wait_elements("lan", ['"lan0"'])
    assert room.elements("forward_from") == [
        '"lan0" : jump forward_lan',
        '"ppp1" : jump forward_wan',
    ]
    assert 'comment "mark"' in room.ruleset()
    room.reload()
    room.publish("wan", {"ifname": "ppp2"})
    room.wait_elements("wan", ['"ppp2"'])
    assert 'comment "mark"' not in room.ruleset()


def test_hostile_outputs_change_nothing(room: Room) -> None:
    room.start()
    before = room.ruleset()
    for name in ('lan0" drop', "ppp*", '"', "a\\", "x; flush ruleset"):
        room.publish("wan", {"ifname": name})
        room.wait_said(name.replace("\\", "\\\\").replace('"', '\\"'))
    assert room.ruleset() == before
    room.publish("lan_prefix", {"lan/lan0/a/prefix": "::/0 } }", "lan/lan0/a/length": "0"})
    room.wait_said("::/0 } }")
    # What no publisher writes: octets that are no text, in the place of the published values.
    room.publish("wan", {"ifname": "eth1"})
    room.wait_elements("wan", ['"eth1"'])
    current = room.outputs / os.readlink(room.outputs / "wan")
    (current / ".values").write_bytes(b"ifname\0eth\xff\0")
    room.publish("lan", {"ifname": "br0"})
    room.wait_elements("lan", ['"br0"', '"lan0"'])
    assert room.elements("wan") == ['"eth1"']


def test_a_changed_prefix_moves_the_alias_and_the_bandwidth_the_limit(room: Room) -> None:
    lease(room)
    room.start()
    assert '"ppp0" : "icmp_1953_ppp0"' in room.elements("icmp_limits")
    values = dict(LEASE["lan_prefix"])
    values["lan/lan0/a/prefix"] = "2001:db8:77::"
    room.publish("lan_prefix", values)
    room.wait_elements("nas", ["2001:db8:77::10"])
    assert '2001:db8:77::/64 . "lan0"' in room.elements("assigned")
    room.publish("wan", {"ifname": "ppp0", "bandwidth": "100000"})
    room.wait_elements("icmp_limits", ['"lan0" : "icmp_100_lan0"', '"ppp0" : "icmp_3906_ppp0"'])
    # Limits without a link stay until there are many, or until the next load.
    assert room.inside("nft", "list", "limits").count("limit icmp_") == 6
    room.reload()
    wait.until(
        "the unused limits are gone",
        lambda: room.inside("nft", "list", "limits").count("limit icmp_"),
        lambda count: count == 4,
    )


def test_what_is_stale_times_out(room: Room) -> None:
    room.start()
    soon = time.monotonic() + 1.5
    values = {"withdrawn/a/prefix": "2001:db8:8::", "withdrawn/a/length": "64"}
    room.publish("ra", {**values, "withdrawn/a/until": f"{soon:.3f}"})
    room.wait_elements("stale", [])
    # Looked at too early or at the end: its timeout was in whole seconds, rounded up.
    later = f"{time.monotonic() + 600:.3f}"
    more = {"withdrawn/b/prefix": "2001:db8:9::", "withdrawn/b/length": "64"}
    room.publish("ra", {**more, "withdrawn/b/until": later})
    deadline = time.monotonic() + 5
    while not [each for each in room.elements("stale") if "2001:db8:9::" in each]:
        assert time.monotonic() < deadline, room.said()
    assert len([line for line in room.said() if "anew" in line]) == 0


def test_gone_chains_and_sets_are_deleted_and_others_stay(room: Room) -> None:
    text = firewall_specs.ruleset()
    more = text.replace("chain forward_wan {", "chain forward_guest {\n\t}\n\tset old {\n\t\ttype "
                        "ifname;\n\t}\n\tmap old_from {\n\t\ttype ifname : verdict;\n\t}\n"
                        "\tchain forward_wan {")  # fmt: skip
    spec = firewall_specs.spec(more)
    for table in spec["tables"]:
        table["chains"].append("forward_guest")
        table["sets"].append({"name": "old", "kind": "set", "type": "ifname", "flags": ""})
        table["sets"].append(
            {"name": "old_from", "kind": "map", "type": "ifname : verdict", "flags": ""}
        )
    spec["zones"][1]["maps"].append({"family": "ip6", "table": "frost_ip6", "map": "old_from",
                                     "verdict": "jump forward_guest"})  # fmt: skip
    room.write(more, spec)
    others = (
        "table inet theirs {\n\tset s {\n\t\ttype ipv4_addr\n\t\telements = { 192.0.2.1 }\n\t}\n}\n"
    )
    room.nft(others)
    room.start()
    assert room.elements("forward_from") == ['"lan0" : jump forward_lan']
    room.nft("add element ip6 frost_ip6 seen { 2001:db8::9 timeout 1h }\n")
    # The next ruleset knows neither; by memory, and then by a look after a restart
    room.write(*changed(text))
    room.reload()
    room.publish("wan", {"ifname": "ppp0"})
    room.wait_elements("wan", ['"ppp0"'])
    # What is published may be seen before the signal is.
    wait.until("the chain is gone", room.ruleset, lambda seen: "forward_guest" not in seen)
    assert "old" not in room.ruleset()
    assert [each.split()[0] for each in room.elements("seen")] == ["2001:db8::9"]
    assert others.strip() in room.ruleset()
    room.write(more, spec)
    room.reload()
    room.publish("wan", {"ifname": "ppp1"})
    room.wait_elements("wan", ['"ppp1"'])
    room.end(signal.SIGKILL)
    room.write(*changed(text))
    room.start()
    assert "forward_guest" not in room.ruleset() and "old_from" not in room.ruleset()
    assert [each.split()[0] for each in room.elements("seen")] == ["2001:db8::9"]
    assert others.strip() in room.ruleset()


def test_a_set_that_rules_fill_survives_a_restart(room: Room) -> None:
    text = firewall_specs.ruleset()
    text = text.replace("set seen {\n\t\ttype ipv6_addr;\n\t\tflags timeout;",
                        "set seen {\n\t\ttype ipv6_addr;\n\t\tflags dynamic,timeout;")  # fmt: skip
    spec = firewall_specs.spec(text)
    spec["tables"][1]["sets"][5]["flags"] = "dynamic,timeout"
    room.write(text, spec)
    room.start()
    room.nft("add element ip6 frost_ip6 seen { 2001:db8::9 timeout 1h }\n")
    room.end()
    room.start()
    assert [each.split()[0] for each in room.elements("seen")] == ["2001:db8::9"]
    assert room.said() == []


def test_a_changed_set_is_refused_by_name(room: Room) -> None:
    room.start()
    before = room.ruleset()
    text = firewall_specs.ruleset()
    text = text.replace(
        "set nas {\n\t\ttype ipv6_addr;", "set nas {\n\t\ttype ipv6_addr;\n\t\tflags interval;"
    )
    spec = firewall_specs.spec(text)
    spec["tables"][1]["sets"][4]["flags"] = "interval"
    room.write(text, spec)
    room.reload()
    line = room.wait_said("nas")
    assert line == (
        f"firewall: {room.folder}/follow.json: set ip6 frost_ip6 nas: expected the type that is "
        'loaded, "ipv6_addr", got "ipv6_addr flags interval"; give the changed one another name; '
        "the ruleset before stays"
    )
    assert room.ruleset() == before
    room.end()
    done = room.run()  # a restart says the same, from what the kernel has
    assert (done.returncode, done.stderr) == (1, line + "\n")
    assert (room.ruleset(), room.switches()) == (before, OPEN)


def test_a_bad_ruleset_leaves_the_old_one_and_says_why(room: Room) -> None:
    room.start()
    before = room.ruleset()
    text = firewall_specs.ruleset()
    line = text.split("\n").index('\t\tcounter drop comment "closed/1 RFC 6092 REC-8"') + 1
    room.write(*changed(text.replace("counter drop comment", "counter dropp comment")))
    room.reload()
    assert room.wait_said("line").startswith(
        f"firewall: {room.folder}/ruleset.nft: line {line}: closed/1 RFC 6092 REC-8: syntax error"
    )
    room.write(text, firewall_specs.spec(text + "#"))
    room.reload()
    assert "expected the one that follow.json tells, SHA-256 " in room.wait_said("SHA-256")
    assert room.ruleset() == before
    room.publish("wan", {"ifname": "ppp0"})  # it follows with the old one
    room.wait_elements("wan", ['"ppp0"'])
    assert room.switches() == OPEN


def test_a_flush_by_somebody_else_is_repaired_at_once(room: Room) -> None:
    room.start()
    before = room.ruleset()
    for count, text in enumerate(
        ("flush ruleset", "flush table ip6 frost_ip6", "delete table ip frost_ip"), 1
    ):
        room.nft(text)
        room.wait_said("somebody else took out", count)
        wait.until("all is there again", room.ruleset, lambda found: found == before)
    assert len(room.said()) == 3
    room.nft("table inet theirs {\n}\ndelete table inet theirs\n")
    room.nft('delete element ip6 frost_ip6 lan { "lan0" }\n')
    room.publish("lan", {"ifname": "br0"})
    room.wait_elements("lan", ['"br0"'])
    room.publish("lan", {"ifname": "br1"})
    assert len(room.said()) == 3
    # Elements that are not there are no harm: a set that loses some is filled anew.
    room.nft("flush set ip6 frost_ip6 lan\n")
    room.publish("lan", None)
    room.wait_elements("lan", ['"lan0"'])
    assert len(room.said()) == 3


def test_a_flush_with_no_good_ruleset_closes(room: Room) -> None:
    room.start()
    (room.folder / "follow.json").write_text("{}")
    room.nft("flush ruleset")
    room.wait_said("frostgate-firewall")
    wait.until(
        "forwarding is off and the base ruleset is in",
        lambda: (room.switches(), room.ruleset().count(BASE)),
        lambda seen: seen == (CLOSED, 2),
    )


def test_a_kill_at_any_point_and_a_restart_end_in_the_same(room: Room) -> None:
    lease(room)
    room.start()
    expected = strip(room.ruleset())
    room.end()
    rounds = 6 * runtimes.SCALE
    for number in range(rounds):
        if number % 2:
            room.nft("flush ruleset")
            room.switch("0")
        room.start(ready=False)
        time.sleep(number / rounds * (0.5 if room.runtime == "cpython" else 0.06))
        room.end(signal.SIGKILL)
        if "policy drop" not in room.ruleset():
            assert room.switches() == CLOSED
    room.start()
    assert strip(room.ruleset()) == expected
    assert room.switches() == OPEN
    print(f"{room.runtime}: {rounds} kills while loading")


def strip(ruleset: str) -> str:
    """Without what is left of times."""
    rows = [row for row in ruleset.split("\n") if "/64 timeout " not in row]
    return "\n".join(rows)
