"""A site's users and its daemons' accounts as those of the image. Pure."""

from packager.compiled import home
from packager.root import accounts
from packager.root.tree import Origin, Tree
from services.model import Account, Site, User

# What an overlay may own without knowing the users of the machine that it goes onto
ROOT_ALONE = {"root": (0, 0)}
OPERATORS = "frost"  # who may ask the agent to act (docs/agent.md)
TTY = accounts.Group("tty", 5)  # devpts gives terminals to it (services/boot/mounts.py)


class People:
    """Everybody with a number."""

    def __init__(self, site: Site, daemons: tuple[Account, ...]) -> None:
        """Raises AccountError."""
        users = [_user(each) for each in site.users]
        users += [_daemon(each) for each in daemons]
        names = sorted({name for each in daemons for name in each.groups} | {OPERATORS})
        groups = [TTY]
        for name in names:
            members = tuple(each.name for each in daemons if name in each.groups)
            groups.append(accounts.Group(name, members=members))
        self._all = accounts.accounts(users, groups)
        self._users = {each.name for each in site.users}

    def ids(self, name: str) -> tuple[int, int]:
        """The numbers of a user and of its group, for what belongs to it."""
        user = next((each for each in self._all.users if each.name == name), None)
        return self._all.uid(name), self._all.gid(user.group or name if user else name)

    def tree(self) -> Tree:
        """/etc/passwd and its kin, the homes."""
        origin = Origin("site", "the site's users, and those that daemons run as")
        return Tree(accounts.entries(self._all, origin))


class Strangers:
    """The users of somebody else's root file system, by its /etc/passwd; without one, root."""

    def __init__(self, passwd: str = "") -> None:
        rows = [line.split(":") for line in passwd.splitlines()]
        found = {row[0]: (int(row[2]), int(row[3])) for row in rows if _is_row(row)}
        self._numbers = ROOT_ALONE | found

    def ids(self, name: str) -> tuple[int, int]:
        """A user's number and its group's. Raises AccountError."""
        if name not in self._numbers:
            known = " ".join(sorted(self._numbers))
            text = f"user {name}: expected it among those of the root file system ({known})"
            raise accounts.AccountError(text + "; add it there, and give that with --rootfs")
        return self._numbers[name]


def _is_row(row: list[str]) -> bool:
    """Whether it is a line of passwd(5)."""
    return len(row) == 7 and row[2].isdigit() and row[3].isdigit()


def _user(user: User) -> accounts.User:
    number = 0 if user.name == "root" else None
    return accounts.User(
        user.name, number, home=home(user), shell=user.shell, hash=user.password
    )  # fmt: skip


def _daemon(account: Account) -> accounts.User:
    # A home of its own is made by a Folder, with an owner.
    place = account.home if account.home == "/" else "/nonexistent"
    return accounts.User(account.name, home=place, shell=account.shell)
