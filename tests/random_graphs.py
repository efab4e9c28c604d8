"""Random graph files for hypothesis: valid ones, and ones bent so that some are not."""

from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "dns", "dhcp6c.wan", "lan", "lna", "ppp", "wan", "x-1", "Z")
PATHS = ("ifname", "state", "prefix", "prefix/k", "prefix/k/valid", "key")
DECLARED = ("ifname", "state", "prefix", "key")
SECRET = "key"
LINKS = ("eth0", "ppp0", "br-lan")
TEXTS = st.one_of(st.sampled_from(("", "bound", "a b", 'q"\\', "é", "x\ny")), st.just("eth0"))
# Halves and quarters: they print the same everywhere
SECONDS = st.one_of(st.integers(0, 1000000), st.integers(0, 400).map(lambda n: n / 4))


def objects(necessary: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(necessary, optional=optional)


DEVICES = objects(
    {"subsystem": st.sampled_from(("net", "tty"))},
    {
        "name": st.sampled_from(("*", "eth?", "ttyUSB0")),
        "attributes": st.dictionaries(st.sampled_from(("a", "b/c")), TEXTS, max_size=2),
    },
)


def outputs_of(providers: list[str], secrets: bool) -> st.SearchStrategy[str]:
    paths = [path for path in PATHS if secrets or path != SECRET]
    pairs = st.tuples(st.sampled_from(providers), st.sampled_from(paths))
    return pairs.map("/".join)


def leaves(services: list[str], providers: list[str]) -> st.SearchStrategy[Any]:
    """Conditions on these services, and on outputs of these providers."""
    states = st.sampled_from(("present", "up", "running", "addressed", "addressed4", "addressed6"))
    kinds = [
        objects({"link": st.sampled_from(LINKS)}, {"is": states}),
        objects({"device": DEVICES}, {}),
    ]
    if services:
        ready = st.sampled_from(("up", "ready"))
        kinds.append(objects({"service": st.sampled_from(services)}, {"is": ready}))
    if providers:
        outputs = outputs_of(providers, False)
        kinds.append(objects({"output": outputs}, {"equals": TEXTS}))
        kinds.append(objects({"output": outputs_of(providers, True)}, {}))
        kinds.append(objects({"link": objects({"output": outputs}, {})}, {"is": states}))
    return st.one_of(kinds)


def conditions(services: list[str], providers: list[str]) -> st.SearchStrategy[Any]:
    def combine(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        parts = st.lists(part, min_size=1, max_size=3)
        return st.one_of(objects({"all": parts}, {}), objects({"any": parts}, {}))

    return st.recursive(leaves(services, providers), combine, max_leaves=5)


@st.composite
def references(draw: st.DrawFn, providers: list[str], secrets: bool, oneshot: bool) -> Any:
    """A reference to an output of these."""
    changes = ["restart", "ignore", "rerun" if oneshot else "signal HUP"]
    optional = {"change": st.sampled_from(changes), "optional": st.booleans()}
    return draw(objects({"output": outputs_of(providers, secrets)}, optional))


@st.composite
def processes(draw: st.DrawFn, services: list[str], providers: list[str]) -> dict[str, Any]:
    """A longrun or oneshot that needs none but these."""
    oneshot = draw(st.booleans())
    env: st.SearchStrategy[Any] = TEXTS
    optional: dict[str, Any] = {
        "description": st.just("what it is"),
        "user": st.just("nobody"),
        "needs": conditions(services, providers),
        "up-timeout": SECONDS,
        "down-timeout": SECONDS,
        "back-off": objects({}, {"first": st.sampled_from((0, 0.5, 1)), "cap": st.just(8)}),
        "breaker": objects({}, {"failures": st.integers(1, 9), "within": SECONDS}),
        "essential": st.booleans(),
        "wanted": st.sampled_from(("boot", "demand")),
    }
    if providers:
        env = st.one_of(TEXTS, references(providers, False, oneshot))
        files = references(providers, True, oneshot)
        optional["files"] = st.dictionaries(st.sampled_from(("f", "key.pem")), files, max_size=2)
    optional["env"] = st.dictionaries(st.sampled_from(("A", "_b", "C3")), env, max_size=3)
    optional["stop"] = st.just(["undo"])
    if not oneshot:
        optional["ready"] = st.sampled_from(("notify", "up"))
    necessary = {
        "type": st.just("oneshot" if oneshot else "longrun"),
        "run": st.lists(TEXTS, max_size=2).map(lambda words: ["/bin/run", *words]),
        "outputs": st.permutations(DECLARED),
        "secrets": st.just([SECRET]),
    }
    return draw(objects(necessary, optional))


@st.composite
def services(draw: st.DrawFn) -> dict[str, Any]:
    """The services of a valid graph."""
    names = list(draw(st.permutations(NAMES)))[: draw(st.integers(1, len(NAMES)))]
    found: dict[str, Any] = {}
    alternatives = names[: draw(st.sampled_from((0, 0, 2, 3)))]
    if len(alternatives) > 1:
        for preference, name in enumerate(alternatives):
            found[name] = draw(processes([], []))
            found[name]["alternative"] = {"group": "uplinks", "preference": preference}
    known: list[str] = []
    providers: list[str] = []
    for name in names[len(found) :]:
        if known and draw(st.integers(0, 5)) == 0:
            contents = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
            found[name] = {"type": "bundle", "contents": contents}
        else:
            found[name] = draw(processes(known, providers))
            providers.append(name)
            if len(alternatives) > 1 and "needs" not in found[name] and draw(st.booleans()):
                found[name]["needs"] = {"any": [{"service": other} for other in alternatives]}
        known.append(name)
    return found


def file_of(services: Any) -> dict[str, Any]:
    return {"frostgate-graph": 1, "written-by": "a test", "services": services}


# A valid graph's file, as a JSON value
GRAPHS = services().map(file_of)

# Without surrogates: MicroPython's JSON reader leaves the pairs that json.dumps writes apart
WORDS = st.one_of(
    st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=5),
    st.sampled_from(
        ("type", "needs", "all", "service", "output", "wan", "wan/key", "signal HUP", "longrun")
    ),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.integers(-40, 40).map(lambda n: n / 4),
    WORDS,
)
# Any JSON value
JSON = st.recursive(
    SCALARS,
    lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(WORDS, part, max_size=3)),
    max_leaves=8,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key or index) in a JSON value."""
    keys = range(len(value)) if isinstance(value, list) else sorted(value)
    found: list[tuple[Any, Any]] = []
    for key in keys:
        found.append((value, key))
        if isinstance(value[key], (list, dict)):
            found += places(value[key])
    return found


@st.composite
def bent(draw: st.DrawFn) -> Any:
    """A valid graph's file in which one to three places were changed, taken away or renamed."""
    file = draw(GRAPHS)
    for _ in range(draw(st.integers(1, 3))):
        known = places(file)
        if not known:
            break
        container, key = known[draw(st.integers(0, len(known) - 1))]
        how = draw(st.sampled_from(("replace", "swap", "remove", "rename")))
        if how == "remove":
            del container[key]
        elif how == "rename" and isinstance(container, dict):
            container[draw(WORDS)] = container.pop(key)
        elif how == "swap":
            other, place = known[draw(st.integers(0, len(known) - 1))]
            if not isinstance(other[place], (list, dict)):
                container[key] = other[place]
        else:
            container[key] = draw(JSON)
    return file
