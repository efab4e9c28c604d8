"""A pppd-like daemon, run by s6: the link ppp0, which dies with it, and its outputs.

Each start has another address and the kernel gives another ifindex. $PPP_JOURNAL gets a line for
each publication: the nanoseconds just before it, the ifindex, the address.
"""

import fcntl
import os
import signal
import struct
import subprocess
import time

from agent import outputs

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000  # linux/if_tun.h
NAME = "ppp0"


def main() -> None:
    """Bring the link up, tell of it, and wait for the end."""
    journal = os.environ["PPP_JOURNAL"]
    with open(journal, "a+") as file:
        file.seek(0)
        address = f"192.0.2.{10 + len(file.readlines())}"
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", NAME.encode(), IFF_TUN | IFF_NO_PI))
    steps = f"link set {NAME} up\naddress add {address}/32 dev {NAME}\n"
    subprocess.run(["ip", "-batch", "-"], input=steps, text=True, check=True)
    with open(f"/sys/class/net/{NAME}/ifindex") as index_file:
        index = index_file.read().strip()
    values = {"ifname": NAME, "ifindex": index, "address": address}
    root, service = os.environ["FROST_OUTPUTS"], os.environ["SERVICE"]
    with open(journal, "a") as file:
        file.write(f"{time.monotonic_ns()} {index} {address}\n")
        file.flush()
        outputs.publish(root, service, values)
    os.write(int(os.environ["NOTIFY_FD"]), b"\n")
    signal.pause()


if __name__ == "__main__":
    main()
