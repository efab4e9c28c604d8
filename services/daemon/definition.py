"""daemon: a program of a Debian package, or of the site's own, kept running."""

from services.model import (
    Account,
    Condition,
    Debian,
    Delivered,
    Resource,
    Secret,
    Service,
    Unit,
    kinds,
    longrun,
    parameter,
)
from services.site.delivery import delivery

WORD = kinds.text("a word without NUL", r"[^\0]+")
CHANGES = kinds.choice("restart", "signal HUP", "signal USR1", "signal USR2")


class Daemon(Service):
    """A program that stays in the foreground, logs to standard error and ends on SIGTERM."""

    run: tuple[str, ...] = parameter(
        "the command, one word an item; no shell reads it", kinds.each(WORD, least=1)
    )
    needs: Condition | None = parameter("the condition for it to run; None: always", default=None)
    user: str = parameter("who it runs as", kinds.USER_NAME, default="root")
    account: bool = parameter(
        "`user` is made for it, in the image; otherwise it is somebody of the site, or nobody",
        default=False,
    )
    secrets: tuple[Secret, ...] = parameter(
        "what it gets as files of its own, `data/secrets/NAME` in the folder that it starts in",
        default=(),
    )
    changed: str = parameter("what a changed secret does to it", CHANGES, default="restart")
    packages: tuple[Debian, ...] = parameter("what it needs of Debian's packages", default=())

    @property
    def _user(self) -> str:
        return "" if self.user == "root" else self.user

    def check(self) -> None:
        if self.account and self.user in ("root", "nobody"):
            self.tell("account", f"expected another user for it, got {self.user}, which is there")

    def units(self) -> tuple[Unit, ...]:
        """The program, and what gives it its secrets."""
        needs = self.needs
        more: tuple[Unit, ...] = ()
        if self.secrets:
            unit, given = delivery(
                self.name,
                "plain",
                (each.name for each in self.secrets),
                user=self._user,
                signal=self.changed.partition(" ")[2],
                description=f"the secrets of {self.name}",
                where=self.where,
            )
            needs = given & needs if needs else given
            more = (unit,)
        main = longrun(self.name, *self.run, needs=needs, user=self._user, where=self.where)
        return (main, *more)

    def resources(self) -> tuple[Resource, ...]:
        return (
            *self.packages,
            *((Account(self.user, where=self.where),) if self.account else ()),
            *(Delivered(each.name, self.where) for each in self.secrets),
        )
