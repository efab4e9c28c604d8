"""Device events of the real kernel: links are devices too, and /sys makes others speak."""

from agent.port import devices, files, poll
from agent.port.records import Device, Overrun
from tests.contract.links import ip, shell


def read_all(source: devices.Devices) -> list[Device]:
    """Everything that waits, without the sequence numbers."""
    found = []
    for device in source.read():
        properties = dict(device.properties)
        assert int(properties.pop("SEQNUM")) > 0
        found.append(Device(device.action, device.subsystem, device.devpath, properties))
    return found


def link_events(source: devices.Devices) -> list[Device]:
    """The events of network links; their queues speak too."""
    return [device for device in read_all(source) if device.subsystem == "net"]


def event(action: str, name: str, index: int, old: str = "") -> Device:
    """A link's event in full."""
    path = "/devices/virtual/net/" + name
    properties = {
        "ACTION": action,
        "DEVPATH": path,
        "SUBSYSTEM": "net",
        "INTERFACE": name,
        "IFINDEX": str(index),
    }
    if name.startswith("br"):
        properties["DEVTYPE"] = "bridge"
    if old:
        properties["DEVPATH_OLD"] = "/devices/virtual/net/" + old
    return Device(action, "net", path, properties)


def test_link_that_comes_moves_and_goes_is_told() -> None:
    source = devices.Devices()
    assert source.read() == []
    ip("link add name br0 index 7 type bridge")
    assert poll.ready([source.fileno()], 10) == [source.fileno()]
    assert link_events(source) == [event("add", "br0", 7)]
    ip("link set br0 name br1")
    assert link_events(source) == [event("move", "br1", 7, "br0")]
    ip("link del br1")
    assert link_events(source) == [event("remove", "br1", 7)]
    assert source.read() == []
    source.close()


def test_device_node_has_the_kernels_name() -> None:
    source = devices.Devices()
    switch = "/sys/class/mem/null/uevent"
    assert files.kind(switch) == "file"
    shell("echo change > " + switch)
    found = [device for device in read_all(source) if device.subsystem == "mem"]
    path = "/devices/virtual/mem/null"
    properties = {
        "ACTION": "change",
        "DEVPATH": path,
        "SUBSYSTEM": "mem",
        "SYNTH_UUID": "0",
        "MAJOR": "1",
        "MINOR": "3",
        "DEVNAME": "null",
        "DEVMODE": "0666",
    }
    assert found == [Device("change", "mem", path, properties)]


def test_overrun_of_device_events_is_told_once() -> None:
    source = devices.Devices(20000)
    shell("for i in $(seq 300); do echo change > /sys/class/mem/null/uevent; done")
    overruns = 0
    try:
        source.read()
    except Overrun:
        overruns += 1
    assert overruns == 1
    assert source.read() == []
    ip("link add name last index 9999 type bridge")
    assert [d.properties["INTERFACE"] for d in link_events(source)] == ["last"]
