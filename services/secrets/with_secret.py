"""with_secret: a configuration and the secrets that belong into it become one file, mode 0600.

The file is on a tmpfs and for one daemon; no secret is in an argument or the environment.
"""

import sys

from agent import names, options, report
from agent.generations import make_folders
from agent.options import UsageError
from agent.port import files, process
from services.secrets import formats
from services.secrets.formats import SecretError

PROGRAM = "with_secret"
USAGE = "with_secret FORM SECRET... CONFIGURATION TARGET | with_secret -r TARGET"
FOLDER = "/etc/frost/secrets"


def main(argv: list[bytes], environ: dict[bytes, bytes]) -> int:
    """Write the file, or with -r remove it; the exit code (services/secrets/README.md)."""
    try:
        given, words = options.parse(argv, "r", "")
        few = len(words) != 1 if "r" in given else len(words) < 4
        if few or words[-1][:1] != "/":
            raise UsageError("expected %s, the last an absolute path" % _count(given))
        secrets = words[1:-2]
        if "r" not in given:
            if words[0] not in formats.FORMS:
                raise UsageError("FORM: expected one of %s" % " ".join(formats.FORMS))
            for name in secrets:
                if not names.is_service_name(name):
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
        at = words[-2]
        text = files.read(at)
        for name in secrets:
            at = FOLDER + "/" + name
            text = formats.put(text, name, formats.line(words[0], files.read(at)))
        at = words[-1]
        _write(at, text)
    except SecretError as error:
        report.say(PROGRAM, "%s: %s" % (at, error))
        return 1
    except OSError as error:
        report.say(PROGRAM, "%s: %s" % (at, process.strerror(error.errno or 0)))
        return 111
    return 0


def _count(given: dict[str, str]) -> str:
    return "one word" if "r" in given else "four words or more"


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
