"""What the loader does besides loading: it forgets connections, tells denials, offloads."""

import time
from pathlib import Path

import pytest

from tests.device import firewall_specs
from tests.lab.firewall.loader_room import Room, packet6

pytestmark = pytest.mark.root
OPEN = ["1", "1"]


def test_connections_end_with_the_address_that_vanishes(room: Room) -> None:
    room.publish("wan", {"ifname": "ppp0", "address": "192.0.2.7\n192.0.2.8"})
    room.start()
    room.inside("ip", "link", "set", "lo", "up")
    for address in ("192.0.2.7", "192.0.2.8", "192.0.2.9"):
        room.inside("ip", "address", "add", f"{address}/32", "dev", "lo")
    words = (
        "import socket; [socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', (a, 9)) "
        "for a in ('192.0.2.7', '192.0.2.8', '192.0.2.9')]"
    )
    room.inside("python3", "-c", words)
    count = "/proc/sys/net/netfilter/nf_conntrack_count"
    known = int(room.inside("cat", count))
    room.publish("wan", {"ifname": "ppp0", "address": "192.0.2.8"})
    assert room.wait_said("forgot").startswith(
        "firewall: 192.0.2.7 has vanished: forgot its connections, 1"
    )
    assert int(room.inside("cat", count)) == known - 1
    room.reload()
    room.publish("wan", {"ifname": "ppp1", "address": "192.0.2.8"})
    room.wait_elements("wan", ['"ppp1"'])
    assert int(room.inside("cat", count)) == known - 1


def test_denied_packets_are_told_by_requirement(room: Room) -> None:
    room.cable("wan")
    room.start()
    room.wait_elements("lan", ['"lan0"'])
    udp = bytes.fromhex("9c40001600090000") + b"x"
    room.inside("ip", "address", "add", "2001:db8::1/64", "dev", "wan", "nodad")
    room.inject("wan", packet6(room.mac("wan"), "2001:db8::2", "2001:db8::1", 17, udp))
    assert room.wait_said("denied") == (
        "denied closed RFC 6092 REC-8 in=wan out= 2001:db8::2 -> 2001:db8::1 udp 40000 -> 22"
    )
    room.inside("ip", "link", "set", "wan", "down")
    room.inside("ip", "link", "set", "wan", "name", "dsl")
    room.inside("ip", "link", "set", "dsl", "up")
    room.inside("ip", "address", "replace", "2001:db8::1/64", "dev", "dsl", "nodad")
    time.sleep(1.1)  # a name counts as known for a second
    frame = packet6(room.mac("dsl"), "2001:db8::2", "2001:db8::1", 17, udp)
    room.inside("ip", "link", "set", "wan-far", "name", "dsl-far")
    room.inject("dsl", frame)
    room.wait_said("in=dsl out=")


def test_offload_without_flowtables_goes_on_by_rules(room: Room) -> None:
    spec = firewall_specs.spec(firewall_specs.ruleset())
    spec["offload"] = {"zones": ["wan", "lan"]}
    room.write(firewall_specs.ruleset(), spec)
    room.start()
    assert room.switches() == OPEN
    assert len(room.said()) == 1 and room.said()[0].endswith("; going on by rules"), room.said()
    assert "Could not process rule" in room.said()[0]  # the kernel's refusal, not nft's
    room.publish("wan", {"ifname": "ppp0"})
    room.wait_elements("wan", ['"ppp0"'])
    assert len(room.said()) == 1


def test_a_large_set_by_include_is_loaded_by_nft_itself(room: Room, tmp_path: Path) -> None:
    large = tmp_path / "large.nft"
    rows = [f"198.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(20000)]
    large.write_text("add element ip frost_ip blocked { %s }\n" % ", ".join(rows))
    text = firewall_specs.ruleset().replace("\tset wan {", "\tset blocked {\n\t\ttype ipv4_addr;\n"
                                            "\t}\n\tset wan {", 1)  # fmt: skip
    text += f'flush set ip frost_ip blocked\ninclude "{large}"\n'
    spec = firewall_specs.spec(text)
    spec["tables"][0]["sets"].append(
        {"name": "blocked", "kind": "set", "type": "ipv4_addr", "flags": ""}
    )
    room.write(text, spec)
    room.start()
    assert len(room.elements("blocked", "ip")) == 20000


def test_wrong_usage_is_told(room: Room) -> None:
    for words in (["-x"], ["a", "b"], ["-d", "x"]):
        done = room.run(*words)
        assert done.returncode == 100
        assert done.stderr.endswith("usage: firewall [-bcnuv] [-d FD] [FOLDER]\n")
