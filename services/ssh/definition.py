"""ssh: dropbear lets the site's users in, by their keys."""

from services.link.definition import Link
from services.model import (
    Claim,
    Condition,
    Debian,
    Folder,
    Resource,
    Service,
    Unit,
    kinds,
    longrun,
    parameter,
)

KEYS = "/etc/dropbear"  # where dropbear itself looks for host keys, and makes them


class Ssh(Service):
    """Remote login for Site.users, with the keys that they have there.

    The host keys are made on the device at the first login and kept: no two routers of one image
    have the same.
    """

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="ssh")
    port: int = parameter("the TCP port", kinds.PORT, default=22)
    addresses: tuple[str, ...] = parameter(
        "the addresses that it listens on; empty: all (the firewall decides then)",
        kinds.each(kinds.ADDRESS),
        default=(),
    )
    on: Link | None = parameter("the only link that it listens on", default=None)
    passwords: bool = parameter("users other than root may use a password", default=False)
    forwarding: bool = parameter("users may forward ports", default=False)

    def check(self) -> None:
        if self.on and self.addresses:
            self.tell("addresses", "expected either addresses or a link, got both")

    def units(self) -> tuple[Unit, ...]:
        """The daemon."""
        needs: Condition | None = self.on.up if self.on else None
        return (
            longrun(
                self.name,
                *("dropbear", "-F", "-E", "-R", "-m", "-P", f"/run/{self.name}.pid"),
                *(("-g",) if self.passwords else ("-s",)),
                *(() if self.forwarding else ("-j", "-k")),
                *(("-l", self.on.ifname) if self.on else ()),
                *self._listening,
                needs=needs,
                description="remote login",
                where=self.where,
            ),
        )

    @property
    def _listening(self) -> list[str]:
        words = []
        for address in self.addresses:
            shown = f"[{address}]" if ":" in address else address
            words += ["-p", f"{shown}:{self.port}"]
        return words or ["-p", str(self.port)]

    def resources(self) -> tuple[Resource, ...]:
        return (
            Debian("dropbear-bin", ("usr/sbin/dropbear",), self.where),
            Folder(KEYS, 0o700, keep=True, where=self.where),
            Claim("port", f"tcp/{self.port}", self.where),
        )
