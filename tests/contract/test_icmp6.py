"""Router discovery sockets on a real link, on both runtimes; each test has a network namespace."""

from agent.port import errno, icmp6, netlink, poll
from tests.contract.links import ip, veth, veth_running

ROUTER, HOST = 10, 11  # veth()'s ends, "lan" and "peer"
ROUTER_ADDRESS = "fe80::a"
HOST_ADDRESS = "fe80::b"
# which of them depends on how much of the link the kernel has already taken apart
GONE = (errno.ENODEV, errno.ENXIO, errno.EADDRNOTAVAIL, errno.ENETUNREACH)
SOLICITATION = b"\x85\0\0\0\0\0\0\0"
ADVERTISEMENT = b"\x86\0\0\0\x40\0\0\0" + bytes(8)


def pair() -> tuple[icmp6.Socket, icmp6.Socket]:
    """Sockets on both ends, which have a link-local address each."""
    kernel = netlink.Kernel()
    veth_running(kernel)
    kernel.close()
    ip("address add %s/64 dev lan nodad" % ROUTER_ADDRESS)
    ip("address add %s/64 dev peer nodad" % HOST_ADDRESS)
    return icmp6.Socket(ROUTER, "lan"), icmp6.Socket(HOST, "peer")


def received(socket: icmp6.Socket) -> tuple[bytes, str, int]:
    """The next message; fails after 10 s."""
    assert poll.ready([socket.fileno()], 10.0) == [socket.fileno()], "nothing arrived within 10 s"
    got = socket.receive()
    assert got is not None
    return got


def without_checksum(data: bytes) -> bytes:
    return data[:2] + b"\0\0" + data[4:]


def test_a_solicitation_to_all_routers_arrives_with_its_sender_and_hop_limit() -> None:
    router, host = pair()
    host.send(SOLICITATION, "ff02::2")
    data, sender, hop_limit = received(router)
    assert (without_checksum(data), sender, hop_limit) == (SOLICITATION, HOST_ADDRESS, 255)
    assert data[2:4] != b"\0\0"  # the kernel's checksum
    assert router.receive() is None
    # what one sends to a group does not come back to it
    assert host.receive() is None


def test_an_advertisement_reaches_all_nodes_and_one_node() -> None:
    router, host = pair()
    router.send(ADVERTISEMENT, "ff02::1")
    data, sender, hop_limit = received(host)
    assert (without_checksum(data), sender, hop_limit) == (ADVERTISEMENT, ROUTER_ADDRESS, 255)
    router.send(ADVERTISEMENT, HOST_ADDRESS)
    data, sender, hop_limit = received(host)
    assert (without_checksum(data), sender, hop_limit) == (ADVERTISEMENT, ROUTER_ADDRESS, 255)


def test_only_solicitations_and_advertisements_arrive() -> None:
    router, host = pair()
    for kind in (1, 2, 3, 4, 128, 129, 130, 131, 132, 135, 136, 137, 143, 255):
        host.send(bytes([kind]) + bytes(31), "ff02::2")
    host.send(SOLICITATION, "ff02::2")
    kinds = {received(router)[0][0]}
    got = router.receive()
    while got is not None:  # the kernel of the host's end may solicit as well
        kinds.add(got[0][0])
        got = router.receive()
    assert kinds == {133}


def test_a_socket_hears_its_own_link_only() -> None:
    router, host = pair()
    ip("link add lan2 index 20 type veth peer name peer2 index 21")
    ip("link set lan2 up")
    ip("link set peer2 up")
    ip("address add fe80::c/64 dev peer2 nodad")
    other = icmp6.Socket(20, "lan2")
    host.send(SOLICITATION, "ff02::2")
    assert received(router)[1] == HOST_ADDRESS
    assert other.receive() is None


def test_a_message_as_long_as_the_link_allows_passes_whole() -> None:
    router, host = pair()
    long = SOLICITATION + bytes([254, 180]) + bytes(1438)
    assert len(long) == 1448
    host.send(long, "ff02::2")
    assert without_checksum(received(router)[0]) == long


def test_the_name_and_the_index_must_be_of_a_link() -> None:
    veth()
    for index, name in ((ROUTER, "nosuch"), (99, "lan")):
        try:
            icmp6.Socket(index, name)
        except OSError as error:
            assert error.errno in (errno.ENODEV, errno.EINVAL), error.errno
        else:
            raise AssertionError("%d %s: expected an OSError" % (index, name))


def test_sending_on_a_link_that_is_gone_is_an_error_of_that_kind() -> None:
    router, host = pair()
    ip("link delete lan")
    try:
        router.send(ADVERTISEMENT, "ff02::1")
    except OSError as error:
        assert error.errno in GONE, error.errno
    else:
        raise AssertionError("expected an OSError")
    router.close()
    host.close()


def test_sockets_do_not_pile_up() -> None:
    veth()
    first = icmp6.Socket(ROUTER, "lan")
    number = first.fileno()
    first.close()
    for _ in range(50):
        again = icmp6.Socket(ROUTER, "lan")
        assert again.fileno() == number
        again.close()
        try:
            icmp6.Socket(99, "lan")
        except OSError:
            pass
