"""Where things are on a device that the packager makes; definitions write these into files."""

SCAN = "/run/service"  # s6-svscan's folder
OUTPUTS = "/run/services/outputs"
LOG = "/run/log/frost"
RUN = "/run/frost"
STATE = "/var/lib/frostgate"  # kept: what programs remember over a reboot
SECRETS = "/etc/frost/secrets"  # a file each, mode 0600; with_secret delivers them
GRAPH = "/etc/frost/graph.json"
INSTALLED_SCAN = "/etc/frost/scan"  # in the image; the early boot copies it to SCAN
PROGRAMS = "/usr/libexec/frost"  # the frozen binary and a link for each program
PATH = f"{PROGRAMS}:/usr/sbin:/usr/bin:/sbin:/bin"  # s6-svscan's, and so everybody's


def data(service: str, name: str) -> str:
    """The file that a reference of a unit is written to, for daemons that leave their folder."""
    return f"{SCAN}/{service}/data/{name}"


def secret(service: str, name: str) -> str:
    """The file that with_secret delivers to a service (services/site/delivery.py)."""
    return data(service, f"secrets/{name}")
