"""What goes into an image, of values alone: the skeleton, people, lists, secrets, forms."""

import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from packager.commands.build import choices
from packager.compiled import compile
from packager.debian.selection import Wanted
from packager.formats import image
from packager.image import contents, skeleton, writing
from packager.image.build import Request, own_tree
from packager.image.forms import FORMS
from packager.image.making import MakingError, fitting
from packager.image.people import People, Strangers
from packager.root.accounts import AccountError
from packager.root.tree import Tree
from packager.targets import TARGETS, find_target
from services.model import (
    Account,
    Debian,
    File,
    Folder,
    Module,
    Resource,
    Secret,
    Service,
    Site,
    Sysctl,
    User,
    parameter,
)
from tests.runtimes import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
HASH = "$6$salt$hashhashhash"


class Asks(Service):
    """Asks for what a test gives it."""

    more: tuple[Resource, ...] = parameter("its resources", default=())

    def resources(self) -> tuple[Resource, ...]:
        return self.more


def site(*services: Service, **more: object) -> Site:
    return Site(hostname="box", services=services, **more)  # type: ignore[arg-type]


def asked(target: str = "qemu-x86_64", **more: object) -> Request:
    nowhere = Path("/nonexistent")
    request = Request(find_target(target), FORMS["tar"], nowhere, nowhere, nowhere)
    return replace(request, **more)  # type: ignore[arg-type]


def own(one: Site, folder: Path, **more: object) -> Tree:
    """The tree of all that is not Debian's."""
    binary = folder / "frost"
    binary.write_bytes(b"frost")
    return own_tree(one, compile(one), binary, asked(**more))  # type: ignore[arg-type]


def text(tree: Tree, path: str) -> str:
    entry = tree.get(path)
    assert entry is not None, path
    return entry.octets().decode()


def owner(tree: Tree, path: str) -> tuple[int, int, int]:
    """(uid, gid, mode)"""
    entry = tree.get(path)
    assert entry is not None, path
    return entry.uid, entry.gid, entry.mode


# The skeleton


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_parts_of_an_examples_root_do_not_clash(path: Path, tmp_path: Path) -> None:
    tree = own(runpy.run_path(str(path))["SITE"], tmp_path)
    for each in tree:
        if each.kind == "link" and each.target.startswith(("/usr/libexec", "usr/")):
            assert tree.follow(each.path) in tree, each
    assert tree.follow("/sbin/init") == tree.follow("/init") == "/usr/libexec/frost/frost"
    assert tree.follow("/bin/sh") == skeleton.BUSYBOX  # which is Debian's
    assert text(tree, "/etc/hosts").split()[-1] == text(tree, "/etc/hostname").strip()


def test_the_skeleton_is_small_and_has_the_modes_that_all_expect() -> None:
    tree = skeleton.skeleton(site(), "/a:/b", "/programs")
    modes = {each.path: each.mode for each in tree if each.kind == "folder" and each.mode != 0o755}
    assert modes == {"/proc": 0o555, "/sys": 0o555, "/tmp": 0o1777, "/var/tmp": 0o1777,
                     "/root": 0o700}  # fmt: skip
    files = {each.path for each in tree if each.kind == "file"}
    assert files == {"/etc/hostname", "/etc/hosts", "/etc/shells", "/etc/nsswitch.conf",
                     "/etc/profile"}  # fmt: skip
    assert text(tree, "/etc/profile").startswith("export PATH=/a:/b\n")
    assert {tree.follow(f"/sbin/{name}") for name in ("halt", "poweroff", "reboot")} == {
        "/programs/halt", "/programs/poweroff", "/programs/reboot"}  # fmt: skip


def test_a_name_of_busybox_is_there_once() -> None:
    names = skeleton.commands(skeleton.beside(skeleton.COMMANDS))
    assert len(names) == len({name.rpartition("/")[2] for name in names}) > 80
    assert skeleton.commands("# no\n/bin: a b  # c\n") == ["/bin/a", "/bin/b"]
    assert skeleton.base_packages("\n# no\na /x /y  # why\n") == (Debian("a", ("/x", "/y")),)


