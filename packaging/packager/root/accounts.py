"""Users and groups of an image, and the files that hold them. Pure.

Numbers that a site does not give come from the name's hash: whoever joins later does not change the
others', whose files may be on a disk already. Nobody has a password unless a hash is given.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from packager.root.tree import Entry, Origin, file, folder

# useradd(8) takes these, and s6 and busybox read them.
NAME = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
HASH = re.compile(r"\$[A-Za-z0-9./$,=+-]{8,}")  # crypt(5): $id$salt$hash
FIRST, LAST = 100, 999  # of what is given by itself: Debian's range of system users
NOBODY = 65534
NOLOGIN = "/usr/sbin/nologin"


class AccountError(Exception):
    """Users and groups that can't be; a line each for the user."""


@dataclass(frozen=True)
class Group:
    """A group; `gid` None: a number is given. `members` are in it besides those whose own it is."""

    name: str
    gid: int | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class User:
    """A user; without `group` one of the same name comes along. `keys` are lines of
    authorized_keys."""

    name: str
    uid: int | None = None
    group: str = ""
    home: str = "/nonexistent"
    shell: str = NOLOGIN
    comment: str = ""
    hash: str = ""  # of a password, crypt(5)
    keys: tuple[str, ...] = ()


ROOT = User("root", 0, home="/root", shell="/bin/sh")
NOBODY_USER = User("nobody", NOBODY, "nogroup")
NOGROUP = Group("nogroup", NOBODY)


@dataclass(frozen=True)
class Accounts:
    """Users and groups with all their numbers."""

    users: tuple[User, ...]
    groups: tuple[Group, ...]

    def uid(self, name: str) -> int:
        """A user's number; AccountError if there is none of this name."""
        return self._number("user", name, {user.name: user.uid for user in self.users})

    def gid(self, name: str) -> int:
        """A group's number; AccountError if there is none of this name."""
        return self._number("group", name, {group.name: group.gid for group in self.groups})

    def _number(self, kind: str, name: str, numbers: dict[str, int | None]) -> int:
        number = numbers.get(name)
        if number is None:
            raise AccountError(f"expected a {kind} of {' '.join(sorted(numbers))}, got {name!r}")
        return number


def accounts(users: Sequence[User], groups: Sequence[Group] = ()) -> Accounts:
    """Give everybody a number; root and nobody are there by themselves.

    AccountError tells all that is wrong, a line each.
    """
    named = {user.name for user in users}
    users = [user for user in (ROOT, NOBODY_USER) if user.name not in named] + list(users)
    have = {group.name for group in groups}
    groups = [*([] if NOGROUP.name in have else [NOGROUP]), *groups]
    own = [user for user in users if not user.group and user.name not in have]
    groups += [Group(user.name, user.uid) for user in own]
    wrong = [line for user in users for line in _wrong_user(user, {each.name for each in groups})]
    wrong += [line for each in groups for line in _wrong_group(each, {user.name for user in users})]
    wrong += _twice("user", [(user.name, user.uid) for user in users])
    wrong += _twice("group", [(group.name, group.gid) for group in groups])
    if wrong:
        raise AccountError("\n".join(wrong))
    given = _numbers(users, groups)
    numbered_users = [replace(user, uid=given[user.name, "user"]) for user in users]
    numbered_groups = [replace(group, gid=given[group.name, "group"]) for group in groups]
    return Accounts(
        tuple(sorted(numbered_users, key=lambda user: (user.uid or 0, user.name))),
        tuple(sorted(numbered_groups, key=lambda group: (group.gid or 0, group.name))),
    )


def _wrong_user(user: User, groups: set[str]) -> Iterator[str]:
    where = f"user {user.name!r}"
    if not NAME.fullmatch(user.name):
        yield f"{where}: expected a name of a-z, 0-9, '-' and '_', 31 at most, no digit first"
    if user.uid is not None and not 0 <= user.uid < 1 << 31:
        yield f"{where}: expected a number of 0 to {(1 << 31) - 1}, got {user.uid}"
    if user.group and user.group not in groups:
        yield f"{where}: expected a group of {' '.join(sorted(groups))}, got {user.group!r}"
    if user.hash and not HASH.fullmatch(user.hash):
        yield f"{where}: expected a password's hash as crypt(5) has it, '$y$...'"
    for name, text in (("home", user.home), ("shell", user.shell)):
        if not re.fullmatch(r"/[^:\n\0]*", text):
            yield f"{where}: expected an absolute path as its {name}, got {text!r}"
    if re.search(r"[:\n\0]", user.comment):
        yield f"{where}: expected a comment in a line without ':', got {user.comment!r}"
    for key in user.keys:
        if not re.fullmatch(r"[^\n\0]*(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+( [^\n\0]*)?", key):
            yield f"{where}: expected a key as in a .pub file, 'ssh-ed25519 AAAA...', got {key!r}"


