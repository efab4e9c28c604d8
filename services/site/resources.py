"""What a service needs of the image besides its units: files, programs, modules, users, claims."""

from dataclasses import dataclass, field

from firewall.ruleset.model import Where
from services.site.checked import Checked
from services.site.problems import here


@dataclass(frozen=True)
class Debian(Checked):
    """Files of a Debian package: patterns of paths without the leading slash (`usr/sbin/dnsmasq`).
    What these need to run (libraries, interpreters) comes by itself."""

    package: str
    paths: tuple[str, ...]
    where: Where = field(default_factory=here, compare=False)


@dataclass(frozen=True)
class Program(Checked):
    """One of our own programs by its name (packaging/frozen/programs): it is frozen in."""

    name: str
    where: Where = field(default_factory=here, compare=False)


@dataclass(frozen=True)
class Module(Checked):
    """A kernel module, loaded at boot with what it needs; `load` False: only in the image."""

    name: str
    load: bool = True
    where: Where = field(default_factory=here, compare=False)


@dataclass(frozen=True)
class Sysctl(Checked):
    """A kernel setting: a path below /proc/sys with `/`, and its text."""

    path: str
    value: str
    where: Where = field(default_factory=here, compare=False)


@dataclass(frozen=True)
class File(Checked):
    """A file of the image. path: absolute. mode: octal. owner: a user's name."""

    path: str
    content: str | bytes
    mode: int = 0o644
    owner: str = "root"
    where: Where = field(default_factory=here, compare=False)


@dataclass(frozen=True)
class Folder(Checked):
    """A folder of the image, which may stay empty. `keep`: what is in it outlives a reboot."""

    path: str
    mode: int = 0o755
    owner: str = "root"
    keep: bool = False
    where: Where = field(default_factory=here, compare=False)


@dataclass(frozen=True)
class Symlink(Checked):
    """A symbolic link of the image; target: where it leads to, absolute."""

    path: str
    target: str
    where: Where = field(default_factory=here, compare=False)


@dataclass(frozen=True)
class Account(Checked):
    """A user that a daemon runs as. groups: further ones. home, shell: as in passwd(5)."""

    name: str
    home: str = "/"
    shell: str = "/bin/false"
    groups: tuple[str, ...] = ()
    where: Where = field(default_factory=here, compare=False)


@dataclass(frozen=True)
class Claim(Checked):
    """What only one service can have: a link's configuration, a port, a piece of hardware.
    kind: `link`, `port`, `device`...; what: `eth0`, `udp/53`. makes: the service makes it, the
    machine need not have it (links)."""

    kind: str
    what: str
    where: Where = field(default_factory=here, compare=False)
    makes: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Named(Checked):
    """A link's name that follows the hardware: what has it waits until the link is there and is
    called so. by: mac=MAC, path=PATH or label=LABEL (services/link/README.md)."""

    ifname: str
    by: str
    where: Where = field(default_factory=here, compare=False)


@dataclass(frozen=True)
class Delivered(Checked):
    """A secret by its name, as a file of one consumer alone (mode 0600)."""

    secret: str
    where: Where = field(default_factory=here, compare=False)


Resource = (
    Debian | Program | Module | Sysctl | File | Folder | Symlink
    | Account | Claim | Named | Delivered
)  # fmt: skip
