"""console: a login on the machine's console, for users with a password."""

from services.model import Claim, Debian, Resource, Service, Unit, kinds, longrun, parameter

# The kernel's own console, the last `console=` of its command line: /dev/console itself can't be a
# controlling terminal, without which nobody could interrupt a command.
KERNELS = "read -r all </sys/class/tty/console/active"
# getty, login and dropbear write down there who is logged in. Nobody reads it, and it is one file
# for all terminals: nobody could get rid of a stopped one's record alone.
NOBODY = "busybox ln -sf /dev/null /run/utmp"


class Console(Service):
    """A login on a terminal, such as a serial line: Site.users who have a password get in."""

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="console")
    tty: str = parameter(
        "the terminal's device in /dev; empty: the one that the kernel's messages go to",
        kinds.optional(kinds.text("a device's name as ttyS0", r"[A-Za-z0-9]{1,32}")),
        default="",
    )
    type: str = parameter(
        "the terminal's type, $TERM there",
        kinds.text("a terminal's type as vt100", r"[A-Za-z0-9][A-Za-z0-9+.-]{0,31}"),
        default="vt100",
    )

    def units(self) -> tuple[Unit, ...]:
        """busybox' getty, anew after each login."""
        # 0: the speed stays as it is. -L: no modem tells of a carrier.
        find, tty = (f"{KERNELS}; ", '"${all##* }"') if not self.tty else ("", self.tty)
        script = f"{NOBODY}; {find}exec busybox getty -L 0 {tty} {self.type}"
        return (
            longrun(
                self.name,
                *("busybox", "sh", "-c", script),
                back_off=(1, 5),
                down_timeout=1,  # a shell of somebody who is logged in ignores SIGTERM
                description="login on the console",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        return (
            Debian("busybox", ("usr/bin/busybox",), self.where),
            Claim("terminal", self.tty or "the kernel's console", self.where),
        )
