"""Device events as octets (lib/kobject_uevent.c). Pure.

A datagram is `add@/devices/...` and then KEY=VALUE strings, each ended by a zero octet.
"""

from agent.port.frozen.messages import text
from agent.port.records import Device


def decode(octets: bytes) -> Device | None:
    """The event of one datagram; None for what is none."""
    properties = {}
    for line in octets.split(b"\0")[1:]:
        key, equals, value = line.partition(b"=")
        if equals:
            properties[text(key)] = text(value)
    action, path = properties.get("ACTION", ""), properties.get("DEVPATH", "")
    if not action or not path:
        return None
    return Device(action, properties.get("SUBSYSTEM", ""), path, properties)
