"""`frostgate run IMAGE`: the image boots in QEMU on this terminal, with an ISP if wanted."""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packager import emulator, qemu
from packager.bootable import NotBootable, bootable
from packager.commands import build
from packager.isp import entering, interruption, playground, services4
from packager.isp.isp import Lifetimes
from packager.isp.namespaces import CommandFailed
from packager.isp.taps import TapError
from packager.isp.wait import Unmet

NICS = ("socket", "tap")
# An ISP's own lifetimes, in seconds; the lab's are shorter.
TIMES = Lifetimes(renew=600, rebind=960, preferred=1200, valid=1800, router=1800, interval=600)

KEYS = "Ctrl-A X ends the machine, Ctrl-A H tells what else there is"


SITE = ".py"  # the suffix of a site's file


class Refused(Exception):
    """This can't be run so; one line for the user."""


REFUSALS = (
    Refused,
    NotBootable,
    qemu.QemuError,
    TapError,
    CommandFailed,
    Unmet,
    entering.NobodyHome,
)


def add(verbs: Any) -> None:
    """The verb's parser."""
    verb = verbs.add_parser(
        "run",
        help="boot an image in QEMU, with a simulated ISP if wanted",
        description="Boot an image in QEMU, its console on this terminal. A site is built first.",
    )
    verb.add_argument(
        "words",
        nargs="*",
        metavar="IMAGE",
        help="what `frostgate build` has written, or a site; with --lan a command (behind --)",
    )
    build.arguments(verb)
    verb.add_argument(
        "--isp", action="store_true",
        help="a simulated ISP and a computer on each LAN, in network namespaces; needs root",
    )  # fmt: skip
    verb.add_argument(
        "--lan", action="store_true",
        help="a shell, or a command, on the LAN of the router that another terminal runs",
    )  # fmt: skip
    verb.add_argument(
        "--nics", choices=NICS,
        help="what the links end in: taps of this machine, or UNIX sockets for other QEMUs",
    )  # fmt: skip
    verb.add_argument(
        "--links", type=int, default=2, metavar="N", help="how many links: the WAN and the LANs (2)"
    )
    verb.add_argument(
        "--keep", action="store_true",
        help="what the machine writes to its disk stays in the image; else it is forgotten",
    )  # fmt: skip
    verb.add_argument(
        "--memory", type=int, default=qemu.MEMORY_MB, metavar="MB", help="memory, in MiB (256)"
    )
    verb.add_argument(
        "--append", default="", metavar="WORDS", help="more words for the kernel's command line"
    )


def run(given: argparse.Namespace) -> int:
    """Exit codes: 0 the machine has ended; 1 it can't be run, or QEMU failed; 130 interrupted."""
    try:
        if given.lan:
            return enter(given)
        if len(given.words) != 1:
            raise Refused(f"expected one image or site, got {len(given.words)}")
        with interruption.unwinding_signals():
            return boot(given)
    except REFUSALS as error:
        print(f"frostgate run: {error}", file=sys.stderr)
        return 1


def enter(given: argparse.Namespace) -> int:
    """Become a command on the LAN."""
    need_root("--lan")
    words = entering.argv(entering.lan_pid(), given.words)
    os.execvp(words[0], words)


def boot(given: argparse.Namespace) -> int:
    """Links, then the machine."""
    folder = Path(given.words[0])
    if folder.suffix == SITE:
        given.site = folder
        if code := build.run(given):
            return code  # told already
        folder = build.choices(given).output
    image = bootable(folder)
    boots = image.boot(is_kept=given.keep, words=given.append)
    with links(given) as made:
        argv = qemu.arguments(
            image.target,
            boots,
            tuple(link for link, _ in made),
            # The terminal's ^C is the guest's; the monitor is behind Ctrl-A C.
            serial="mon:stdio",
            memory_mb=given.memory,
        )
        print(f"  console     {KEYS}", file=sys.stderr, flush=True)
        code = emulator.play(argv, tuple(fileno for _, fileno in made if fileno >= 0))
    if code:
        raise Refused(f"expected {argv[0]} to end with 0, got {code}")
    return 0


@contextlib.contextmanager
def links(given: argparse.Namespace) -> Iterator[list[tuple[qemu.Link, int]]]:
    """The far ends of the links, each with the descriptor that QEMU inherits, or -1; and tell what
    is there."""
    if given.isp:
        if given.nics == "socket":
            raise Refused("expected taps with --isp, got --nics socket: leave one of them out")
        need_root("--isp")
        lans = given.links - 1
        if not 1 <= lans <= playground.MOST_LANS:
            raise Refused(f"expected 2 to {playground.MOST_LANS + 1} links, got {given.links}")
        with playground.running(lans, TIMES) as world:
            tell_world(world)
            yield [(qemu.Link.tap(fileno), fileno) for fileno in world.taps]
    elif given.nics == "tap":
        need_root("--nics tap")
        names = [f"fg{os.getpid()}-{number}" for number in range(given.links)]
        for name in names:
            tell("link", f"{name}, a tap: `ip link set {name} up`, or put it into a bridge")
        yield [(qemu.Link.named_tap(name), -1) for name in names]
    else:
        folder = Path(tempfile.mkdtemp(prefix="fg-run-"))
        try:
            paths = [folder / f"link{number}" for number in range(given.links)]
            for path in paths:
                tell("link", f"{path}, for `-netdev stream,server=off,addr.type=unix,addr.path=`")
            yield [(qemu.Link.socket(path), -1) for path in paths]
        finally:
            with interruption.undisturbed():
                shutil.rmtree(folder)


def tell_world(world: playground.Playground) -> None:
    """What a newcomer can do with the ISP."""
    isp = world.isp
    tell("internet", f"http://{services4.NAME}, {isp.internet} and {services4.INTERNET4}")
    tell("ISP", f"delegates from {isp.plan.delegated}/40; ip netns exec {isp.machine.name} sh")
    tell("LAN", f"in another terminal: frostgate run --lan; ip netns exec {world.hosts[0].name} sh")


def tell(what: str, text: str) -> None:
    """A line before the console begins."""
    print(f"  {what:<11} {text}", file=sys.stderr, flush=True)


def need_root(what: str) -> None:
    """Refused for others: namespaces and taps are root's."""
    if os.geteuid() != 0:
        raise Refused(f"expected to be root for {what}: it needs network namespaces and taps")
