"""The environment's variables that all programs share. Pure; values are octets until checked."""

from agent.names import SERVICE_NAME, is_service_name
from agent.options import UsageError

OUTPUTS_ROOT = "/run/services/outputs"
GRAPH = "/etc/frost/graph.json"
SCAN = "/run/service"
RUN = "/run/frost"
LOG = "/run/log/frost"
SECRETS = "/etc/frost/secrets"
STATE = "/var/lib/frostgate"


def variable(environ: dict[bytes, bytes], name: bytes, default: str) -> str:
    """A variable as text, `default` when it is unset or empty; UsageError when not UTF-8."""
    try:
        return environ.get(name, b"").decode() or default
    except UnicodeError:
        raise UsageError("$%s: expected UTF-8" % name.decode()) from None


def outputs_root(environ: dict[bytes, bytes]) -> str:
    """Where the outputs tree is: $FROST_OUTPUTS."""
    return variable(environ, b"FROST_OUTPUTS", OUTPUTS_ROOT)


def graph_file(environ: dict[bytes, bytes]) -> str:
    """The compiled service graph: $FROST_GRAPH."""
    return variable(environ, b"FROST_GRAPH", GRAPH)


def scan_folder(environ: dict[bytes, bytes]) -> str:
    """s6-svscan's scan directory: $FROST_SCAN."""
    return variable(environ, b"FROST_SCAN", SCAN)


def run_folder(environ: dict[bytes, bytes]) -> str:
    """The agent's own state that a reboot forgets, and its socket: $FROST_RUN."""
    return variable(environ, b"FROST_RUN", RUN)


def log_folder(environ: dict[bytes, bytes]) -> str:
    """Where all services' lines are collected: $FROST_LOG."""
    return variable(environ, b"FROST_LOG", LOG)


def state_folder(environ: dict[bytes, bytes]) -> str:
    """What programs remember over a reboot: $FROST_STATE."""
    return variable(environ, b"FROST_STATE", STATE)


def secrets_folder(environ: dict[bytes, bytes]) -> str:
    """The device's secrets, a file each: $FROST_SECRETS."""
    return variable(environ, b"FROST_SECRETS", SECRETS)


def service(environ: dict[bytes, bytes], default: str = "") -> str:
    """The name to publish as: $SERVICE; UsageError when it can't be one."""
    name = variable(environ, b"SERVICE", default)
    if not is_service_name(name):
        raise UsageError("$SERVICE: expected %s" % SERVICE_NAME)
    return name
