"""Device events on CPython, by pyudev's monitor of the kernel's own events (no udevd needed)."""

import errno
import os
import socket

import pyudev

from agent.port.records import Device, Overrun


class Devices:
    """Device events from now on. `buffer`: octets that may wait unread, 0 for the default."""

    def __init__(self, buffer: int = 0) -> None:
        self._monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source="kernel")
        if buffer:
            self._monitor.set_receive_buffer_size(buffer)
        self._monitor.start()
        self._socket = socket.socket(fileno=os.dup(self._monitor.fileno()))

    def fileno(self) -> int:
        return int(self._monitor.fileno())

    def close(self) -> None:
        # pyudev closes the socket when the last reference to the monitor is gone
        self._socket.close()
        del self._monitor

    def read(self) -> list[Device]:
        """The events that wait, [] for none. Never blocks.

        Raises Overrun when the kernel had to drop some; what was waiting is then thrown away.
        """
        found = []
        overrun = False
        while True:
            # Reading the error also clears it; pyudev would raise one without a number
            if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ENOBUFS:
                overrun = True
            try:
                device = self._monitor.poll(timeout=0)
            except OSError as error:
                if error.errno not in (None, errno.ENOBUFS):
                    raise
                overrun = overrun or error.errno == errno.ENOBUFS
                continue
            if device is None:
                break
            found.append(device)
        if overrun:
            raise Overrun
        return [_record(device) for device in found]


def _record(device: pyudev.Device) -> Device:
    """libudev's view made the kernel's again: it puts /dev/ before DEVNAME."""
    properties = {str(key): str(value) for key, value in device.properties.items()}
    name = properties.get("DEVNAME", "")
    if name.startswith("/dev/"):
        properties["DEVNAME"] = name[len("/dev/") :]
    return Device(device.action, device.subsystem or "", device.device_path, properties)
