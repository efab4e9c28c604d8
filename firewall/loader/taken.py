"""What the loader has taken in, for those who wait for it: outputs `taken/SERVICE`, the number of
the generation whose prefixes are in the kernel's sets. `ra` advertises a prefix only then: a host
uses it at once, and what the sets do not have is denied as spoofed."""

from agent import outputs
from agent.report import say


class Taken:
    """`service`: whose outputs they are, "" for nobody's."""

    def __init__(self, program: str, root: str, service: str) -> None:
        self._program, self._root, self._service = program, root, service
        self._numbers: dict[str, int] = {}

    def look(self, name: str) -> None:
        """Before the outputs of `name` are read: they may get newer meanwhile, never older."""
        if self._service:
            self._numbers[name] = outputs.generation(self._root, name)

    def tell(self, names: list[str]) -> None:
        """What was read of these is in the kernel now."""
        if not self._service:
            return
        values = {"taken/" + name: "%d" % self._numbers.get(name, 0) for name in names}
        try:
            outputs.publish(self._root, self._service, values)
        except outputs.OutputsError as error:
            say(self._program, "%s" % error)
