"""with_secret: a configuration and the secret that belongs into it become one file, mode 0600.

The file is on a tmpfs and for one daemon; the secret is in no argument and no environment.
"""

import sys

from agent import names, options, report
from agent.generations import make_folders
from agent.options import UsageError
from agent.port import files, process
from services.secrets import formats
from services.secrets.formats import SecretError

PROGRAM = "with_secret"
USAGE = "with_secret FORM SECRET CONFIGURATION TARGET | with_secret -r TARGET"
FOLDER = "/etc/frost/secrets"


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Write the file, or with -r remove it; the exit code (services/secrets/README.md)."""
    try:
        given, words = options.parse(argv, "r", "")
        if len(words) != (1 if "r" in given else 4) or words[-1][0] != "/":
            raise UsageError("expected %s words, the last an absolute path" % _count(given))
        if "r" not in given:
            if words[0] not in formats.FORMS:
                raise UsageError("FORM: expected one of %s" % " ".join(formats.FORMS))
            if not names.is_service_name(words[1]):
                raise UsageError("SECRET: expected the name of a secret")
    except UsageError as error:
        report.say(PROGRAM, "%s" % error)
        report.say(PROGRAM, "usage: " + USAGE)
        return 100
    at = words[-1]
    try:
        if "r" in given:
            if files.kind(at):
                files.remove_file(at)
            return 0
        at = FOLDER + "/" + words[1]
        line = formats.line(words[0], files.read(at))
        at = words[2]
        base = files.read(at)
        at = words[3]
        _write(at, base + line.encode())
    except SecretError as error:
        report.say(PROGRAM, "%s: %s" % (at, error))
        return 1
    except OSError as error:
        report.say(PROGRAM, "%s: %s" % (at, process.strerror(error.errno or 0)))
        return 111
    return 0


def _count(given: dict[str, str]) -> str:
    return "one" if "r" in given else "four"


def _write(path: str, content: bytes) -> None:
    """The whole file or none, readable by its owner alone from the first octet on."""
    make_folders(path.rpartition("/")[0])
    part = path + ".new"
    if files.kind(part):
        files.remove_file(part)
    files.write(part, content, 0o600)
    files.rename(part, path)


def run() -> None:
    """The program's entry on both runtimes."""
    sys.exit(main(process.argv()[1:], process.environ()))


if __name__ == "__main__":
    run()
