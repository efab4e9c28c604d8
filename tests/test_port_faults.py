"""A fault planted in either port makes the contract suite fail.

Each fault is a small change of one file in a copy of the project; the contracts named with it must
then fail. By default three faults for each port, all of them with FROST_COUNT_SCALE above 1.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.netfilter_faults import element_faults, netfilter_faults
from tests.port_fault import CPYTHON, FROZEN, Fault

ROOT = Path(__file__).resolve().parents[1]
EVERY = int(os.environ.get("FROST_COUNT_SCALE", "1")) > 1
USUAL = 3
VIEW = "agent/view.py"


def nft(function: str) -> tuple[str, str]:
    return "tests.contract.test_nft", function


def net(function: str) -> tuple[str, str]:
    return "tests.contract.test_netlink", function


def addresses(function: str) -> tuple[str, str]:
    return "tests.contract.test_addresses", function


def routes(function: str) -> tuple[str, str]:
    return "tests.contract.test_routes", function


def view(function: str) -> tuple[str, str]:
    return "tests.contract.test_view", function


PUT_ADDRESS = addresses("test_address_that_is_put_reads_back_whole")
PUT_ROUTE = routes("test_route_that_is_put_reads_back_whole")
BRIDGE = net("test_bridge_telling_of_its_ports_is_no_link_event")
WIDE_FLAGS = addresses("test_address_flag_above_eight_bits_is_set_on_a_new_address")
INTERRUPTED = net("test_interrupted_dump_is_done_again")
REPLACED = routes("test_route_takes_the_place_of_one_with_another_gateway")
GONE_ADDRESS = addresses("test_removing_an_address_tells_whether_it_was_there")
LOCAL = addresses("test_address_of_a_point_to_point_link_is_the_local_one")
TABLES = routes("test_only_the_main_table_is_shown_unless_another_is_asked_for")
ENDS = routes("test_route_with_an_end_is_read_with_it")
OVERRUN = net("test_overrun_is_told_once_and_older_events_are_gone")
SWITCHES = (
    "tests.contract.test_forwarding",
    "test_events_tell_of_each_link_that_changes_and_of_nothing_else",
)
GONE_LINK = view("test_tables_have_changed_when_a_key_is_yielded")

CPYTHON_FAULTS = [
    Fault(
        "a bridge's own messages count as links",
        CPYTHON + "rtnl.py",
        'message["family"] != AF_UNSPEC or ',
        "",
        BRIDGE,
    ),
    Fault(
        "preferred and valid are swapped",
        CPYTHON + "rtnl.py",
        '"ifa_preferred": lifetime(address.preferred), "ifa_valid": lifetime(address.valid)',
        '"ifa_preferred": lifetime(address.valid), "ifa_valid": lifetime(address.preferred)',
        PUT_ADDRESS,
    ),
    Fault(
        "no fresh look after an overrun",
        VIEW,
        "            except Overrun:\n                self._look()\n",
        "            except Overrun:\n",
        view("test_overrun_leads_to_a_fresh_look"),
    ),
    Fault("RTM_DELLINK is ignored", CPYTHON + "netlink.py", '17: "del"', '17: "new"', GONE_LINK),
    Fault(
        "address flags have eight bits",
        CPYTHON + "rtnl.py",
        '("IFA_FLAGS", address.flags)',
        '("IFA_FLAGS", address.flags & 0xFF)',
        WIDE_FLAGS,
    ),
    Fault(
        "every route is unicast",
        CPYTHON + "rtnl.py",
        'message["type"] = ROUTE_KINDS.index(route.kind)',
        'message["type"] = 1',
        PUT_ROUTE,
    ),
    Fault("wrong byte order", CPYTHON + "rtnl.py", "(4, sys.byteorder)", '(4, "big")', ENDS),
    Fault(
        "an interrupted dump is taken",
        CPYTHON + "netlink.py",
        "whole = False",
        "whole = True",
        INTERRUPTED,
    ),
    Fault("replacing is adding", CPYTHON + "netlink.py", '= "replace"', '= "new"', REPLACED),
    Fault("a missing link is an error", CPYTHON + "netlink.py", "errno.ENODEV, ", "", GONE_ADDRESS),
    Fault("the peer's address", CPYTHON + "rtnl.py", 'get_attr("IFA_LOCAL")', 'get("x")', LOCAL),
    Fault("all tables", CPYTHON + "netlink.py", "r.table == table", "r.table > 0", TABLES),
    Fault("ticks are milliseconds", CPYTHON + "rtnl.py", "TICKS = 100", "TICKS = 1000", ENDS),
    Fault(
        "stale events survive an overrun",
        CPYTHON + "netlink.py",
        "                self._discard()\n                raise",
        "                raise",
        OVERRUN,
    ),
    Fault("IPv4's forwarding", CPYTHON + "netlink.py", "1 << 24", "1 << 23", SWITCHES),
]

FROZEN_FAULTS = [
    Fault(
        "a bridge's own messages count as links",
        FROZEN + "links.py",
        "if family != AF_UNSPEC:",
        "if family == 99:",
        BRIDGE,
    ),
    Fault(
        "preferred and valid are swapped",
        FROZEN + "addresses.py",
        "preferred, valid = unpack_from",
        "valid, preferred = unpack_from",
        PUT_ADDRESS,
    ),
    Fault(
        "silent loss of IPv4 routes is not looked for",
        VIEW,
        "not record.flags & IFF_UP",
        "False",
        view("test_ipv4_routes_of_a_link_that_goes_down_are_gone"),
    ),
    Fault(
        "RTM_DELLINK is ignored",
        FROZEN + "netlink.py",
        '"del" if kind & 1',
        '"new" if 1',
        GONE_LINK,
    ),
    Fault(
        "address flags have eight bits",
        FROZEN + "addresses.py",
        "attribute32(_IFA_FLAGS, address.flags)",
        "attribute32(_IFA_FLAGS, address.flags & 0xFF)",
        WIDE_FLAGS,
    ),
    Fault(
        "every route is unicast",
        FROZEN + "routes.py",
        "ROUTE_KINDS.index(route.kind)",
        "1",
        PUT_ROUTE,
    ),
    Fault("wrong byte order", FROZEN + "messages.py", '"HHI", 8', '">HHI", 8', WIDE_FLAGS),
    Fault(
        "an interrupted dump is taken",
        FROZEN + "netlink.py",
        "whole = False",
        "whole = True",
        INTERRUPTED,
    ),
    Fault("replacing is adding", FROZEN + "netlink.py", '= "replace"', '= "new"', REPLACED),
    Fault("a missing link is an error", FROZEN + "netlink.py", "_linux.ENODEV, ", "", GONE_ADDRESS),
    Fault("the peer's address", FROZEN + "addresses.py", "local or address", "address", LOCAL),
    Fault("all tables", FROZEN + "routes.py", "if table != wanted:", "if False:", TABLES),
    Fault("ticks are milliseconds", FROZEN + "routes.py", "_TICKS = 100", "_TICKS = 1000", ENDS),
    Fault(
        "stale events survive an overrun",
        FROZEN + "netlink.py",
        "                self._socket.discard()\n                raise",
        "                raise",
        OVERRUN,
    ),
    Fault("IPv4's forwarding", FROZEN + "netlink.py", "1 << 24", "1 << 23", SWITCHES),
]

CHECKED = nft("test_a_ruleset_that_is_only_checked_changes_nothing")
REFUSED = nft("test_a_refused_ruleset_leaves_the_old_one_and_names_the_line")
LONG = nft("test_a_ruleset_longer_than_a_pipe_holds_is_loaded_and_listed")
LONG_ERROR = nft("test_an_error_longer_than_a_pipe_holds_is_told_and_cut")
LONG_LISTING = nft("test_a_listing_that_is_too_long_is_refused")
NUMERIC = nft("test_a_numeric_listing_shows_numbers_for_symbols")
NOTHING = nft("test_what_is_not_there_lists_as_nothing")
LEFT = nft("test_no_descriptor_and_no_child_is_left")
ONLY_LISTS = nft("test_a_listing_can_neither_change_anything_nor_be_an_option")
OCTETS = nft("test_input_need_not_be_text_nor_end_its_last_line")
NO_NFT = nft("test_a_machine_without_nft_is_told_apart")
DEAD_NFT = nft("test_an_nft_that_dies_has_neither_taken_nor_refused")
FORBIDDEN = nft("test_who_may_not_is_told_so")
CPYTHON_NFT, FROZEN_NFT, NFT_TEXT = CPYTHON + "nft.py", FROZEN + "nft.py", "agent/nft_text.py"

CPYTHON_NFT_FAULTS = [
    Fault("checking loads", CPYTHON_NFT, "set_dry_run(check)", "set_dry_run(False)", CHECKED),
    Fault("no line is named", CPYTHON_NFT, "cmd_from_file(name)", "cmd(text)", REFUSED),
    Fault("the input stays open", CPYTHON_NFT, "        os.close(fd)", "        pass", LEFT),
    Fault("a refusal is a success", CPYTHON_NFT, "if code else", "if code > 0 else", REFUSED),
    Fault(
        "a part is loaded", CPYTHON_NFT, "os.write(fd, left)", "os.write(fd, left[:9]) + 9", LONG
    ),
    Fault("elements are listed", CPYTHON_NFT, "output(not elements)", "output(False)", LONG),
    Fault(
        "symbols are names", CPYTHON_NFT, "symbol_output(numeric)", "symbol_output(False)", NUMERIC
    ),
    Fault("no limit", CPYTHON_NFT, "> nft_text.LONGEST_LISTING", "< 0", LONG_LISTING),
    Fault(
        "a missing table is an error", CPYTHON_NFT, "is_missing(error)", "is_missing(b'')", NOTHING
    ),
    Fault("no library, no number", CPYTHON_NFT, "(ImportError, OSError)", "ImportError", NO_NFT),
    Fault("who may not is wrong", NFT_TEXT, 'b"Operation', 'b"No o', FORBIDDEN),
    Fault("errors are text", NFT_TEXT, "except UnicodeError", "except KeyError", OCTETS),
]

FROZEN_NFT_FAULTS = [
    Fault("checking loads", FROZEN_NFT, '[b"-c"] if check', "[] if check", CHECKED),
    Fault("the input's name stays", FROZEN_NFT, "(error, INPUT)", '(error, b"-")', REFUSED),
    Fault("children stay", FROZEN_NFT, "code = process.wait(pid)", "code = 1", LEFT),
    Fault("a refusal is a success", FROZEN_NFT, "INPUT) if code", "INPUT) if code > 1", REFUSED),
    Fault("the input stays open", FROZEN_NFT, "        _linux.close(fd)", "        pass", LEFT),
    Fault("output first", FROZEN_NFT, "in poll.ready(waiting, None)", "in waiting[:1]", LONG_ERROR),
    Fault("long errors", NFT_TEXT, "[:LONGEST_ERROR]", "", LONG_ERROR),
    Fault("elements are listed", FROZEN_NFT, ', b"-t"]', "]", LONG),
    Fault("symbols are names", FROZEN_NFT, '[b"-n"]', "[]", NUMERIC),
    Fault("no limit", NFT_TEXT, "2 << 20", "4 << 20", LONG_LISTING),
    Fault(
        "a missing table is an error", FROZEN_NFT, "is_missing(error)", "is_missing(b'')", NOTHING
    ),
    Fault("a listing takes commands", NFT_TEXT, "789_-./", "789_-./;", ONLY_LISTS),
    Fault("dying is refusing", FROZEN_NFT, " or code < 0", "", DEAD_NFT),
]

NONE = Fault("none", VIEW, "", "", GONE_LINK)


def copy_project(target: Path) -> None:
    """What both runtimes need, with the frozen build's objects, so that building takes seconds."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("agent", "firewall", "ifwait", "odhcp_script", "services", "packaging"):
        shutil.copytree(ROOT / name, target / name, ignore=ignored, symlinks=True)
    for name in ("tests/contract", "tests/device", "build/x86_64"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, target / name, ignore=ignored, symlinks=True)
    for name in ("host", "src", "zig"):
        if (ROOT / "build" / name).exists():
            (target / "build" / name).symlink_to(ROOT / "build" / name)


