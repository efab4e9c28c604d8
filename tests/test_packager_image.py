"""What goes into an image, of values alone: the skeleton, people, lists, secrets; what a build
says; and how it keeps what it has made."""

import io
import os
import runpy
from collections.abc import Callable
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
from packager.image.kept import RECORD, Kept
from packager.image.making import MakingError, fitting
from packager.image.people import People, Strangers
from packager.image.progress import Progress
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


# What is made already


def writes(octets: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(octets)


def never(path: Path) -> object:
    raise AssertionError(f"{path}: made again")


def make(folder: Path, octets: bytes = b"one", digest: str = "d", name: str = "root") -> bool:
    with Kept(folder) as kept:
        return kept.make(name, digest, writes(octets))


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_what_is_there_from_the_same_is_not_made_again(tmp_path: Path) -> None:
    assert make(tmp_path)
    with Kept(tmp_path) as kept:
        assert not kept.make("root", "d", never)
        assert kept.sizes() == {"root": 3}
    assert make(tmp_path, b"two", "e")
    assert (tmp_path / "root").read_bytes() == b"two"
    assert names(tmp_path) == [RECORD, "root"]


def test_what_was_changed_is_made_again_whatever_its_time_says(tmp_path: Path) -> None:
    make(tmp_path)
    root = tmp_path / "root"
    stat = root.stat()
    for octets in (b"onf", b"", bytes(3)):
        root.write_bytes(octets)
        os.utime(root, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert make(tmp_path)
        assert root.read_bytes() == b"one"
    root.unlink()
    assert make(tmp_path)


def test_a_time_alone_is_no_change(tmp_path: Path) -> None:
    make(tmp_path)
    os.utime(tmp_path / "root", (1, 1))
    assert not make(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"root": 1}', '{"root": ["d"]}', "\udcff"])
def test_a_record_that_is_none_makes_all_again(text: str, tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / RECORD).write_bytes(text.encode(errors="surrogateescape"))
    assert make(tmp_path)
    assert not make(tmp_path)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_what_fails_on_the_way_leaves_all_as_it_was(
    error: type[BaseException], tmp_path: Path
) -> None:
    make(tmp_path, name="kernel")
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}

    def breaks(path: Path) -> object:
        path.write_bytes(b"half")
        path.with_name(path.name + ".new").write_bytes(b"of a format")
        raise error

    with pytest.raises(error), Kept(tmp_path) as kept:
        kept.make("kernel", "e", writes(b"new"))
        kept.put("image.json", "new")
        kept.make("root", "e", breaks)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_new_results_take_their_places_together(tmp_path: Path) -> None:
    make(tmp_path, name="kernel")
    with Kept(tmp_path) as kept:
        kept.make("kernel", "e", writes(b"four"))
        assert (tmp_path / "kernel").read_bytes() == b"one"
        assert kept.path("kernel").read_bytes() == b"four"
        kept.put("packages.lock", "l")
        kept.make("root", "e", writes(b"r"))
        assert kept.sizes() == {"kernel": 4, "packages.lock": 1, "root": 1}
    assert names(tmp_path) == [RECORD, "kernel", "packages.lock", "root"]


def test_another_formats_result_goes_but_not_what_is_somebodys(tmp_path: Path) -> None:
    for name in ("root.ext4", "root.tar"):
        (tmp_path / "notes").write_text("mine")
        make(tmp_path, name=name)
    assert names(tmp_path) == [RECORD, "notes", "root.tar"]
    (tmp_path / "root.tar").write_text("changed by hand")
    make(tmp_path, name="root.ext4")
    assert names(tmp_path) == [RECORD, "notes", "root.ext4", "root.tar"]


def test_what_holds_secrets_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        seen = []

        def write(path: Path) -> object:
            path.write_bytes(b"x")
            seen.append(path.stat().st_mode & 0o777)
            return None

        for is_private in (True, False):
            with Kept(tmp_path, is_private) as kept:
                kept.make("root", str(is_private), write)
        assert seen == [0o600, 0o644]
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


def test_the_record_is_the_same_for_the_same(tmp_path: Path) -> None:
    texts = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        make(tmp_path / name)
        os.utime(tmp_path / name / "root", (1, 1))
        make(tmp_path / name)
        texts.add((tmp_path / name / RECORD).read_text())
    assert len(texts) == 1


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


# Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_step_is_a_line_with_its_seconds() -> None:
    said = io.StringIO()
    progress = Progress(said)
    with progress.step("the root") as told:
        told.append("5 octets")
    progress.end("box")
    lines = said.getvalue().splitlines()
    assert [line.lstrip(" .0123456789") for line in lines] == ["s the root, 5 octets", "s box"]
    assert all(float(line.split()[0]) < 60 for line in lines)


def test_a_terminal_shows_the_step_that_runs_and_quiet_is_quiet() -> None:
    for quiet, running in ((False, "        the root ...\r"), (True, "")):
        said = Terminal()
        progress = Progress(said, quiet=quiet)
        with progress.step("the root"):
            assert said.getvalue() == running
        assert said.getvalue().endswith("\x1b[K\n") != quiet


def test_a_step_that_fails_says_nothing_of_itself() -> None:
    said = io.StringIO()
    with pytest.raises(OSError), Progress(said).step("the root"):
        raise OSError
    assert said.getvalue() == ""