def test_a_sites_file_takes_the_skeletons_place(tmp_path: Path) -> None:
    hosts = File("/etc/hosts", "127.0.0.1 me\n", 0o600)
    tree = own(site(files=(hosts,)), tmp_path)
    assert text(tree, "/etc/hosts") == "127.0.0.1 me\n"
    assert owner(tree, "/etc/hosts") == (0, 0, 0o600)
    service = own(site(Asks(name="a", more=(File("/etc/shells", "none\n"),))), tmp_path)
    assert text(service, "/etc/shells") == "none\n"


# People


def test_users_and_daemons_have_accounts_and_nobody_a_password(tmp_path: Path) -> None:
    daemon = Asks(name="web", more=(Account("www", groups=("certs",)), Account("own", "/srv/own")))
    users = (User(name="root", shell="/bin/ash"), User(name="ada", password=HASH))
    folders = (Folder("/srv/own", 0o750, "own"), File("/home/ada/note", "n", 0o640, "ada"))
    tree = own(site(daemon, users=users, files=folders), tmp_path)
    lines = [line.split(":") for line in text(tree, "/etc/passwd").splitlines()]
    rows = {row[0]: row for row in lines}
    assert sorted(rows) == ["ada", "nobody", "own", "root", "www"]
    assert rows["root"][2:] == ["0", "0", "", "/root", "/bin/ash"]
    assert rows["ada"][5:] == ["/home/ada", "/bin/sh"]
    assert rows["www"][5:] == ["/", "/bin/false"]
    assert rows["own"][5] == "/nonexistent"  # the folder is of the site
    assert {row[1] for row in rows.values()} == {"x"}
    shadow = [line.split(":")[:2] for line in text(tree, "/etc/shadow").splitlines()]
    assert {name: word for name, word in shadow if word != "*"} == {"ada": HASH}
    assert owner(tree, "/etc/shadow") == (0, 0, 0o600)

    ada, www = int(rows["ada"][2]), int(rows["own"][2])
    assert owner(tree, "/root") == (0, 0, 0o700)
    assert owner(tree, "/home/ada") == (ada, int(rows["ada"][3]), 0o700)
    assert owner(tree, "/home/ada/note") == (ada, int(rows["ada"][3]), 0o640)
    assert owner(tree, "/srv/own") == (www, int(rows["own"][3]), 0o750)

    groups = {line.split(":")[0]: line.split(":")[2:] for line in
              text(tree, "/etc/group").splitlines()}  # fmt: skip
    assert groups["frost"][1] == "" and int(groups["frost"][0]) > 0
    assert groups["tty"] == ["5", ""]
    assert groups["certs"][1] == "www"


def test_who_operates_the_router_is_in_its_group() -> None:
    people = People(site(), (Account("watcher", groups=("frost",)),))
    assert "\nfrost:x:" in "\n" + text(people.tree(), "/etc/group")
    [line] = [line for line in text(people.tree(), "/etc/group").splitlines() if
              line.startswith("frost:")]  # fmt: skip
    assert line.endswith(":watcher")
    with pytest.raises(AccountError, match="^expected a user of nobody root watcher, got 'ada'$"):
        people.ids("ada")


def test_strangers_are_those_of_the_roots_passwd() -> None:
    rows = ("root:x:0:0::/:/bin/sh", "www:x:33:34:,:/:/x", "+nis", "bad:x:a:b::/:/", "short:x:1")
    users = Strangers("\n".join([*rows, "half:x:a:4::/:/"]))
    assert (users.ids("www"), users.ids("root")) == ((33, 34), (0, 0))
    for name in ("bad", "short", "half", "+nis"):
        with pytest.raises(AccountError, match=r"root file system \(root www\); add it there"):
            users.ids(name)
    assert Strangers().ids("root") == (0, 0)


# What is asked for, and why


