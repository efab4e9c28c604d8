"""Taps: a network card of QEMU's as a link of a namespace machine.

The tap exists as long as somebody has it open. We keep it open besides QEMU, so the far end keeps
its link, its addresses and its daemons while QEMU ends and starts again.
"""

import fcntl
import os
import struct

from packager.isp.namespaces import Machine

TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
DEVICE = "/dev/net/tun"


class TapError(Exception):
    """No tap can be made here; one line for the user."""


def open_tap(name: str, machine: Machine | None = None) -> int:
    """Make the tap `name` in this machine, or here without one; return its descriptor.

    The descriptor is for `-netdev tap,fd=N` of a QEMU that inherits it. TapError says what is
    missing.
    """
    if machine is None:
        return _opened(name)
    with machine.network():
        return _opened(name)


def _opened(name: str) -> int:
    try:
        fileno = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise TapError(
            f"{DEVICE}: expected a device to make taps with, got: {error.strerror}; "
            "load the module tun, or use --nics socket"
        ) from None
    request = struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI)
    try:
        fcntl.ioctl(fileno, TUNSETIFF, request)
    except OSError as error:
        os.close(fileno)
        raise TapError(
            f"{name}: expected to make a tap of this name, got: {error.strerror}"
        ) from None
    return fileno
