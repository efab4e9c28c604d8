"""agent.port.nft in the frozen binary: the program `nft`, never through a shell.

The input is a file in memory: nft can seek in it to show a wrong line, needs no /dev/stdin, and
cannot wait for us. What it prints is read to the end while it runs, and kept up to a limit.
"""

import _linux

from agent import nft_text
from agent.port.frozen import poll, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INPUT = b"/proc/self/fd/0"
# More than is shown, so that cutting comes after the input's name was replaced, as on CPython
KEPT_ERRORS = 2 * nft_text.LONGEST_ERROR


def apply(text: str | bytes, check: bool = False) -> str:
    """One transaction, whole or not at all; "" or nft's error text."""
    fd = _file(text.encode() if isinstance(text, str) else text)
    options = [b"-c"] if check else []
    try:
        code, _, error = _nft(options + [b"-f", INPUT], fd)
    finally:
        _linux.close(fd)
    return nft_text.refusal(error, INPUT) if code else ""


def listing(
    what: "str | tuple[str, ...]", elements: bool = True, numeric: bool = False
) -> "list[dict[str, Any]]":
    """The objects that `nft -j list WHAT` shows, [] when there is no such thing."""
    words = [word.encode() for word in nft_text.words(what)]
    if not words:
        raise OSError(_linux.EINVAL)
    options = [b"-j"] if elements else [b"-j", b"-t"]
    options += [b"-n"] if numeric else []
    code, output, error = _nft(options + words, -1)
    if code == 0:
        if output is None:
            raise OSError(_linux.EFBIG)
        return nft_text.objects(output)
    if nft_text.is_missing(error):
        return []
    raise OSError(_linux.EPERM if nft_text.is_forbidden(error) else _linux.EINVAL)


def _file(data: bytes) -> int:
    """A descriptor to read `data` from, from its beginning."""
    writer = _linux.memfd_create(b"nft")
    try:
        process.write(writer, data)
        # Opened again: a position of its own, and for reading only.
        return _linux.open("/proc/self/fd/%d" % writer, _linux.O_RDONLY)  # type: ignore[no-any-return]
    finally:
        _linux.close(writer)


def _nft(words: list[bytes], stdin: int) -> tuple[int, bytes | None, bytes]:
    """Run nft: its exit code, what it printed (None: too long a listing) and its errors.

    OSError(EIO) when a signal ended it.
    """
    output, output_writer = process.pipe()
    error, error_writer = process.pipe()
    pid = code = None
    try:
        try:
            pid = process.spawn([b"nft"] + words, None, stdin, output_writer, error_writer)
        finally:
            process.close(output_writer)
            process.close(error_writer)
        texts = _read_both(output, error)
    finally:
        # Whatever happened: no descriptor and no zombie stays. Unread, nft ends by SIGPIPE.
        process.close(output)
        process.close(error)
        if pid is not None:
            code = process.wait(pid)
    if code is None or code < 0:
        raise OSError(_linux.EIO)
    return code, texts[0], texts[1]


def _read_both(output: int, error: int) -> tuple[bytes | None, bytes]:
    """What comes from both until both end; too long an output is None and takes no memory."""
    shown: list[bytes] = []
    errors = b""
    size = 0
    waiting = [output, error]
    while waiting:
        for fd in poll.ready(waiting, None):
            data = process.read(fd, 65536)
            if not data:
                waiting.remove(fd)
            elif fd == error:
                errors = (errors + data)[:KEPT_ERRORS]
            else:
                size += len(data)
                shown.append(data)
                if size > nft_text.LONGEST_LISTING:
                    shown = []
    return b"".join(shown) if size <= nft_text.LONGEST_LISTING else None, errors