def test_packages_are_asked_for_with_who_needs_them() -> None:
    dns = Asks(name="dns", more=(Debian("shared", ("usr/bin/a",)), Debian("busybox", ("bin/x",))))
    web = Asks(name="web", more=(Debian("shared", ("usr/bin/b",)),))
    one = site(dns, web, packages=(Debian("tcpdump", ("usr/bin/tcpdump",)),))
    wanted = contents.wanted(one, compile(one), "busybox /usr/bin/busybox # shell\n")
    assert wanted[0] == Wanted(
        "busybox", ("/usr/bin/busybox",), "every image has it (packaging/packager/image/base)"
    )
    reasons = {each.package: (each.patterns, each.reason) for each in wanted[1:]}
    assert reasons.pop("s6")[1] == reasons.pop("execline")[1] == "supervision needs it"
    assert reasons == {
        "busybox": (("/bin/x",), "service dns runs it"),
        "shared": (("/usr/bin/a", "/usr/bin/b"), "services dns and web run it"),
        "tcpdump": (("/usr/bin/tcpdump",), "the site asks for it"),
    }


def test_modules_are_in_the_image_with_who_needs_them() -> None:
    dns = Asks(name="dns", more=(Module("dummy"), Module("virtio_net")))
    one = site(dns, Asks(name="web", more=(Module("dummy"),)), modules=(Module("tun"),))
    compiled, target = compile(one), find_target("qemu-x86_64")
    assert contents.modules(one, compiled, target) == {
        "virtio_pci": "a network card of qemu-x86_64 needs it",
        "virtio_net": "service dns needs it",
        "dummy": "services dns and web need it",
        "tun": "the site asks for it",
    }
    assert contents.drivers(find_target("overlay-mips")) == ()


def test_our_programs_are_one_file_and_what_people_type_is_in_their_path() -> None:
    tree = contents.programs(Path("/x"), ["frost", "frost-init", "ra", "frost-firewall"])
    links = {each.path: each.target for each in tree if each.kind == "link"}
    assert links == {
        "/usr/libexec/frost/frost-init": "frost",
        "/usr/libexec/frost/ra": "frost",
        "/usr/libexec/frost/frost-firewall": "frost",
        "/usr/bin/frost": "/usr/libexec/frost/frost",
        "/usr/bin/frost-firewall": "/usr/libexec/frost/frost-firewall",
    }
    assert owner(tree, "/usr/libexec/frost/frost") == (0, 0, 0o755)


def test_a_file_is_told_by_the_line_that_made_it(tmp_path: Path) -> None:
    one = site(files=(File("/etc/a", b"\xff", 0o4750), Folder("/keep", keep=True)))
    tree = own(one, tmp_path)
    made = tree.get("/etc/a")
    assert made is not None and (made.octets(), made.mode) == (b"\xff", 0o4750)
    assert made.origin.reason == f"written for test_packager_image.py:{one.files[0].where.line}"
    kept = tree.get("/keep")
    assert kept is not None and kept.origin.reason == "kept across reboots"


def test_secrets_are_files_of_root_alone_and_only_when_they_are_given(tmp_path: Path) -> None:
    (tmp_path / "wlan").write_bytes(b"tulips\n")
    (tmp_path / "undeclared").write_bytes(b"x")
    one = site(secrets=(Secret(name="wlan"),))
    tree = own(one, tmp_path, secrets=tmp_path)
    assert text(tree, "/etc/frost/secrets/wlan") == "tulips\n"
    assert owner(tree, "/etc/frost/secrets/wlan") == (0, 0, 0o600)
    assert owner(tree, "/etc/frost/secrets") == (0, 0, 0o700)
    assert "/etc/frost/secrets/undeclared" not in tree
    assert "/etc/frost/secrets" not in own(one, tmp_path)


def test_what_a_machine_has_to_have_for_an_overlay() -> None:
    more = (Debian("dns", ("usr/sbin/dns",)), Account("d"), Module("tun"), Sysctl("a/b", "1"))
    needs = contents.needs(compile(site(Asks(name="a", more=more))))
    assert needs["files"][0] == "dns: /usr/sbin/dns"
    assert "s6: /usr/bin/s6-svscan" in needs["files"]
    assert (needs["users"], needs["modules"], needs["settings"]) == (["d"], ["tun"], ["a/b = 1"])


