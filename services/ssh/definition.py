"""ssh: dropbear lets the site's users in, by their keys."""

from services.link.definition import Address
from services.model import (
    Claim,
    Debian,
    Delivered,
    Folder,
    Resource,
    Secret,
    Service,
    Symlink,
    Unit,
    every,
    kinds,
    longrun,
    parameter,
)
from services.site import places
from services.site.delivery import delivery

HOME = "/root"
KEYS = "/etc/dropbear"  # where dropbear itself looks for host keys, and makes them


class Ssh(Service):
    """Remote login for Site.users, with the keys that they have there.

    The host keys are made on the device at the first login and kept: no two routers of one image
    have the same.
    """

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="ssh")
    port: int = parameter("the TCP port", kinds.PORT, default=22)
    at: tuple[Address, ...] = parameter(
        "the router's addresses that it listens on, at most 10; empty: all (the firewall decides)",
        default=(),
    )
    keys: Secret | None = parameter(
        "more public keys of root, that the device is given: lines as in authorized_keys",
        default=None,
    )
    passwords: bool = parameter("users other than root may use a password", default=False)
    forwarding: bool = parameter("users may forward ports", default=False)

    def check(self) -> None:
        if len(self.at) > 10:  # dropbear(8)
            self.tell("at", f"expected at most 10 addresses, got {len(self.at)}")

    @property
    def base(self) -> str:
        """The file with the site's keys for root, to which those of the secret come."""
        return f"/etc/frost/{self.name}/authorized_keys"

    def units(self) -> tuple[Unit, ...]:
        """The daemon, and what gives it the keys of a secret."""
        needs = [each.ready for each in self.at]
        more: tuple[Unit, ...] = ()
        if self.keys:
            # dropbear reads the file at each login.
            unit, given = delivery(
                self.name, "ssh-keys", (self.keys.name,), self.base, signal="none",
                description="root's keys", where=self.where,
            )  # fmt: skip
            needs.append(given)
            more = (unit,)
        return (
            longrun(
                self.name,
                *("dropbear", "-F", "-E", "-R", "-m", "-P", f"/run/{self.name}.pid"),
                *(("-g",) if self.passwords else ("-s",)),
                *(() if self.forwarding else ("-j", "-k")),
                *self._listening,
                needs=every(*needs),
                description="remote login",
                where=self.where,
            ),
            *more,
        )

    @property
    def _listening(self) -> list[str]:
        words = []
        for each in self.at:
            address = each.interface.ip
            shown = f"[{address}]" if address.version == 6 else str(address)
            words += ["-p", f"{shown}:{self.port}"]
        return words or ["-p", str(self.port)]

    def resources(self) -> tuple[Resource, ...]:
        given: tuple[Resource, ...] = ()
        if self.keys:
            given = (
                Folder(f"{HOME}/.ssh", 0o700, where=self.where),
                Symlink(
                    f"{HOME}/.ssh/authorized_keys",
                    places.secret(self.name, "authorized_keys"),
                    self.where,
                ),
                Delivered(self.keys.name, self.where),
            )
        return (
            *given,
            Debian("dropbear-bin", ("usr/sbin/dropbear",), self.where),
            Folder(KEYS, 0o700, keep=True, where=self.where),
            Claim("port", f"tcp/{self.port}", self.where),
        )
