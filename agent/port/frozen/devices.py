"""Device events in the frozen binary: the kernel's uevents, read from their netlink socket."""

from struct import pack

import _linux

from agent.port.frozen.messages import number
from agent.port.frozen.uevents import decode
from agent.port.records import Device, Overrun

_AF_NETLINK = 16
_NETLINK_KOBJECT_UEVENT = 15
_KERNEL_GROUP = 1
_MSG_TRUNC = 0x20
_SIZE = 8192  # the kernel's own limit is UEVENT_BUFFER_SIZE, 2048 octets, and the path


class Devices:
    """Device events from now on. `buffer`: octets that may wait unread, 0 for the default."""

    def __init__(self, buffer: int = 0) -> None:
        self._fd: int = _linux.socket(_AF_NETLINK, _linux.SOCK_DGRAM, _NETLINK_KOBJECT_UEVENT)
        if buffer:
            _linux.setsockopt(self._fd, _linux.SOL_SOCKET, _linux.SO_RCVBUF, buffer)
        _linux.bind(self._fd, pack("HHII", _AF_NETLINK, 0, 0, _KERNEL_GROUP))

    def fileno(self) -> int:
        return self._fd

    def close(self) -> None:
        _linux.close(self._fd)

    def read(self) -> list[Device]:
        """The events that wait, [] for none. Never blocks.

        Raises Overrun when the kernel had to drop some; what was waiting is then thrown away.
        """
        found = []
        overrun = False
        while True:
            try:
                got = _linux.recvmsg(self._fd, _SIZE)
            except OSError as error:
                if error.errno != _linux.ENOBUFS:
                    raise
                overrun = True
                continue
            if got is None:
                break
            if got[3] & _MSG_TRUNC:
                overrun = True
            # Only the kernel's (nl_pid 0): any process may send to this group
            device = decode(got[0]) if number(got[1], 4) == 0 else None
            if device is not None:
                found.append(device)
        if overrun:
            raise Overrun
        return found
