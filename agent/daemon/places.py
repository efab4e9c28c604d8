"""Where the agent finds and keeps things."""

from collections import namedtuple

from agent import environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Places(NamedTuple):
        graph: str
        scan: str
        outputs: str
        run: str
        log: str

else:
    # graph: the compiled service graph's file. scan: s6-svscan's folder. outputs: root of the
    # outputs tree. run: what a reboot forgets (wishes, socket, log FIFO). log: collected lines.
    Places = namedtuple("Places", ("graph", "scan", "outputs", "run", "log"))


def from_environment(environ: dict[bytes, bytes]) -> Places:
    """The places that the environment names, or the usual ones. Raises options.UsageError."""
    return Places(
        environment.graph_file(environ),
        environment.scan_folder(environ),
        environment.outputs_root(environ),
        environment.run_folder(environ),
        environment.log_folder(environ),
    )


def socket(places: Places) -> str:
    """The agent's socket."""
    return places.run + "/socket"


def wishes(places: Places) -> str:
    """The folder of the operator's wishes, one file a service: `up` or `down`."""
    return places.run + "/wishes"
