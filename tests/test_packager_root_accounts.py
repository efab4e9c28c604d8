"""Users and groups: the files that hold them, numbers that stay, and what can't be."""

import pytest

from packager.root import accounts as a
from packager.root.tree import Origin, Tree

SITE = Origin("site", "its users")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJ0 me@host"


def test_root_and_nobody_are_there_by_themselves_and_without_a_password() -> None:
    given = a.accounts([])
    assert a.passwd(given) == (
        "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"
    )
    assert a.group(given) == "root:x:0:\nnogroup:x:65534:\n"
    assert a.shadow(given) == "root:*:::::::\nnobody:*:::::::\n"


def test_a_number_stays_when_others_join() -> None:
    alone = a.accounts([a.User("dnsmasq")])
    among = a.accounts([a.User(name) for name in ("chrony", "dnsmasq", "aaa", "zzz")])
    assert alone.uid("dnsmasq") == alone.gid("dnsmasq") == among.uid("dnsmasq")
    numbers = [user.uid for user in among.users]
    assert len(set(numbers)) == len(numbers)


def test_every_user_gets_a_number_of_its_own_up_to_the_last() -> None:
    given = a.accounts([a.User(f"u{number}") for number in range(900)])
    assert sorted(user.uid or 0 for user in given.users)[1:-1] == list(range(100, 1000))
    with pytest.raises(a.AccountError) as refused:
        a.accounts([a.User(f"u{number}") for number in range(901)])
    assert "expected at most 900 users and groups without a number" in str(refused.value)


def test_files_and_homes_belong_to_whom_they_should() -> None:
    users = [
        a.User("root", 0, home="/root", shell="/bin/sh", hash="$6$salt$0123456789", keys=(KEY,))
    ]
    users += [a.User("me", 1000, "staff", "/home/me", comment="Me")]
    given = a.accounts(users, [a.Group("staff", 50, ("root",))])
    assert a.shadow(given).startswith("root:$6$salt$0123456789:")
    assert "me:x:1000:50:Me:/home/me:/usr/sbin/nologin\n" in a.passwd(given)
    assert "staff:x:50:root\n" in a.group(given)
    tree = Tree(a.entries(given, SITE))
    assert [(e.path, e.mode, e.uid, e.gid) for e in tree if not e.path.startswith("/etc")] == [
        ("/home", 0o755, 0, 0),
        ("/home/me", 0o700, 1000, 50),
        ("/root", 0o700, 0, 0),
        ("/root/.ssh", 0o700, 0, 0),
        ("/root/.ssh/authorized_keys", 0o600, 0, 0),
    ]
    shadow = tree.get("/etc/shadow")
    assert shadow is not None and shadow.mode == 0o600


def test_all_that_is_wrong_is_told_at_once() -> None:
    users = [
        a.User("Me:"),
        a.User("one", 7),
        a.User("two", 7, "staf"),
        a.User("three", hash="secret"),
        a.User("four", keys=("AAAA",)),
        a.User("five", home="home:x"),
    ]
    with pytest.raises(a.AccountError) as refused:
        a.accounts(users, [a.Group("staff", members=("eve",))])
    lines = str(refused.value).splitlines()
    names = "Me: five four nobody one root three two"
    assert lines == [
        "user 'Me:': expected a name of a-z, 0-9, '-' and '_', 31 at most, no digit first",
        "user 'two': expected a group of Me: five four nogroup one root staff three, got 'staf'",
        "user 'three': expected a password's hash as crypt(5) has it, '$y$...'",
        "user 'four': expected a key as in a .pub file, 'ssh-ed25519 AAAA...', got 'AAAA'",
        "user 'five': expected an absolute path as its home, got 'home:x'",
        f"group 'staff': expected members of {names}, got 'eve'",
        "group 'Me:': expected a name of a-z, 0-9, '-' and '_', 31 at most, no digit first",
        "user one and two: expected numbers of their own, got 7 for each",
    ]