def plant(project: Path, fault: Fault) -> None:
    """Make the change; it must be possible, or the list is out of date."""
    path = project / fault.path
    text = path.read_text()
    assert fault.old in text, f"{fault.path} does not hold {fault.old!r}: renew this list"
    path.write_text(text.replace(fault.old, fault.new, 1) if fault.old else text)


def run_contract(project: Path, runtime: str, fault: Fault) -> subprocess.CompletedProcess[str]:
    """Run the fault's contract from that copy, in a namespace of its own; 99 when it hangs."""
    environment = {**os.environ, "PYTHONPATH": str(project / "packaging")}
    command = [str(project / "build" / "x86_64" / "frost-check")]
    if runtime == "frozen":
        build = [sys.executable, "-m", "packager.freeze", "--check", "x86_64"]
        subprocess.run(build, cwd=project, env=environment, check=True, capture_output=True)
    else:
        environment["PYTHONPATH"] = str(project)
        command = [sys.executable, "-m", "tests.contract.run"]
    name = f"fg-fault-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    words = ["ip", "netns", "exec", name, *command, *fault.contract]
    try:
        return subprocess.run(
            words,
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 99, "", "")
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


@pytest.mark.root
@pytest.mark.parametrize(
    ("runtime", "faults"),
    [
        ("cpython", CPYTHON_FAULTS),
        ("frozen", FROZEN_FAULTS),
        ("cpython", CPYTHON_NFT_FAULTS),
        ("frozen", FROZEN_NFT_FAULTS),
        ("cpython", netfilter_faults(CPYTHON)),
        ("frozen", netfilter_faults(FROZEN)),
        ("cpython", element_faults(CPYTHON)),
        ("frozen", element_faults(FROZEN)),
    ],
    ids=[
        "cpython",
        "frozen",
        "cpython-nft",
        "frozen-nft",
        "cpython-netfilter",
        "frozen-netfilter",
        "cpython-elements",
        "frozen-elements",
    ],
)
def test_planted_fault_is_noticed(tmp_path: Path, runtime: str, faults: list[Fault]) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root for network namespaces: run `make check` as root")
    copy_project(tmp_path)
    # Without a fault the copy must pass, or what follows would mean nothing
    done = run_contract(tmp_path, runtime, NONE)
    assert done.returncode == 0, done.stdout + done.stderr
    missed = []
    for fault in faults if EVERY else faults[:USUAL]:
        kept = (tmp_path / fault.path).read_text()
        plant(tmp_path, fault)
        done = run_contract(tmp_path, runtime, fault)
        (tmp_path / fault.path).write_text(kept)
        output = done.stdout + done.stderr
        noticed = done.returncode != 0 and "ImportError" not in output
        print(f"{runtime}: {fault.name}: {'noticed' if noticed else 'MISSED'}")
        if not noticed:
            missed.append(fault.name)
    print(f"{runtime}: {len(faults) if EVERY else USUAL} of {len(faults)} faults tried")
    assert missed == []
