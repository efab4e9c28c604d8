"""Definitions of one's own beside a site: a script, and a radio."""

from services.model import (
    Claim,
    Condition,
    Delivered,
    File,
    Outputs,
    Reference,
    Resource,
    Secret,
    Service,
    Unit,
    kinds,
    longrun,
    output,
    parameter,
)


class ScriptOutputs(Outputs):
    """What a script publishes."""

    state = output("how far it is", kind=kinds.choice("idle", "busy"))
    token = output("what it signs with", secret=True)


class Script(Service):
    """A script of the site's own, under its name in /etc/scripts."""

    needs: Condition | None = parameter("what it needs", default=None)
    env: Reference | None = parameter("the value of $VALUE", default=None)
    file: str = parameter("its file", kinds.PATH, default="/etc/scripts/run")
    text: str = parameter("what is in it", default="#!/bin/sh\n")
    user: str = parameter("whom it runs as", kinds.USER_NAME, default="root")
    program: str = parameter("what runs it", default="")

    @property
    def outputs(self) -> ScriptOutputs:
        return ScriptOutputs(self)

    def units(self) -> tuple[Unit, ...]:
        """One."""
        return (
            longrun(
                self.name,
                self.program or self.file,
                needs=self.needs,
                env={"VALUE": self.env} if self.env is not None else {},
                outputs=("state", "token"),
                secrets=("token",),
                user=self.user,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (File(self.file, self.text, 0o755),)


class Radio(Service):
    """An access point."""

    ssid: str = parameter("the network's name", kinds.text("1 to 32 characters", r".{1,32}"))
    country: str = parameter("the country whose rules hold", kinds.COUNTRY)
    passphrase: Secret = parameter("the passphrase, 8 to 63 characters")

    def units(self) -> tuple[Unit, ...]:
        """One."""
        return (longrun(self.name, "/etc/scripts/radio"),)

    def resources(self) -> tuple[Resource, ...]:
        return (
            File("/etc/scripts/radio", "#!/bin/sh\n", 0o755),
            Claim("device", "phy0"),
            Delivered(self.passphrase.name),
        )
