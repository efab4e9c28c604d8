"""What a call tells: its lines, kept from standard error. On both runtimes."""

from agent import report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def heard(call: "Callable[..., Any]", *args: "Any") -> "tuple[Any, list[str]]":
    """What a call returns, and the lines that it tells by report.say."""
    lines: "list[str]" = []
    before = report.say

    def hear(program: str, text: str) -> None:
        lines.append(text)

    report.say = hear
    try:
        return call(*args), lines
    finally:
        report.say = before
