"""A router's identity towards DHCPv6 servers. Runs on both runtimes."""

from services.dhcp6 import duid


def test_it_is_the_uuid_behind_its_type() -> None:
    assert duid.text("01234567-89ab-cdef-0123-456789abcdef\n") == (
        "00:04:01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef\n"
    )
