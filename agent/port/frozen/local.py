"""The frozen side of agent/port/local.py: system calls through _linux."""

import struct

import _linux

AF_UNIX = 1
LONGEST_PATH = 107  # octets: sun_path with its final NUL has 108
READ_MOST = 65536


def _address(path: str) -> bytes:
    octets = path.encode()
    if not octets or len(octets) > LONGEST_PATH:
        raise OSError(_linux.ENAMETOOLONG)
    return struct.pack("@H", AF_UNIX) + octets + b"\0"


class Connection:
    """One end of a connection. Nothing waits."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def fileno(self) -> int:
        """Readable when read() has something."""
        return self._fd

    def read(self) -> bytes | None:
        """What came, b"" at the end, None when there is nothing now. Raises OSError."""
        return _linux.read(self._fd, READ_MOST)  # type: ignore[no-any-return]

    def write(self, data: bytes) -> int:
        """Octets taken, 0 while the other side has to read first. Raises OSError."""
        try:
            return _linux.sendto(self._fd, data, b"")  # type: ignore[no-any-return]
        except OSError as error:
            if error.errno == _linux.EAGAIN:
                return 0
            raise

    def close(self) -> None:
        _linux.close(self._fd)


class Listener:
    """Takes connections at `path`; a file left there by an earlier one is replaced."""

    def __init__(self, path: str, mode: int) -> None:
        address = _address(path)
        self._path = path
        self._fd = _linux.socket(AF_UNIX, _linux.SOCK_STREAM, 0)
        try:
            try:
                _linux.unlink(path)
            except OSError as error:
                if error.errno != _linux.ENOENT:
                    raise
            _linux.bind(self._fd, address)
            # Nobody connects before listen(), so nobody slips in with the umask's mode.
            _linux.chmod(path, mode)
            _linux.listen(self._fd, 16)
            _linux.set_nonblocking(self._fd)
        except OSError:
            _linux.close(self._fd)
            raise

    def fileno(self) -> int:
        """Readable when somebody waits for accept()."""
        return self._fd  # type: ignore[no-any-return]

    def accept(self) -> Connection | None:
        """The next connection, None when nobody waits. Raises OSError."""
        fd = _linux.accept(self._fd)
        return None if fd is None else Connection(fd)

    def close(self) -> None:
        """Stop listening; the file goes."""
        _linux.close(self._fd)
        _linux.unlink(self._path)


def connect(path: str) -> Connection:
    """Connect to a listener. Raises OSError: ENOENT or ECONNREFUSED when there is none, EACCES."""
    address = _address(path)
    fd = _linux.socket(AF_UNIX, _linux.SOCK_STREAM, 0)
    try:
        _linux.connect(fd, address)
        _linux.set_nonblocking(fd)
    except OSError:
        _linux.close(fd)
        raise
    return Connection(fd)