# What the early boot reads


def test_the_boots_lists_keep_their_order_and_are_absent_when_empty() -> None:
    modules = [Module("z"), Module("at-hand", load=False), Module("a")]
    tree = contents.boot_lists(modules, [Sysctl("net/b", "1 2"), Sysctl("net/a", "0")])
    files = {each.path: text(tree, each.path) for each in tree if each.kind == "file"}
    assert files == {
        "/etc/frost/boot/modules": "z\na\n",
        "/etc/frost/boot/sysctl": "net/b = 1 2\nnet/a = 0\n",
    }
    assert len(contents.boot_lists([], [])) == 0


def test_the_cards_drivers_come_before_a_services_modules(tmp_path: Path) -> None:
    one = site(Asks(name="a", more=(Module("aaa"), Sysctl("x", "1"))), sysctls=(Sysctl("y", "2"),))
    tree = own(one, tmp_path)
    assert text(tree, "/etc/frost/boot/modules") == "virtio_pci\nvirtio_net\naaa\n"
    assert text(tree, "/etc/frost/boot/sysctl") == "x = 1\ny = 2\n"


def test_a_shell_without_a_password_is_there_when_the_site_says_so_alone(tmp_path: Path) -> None:
    path = "/etc/frost/boot/rescue"
    assert path not in own(site(), tmp_path)
    assert text(own(site(rescue=True), tmp_path), path) == "/bin/sh\n"
    for each in EXAMPLES:
        assert path not in own(runpy.run_path(str(each))["SITE"], tmp_path), each


# Forms


@pytest.mark.parametrize("name", sorted(FORMS))
@pytest.mark.parametrize("target", ["qemu-x86_64", "overlay-mips"])
def test_a_form_is_a_format_with_the_builds_date(name: str, target: str) -> None:
    form = FORMS[name]
    if name == "initramfs":
        assert (form.disk, writing.initrd(7).epoch) == ("", 7)
        return
    options = writing.options(name, find_target(target), 7)
    assert type(options).__name__.lower() == {"ubifs": "ubi"}.get(name, name)
    assert getattr(options, "epoch", 7) == 7
    assert getattr(options, "byte_order", "") in ("", find_target(target).byte_order)
    if form.is_bootable:
        assert f"rootfstype={name}" in form.words and name in form.modules


def test_nobody_boots_an_overlay() -> None:
    for name, target in TARGETS.items():
        expected = {
            form: "tar" if target.is_overlay and FORMS[form].is_bootable else form for form in FORMS
        }
        assert {form: fitting(FORMS[form], target).name for form in FORMS} == expected, name


class Given:
    """What argparse gives."""

    site = Path("a/router.py")
    target, format = "overlay-mips", "squashfs"
    output = lock = secrets = rootfs = None


def test_the_outputs_default_name_tells_what_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    chosen = choices(Given())  # type: ignore[arg-type]
    assert chosen.output == Path("image/router-overlay-mips-tar")
    assert chosen.epoch == 0
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "12")
    assert choices(Given()).epoch == 12  # type: ignore[arg-type]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1²")
    with pytest.raises(MakingError, match="^SOURCE_DATE_EPOCH: expected seconds since 1970, "):
        choices(Given())  # type: ignore[arg-type]


# What results are kept by


def test_a_tree_of_other_owners_is_another(tmp_path: Path) -> None:
    """The digest that results are kept by sees all that an image shows."""
    first, later = (writing.options("squashfs", find_target("qemu-x86_64"), n) for n in (1, 2))
    trees = [
        own(site(), tmp_path),
        own(site(rescue=True), tmp_path),
        own(site(users=(User(name="ada"),)), tmp_path),
        own(site(files=(Folder("/x"),)), tmp_path),
        own(site(files=(Folder("/x", 0o700),)), tmp_path),
    ]
    digests = {image.fingerprint(tree, first) for tree in trees}
    digests.add(image.fingerprint(trees[0], later))
    assert len(digests) == len(trees) + 1
