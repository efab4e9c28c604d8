"""People, daemons and what they own: names that clash, and names of nobody."""

from collections.abc import Iterator

from packager.checks.singletons import who
from packager.gathered import Gathered
from services.console.definition import Console
from services.model import Account, File, Folder, User
from services.site.problems import Problem, suggestion

# Accounts that every image has (base-passwd(8) knows more; no device does).
ALWAYS = ("root", "nobody")


def check(found: Gathered) -> Iterator[Problem]:
    """Users twice, users who have a daemon's name, units and files of users that there are not."""
    accounts = {each.name: owner for owner, each in found.of(Account) if isinstance(each, Account)}
    users: dict[str, User] = {}
    for user in found.site.users:
        first = users.setdefault(user.name, user)
        if first is not user and not user.broken:
            text = (
                f"expected each user once, got a second of this name, the first is at {first.where}"
            )
            yield Problem(user.where, user.name, f"{text}; one user can have several keys")
        if user.name in accounts or user.name == "nobody":
            daemon = who(accounts.get(user.name)) if user.name in accounts else "everything else"
            text = f"expected a name that no daemon has, got that of {daemon}'s account"
            yield Problem(user.where, user.name, text)
    for service in found.site.services:
        if isinstance(service, Console) and not any(user.password for user in users.values()):
            text = "expected a user with a password, got none in the site: nobody could log in"
            yield Problem(service.where, service.name, f"{text}; `openssl passwd -6` makes one")
    known = sorted({*ALWAYS, *users, *accounts})
    for _, unit in found.units:
        if unit.user and unit.user not in known and unit.name not in found.blurred:
            text = f"expected it to run as a user of the image, got {unit.user!r}"
            yield Problem(unit.where, unit.name, text + suggestion(unit.user, known))
    for owner, each in found.resources:
        if isinstance(each, File | Folder) and each.owner not in known:
            if owner is None or not owner.broken:
                text = f"expected {each.path} to belong to a user of the image, got {each.owner!r}"
                yield Problem(each.where, who(owner), text + suggestion(each.owner, known))
