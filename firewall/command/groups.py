"""Which rulegroup a rule belongs to: its comment, `GROUP/INDEX REQUIREMENT`, tells. Pure."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firewall.command.walk import Step


def split(comment: str) -> tuple[str, int, str] | None:
    """(group, index, requirement) of a rule's comment; None when it is no rulegroup's."""
    name, _, requirement = comment.partition(" ")
    group, slash, index = name.partition("/")
    if not slash or not group or not index or len(index) > 6 or index.strip("0123456789"):
        return None
    return group, int(index), requirement


def reason(steps: "list[Step]", step: "Step | None") -> "Step | None":
    """The rule in whose name a step decided.

    Denials of one requirement share a chain that logs and refuses (`goto deny_...`): what decided
    is the rule that led there.
    """
    if step is None:
        return None
    place = len(steps) - 1
    while place >= 0 and steps[place] != step:
        place -= 1
    found = step
    chain = step.chain
    for index in range(place - 1, -1, -1):
        one = steps[index]
        if one.hook != step.hook or one.table != step.table or one.family != step.family:
            break
        if one.verdict in ("goto", "jump") and one.what == chain:
            if one.verdict == "jump" or split(one.comment) is None:
                break
            found, chain = one, one.chain
    return found
