from services.model import Service, Site, Unit, longrun, parameter


class Mine(Service):
    """A definition with a mistake."""

    words: tuple[str, ...] = parameter("what to run", default=())

    def units(self) -> tuple[Unit, ...]:
        return (longrun(self.name, self.words[0]),)


class Strange(Service):
    """A definition that does not know what a unit is."""

    def units(self) -> tuple[Unit, ...]:
        return (
            Unit(name=f"{self.name}s", run="sleep 1", needs="eth0", env={"A B": "1", "C": 1}),
        )


SITE = Site(hostname="box", services=(Mine(name="mine"), Strange(name="strange")))
