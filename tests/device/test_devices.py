"""agent/devices.py: which devices are there, on both runtimes."""

from agent import devices
from agent.port import files, process


def test_patterns() -> None:
    for name, pattern, expected in (
        ("sda1", "sda1", True),
        ("sda1", "sd?1", True),
        ("sda1", "*", True),
        ("sda1", "sd*", True),
        ("sda1", "*1", True),
        ("sda1", "s*a*1", True),
        ("sda12", "sd?1", False),
        ("sda", "sd?1", False),
        ("abcbd", "*b?", True),
        ("abcbde", "a*b?e", True),
        ("", "", True),
        ("", "**", True),
        ("", "?", False),
        ("x", "", False),
        ("aaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*c", False),
        ("sd?1", "sd[1", False),
    ):
        assert devices.fits(name, pattern) is expected, (name, pattern)


def test_the_loopback_link_is_a_device() -> None:
    assert devices.present("net", "lo", {})
    assert devices.present("net", "l?", {"type": "772", "addr_len": "6"})
    assert not devices.present("net", "lo", {"type": "1"})
    assert not devices.present("net", "lo", {"nothing": "1"})
    assert not devices.present("net", "nothing0", {})
    assert not devices.present("no-such-subsystem", "*", {})


def test_a_bus_has_devices_too() -> None:
    root = "/tmp/fg-sys-%d" % process.pid()
    made = [root, root + "/bus", root + "/bus/usb", root + "/bus/usb/devices"]
    made.append(made[-1] + "/1-1")
    for folder in made:
        files.make_folder(folder)
    files.write(made[-1] + "/idVendor", b"12d1\n")
    try:
        assert devices.present("usb", "1-*", {"idVendor": "12d1"}, root)
        assert devices.present("usb", "1-*", {"idVendor": "12*"}, root)
        assert not devices.present("usb", "1-*", {"idVendor": "12d2"}, root)
    finally:
        files.remove_file(made[-1] + "/idVendor")
        for folder in reversed(made):
            files.remove_folder(folder)
