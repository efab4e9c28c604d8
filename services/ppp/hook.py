"""ppp_script: what pppd's ip-up, ip-down, ipv6-up and ipv6-down call. Thin: told.py and route.py
decide."""

import sys

from agent import environment, names, options, outputs, report
from agent.options import UsageError
from agent.port import files, netlink, process
from services.ppp import route, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = "ppp_script"
USAGE = (
    "ppp_script ip-up|ip-down|ipv6-up|ipv6-down IFNAME TTY SPEED LOCAL REMOTE [metric=NUMBER] | "
    "-c SERVICE"
)


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Put the default route, publish what pppd told; with -c take back what is published over a
    link that has gone. The exit code (services/ppp/README.md)."""
    try:
        given, words = options.parse(argv, "", "c")
        root = environment.outputs_root(environ)
        if given and not words and names.is_service_name(given["c"]):
            return _publish(root, given["c"], _without_its_link)
        if len(words) < 6 or words[0] not in told.CALLS:
            raise UsageError("expected one of %s and pppd's operands" % " ".join(told.CALLS))
        if not names.is_link_name(words[1]):
            raise UsageError("IFNAME: expected %s" % names.LINK_NAME)
        metric = route.metric(words[6]) if len(words) > 6 else None
        if len(words) > 6 and metric is None:
            raise UsageError("expected metric= and a number behind pppd's operands")
        service = environment.service(environ)
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100

    index = _index(words[1])
    code = 0
    if words[0] == "ip-up" and index and metric is not None:
        code = _put_route(index, metric)

    def decide(before: dict[str, str]) -> dict[str, str]:
        return told.read(words[0], words[1:], index, environ, before)

    return _publish(root, service, decide) or code


def _publish(root: str, service: str, decide: "Callable[..., dict[str, str]]") -> int:
    """Publish what decide(values) makes of the values that are published; the exit code."""

    def change(before: "outputs.Snapshot") -> "outputs.Snapshot":
        values = before.values or {}
        return outputs.Snapshot(decide(values) or None, before.memo)

    try:
        outputs.update(root, service, change)
    except outputs.OutputsError as error:
        report.say(PROGRAM, "%s" % error)
        return 111
    return 0


def _without_its_link(before: dict[str, str]) -> dict[str, str]:
    ifname = before.get("ifname", "")
    return told.checked(before, _index(ifname) if names.is_link_name(ifname) else 0)


def _index(ifname: str) -> int:
    """The link's number, 0 when it has gone meanwhile."""
    try:
        return int(files.read("/sys/class/net/%s/ifindex" % ifname))
    except (OSError, ValueError):
        return 0


def _put_route(index: int, metric: int) -> int:
    kernel = netlink.Kernel()
    try:
        kernel.put_route(route.default(index, metric, kernel.dump("route")))
    except OSError as error:
        why = process.strerror(error.errno or 0)
        report.say(PROGRAM, "the default route over link %d: %s" % (index, why))
        return 111
    finally:
        kernel.close()
    return 0


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
