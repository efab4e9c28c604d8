"""What the command line and the environment tell both appliers. Pure."""

from collections import namedtuple

from agent import environment, names, readiness
from agent.options import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    class Settings(NamedTuple):
        root: str
        service: str
        ready_fd: int
        verbose: bool
        preview: bool
        clean: bool
else:
    # root: the outputs tree. service: the name to publish as. ready_fd: as agent.readiness has it.
    Settings = namedtuple(
        "Settings", ("root", "service", "ready_fd", "verbose", "preview", "clean")
    )


def read(given: dict[str, str], environ: dict[bytes, bytes], program: str) -> Settings:
    """The settings that both programs share; raises UsageError."""
    return Settings(
        environment.outputs_root(environ),
        environment.service(environ, program),
        readiness.descriptor(given.get("d"), environ),
        "v" in given,
        "n" in given,
        "c" in given,
    )


def lease_name(words: list[str]) -> str:
    """The first operand, the service whose outputs are the lease; raises UsageError."""
    if not words or not names.is_service_name(words[0]):
        raise UsageError("LEASE: expected %s" % names.SERVICE_NAME)
    return words[0]
