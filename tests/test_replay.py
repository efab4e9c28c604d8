"""All captures through the hook, on both runtimes, against an oracle that shares no code with it.

The oracle computes the lease that was true at the end straight from the raw capture, with
CPython's ipaddress: the call that was forked last, and of odhcp6c's environment only what README
says. It knows nothing of generations, memos or kept texts.
"""

import hashlib
import ipaddress
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agent import outputs
from tests import odhcp_captures
from tests.device import replay
from tests.odhcp_captures import Call

PROJECT = Path(__file__).resolve().parents[1]
FROST_CHECK = PROJECT / "build" / "x86_64" / "frost-check"
NAMES = odhcp_captures.names()
DHCPCD = [name for name in NAMES if name.startswith("dhcpcd-")]
ODHCP6C = [name for name in NAMES if not name.startswith("dhcpcd-")]
GLOBAL = [ipaddress.IPv6Network(text) for text in ("2000::/3", "fc00::/7")]
FOREVER = 0xFFFFFFFF


def run_here(calls: list[Call], folder: Path) -> list[bytes]:
    """What is published after each call, by the code on CPython."""
    folder.mkdir()
    (folder / "vectors").write_text(odhcp_captures.vectors(calls))
    replay.replay(str(folder / "vectors"), str(folder))
    return [(folder / str(number)).read_bytes() for number in range(len(calls))]


