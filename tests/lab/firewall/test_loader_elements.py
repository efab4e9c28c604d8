"""The loader's elements go by netlink, and what the kernel refuses is loaded anew."""

import os
from pathlib import Path

import pytest

from packager.isp import wait
from tests.lab.firewall.loader_room import Room
from tests.lab.firewall.test_loader import lease

pytestmark = pytest.mark.root


def test_elements_need_no_nft(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, program = tmp_path / "calls", tmp_path / "bin" / "nft"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexec /usr/sbin/nft "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    lease(room)
    room.start()
    monkeypatch.undo()
    loads = calls.read_text() if calls.exists() else ""
    assert bool(loads) == (room.runtime == "frozen")
    room.publish("wan", {"ifname": "ppp1", "bandwidth": "100000", "address": "192.0.2.8"})
    room.wait_elements("icmp_limits", ['"lan0" : "icmp_100_lan0"', '"ppp1" : "icmp_3906_ppp1"'])
    room.publish("lan_prefix", {"lan/lan0/a/prefix": "2001:db8:7::", "lan/lan0/a/length": "64"})
    room.wait_elements("assigned", ['2001:db8:7::/64 . "lan0"'])
    room.publish("ra", None)
    room.wait_elements("stale", [])
    assert loads == (calls.read_text() if calls.exists() else "")


def test_a_set_that_is_gone_is_loaded_anew(room: Room) -> None:
    room.start()
    before = room.ruleset()
    text = "flush chain ip6 frost_ip6 forward_wan\ndelete set ip6 frost_ip6 nas\n"
    room.nft(text)
    wait.until("all is there again", room.ruleset, lambda found: found == before)
    assert "somebody else took out" in room.said()[0]
    room.publish("lan_prefix", {"lan/lan0/a/prefix": "2001:db8:7::", "lan/lan0/a/length": "64"})
    room.wait_elements("nas", ["2001:db8:7::10"])


def test_what_the_kernel_refuses_is_loaded_anew(room: Room) -> None:
    room.start()
    room.nft('add element ip6 frost_ip6 forward_from { "br0" : jump forward_wan }\n')
    room.publish("lan", {"ifname": "br0"})
    assert room.wait_said("anew") == ("firewall: change of elements: File exists; loading all anew")
    room.wait_elements("lan", ['"br0"', '"lan0"'])
    assert '"br0" : jump forward_lan' in room.elements("forward_from")
    assert room.elements("forward_from", "ip") == room.elements("forward_from")


def test_limits_of_an_earlier_loader_are_taken_out(room: Room) -> None:
    room.publish("lan", {"ifname": "br0"})
    room.start()
    assert room.inside("nft", "list", "limits").count("limit icmp_100_br0 ") == 2
    room.end()
    room.publish("lan", None)
    room.start()
    assert "br0" not in room.inside("nft", "list", "limits")
