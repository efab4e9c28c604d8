"""The wire between the router's modem port and the ISP's concentrator: what is taken off it."""

from collections.abc import Iterator
from contextlib import contextmanager

from packager.isp import wait
from packager.isp.namespaces import Machine

# A frame: Ethernet 14 octets and its VLAN's 4, PPPoE 6, PPP's protocol 2 (RFC 2516, RFC 1661 2),
# then IPv6 40.
SESSION = "vlan type 0x8864"
PROTOCOL = f"{SESSION} @ll,192,16"
KINDS = {
    "LCP": f"{PROTOCOL} 0xc021",
    "IPCP": f"{PROTOCOL} 0x8021",
    "IPV6CP": f"{PROTOCOL} 0x8057",
    "DHCPv6": f"{PROTOCOL} 0x0057 @ll,256,8 17 @ll,544,16 547",
    "all of it": SESSION,
}
TABLE = "bridge wire"


@contextmanager
def without(machine: Machine, kind: str) -> Iterator["Taken"]:
    """Inside the block these frames do not pass the ISP's switch."""
    machine.run("nft", f"add table {TABLE}")
    chain = f"{TABLE} taken {{ type filter hook forward priority 0; }}"
    try:
        machine.run("nft", f"add chain {chain}")
        machine.run("nft", f"add rule {TABLE} taken {KINDS[kind]} counter drop")
        yield Taken(machine, kind)
    finally:
        machine.run("nft", f"delete table {TABLE}")


class Taken:
    """The frames that were taken off the wire so far."""

    def __init__(self, machine: Machine, kind: str) -> None:
        self.machine = machine
        self.kind = kind

    def count(self) -> int:
        """How many."""
        words = self.machine.run("nft", f"list table {TABLE}").split()
        return int(words[words.index("packets") + 1])

    def await_some(self, deadline_s: float) -> None:
        """Wait until somebody misses them."""
        wait.until(f"{self.kind} is tried on the wire", self.count, deadline_s=deadline_s)