def _wrong_group(group: Group, users: set[str]) -> Iterator[str]:
    where = f"group {group.name!r}"
    if not NAME.fullmatch(group.name):
        yield f"{where}: expected a name of a-z, 0-9, '-' and '_', 31 at most, no digit first"
    if group.gid is not None and not 0 <= group.gid < 1 << 31:
        yield f"{where}: expected a number of 0 to {(1 << 31) - 1}, got {group.gid}"
    for name in group.members:
        if name not in users:
            yield f"{where}: expected members of {' '.join(sorted(users))}, got {name!r}"


def _twice(kind: str, rows: list[tuple[str, int | None]]) -> Iterator[str]:
    names = [name for name, _ in rows]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{kind} {name!r}: expected it once, got it {names.count(name)} times"
    numbers = [number for _, number in rows if number is not None]
    for number in sorted({each for each in numbers if numbers.count(each) > 1}):
        who = " and ".join(sorted(name for name, each in rows if each == number))
        yield f"{kind} {who}: expected numbers of their own, got {number} for each"


def _numbers(users: list[User], groups: list[Group]) -> dict[tuple[str, str], int]:
    """Numbers by (name, kind). A user and a group of one name get the same if neither has one."""
    given = {(user.name, "user"): user.uid for user in users}
    given |= {(group.name, "group"): group.gid for group in groups}
    taken = {number for number in given.values() if number is not None}
    found: dict[tuple[str, str], int] = {}
    fresh: dict[str, int] = {}
    for key in sorted(given):
        number = given[key]
        if number is None:
            if key[0] not in fresh:
                fresh[key[0]] = _free(key[0], taken)
                taken.add(fresh[key[0]])
            number = fresh[key[0]]
        found[key] = number
    return found


def _free(name: str, taken: set[int]) -> int:
    span = LAST - FIRST + 1
    start = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    for step in range(span):
        number = FIRST + (start + step) % span
        if number not in taken:
            return number
    raise AccountError(f"{name!r}: expected at most {span} users and groups without a number")


def passwd(given: Accounts) -> str:
    """passwd(5)."""
    rows = [
        (user.name, "x", user.uid, given.gid(user.group or user.name), user.comment, user.home,
         user.shell)
        for user in given.users
    ]  # fmt: skip
    return "".join(":".join(map(str, row)) + "\n" for row in rows)


def group(given: Accounts) -> str:
    """group(5)."""
    rows = [(each.name, "x", each.gid, ",".join(each.members)) for each in given.groups]
    return "".join(":".join(map(str, row)) + "\n" for row in rows)


def shadow(given: Accounts) -> str:
    """shadow(5); no dates, they would differ from day to day. '*' is no password's hash."""
    return "".join(f"{user.name}:{user.hash or '*'}:::::::\n" for user in given.users)


def entries(given: Accounts, origin: Origin) -> list[Entry]:
    """The files of /etc, and every home that a user has, with the keys that may log in there."""
    found = [
        file("/etc/passwd", passwd(given).encode(), origin),
        file("/etc/group", group(given).encode(), origin),
        file("/etc/shadow", shadow(given).encode(), origin, 0o600),
    ]
    for user in given.users:
        if user.home in ("/", "/nonexistent"):
            continue
        owner = (given.uid(user.name), given.gid(user.group or user.name))
        found.append(folder(user.home, origin, 0o700, *owner))
        if user.keys:
            lines = "".join(key + "\n" for key in user.keys).encode()
            found.append(folder(f"{user.home}/.ssh", origin, 0o700, *owner))
            found.append(file(f"{user.home}/.ssh/authorized_keys", lines, origin, 0o600, *owner))
    return found
