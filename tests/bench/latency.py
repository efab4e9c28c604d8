"""From the hook's start to the address on the LAN and to the advertisement on the wire.

A router machine with the frozen wan_address, lan_prefix and ra under s6, no ISP: the frozen
odhcp_script is called as odhcp6c would call it, each time with another delegated prefix. The end
of the one time is the kernel's address event, of the other the packet's timestamp on the host's
side of the cable. Only calls count whose last advertisement was at least QUIET_S ago: RFC 4861
section 6.2.6 forbids multicast advertisements that are closer together.
"""

import json
import os
import select
import socket
import struct
import time
from dataclasses import dataclass

from packager.isp import wait
from tests.lab.lab import Lab, running
from tests.lab.router import LEASE, OUTPUTS, STATE
from tests.lab.sniffer import Sniffer

QUIET_S = 3.05  # MIN_DELAY_BETWEEN_RAS is 3 s (RFC 4861 section 10)
LIFETIME_S = 40  # of each prefix: bounds how many withdrawn ones an advertisement still carries
RTMGRP_IPV6_IFADDR = 0x100  # linux/rtnetlink.h


@dataclass(frozen=True)
class Latency:
    """One call of the hook; seconds from its start."""

    address: float
    advertisement: float


def measure(count: int) -> list[Latency]:
    """`count` calls of the hook, after one that does not count."""
    with running(isp=False, router=False) as lab:
        lab.router.start(client=False)
        lab.isp.machine.ip("link", "set", "line", "up")
        readable, writable = os.pipe()
        pid = os.fork()
        if pid == 0:  # the child goes into the router's namespaces for good
            _measure_inside(lab, count, writable)
        os.close(writable)
        with open(readable, "rb") as answer:
            text = answer.read()
        os.waitpid(pid, 0)
        if not text:
            raise RuntimeError(f"bench: latency: no answer\n{lab.router.machine.tail()}")
    return [Latency(*pair) for pair in json.loads(text)]


def _measure_inside(lab: Lab, count: int, writable: int) -> None:
    """Never returns: the answer goes into the pipe."""
    code = 1
    try:
        with Sniffer(lab.hosts[0].machine, "eth0") as sniffer:
            lab.router.machine.join()
            caller = Caller(lab, sniffer)
            pairs = [caller.call(number) for number in range(count + 1)][1:]
        os.write(writable, json.dumps([(p.address, p.advertisement) for p in pairs]).encode())
        code = 0
    except wait.Unmet as unmet:
        os.write(2, f"bench: {unmet}\n{lab.router.machine.tail()}\n".encode())
    finally:
        os._exit(code)


class Caller:
    """Calls the hook from inside the router and sees what comes of it."""

    def __init__(self, lab: Lab, sniffer: Sniffer) -> None:
        self.hook = str(lab.router.programs / "odhcp_script")
        self.sniffer = sniffer
        self.events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
        self.events.bind((0, RTMGRP_IPV6_IFADDR))

    def call(self, number: int) -> Latency:
        """One call with a prefix of its own, once the link has been quiet long enough."""
        wait.until(
            f"no advertisement for {QUIET_S} s",
            lambda: time.time() - max([ra.time for ra in self.sniffer.read()], default=0.0),
            lambda age: age >= QUIET_S,
            deadline_s=60.0,
        )
        self._drain()
        prefix = f"2001:db8:{0x4000 + number:x}:"
        wall, begin = time.time(), time.monotonic()
        pid = os.posix_spawn(self.hook, [self.hook, "wan", "updated"], environment(prefix))
        address = self._await_address(prefix, begin)
        os.waitpid(pid, 0)
        advertisement = self.sniffer.await_one(
            f"announces {prefix}",
            lambda ra: any(p.startswith(prefix) and o.preferred for p, o in ra.prefixes.items()),
            after=wall,
        )
        return Latency(address, advertisement.time - wall)

    def _drain(self) -> None:
        while select.select([self.events], [], [], 0)[0]:
            self.events.recv(65536)

    def _await_address(self, prefix: str, begin: float) -> float:
        """Seconds until the kernel tells of an address of this prefix."""
        start = socket.inet_pton(socket.AF_INET6, prefix + ":")[:6]
        for _ in range(10):
            while select.select([self.events], [], [], 1.0)[0]:
                data = self.events.recv(65536)
                now = time.monotonic()
                if any(address.startswith(start) for address in new_addresses(data)):
                    return now - begin
        raise wait.Unmet(f"waited 10 s for: an address of {prefix}: on the LAN")


def new_addresses(data: bytes) -> list[bytes]:
    """The IFA_ADDRESS values of the RTM_NEWADDR messages in a datagram (rtnetlink(7))."""
    found, offset = [], 0
    while offset + 16 <= len(data):
        length, kind = struct.unpack_from("=IH", data, offset)
        attribute, end = offset + 24, offset + length
        while kind == 20 and attribute + 4 <= end:  # RTM_NEWADDR
            size, number = struct.unpack_from("=HH", data, attribute)
            if number == 1:  # IFA_ADDRESS
                found.append(data[attribute + 4 : attribute + size])
            attribute += (size + 3) & ~3
        offset += (length + 3) & ~3
    return found


def environment(prefix: str) -> dict[str, str]:
    """odhcp6c's environment for `updated` with one delegated /56, and what s6 adds to it."""
    empty = "SNTP_IP NTP_IP NTP_FQDN SIP_IP SIP_DOMAIN AFTR RA_ADDRESSES RA_DNS RA_DOMAINS PASSTHRU"
    return dict.fromkeys(empty.split(), "") | {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "SERVICE": LEASE,
        "FROST_OUTPUTS": OUTPUTS,
        "FROST_STATE": STATE,
        "SERVER": "fe80::1",
        "RDNSS": "2001:db8:ffff::53",
        "DOMAINS": "isp.example",
        "PREFIXES": f"{prefix}:/56,{LIFETIME_S},{LIFETIME_S},10,20",
        "ADDRESSES": "",
        "RA_ROUTES": "::/0,fe80::1,1800,512",
        "RA_HOPLIMIT": "64",
        "RA_MTU": "0",
        "RA_REACHABLE": "0",
        "RA_RETRANSMIT": "0",
    }
