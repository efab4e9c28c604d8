"""What s6 gets to see of a service: units, one entry each of the agent's graph (docs/graph.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.graph.model import BUNDLE, LONGRUN, ONESHOT
from firewall.ruleset.model import Where
from services.site.checked import Checked
from services.site.conditions import Condition
from services.site.outputs import Ref, Reference
from services.site.problems import here


@dataclass(frozen=True)
class Alternative:
    """One of several of which one runs. fail_back: seconds; tries: failures before the next."""

    group: str
    preference: int
    fail_back: float = 30
    tries: int = 3


@dataclass(frozen=True, kw_only=True)
class Unit(Checked):
    """One entry of the graph. The meaning and the defaults of all fields: docs/graph.md.

    outputs: paths that it publishes. env, files: texts (env alone) or values of outputs. early: no
    link comes up before it is ready (a link's service claims it: Claim("link", ...)).
    """

    name: str
    kind: str = LONGRUN
    run: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    description: str = ""
    needs: Condition | None = None
    outputs: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    env: Mapping[str, str | Reference] = field(default_factory=dict)
    files: Mapping[str, Reference] = field(default_factory=dict)
    user: str = ""
    notify: bool = False
    up_timeout: float = 60
    down_timeout: float = 10
    back_off: tuple[float, float] = (1, 60)
    breaker: tuple[int, float, float] = (10, 120, 300)
    essential: bool = False
    on_demand: bool = False
    alternative: Alternative | None = None
    early: bool = False
    where: Where = field(default_factory=here, compare=False)

    def references(self) -> list[Ref]:
        """The outputs whose values it gets."""
        values = [*self.env.values(), *self.files.values()]
        return [value.ref for value in values if isinstance(value, Reference)]

    def compiled(self) -> dict[str, Any]:
        """The JSON object of the graph's file: what is at its default is left out."""
        found: dict[str, Any] = {"type": self.kind}
        words: tuple[tuple[str, Any], ...] = (
            ("description", self.description),
            ("run", list(self.run)),
            ("stop", list(self.stop)),
            ("contents", list(self.contents)),
            ("outputs", sorted(self.outputs)),
            ("secrets", sorted(self.secrets)),
            ("user", self.user),
            ("essential", self.essential),
        )
        found.update((key, value) for key, value in words if value)
        if self.needs is not None:
            found["needs"] = self.needs.compiled()
        for key, table in (("env", self.env), ("files", self.files)):
            if table:
                found[key] = {name: _value(value) for name, value in sorted(table.items())}
        if self.notify:
            found["ready"] = "notify"
        if self.on_demand:
            found["wanted"] = "demand"
        if self.kind != BUNDLE:
            found.update(self._steering())
        return found

    def _steering(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.up_timeout != 60:
            found["up-timeout"] = self.up_timeout
        if self.down_timeout != 10:
            found["down-timeout"] = self.down_timeout
        if self.back_off != (1, 60):
            found["back-off"] = dict(zip(("first", "cap"), self.back_off, strict=True))
        if self.breaker != (10, 120, 300):
            names = ("failures", "within", "pause")
            found["breaker"] = dict(zip(names, self.breaker, strict=True))
        if self.alternative:
            found["alternative"] = {
                "group": self.alternative.group,
                "preference": self.alternative.preference,
                "fail-back": self.alternative.fail_back,
                "tries": self.alternative.tries,
            }
        return found


def longrun(name: str, *run: str, **more: Any) -> Unit:
    """A daemon."""
    return Unit(name=name, kind=LONGRUN, run=run, **more)


def oneshot(name: str, *run: str, **more: Any) -> Unit:
    """A command that ends; `stop` undoes it."""
    return Unit(name=name, kind=ONESHOT, run=run, **more)


def bundle(name: str, *contents: str, **more: Any) -> Unit:
    """A name for several."""
    return Unit(name=name, kind=BUNDLE, contents=contents, **more)


def _value(value: "str | Reference") -> Any:
    return value if isinstance(value, str) else value.compiled()
