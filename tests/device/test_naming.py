"""Which link gets which name. Runs on both runtimes."""

from agent.options import UsageError
from agent.port.records import Link
from services.link import naming
from services.link.naming import Place, Promise

A, B, C = "02:00:5e:00:53:0a", "02:00:5e:00:53:0b", "02:00:5e:00:53:0c"
PCI = "/pci0000:00/0000:00:03.0/virtio0/"


def link(index: int, name: str, mac: str, kind: str = "") -> Link:
    return Link(index, name, 0, 0, 1500, mac, 0, kind)


def table(*links: Link) -> dict[int, Link]:
    return {each.index: each for each in links}


def refusal(word: str) -> str:
    try:
        naming.parse(word)
    except UsageError as error:
        return str(error)
    return "accepted"


def carried_out(steps: list[tuple[int, str]], links: dict[int, Link]) -> dict[str, int]:
    """What the kernel makes of the steps: two links never have one name."""
    names = {links[index].name: index for index in links}
    for index, name in steps:
        assert name not in names, (steps, name)
        names = {n: i for n, i in names.items() if i != index}
        names[name] = index
    return names


def test_words() -> None:
    assert naming.parse("wan,mac=" + A) == Promise("wan", "mac", A)
    assert naming.parse("wan,path=a=b/c") == Promise("wan", "path", "a=b/c")
    for word in ("wan", "wan,", "wan,mac", "wan,mac=", "wan,name=x"):
        assert refusal(word).startswith("wan: expected mac=MAC, path=PATH or label=LABEL"), word
    assert refusal("a/b,mac=x").startswith("IFNAME: expected a link name")


def test_places_are_read_from_sysfs() -> None:
    target = "../../devices/pci0000:00/0000:00:03.0/virtio0/net/eth0"
    assert naming.place(target, b"wan\0") == Place(PCI, "wan")
    assert naming.place("../../devices/virtual/net/lo", b"") == Place("", "")
    assert naming.place(target, b"\xff\0") == Place(PCI, "")


def test_a_link_is_found_by_each_of_its_marks() -> None:
    eth0 = link(2, "eth0", A)
    for by, value, expected in (
        ("mac", A, True),
        ("mac", B, False),
        ("label", "wan", True),
        ("label", "wa", False),
        ("path", "0000:00:03.0", True),
        ("path", "/0000:00:03.0/virtio0/", True),
        ("path", "virtio0", True),
        ("path", "virtio", False),
        ("path", "0000:00:03", False),
    ):
        assert naming.fits(Promise("x", by, value), eth0, Place(PCI, "wan")) is expected, value
    for kind in ("bridge", "vlan"):
        assert not naming.fits(Promise("x", "mac", A), link(3, "br", A, kind), Place("", ""))
    assert not naming.fits(Promise("x", "path", "net"), link(3, "v", A, "veth"), Place("", ""))


def test_two_that_fit_are_told_and_left_alone() -> None:
    links = table(link(2, "eth0", A), link(3, "eth1", A))
    found, notes = naming.identify([Promise("wan", "mac", A)], links, {}, {})
    assert found == {}
    assert notes == ["wan: expected one link with mac=%s, got eth0 eth1" % A]


def test_names_are_swapped() -> None:
    promises = [Promise("eth0", "mac", B), Promise("eth1", "mac", A)]
    links = table(link(2, "eth0", A), link(3, "eth1", B))
    found, notes = naming.identify(promises, links, {}, {})
    assert (found, notes) == ({"eth0": 3, "eth1": 2}, [])
    assert naming.values(found, links) == {}
    assert carried_out(naming.renames(promises, found, links), links) == found
    right = table(link(2, "eth1", A), link(3, "eth0", B))
    assert naming.renames(promises, found, right) == []
    assert naming.values(found, right) == {"eth0": "3", "eth1": "2"}


def test_three_names_go_round() -> None:
    promises = [Promise("eth0", "mac", B), Promise("eth1", "mac", C), Promise("eth2", "mac", A)]
    links = table(link(2, "eth0", A), link(3, "eth1", B), link(4, "eth2", C))
    found, _ = naming.identify(promises, links, {}, {})
    assert carried_out(naming.renames(promises, found, links), links) == found


def test_a_stranger_with_a_promised_name_is_moved_out_of_the_way() -> None:
    promises = [Promise("eth0", "mac", A)]
    links = table(link(5, "eth0", B))
    found, _ = naming.identify(promises, links, {}, {})
    assert found == {}
    assert naming.renames(promises, found, links) == [(5, "if5")]


def test_a_link_stays_what_it_is_when_its_mac_changes() -> None:
    promises = [Promise("wan", "mac", A)]
    found, _ = naming.identify(promises, table(link(2, "wan", B)), {}, {"wan": 2})
    assert found == {"wan": 2}
    # Another one with that MAC is not it as long as it is there
    both = table(link(2, "wan", B), link(3, "eth0", A))
    assert naming.identify(promises, both, {}, found)[0] == {"wan": 2}
    assert naming.identify(promises, table(link(3, "eth0", A)), {}, found)[0] == {"wan": 3}
