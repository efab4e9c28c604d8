"""The CPython side of agent/port/local.py: the standard library's socket module."""

import contextlib
import errno
import os
import socket

LONGEST_PATH = 107  # octets: sun_path with its final NUL has 108
READ_MOST = 65536


def _checked(path: str) -> str:
    """Raises OSError where the kernel would; Python says it without a number."""
    if not 0 < len(os.fsencode(path)) <= LONGEST_PATH:
        raise OSError(errno.ENAMETOOLONG, "")
    return path


class Connection:
    """One end of a connection. Nothing waits."""

    def __init__(self, fd: int) -> None:
        self._socket = socket.socket(fileno=fd)
        self._socket.setblocking(False)

    def fileno(self) -> int:
        """Readable when read() has something."""
        return self._socket.fileno()

    def read(self) -> bytes | None:
        """What came, b"" at the end, None when there is nothing now. Raises OSError."""
        try:
            return self._socket.recv(READ_MOST)
        except BlockingIOError:
            return None

    def write(self, data: bytes) -> int:
        """Octets taken, 0 while the other side has to read first. Raises OSError."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        self._socket.close()


class Listener:
    """Takes connections at `path`; a file left there by an earlier one is replaced."""

    def __init__(self, path: str, mode: int) -> None:
        self._path = _checked(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            self._socket.bind(path)
            # Nobody connects before listen(), so nobody slips in with the umask's mode.
            os.chmod(path, mode)
            self._socket.listen(16)
            self._socket.setblocking(False)
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Readable when somebody waits for accept()."""
        return self._socket.fileno()

    def accept(self) -> Connection | None:
        """The next connection, None when nobody waits. Raises OSError."""
        try:
            return Connection(self._socket.accept()[0].detach())
        except (BlockingIOError, ConnectionAbortedError):
            return None

    def close(self) -> None:
        """Stop listening; the file goes."""
        self._socket.close()
        os.unlink(self._path)


def connect(path: str) -> Connection:
    """Connect to a listener. Raises OSError: ENOENT or ECONNREFUSED when there is none, EACCES."""
    connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connecting.connect(_checked(path))
    except OSError:
        connecting.close()
        raise
    return Connection(connecting.detach())
