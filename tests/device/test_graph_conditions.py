"""What conditions say of the world, on both runtimes."""

from agent.graph import conditions
from tests.device.graphs import bundle, graph_of, longrun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.graph.model import Node


class World:
    """What is known: services "name state", outputs, links and devices."""

    def __init__(
        self,
        services: tuple[str, ...] = (),
        outputs: dict[str, str] | None = None,
        links: dict[str, tuple[str, ...]] | None = None,
        devices: tuple[str, ...] = (),
    ) -> None:
        self._services = services
        self._outputs = outputs or {}
        self._links = links or {}
        self._devices = devices

    def service(self, name: str, state: str) -> bool:
        return "%s %s" % (name, state) in self._services

    def output(self, output: str) -> str | None:
        return self._outputs.get(output)

    def link(self, name: str) -> tuple[str, ...]:
        return self._links.get(name, ())

    def device(self, key: str) -> bool:
        return key in self._devices


A: "Node" = ("service", "a", "ready")
X: "Node" = ("output", "a/x", None)
BOUND: "Node" = ("output", "a/x", "bound")
LINK: "Node" = ("link", "eth0", None, "running")
NAMED: "Node" = ("link", None, "a/ifname", "up")
DEVICE: "Node" = ("device", "{}")


def test_leaves_ask_the_world() -> None:
    here = World(
        ("a ready",),
        {"a/x": "bound", "a/ifname": "ppp0"},
        {"eth0": ("present", "up", "running"), "ppp0": ("present", "up")},
        ("{}",),
    )
    other = World(
        ("a up", "b ready"),
        {"a/x": "started", "a/ifname": "eth0"},
        {"eth0": ("present",), "ppp0": ("present", "up")},
        ("{1}",),
    )
    for node in (A, BOUND, LINK, NAMED, DEVICE):
        assert conditions.holds(node, here), node
        assert not conditions.holds(node, other), node
        assert not conditions.holds(node, World()), node
    assert conditions.holds(X, other) and not conditions.holds(X, World())
    assert conditions.holds(X, World(outputs={"a/x": ""}))
    assert conditions.holds(None, World())


def test_the_link_that_an_output_names_is_known_from_its_value() -> None:
    assert conditions.link_name(NAMED, World(outputs={"a/ifname": "ppp0"})) == "ppp0"
    assert conditions.link_name(NAMED, World()) is None
    assert conditions.link_name(LINK, World()) == "eth0"


def test_all_and_any_combine() -> None:
    world = World(("a ready",), {"a/x": "bound"})
    assert conditions.holds(("all", (A, X)), world)
    assert not conditions.holds(("all", (A, LINK)), world)
    assert conditions.holds(("any", (LINK, A)), world)
    assert not conditions.holds(("any", (LINK, DEVICE)), world)
    assert conditions.holds(("all", (("any", (LINK, X)), A)), world)


def test_unmet_leaves_come_in_order_and_once() -> None:
    world = World(("a ready",), {"a/x": "started"})
    node: Node = ("all", (A, LINK, ("any", (BOUND, DEVICE, LINK)), ("any", (NAMED, X)), DEVICE))
    assert conditions.unmet(node, world) == [LINK, BOUND, DEVICE]
    assert conditions.unmet(("any", (A, LINK)), world) == []
    assert conditions.unmet(None, world) == []
    assert conditions.unmet(LINK, world) == [LINK]


def test_keys_are_the_facts_that_can_matter() -> None:
    node: Node = ("all", (LINK, A, X, ("any", (BOUND, NAMED, DEVICE))))
    assert conditions.keys(node) == [
        "device {}",
        "link eth0",
        "output a/ifname",
        "output a/x",
        "s6 a",
    ]
    assert conditions.keys(None) == []


def test_leaves_have_places() -> None:
    node: Node = ("all", (LINK, ("any", (A, X))))
    assert conditions.leaves(node, "needs") == [
        ("needs.all[0]", LINK),
        ("needs.all[1].any[0]", A),
        ("needs.all[1].any[1]", X),
    ]
    assert conditions.leaves(A, "needs") == [("needs", A)]


def test_providers_and_words() -> None:
    nodes = (A, X, BOUND, LINK, NAMED, DEVICE)
    assert [conditions.provider(node) for node in nodes] == ["a", "a", "a", None, "a", None]
    assert [conditions.describe(node) for node in nodes] == [
        "service a ready",
        "output a/x",
        "output a/x = bound",
        "link eth0 running",
        "link named by a/ifname up",
        "device {}",
    ]


def test_what_is_necessary_is_so_whatever_else_holds() -> None:
    b: Node = ("service", "b", "up")
    c: Node = ("output", "c/x", None)
    assert conditions.necessary(("all", (A, ("any", (b, c)), LINK))) == {"a"}
    assert conditions.necessary(("any", (("all", (A, b)), ("all", (c, b))))) == {"b"}
    assert conditions.necessary(("any", (A, LINK))) == set()
    assert conditions.necessary(None) == set()


def test_the_whole_condition_has_each_reference_once() -> None:
    env = {"A": {"output": "a/x"}, "B": {"output": "a/x"}, "C": {"output": "a/y", "optional": True}}
    services = {
        "a": longrun(outputs=["x", "y"]),
        "b": longrun(env=env),
        "c": longrun(env=env, needs={"output": "a/x"}),
        "d": bundle("b"),
    }
    services["d"]["needs"] = {"link": "eth0"}
    assert graph_of(services).conditions == {
        "a": None,
        "b": X,
        "c": X,
        "d": ("all", (("link", "eth0", None, "running"), ("service", "b", "ready"))),
    }
