"""The message about what is larger than the site allows; who builds it compares the sizes."""

from collections.abc import Iterable

from services.model import Budget, Site
from services.site.problems import Problem

WORDS = {
    "image": "the image",
    "root": "the root filesystem without kernel and modules, as squashfs",
    "programs": "our own programs, as squashfs",
    "overlay": "the writable overlay",
}


def over(
    site: Site, what: str, size: int, largest: Iterable[tuple[str, int]] = ()
) -> list[Problem]:
    """A problem when `size` octets are more than the budget's parameter `what` allows, else none.
    largest: (name, octets) of what it is made of, the largest first; three are told."""
    assert what in WORDS
    budget: Budget = site.budget
    limit: int = getattr(budget, what)
    if not limit or size <= limit:
        return []
    where = budget.where if budget.where.line else site.where
    parts = ", ".join(f"{name} {octets}" for name, octets in list(largest)[:3])
    text = f"expected at most {limit} octets of {WORDS[what]}, got {size}, {size - limit} too many"
    hint = f"; the largest: {parts}" if parts else ""
    return [Problem(where, f"budget.{what}", text + hint)]
