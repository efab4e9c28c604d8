"""What people's computers and strangers in the internet do, with real packets, from a namespace."""

import errno
import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from scapy.layers.dns import DNS, DNSQR

from packager.isp.namespaces import CommandFailed, Machine

ANSWER_S = 5.0
TYPES = {"A": 1, "AAAA": 28}


def ping(machine: Machine, target: str, wait_s: int = 1) -> bool:
    """One echo request of either family is answered."""
    try:
        machine.run("ping", "-n", "-c1", f"-W{wait_s}", target)
    except CommandFailed:
        return False
    return True


def resolve(machine: Machine, server: str, name: str, kind: str) -> list[str]:
    """The addresses that a DNS server answers with; [] without an answer in time."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with machine.network():
        asking = socket.socket(family, socket.SOCK_DGRAM)
    with asking:
        asking.settimeout(ANSWER_S)
        query = DNS(rd=1, qd=DNSQR(qname=name, qtype=kind))
        try:
            asking.sendto(bytes(query), (server, 53))
            answer = DNS(asking.recv(4096))
        except OSError:
            return []
    records = [answer.an[number] for number in range(answer.ancount)]
    return [str(record.rdata) for record in records if record.type == TYPES[kind]]


def fetch(machine: Machine, address: str) -> str:
    """What a web server answers: the simulated internet's tells who asks. "" for no answer."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with machine.network():
        connection = socket.socket(family, socket.SOCK_STREAM)
    with connection:
        connection.settimeout(ANSWER_S)
        try:
            connection.connect((address, 80))
            client = http.client.HTTPConnection(address)
            client.sock = connection
            client.request("GET", "/")
            return client.getresponse().read().decode().strip()
        except (OSError, http.client.HTTPException):
            return ""


def connect(machine: Machine, address: str, port: int, wait_s: float = 3.0) -> str:
    """How a TCP connection attempt ends: "connected", "silence", or errno's name: ECONNREFUSED
    for a reset, EACCES for ICMPv6's 'administratively prohibited', EHOSTUNREACH for IPv4's."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with machine.network():
        attempt = socket.socket(family, socket.SOCK_STREAM)
    with attempt:
        attempt.settimeout(wait_s)
        try:
            attempt.connect((address, port))
        except TimeoutError:
            return "silence"
        except OSError as error:
            return errno.errorcode.get(error.errno or 0, str(error))
    return "connected"


def datagram(machine: Machine, address: str, port: int) -> None:
    """Send one UDP datagram."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with machine.network():
        sender = socket.socket(family, socket.SOCK_DGRAM)
    with sender:
        sender.sendto(b"unsolicited", (address, port))


@contextmanager
def listener(machine: Machine, address: str, port: int) -> Iterator[None]:
    """A TCP port that takes connections inside the block."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with machine.network():
        waiting = socket.socket(family, socket.SOCK_STREAM)
    with waiting:
        waiting.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        waiting.bind((address, port))
        waiting.listen()
        yield
