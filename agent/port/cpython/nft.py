"""agent.port.nft on CPython: libnftables in this process, by Debian's binding (python3-nftables).

The input is a file in memory and not the binding's buffer: of a buffer libnftables 1.0.6 tells no
line number, and shows its first line whichever is wrong. Each call has a fresh context: that is
0.1 ms, and nothing carries over. Where rules were taken out, a context's end waits for the kernel's
grace period (RCU, some 8 ms) in the close of its socket, although the ruleset is in: so it ends
when the next one begins. One that read other files may hold large sets, and ends at once.
"""

import ctypes
import errno
import os
from typing import Any

from agent import nft_text

LIBRARY = "libnftables.so.1"
_ended: list[Any] = []  # the context of the last transaction, if it is small


def apply(text: str | bytes, check: bool = False) -> str:
    """One transaction, whole or not at all; "" or nft's error text."""
    _ended.clear()
    context = _context()
    context.set_dry_run(check)
    fd = os.memfd_create("nft", os.MFD_CLOEXEC)
    try:
        given = left = memoryview(text.encode() if isinstance(text, str) else text)
        while left:
            left = left[os.write(fd, left) :]
        name = b"/proc/self/fd/%d" % fd
        code, _, error = context.cmd_from_file(name)
        if b"include" not in bytes(given):
            _ended.append(context)
    finally:
        os.close(fd)
    return nft_text.refusal(error, name) if code else ""


def listing(
    what: "str | tuple[str, ...]", elements: bool = True, numeric: bool = False
) -> "list[dict[str, Any]]":
    """The objects that `nft -j list WHAT` shows, [] when there is no such thing."""
    words = nft_text.words(what)
    if not words:
        raise OSError(errno.EINVAL, "not a thing to list")
    context = _context()
    context.set_json_output(True)
    context.set_terse_output(not elements)
    context.set_numeric_proto_output(numeric)
    context.set_numeric_prio_output(numeric)
    context.set_numeric_symbol_output(numeric)
    context.set_numeric_time_output(numeric)
    code, output, error = context.cmd(" ".join(words).encode())
    if code == 0:
        if len(output) > nft_text.LONGEST_LISTING:
            raise OSError(errno.EFBIG, "too long a listing")
        return nft_text.objects(output)
    if nft_text.is_missing(error):
        return []
    raise OSError(errno.EPERM if nft_text.is_forbidden(error) else errno.EINVAL, "nft refused")


def _context() -> Any:
    """A libnftables context, with its own socket; the garbage collector closes it."""
    try:
        # Looked for first: the binding prints a traceback from its destructor where it is missing.
        ctypes.CDLL(LIBRARY)
        # Not at the top: an import of the port works where there is no packet filter to speak to.
        from nftables import Nftables
    except (ImportError, OSError):
        raise OSError(errno.ENOENT, "no libnftables or no python3-nftables") from None
    return Nftables(LIBRARY)
