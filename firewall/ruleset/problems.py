"""What is wrong with a firewall, for people: one line each, all of one run at once."""

from dataclasses import dataclass

from firewall.ruleset.model import Where


@dataclass(frozen=True, order=True)
class Problem:
    """Where it is, in which group and rule (0: none), what was expected and what was got."""

    where: Where
    group: str
    rule: int
    text: str

    def __str__(self) -> str:
        place = f"{self.where}: "
        if self.group:
            place += f"rulegroup {self.group}: "
        if self.rule:
            place += f"rule {self.rule}: "
        return place + self.text


class RulesetError(Exception):
    """`problems`: all that was found, in the order of file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))