def run_frozen(calls: list[Call], folder: Path) -> list[bytes]:
    """The same by the frozen binary."""
    folder.mkdir()
    (folder / "vectors").write_text(odhcp_captures.vectors(calls))
    argv = [str(FROST_CHECK), "tests.device.replay", "replay", str(folder / "vectors"), str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return [(folder / str(number)).read_bytes() for number in range(len(calls))]


def shown(text: bytes) -> dict[str, str]:
    """The values of a shown publication."""
    values: dict[str, str] = {}
    for line in text.decode().splitlines():
        key, equals, value = line.partition("=")
        if equals:
            values[key] = f"{values[key]}\n{value}" if key in values else value
    return values


def tree(root: Path) -> dict[str, bytes]:
    """Every file of what is published, without the notes of the publisher."""
    top = (root / "wan").resolve()
    files = [path for path in top.rglob("*") if path.is_file() and path.name[0] != "."]
    return {str(path.relative_to(top)): path.read_bytes() for path in files}


# -- the oracle ------------------------------------------------------------------------------


def last_forked(calls: list[Call]) -> Call:
    return max(calls, key=lambda call: call.pid)


def facts(kind: str, text: bytes) -> dict[str, tuple[int, int]]:
    """{name in the outputs: (preferred, valid)} of PREFIXES, ADDRESSES or RA_ADDRESSES."""
    found = {}
    for item in text.decode("ascii").split():
        target, preferred, valid, *rest = item.split(",")
        pairs = dict(field.split("=") for field in rest if "=" in field)
        try:
            interface = ipaddress.IPv6Interface(target)
        except ValueError:
            continue
        network = interface.network
        if not any(interface.ip in block for block in GLOBAL) or network.prefixlen < 16:
            continue
        address = network.network_address if kind == "prefix" else interface.ip
        identity = f"{address}/{network.prefixlen},{pairs.get('class', '')},"
        identity += pairs.get("excluded", "")
        digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
        name = f"{kind}/{str(address).replace(':', '-')}_{digest}"
        found[name] = (int(preferred), int(valid))
    return found


def routes(text: bytes) -> dict[str, tuple[str, int, str, int, int]]:
    """{name in the outputs: (destination, length, gateway, valid, metric)} of RA_ROUTES."""
    found = {}
    for item in text.decode("ascii").split():
        target, gateway, valid, metric = item.split(",")
        network = ipaddress.IPv6Network(target)
        digest = hashlib.sha256(f"{network},{gateway}".encode()).hexdigest()[:8]
        name = f"route/{str(network.network_address).replace(':', '-')}_{digest}"
        name = name.replace("/-", "/0-")
        found[name] = (
            str(network.network_address),
            network.prefixlen,
            gateway,
            int(valid),
            int(metric),
        )
    return found


def servers(env: dict[bytes, bytes], *variables: bytes) -> list[str]:
    """The usable addresses of some variables, in order, without duplicates."""
    found = []
    for variable in variables:
        for item in env.get(variable, b"").decode("ascii").split():
            address = ipaddress.IPv6Address(item)
            if address.is_link_local:
                found.append(f"{address}%wan")
            elif any(address in block for block in GLOBAL):
                found.append(str(address))
    return list(dict.fromkeys(found))


def domains(env: dict[bytes, bytes], *variables: bytes) -> list[str]:
    """The names that are host names, in order, without duplicates."""
    label = rb"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
    found = []
    for variable in variables:
        for item in env.get(variable, b"").split(b" "):
            if re.fullmatch(rb"(?:" + label + rb"\.)*" + label, item):
                found.append(item.decode())
    return list(dict.fromkeys(found))


def expected_end(calls: list[Call]) -> dict[str, Any]:
    """What must hold after all calls, whatever the order in which they ran."""
    call = last_forked(calls)
    env = call.env
    leased = b"PREFIXES" in env
    entries = facts("ra-address", env[b"RA_ADDRESSES"])
    if leased:
        entries |= facts("prefix", env[b"PREFIXES"])
        entries |= facts("address", env[b"ADDRESSES"])
    return {
        "state": "bound" if leased else call.state if call.state != "ra-updated" else None,
        "entries": entries,
        "routes": routes(env[b"RA_ROUTES"]),
        "dns": servers(env, *([b"RDNSS"] if leased else []), b"RA_DNS"),
        "domains": domains(env, *([b"DOMAINS"] if leased else []), b"RA_DOMAINS"),
        "options": {
            f"option/{name[7:].decode()}": value.decode()
            for name, value in env.items()
            if leased and name.startswith(b"OPTION_")
        },
    }


def seconds(text: str) -> int:
    return FOREVER if text == "infinity" else int(text)


def parsed(values: dict[str, str]) -> dict[str, Any]:
    """The published values in the oracle's shape; lifetimes as told."""
    tops = {name.rpartition("/")[0] for name in values if name.count("/") == 2}
    entries = {
        top: (seconds(values[top + "/preferred"]), seconds(values[top + "/valid"]))
        for top in tops
        if not top.startswith("route/")
    }
    found = {
        top: (
            values[top + "/destination"],
            int(values[top + "/length"]),
            values.get(top + "/gateway", ""),
            seconds(values[top + "/valid"]),
            int(values[top + "/metric"]),
        )
        for top in tops
        if top.startswith("route/")
    }
    return {
        "state": values["state"],
        "entries": entries,
        "routes": found,
        "dns": values.get("dns", "").split(),
        "domains": values.get("domains", "").split(),
        "options": {name: text for name, text in values.items() if name.startswith("option/")},
    }


def assert_deadlines(values: dict[str, str], calls: list[Call]) -> None:
    """Each deadline is what the last call says, give or take the jitter of whole seconds.

    After an unbound or stopped it may be earlier: those may repeat lifetimes of long ago.
    """
    call = last_forked(calls)
    told = expected_end(calls)
    lifetimes = [(f"{top}/preferred", pair[0]) for top, pair in told["entries"].items()]
    lifetimes += [(f"{top}/valid", pair[1]) for top, pair in told["entries"].items()]
    lifetimes += [(f"{top}/valid", route[3]) for top, route in told["routes"].items()]
    for name, left in lifetimes:
        until = values[name + "-until"]
        if left == FOREVER:
            assert (values[name], until) == ("infinity", "infinity")
        elif left == 0:
            assert values[name] == "0" and float(until) <= call.now / 1000
        else:
            slack = float(until) - (call.now / 1000 + left)
            assert slack <= 1.5, (name, slack)
            assert slack >= -1.5 or call.state in ("unbound", "stopped"), (name, slack)


def without_lifetimes(shape: dict[str, Any]) -> dict[str, Any]:
    """Texts of lifetimes that only counted down are kept, so they are compared as deadlines."""
    shape = dict(shape)
    shape["entries"] = sorted(shape["entries"])
    shape["routes"] = {top: route[:3] + route[4:] for top, route in shape["routes"].items()}
    return shape


def assert_true_at_the_end(values: dict[str, str], calls: list[Call]) -> None:
    got = without_lifetimes(parsed(values))
    expected = without_lifetimes(expected_end(calls))
    if expected["state"] is None:
        expected["state"] = got["state"]
        assert got["state"] in ("started", "unbound")
    assert got == expected
    assert_deadlines(values, calls)


def expected_of_dhcpcd(calls: list[Call]) -> dict[str, Any]:
    """What must hold after calls of dhcpcd: (name, what the client gave) of each half."""
    leased: dict[str, str] = {}
    told: dict[str, str] = {}
    for call in calls:
        env = {key.decode(): value.decode() for key, value in call.env.items()}
        if call.state in ("PREINIT", "NOCARRIER", "STOPPED"):
            leased, told = {}, {}
        elif env["protocol"] == "ra":
            told = {key: value for key, value in env.items() if key.startswith("nd")}
        elif env["protocol"] == "dhcp6":
            leased = {key: value for key, value in env.items() if key.startswith("new_")}
    prefixes = {}
    addresses = set()
    for key, value in leased.items():
        if re.fullmatch(r"new_dhcp6_ia_pd\d+_prefix\d+", key):
            prefixes[f"{value}/{leased[key + '_length']}"] = leased[key + "_vltime"]
        if re.fullmatch(r"new_dhcp6_ia_na\d+_ia_addr\d+", key) and leased[key + "_vltime"] != "0":
            addresses.add(value)
    return {
        "bound": bool(leased),
        "prefixes": prefixes,
        "addresses": addresses,
        "default": [told["nd1_from"]] if told else [],
        "slaac": {
            value + "5eff:fe00:5301"
            for key, value in told.items()
            if key.endswith("_prefix") and told[key[:-6] + "vltime"] != "0"
        },
        "dns": list(
            dict.fromkeys(
                leased.get("new_dhcp6_name_servers", "").split()
                + (
                    told["nd1_rdnss1_servers"]
                    if told.get("nd1_rdnss1_lifetime", "0") != "0"
                    else ""
                ).split()
            )
        ),
    }


def parsed_of_dhcpcd(values: dict[str, str]) -> dict[str, Any]:
    def all_of(pattern: str) -> list[str]:
        return [name.rpartition("/")[0] for name in values if re.fullmatch(pattern, name)]

    prefixes = all_of(r"prefix/[^/]+/prefix")
    return {
        "bound": values["state"] == "bound",
        "prefixes": {
            f"{values[top + '/prefix']}/{values[top + '/length']}": values[top + "/valid"]
            for top in prefixes
        },
        "addresses": {values[top + "/address"] for top in all_of(r"address/[^/]+/address")},
        "default": [
            values[top + "/gateway"]
            for top in all_of(r"route/[^/]+/destination")
            if values[top + "/destination"] == "::"
        ],
        "slaac": {values[top + "/address"] for top in all_of(r"ra-address/[^/]+/address")},
        "dns": values.get("dns", "").split(),
    }


# -- the tests -------------------------------------------------------------------------------


def test_there_are_captures_of_both_clients() -> None:
    print(f"{len(ODHCP6C)} captures of odhcp6c, {len(DHCPCD)} of dhcpcd")
    assert len(ODHCP6C) == 47
    assert len(DHCPCD) == 12


@pytest.mark.parametrize("name", ODHCP6C)
def test_a_capture_ends_in_the_lease_that_was_true(name: str, tmp_path: Path) -> None:
    calls = odhcp_captures.load(name)
    run_here(calls, tmp_path / "here")
    values = outputs.read(str(tmp_path / "here" / "outputs"), "wan")
    assert values is not None
    assert_true_at_the_end(values, calls)


@pytest.mark.parametrize("name", ODHCP6C)
def test_after_every_call_of_a_capture_the_lease_is_true(name: str, tmp_path: Path) -> None:
    calls = odhcp_captures.load(name)
    folder = tmp_path / "here"
    for number, text in enumerate(run_here(calls, folder)):
        assert_true_at_the_end(shown(text), calls[: number + 1])


@pytest.mark.parametrize("name", DHCPCD)
def test_after_every_call_of_dhcpcd_the_lease_is_true(name: str, tmp_path: Path) -> None:
    calls = odhcp_captures.load(name)
    for number, text in enumerate(run_here(calls, tmp_path / "here")):
        values = shown(text)
        expected = expected_of_dhcpcd(calls[: number + 1])
        assert parsed_of_dhcpcd(values) == expected, (number, calls[number].state)


@pytest.mark.parametrize("name", ODHCP6C)
def test_the_order_in_which_calls_run_does_not_matter(name: str, tmp_path: Path) -> None:
    calls = odhcp_captures.load(name)
    last = last_forked(calls)
    others = [call for call in calls if call is not last]
    for number, order in enumerate(([last, *others], [*others, last], [*others[::-1], last])):
        run_here(list(order), tmp_path / str(number))
        values = outputs.read(str(tmp_path / str(number) / "outputs"), "wan")
        assert values is not None
        assert_true_at_the_end(values, calls)


@pytest.mark.skipif(not FROST_CHECK.exists(), reason="make frozen-check TARGET=x86_64")
@pytest.mark.parametrize("name", NAMES)
def test_both_runtimes_publish_the_same_after_every_call(name: str, tmp_path: Path) -> None:
    calls = odhcp_captures.load(name)
    here = run_here(calls, tmp_path / "here")
    frozen = run_frozen(calls, tmp_path / "frozen")
    assert here == frozen
    assert tree(tmp_path / "here" / "outputs") == tree(tmp_path / "frozen" / "outputs")


HOSTILE = [b"touch", b"pwned", b"etc/passwd", b"`", b"$", b"'", b'"', b"\\", b"<", b";", b"*"]


@pytest.mark.parametrize("name", NAMES)
def test_no_hostile_string_is_ever_published(name: str, tmp_path: Path) -> None:
    for text in run_here(odhcp_captures.load(name), tmp_path / "here"):
        values = b"".join(line for line in text.splitlines(True) if b"=" in line)
        assert [octets for octets in HOSTILE if octets in values] == []
        assert all(0x20 <= octet <= 0x7E or octet == 0x0A for octet in values)
