"""What a definition is made of, and what a site is: the front of the site language.

A definition is a class of this kind in services/<capability>/definition.py; a site is a Python
file that makes services and puts them into `SITE = Site(...)`. Everything in a site is checked when
it is made, and all problems of one run are told with file and line.
"""

from typing import ClassVar

from services.site import kinds as kinds
from services.site.conditions import Condition as Condition
from services.site.conditions import ServiceIs
from services.site.conditions import device as device
from services.site.conditions import every as every
from services.site.conditions import link as link
from services.site.described import Described
from services.site.described import parameter as parameter
from services.site.outputs import Outputs as Outputs
from services.site.outputs import Ref as Ref
from services.site.outputs import Reference as Reference
from services.site.outputs import output as output
from services.site.problems import SiteError as SiteError
from services.site.problems import here
from services.site.resources import Account as Account
from services.site.resources import Claim as Claim
from services.site.resources import Debian as Debian
from services.site.resources import Delivered as Delivered
from services.site.resources import File as File
from services.site.resources import Folder as Folder
from services.site.resources import Module as Module
from services.site.resources import Named as Named
from services.site.resources import Program as Program
from services.site.resources import Resource as Resource
from services.site.resources import Symlink as Symlink
from services.site.resources import Sysctl as Sysctl
from services.site.unit import Alternative as Alternative
from services.site.unit import Unit as Unit
from services.site.unit import bundle as bundle
from services.site.unit import longrun as longrun
from services.site.unit import oneshot as oneshot


class Secret(Described):
    """A secret by its name: its value is a file on the device, never in the site."""

    HIDDEN: ClassVar[bool] = True  # a value in its place is not shown
    SORT: ClassVar[tuple[str, str]] = ("a secret by its name", "secrets by their names")

    name: str = parameter("the name of the file in the secrets' folder", kinds.SERVICE_NAME)
    lines: bool = parameter("whether it has several lines, as a private key", default=False)

    @property
    def words(self) -> str:
        """What it is, for messages."""
        return f"the secret {self.name}"


class Service(Described):
    """One capability of the router. A definition adds parameters, outputs, units and resources."""

    SORT: ClassVar[tuple[str, str]] = ("a service", "services")
    NOUN: ClassVar[str] = "service"

    name: str = parameter("the name in the graph, the log and the outputs", kinds.SERVICE_NAME)

    @property
    def words(self) -> str:
        """What it is, for messages."""
        return f"the service {self.name}"

    @property
    def outputs(self) -> Outputs:
        """What it publishes; definitions give their own class."""
        return Outputs(self)

    @property
    def ready(self) -> ServiceIs:
        """The condition that it is ready."""
        return ServiceIs(self.name, where=here())

    def units(self) -> tuple[Unit, ...]:
        """What runs: one of the units has the service's name, the others begin with it and `-`."""
        return ()

    def resources(self) -> tuple[Resource, ...]:
        """What the image has to have for it."""
        return ()


class User(Described):
    """Somebody who may log in."""

    name: str = parameter("the name to log in with", kinds.USER_NAME, default="root")
    keys: tuple[str, ...] = parameter(
        "public keys for ssh, a line each as in authorized_keys",
        kinds.each(kinds.PUBLIC_KEY),
        default=(),
    )
    password: str = parameter(
        "a hash as crypt(5) makes it (`openssl passwd -6`); empty: no login by password",
        kinds.optional(kinds.PASSWORD_HASH),
        default="",
    )
    shell: str = parameter("the login shell", kinds.PATH, default="/bin/sh")


class Budget(Described):
    """How large things may get; a build that is over fails. 0: no limit."""

    image: int = parameter("octets of the image", kinds.number(0, 2**40, "octets"), default=0)
    root: int = parameter(
        "octets of squashfs that all but kernel and modules may take",
        kinds.number(0, 2**40, "octets"),
        default=0,
    )
    programs: int = parameter(
        "octets of squashfs that our own programs may take",
        kinds.number(0, 2**40, "octets"),
        default=0,
    )
    overlay: int = parameter(
        "octets of the writable overlay that what the image has in folders kept may take",
        kinds.number(0, 2**40, "octets"),
        default=0,
    )


class Site(Described):
    """A router's whole configuration. The file names it SITE."""

    hostname: str = parameter("the router's own name", kinds.HOST_NAME)
    services: tuple[Service, ...] = parameter("all that runs on it")
    users: tuple[User, ...] = parameter("who may log in", default=())
    secrets: tuple[Secret, ...] = parameter("the secrets that the device will have", default=())
    time_zone: str = parameter(
        "the time zone, as in POSIX's TZ or tzdata's names",
        kinds.text("a time zone as Europe/Berlin or CET-1CEST", r"[A-Za-z0-9_+\-/<>,.:]{1,64}"),
        default="UTC",
    )
    sysctls: tuple[Sysctl, ...] = parameter("kernel settings of the site's own", default=())
    modules: tuple[Module, ...] = parameter("kernel modules of the site's own", default=())
    files: tuple[File | Folder, ...] = parameter("files of the site's own", default=())
    packages: tuple[Debian, ...] = parameter("files of Debian packages besides", default=())
    rescue: bool = parameter(
        "a shell on the console, without a password, when the start fails", default=False
    )
    budget: Budget = parameter("limits of sizes", default=Budget())
