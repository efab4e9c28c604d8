"""with_secret: delivers secrets to one service, as files of its own in its service directory.

They are on a tmpfs, mode 0600; no secret is in an argument or the environment.
"""

import sys

from agent import environment, names, options, readiness, report
from agent.daemon import places
from agent.options import UsageError
from agent.port import files, process
from agent.port.errno import ENOENT
from agent.s6.install import InstallError
from agent.s6.values import find_user
from services.secrets import following, formats, place
from services.secrets.formats import KEYS, PLAIN, SecretError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = following.PROGRAM
USAGE = (
    "with_secret [-w] [-d FD] [-s SIGNAL] [-u USER] FORM SECRET... [CONFIGURATION] SERVICE",
    "with_secret -r SERVICE",
)


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Deliver, follow the secrets with -w, or with -r take back; the exit code
    (services/secrets/README.md)."""
    try:
        given, words = options.parse(argv, following.PLAIN_OPTIONS, following.VALUED_OPTIONS)
        _check(given, words)
        folder = environment.secrets_folder(environ)
        where = places.from_environment(environ)
        service = environment.service(environ, PROGRAM)
        told = readiness.descriptor(given.get("d"), environ)
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        for line in USAGE:
            report.say(PROGRAM, "usage: " + line)
        return 100
    made = Made(folder, where.scan, given.get("u", ""), words)
    if "r" in given:
        return made.remove()
    if "w" not in given:
        return made.write()
    notify = readiness.usable(PROGRAM, told)
    try:
        return following.follow(made, folder, service, given.get("s", ""), where, notify)
    except OSError as error:
        report.say(PROGRAM, "%s: %s" % (folder, process.strerror(error.errno or 0)))
        return 111


def _check(given: dict[str, str], words: list[str]) -> None:
    if "r" in given:
        if len(words) != 1 or not names.is_service_name(words[0]):
            raise UsageError("expected the name of a service")
        return
    if not words or words[0] not in formats.FORMS:
        raise UsageError("FORM: expected one of %s" % " ".join(formats.FORMS))
    if given.get("s", "HUP") not in following.SIGNALS:
        raise UsageError("option -s: expected one of %s" % " ".join(following.SIGNALS))
    secrets, configuration = following.split(words)
    if not secrets or (words[0] != PLAIN and configuration[:1] != "/"):
        raise UsageError("expected secrets, the absolute path of a configuration and a service")
    for name in secrets + words[-1:]:
        if not names.is_service_name(name):
            raise UsageError("expected the names of secrets and of a service")


class Made:
    """What a service gets: a configuration with secrets of a folder in it, or the secrets as they
    are. `words` of the command."""

    def __init__(self, folder: str, scan: str, user: str, words: list[str]) -> None:
        self.consumer, self._form = words[-1], words[0]
        self.secrets, self._base = following.split(words)
        self._folder, self._scan, self._user = folder, scan, user
        self._at = ""  # what is being read or written, for messages
        self._files: list[tuple[str, bytes]] = []  # what was delivered

    def write(self) -> int:
        """Deliver it; the exit code, and a line when that is not 0."""
        return self._attempt(self._write)

    def is_changed(self) -> bool:
        """Whether it would be another one now; what does not fit is told, and is no change."""
        before = self._files
        return self._attempt(self._make) == 0 and self._files != before

    def remove(self) -> int:
        """Take it back; the exit code."""
        return self._attempt(self._remove)

    def _write(self) -> None:
        self._make()
        owner = find_user(self._user) if self._user else (-1, -1)
        # Again when the agent has given the service its folder meanwhile.
        while self._at != place.folder_of(self._scan, self.consumer):
            self._at = place.folder_of(self._scan, self.consumer)
            place.deliver(self._at, self._files, owner[0], owner[1])

    def _make(self) -> None:
        self._at = self._base
        text = b"" if self._form == PLAIN else files.read(self._base)
        made = []
        for name in self.secrets:
            self._at = "%s/%s" % (self._folder, name)
            if self._form == KEYS:
                text += self._keys()
                continue
            secret = files.read(self._at)
            if self._form == PLAIN:
                made.append((name, formats.whole(secret)))
            else:
                text = formats.put(text, name, formats.line(self._form, secret))
        self._files = made or [(self._base.rpartition("/")[2], text)]

    def _keys(self) -> bytes:
        """Keys that are missing, or wrong from the start, keep nobody out who has another."""
        try:
            return formats.keys(files.read(self._at)).encode()
        except OSError as error:
            if error.errno != ENOENT:
                raise
        except SecretError as error:
            if self._files:
                raise
            report.say(PROGRAM, "%s: %s" % (self._at, error))
        return b""

    def _remove(self) -> None:
        self._at = self.consumer
        place.remove(self._scan, self.consumer)

    def _attempt(self, step: "Callable[[], None]") -> int:
        try:
            step()
        except (SecretError, InstallError) as error:
            report.say(PROGRAM, "%s: %s" % (self._at, error))
            return 1
        except OSError as error:
            report.say(PROGRAM, "%s: %s" % (self._at, process.strerror(error.errno or 0)))
            return 111
        return 0


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
