"""The far end of a machine's network card that carries VLANs: a switch that this process is.

The kernel of a host may have no VLANs at all. So frames come from QEMU's socket, and each VLAN's
go without their tags to a tap, behind which are real daemons; and back. A VLAN is the tags that its
frames have, from the outermost on: (EtherType, id) each.
"""

import os
import select
import socket
import threading
from collections import Counter
from pathlib import Path

from packager.isp import wait

CUSTOMER, PROVIDER = 0x8100, 0x88A8  # EtherTypes of tags: IEEE 802.1Q, 802.1ad
MACS = 12  # octets in front of the tags
LONGEST = 65536

Tags = tuple[tuple[int, int], ...]


class Trunk:
    """A switch between QEMU's stream socket and taps: `ports` {VLAN: a tap's descriptor}.

    seen: how many frames of each VLAN have come from the machine, () for those without a tag.
    """

    def __init__(self, path: Path, ports: dict[Tags, int]) -> None:
        self.path = path
        self.ports = ports
        self.seen: Counter[Tags] = Counter()
        self.socket = socket.socket(socket.AF_UNIX)
        self.waker, self.wakes = os.pipe()
        self.thread = threading.Thread(target=self._carry, daemon=True)

    def connect(self) -> None:
        """Plug in, once QEMU listens."""
        wait.until(
            "QEMU listens for the trunk", lambda: self.socket.connect_ex(str(self.path)) == 0
        )
        self.thread.start()

    def close(self) -> None:
        """Pull out."""
        os.close(self.wakes)
        if self.thread.ident:
            self.thread.join(10.0)
        os.close(self.waker)
        self.socket.close()

    def _carry(self) -> None:
        kept = b""
        filenos = [self.waker, self.socket.fileno(), *self.ports.values()]
        while True:
            ready, _, _ = select.select(filenos, [], [])
            if self.waker in ready:
                return
            for tags, tap in self.ports.items():
                if tap in ready:
                    self._inward(tags, os.read(tap, LONGEST))
            if self.socket.fileno() in ready:
                octets = self.socket.recv(LONGEST)
                if not octets:
                    return  # the machine has ended
                kept = self._outward(kept + octets)

    def _inward(self, tags: Tags, frame: bytes) -> None:
        words = [word.to_bytes(2, "big") for tag in tags for word in tag]
        frame = frame[:MACS] + b"".join(words) + frame[MACS:]
        try:
            self.socket.sendall(len(frame).to_bytes(4, "big") + frame)
        except OSError:
            pass  # the machine has ended: the next read tells

    def _outward(self, octets: bytes) -> bytes:
        """Pass on the whole frames in here, each behind its length; the rest is for later."""
        while len(octets) >= 4:
            end = 4 + int.from_bytes(octets[:4], "big")
            if len(octets) < end:
                break
            self._pass(octets[4:end])
            octets = octets[end:]
        return octets

    def _pass(self, frame: bytes) -> None:
        found: list[tuple[int, int]] = []
        rest = frame[MACS:]
        while (kind := int.from_bytes(rest[:2], "big")) in (CUSTOMER, PROVIDER):
            found.append((kind, int.from_bytes(rest[2:4], "big") & 0xFFF))
            rest = rest[4:]
        tags = tuple(found)
        self.seen[tags] += 1
        if tags in self.ports:
            try:
                os.write(self.ports[tags], frame[:MACS] + rest)
            except OSError:
                pass  # its link is down
