"""with_secret: a configuration and the secrets that belong into it become one file, mode 0600.

The file is on a tmpfs and for one daemon; no secret is in an argument or the environment.
"""

import sys

from agent import environment, names, options, readiness, report
from agent.daemon import places
from agent.options import UsageError
from agent.port import files, process
from services.secrets import following, formats
from services.secrets.formats import SecretError
from services.secrets.place import write_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = following.PROGRAM
USAGE = (
    "with_secret [-w] [-d FD] FORM SECRET... CONFIGURATION TARGET",
    "with_secret -r TARGET",
)


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Write the file, follow its secrets with -w, or with -r remove it; the exit code
    (services/secrets/README.md)."""
    try:
        given, words = options.parse(argv, "rw", "d")
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
    if "r" in given:
        return _remove(words[0])
    made = Made(folder, words)
    if "w" not in given:
        return made.write()
    notify = readiness.usable(PROGRAM, told)
    try:
        return following.follow(
            folder, made.secrets, made.write, made.is_changed, service, where, notify
        )
    except OSError as error:
        report.say(PROGRAM, "%s: %s" % (folder, process.strerror(error.errno or 0)))
        return 111


def _check(given: dict[str, str], words: list[str]) -> None:
    few = len(words) != 1 if "r" in given else len(words) < 4
    if few or words[-1][:1] != "/":
        count = "one word" if "r" in given else "four words or more"
        raise UsageError("expected %s, the last an absolute path" % count)
    if "r" not in given:
        if words[0] not in formats.FORMS:
            raise UsageError("FORM: expected one of %s" % " ".join(formats.FORMS))
        for name in words[1:-2]:
            if not names.is_service_name(name):
                raise UsageError("SECRET: expected the name of a secret")


class Made:
    """The file that is made of a configuration and secrets of a folder; `words` of the command."""

    def __init__(self, folder: str, words: list[str]) -> None:
        self.secrets = words[1:-2]
        self._folder, self._form = folder, words[0]
        self._base, self._target = words[-2:]
        self._at = ""  # what is being read or written, for messages
        self._text = b""  # what was written

    def write(self) -> int:
        """Write it; the exit code, and a line when that is not 0."""
        return self._attempt(self._write)

    def is_changed(self) -> bool:
        """Whether it would be another one now; what does not fit is told, and is no change."""
        before = self._text
        return self._attempt(self._make) == 0 and self._text != before

    def _write(self) -> None:
        self._make()
        self._at = self._target
        write_secret(self._target, self._text)

    def _make(self) -> None:
        self._at = self._base
        text = files.read(self._base)
        for name in self.secrets:
            self._at = "%s/%s" % (self._folder, name)
            text = formats.put(text, name, formats.line(self._form, files.read(self._at)))
        self._text = text

    def _attempt(self, step: "Callable[[], None]") -> int:
        try:
            step()
        except SecretError as error:
            report.say(PROGRAM, "%s: %s" % (self._at, error))
            return 1
        except OSError as error:
            report.say(PROGRAM, "%s: %s" % (self._at, process.strerror(error.errno or 0)))
            return 111
        return 0


def _remove(path: str) -> int:
    try:
        if files.kind(path):
            files.remove_file(path)
    except OSError as error:
        report.say(PROGRAM, "%s: %s" % (path, process.strerror(error.errno or 0)))
        return 111
    return 0


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
