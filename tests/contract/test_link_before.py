"""A link that was set up and down again is what it was before, against the real kernel."""

from agent.port import files, netlink, process
from agent.port.records import IFF_UP
from services.link import ifset
from tests.contract.links import by_name, ip, shell


def _settings() -> list[bytes]:
    """What `ifset up` changes of a link's settings."""
    names = ("accept_ra", "disable_ipv6", "addr_gen_mode")
    paths = ["ipv6/conf/lan/" + name for name in names]
    paths.append("ipv4/conf/lan/promote_secondaries")
    return [files.read("/proc/sys/net/" + path).strip() for path in paths]


def test_a_link_set_down_is_as_it_was() -> None:
    path = "/tmp/fg-before-%d" % process.pid()
    kept = b"before=" + path.encode()
    ip("link add lan index 10 address 02:00:00:00:00:0a mtu 1400 type veth peer name peer")
    shell("echo 2 > /proc/sys/net/ipv6/conf/lan/accept_ra")
    kernel = netlink.Kernel()
    link, settings = by_name(kernel, "lan"), _settings()
    words = [b"mtu=1300", b"mac=02:00:00:00:00:0b", b"ipv6=no", kept]
    for _ in range(2):  # set up again it keeps what was before the first time
        assert ifset.main([b"up", b"lan"] + words, {}) == 0
    changed = by_name(kernel, "lan")
    assert changed is not None and link is not None
    assert (changed.mtu, changed.mac, changed.flags & IFF_UP) == (1300, "02:00:00:00:00:0b", IFF_UP)
    assert _settings() == [b"0", b"1", b"0", b"1"]
    assert ifset.main([b"down", b"lan", kept], {}) == 0
    assert (by_name(kernel, "lan"), _settings()) == (link, settings)
    assert files.kind(path) == ""


def test_another_link_of_the_name_is_left_as_it_is() -> None:
    """Also up or down."""
    path = "/tmp/fg-before-%d" % process.pid()
    kept = b"before=" + path.encode()
    ip("link add lan index 10 mtu 1400 type veth peer name peer")
    assert ifset.main([b"up", b"lan", b"mtu=1300", kept], {}) == 0
    ip("link delete lan")
    ip("link add lan index 20 mtu 1350 type veth peer name peer")
    ip("link set lan up")
    assert ifset.main([b"down", b"lan", kept], {}) == 0
    link = by_name(netlink.Kernel(), "lan")
    assert link is not None and (link.mtu, link.flags & IFF_UP) == (1350, IFF_UP)
    assert files.kind(path) == ""


def test_another_link_of_the_name_is_kept_of_when_it_is_set_up() -> None:
    """The first one went while nobody looked: no `down` came between."""
    path = "/tmp/fg-before-%d" % process.pid()
    kept = b"before=" + path.encode()
    ip("link add lan index 10 mtu 1400 type veth peer name peer")
    assert ifset.main([b"up", b"lan", b"mtu=1300", kept], {}) == 0
    ip("link delete lan")
    ip("link add lan index 20 mtu 1350 type veth peer name peer")
    shell("echo 2 > /proc/sys/net/ipv6/conf/lan/accept_ra")
    link, settings = by_name(netlink.Kernel(), "lan"), _settings()
    assert ifset.main([b"up", b"lan", b"mtu=1300", kept], {}) == 0
    assert ifset.main([b"down", b"lan", kept], {}) == 0
    assert (by_name(netlink.Kernel(), "lan"), _settings()) == (link, settings)
    assert files.kind(path) == ""


def test_a_link_that_was_renamed_is_restored_and_not_who_has_its_name() -> None:
    path = "/tmp/fg-before-%d" % process.pid()
    kept = b"before=" + path.encode()
    ip("link add lan index 10 mtu 1400 type veth peer name peer")
    assert ifset.main([b"up", b"lan", b"mtu=1300", kept], {}) == 0
    for words in ("lan down", "lan name old"):
        ip("link set " + words)
    ip("link add lan index 20 mtu 1350 type veth peer name other")
    ip("link set lan up")
    assert ifset.main([b"down", b"lan", kept], {}) == 0
    kernel = netlink.Kernel()
    old, new = by_name(kernel, "old"), by_name(kernel, "lan")
    assert old is not None and (old.mtu, old.flags & IFF_UP) == (1400, 0)
    assert new is not None and (new.mtu, new.flags & IFF_UP) == (1350, IFF_UP)
    assert files.kind(path) == ""
