"""daemon: a program of a Debian package, or of the site's own, kept running."""

from services.model import (
    Condition,
    Debian,
    Resource,
    Service,
    Unit,
    kinds,
    longrun,
    parameter,
)

WORD = kinds.text("a word without NUL", r"[^\0]+")


class Daemon(Service):
    """A program that stays in the foreground, logs to standard error and ends on SIGTERM."""

    run: tuple[str, ...] = parameter(
        "the command, one word an item; no shell reads it", kinds.each(WORD, least=1)
    )
    needs: Condition | None = parameter("the condition for it to run; None: always", default=None)
    user: str = parameter("who it runs as", kinds.USER_NAME, default="root")
    packages: tuple[Debian, ...] = parameter("what it needs of Debian's packages", default=())

    def units(self) -> tuple[Unit, ...]:
        """The program."""
        user = "" if self.user == "root" else self.user
        return (longrun(self.name, *self.run, needs=self.needs, user=user, where=self.where),)

    def resources(self) -> tuple[Resource, ...]:
        return self.packages
