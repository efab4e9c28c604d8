"""What the kernel and the site tell the boot, as text: the command line, and lists. Pure."""


def command_line(text: str) -> dict[str, str]:
    """The kernel's command line (/proc/cmdline): name -> value, "" for a word alone.

    The last of several counts. Double quotes hold spaces together, as the kernel has it.
    """
    found = {}
    for word in _split(text):
        name, _, value = word.partition("=")
        if name:
            found[name] = value
    return found


def _split(text: str) -> list[str]:
    words = [""]
    is_quoted = False
    for character in text:
        if character == '"':
            is_quoted = not is_quoted
        elif character in " \t\n" and not is_quoted:
            words.append("")
        else:
            words[-1] += character
    return words


def rows(text: str) -> list[str]:
    """The lines of a list, without empty ones and comments (`#` begins a line)."""
    lines = [line.strip() for line in text.split("\n")]
    return [line for line in lines if line and line[0] != "#"]


def sysctls(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """The settings of a list of `name = value` as (file below /proc/sys, value); wrong lines.

    As sysctl(8): dots part the name's words, or slashes where a word has a dot (a VLAN's).
    """
    found, wrong = [], []
    for line in rows(text):
        name, sign, value = line.partition("=")
        name = name.strip()
        first = name.replace(".", "/", 1).find("/")
        # The first separator tells which of the two it is.
        path = name if first >= 0 and name[first] == "/" else _turned(name)
        if not sign or not name or ".." in path.split("/") or path[0] == "/":
            wrong.append(line)
        else:
            found.append((path, value.strip()))
    return found, wrong


def _turned(name: str) -> str:
    """Dots and slashes exchanged: net.ipv4.conf.eth0/5.forwarding."""
    return "".join([{".": "/", "/": "."}.get(character, character) for character in name])
