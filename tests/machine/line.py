"""A serial line of a machine in QEMU: somebody sits at its far end."""

import socket
import time
from pathlib import Path

from packager.isp import wait

ANSWER_S = 60.0


class Line:
    """The line whose socket QEMU has at this path."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        wait.until(f"QEMU listens at {path.name}", lambda: self._is_connected(str(path)))
        self.told = ""

    @staticmethod
    def plugged(path: Path, name: str) -> list[str]:
        """QEMU's arguments for one more line."""
        where = f"socket,id={name},path={path},server=on,wait=off"
        return ["-chardev", where, "-serial", f"chardev:{name}"]

    def _is_connected(self, path: str) -> bool:
        return self.socket.connect_ex(path) == 0

    def type(self, text: str) -> None:
        """Type."""
        self.socket.sendall(text.encode())

    def await_text(self, text: str) -> str:
        """What is told up to this text, which is waited for."""
        deadline = time.monotonic() + ANSWER_S
        while text not in self.told:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                self.told += self.socket.recv(4096).decode(errors="replace")
            except TimeoutError:
                raise wait.Unmet(f"waited {ANSWER_S:.0f} s for {text!r}: {self.told!r}") from None
        seen, _, self.told = self.told.partition(text)
        return seen

    def log_in(self, password: str) -> None:
        """As root, at the question that is there or comes."""
        self.type("\n")
        self.await_text("login: ")
        self.type("root\n")
        self.await_text("Password: ")
        self.type(password + "\n")
        self.await_text("# ")

    def answer(self, command: str) -> str:
        """What a command says."""
        self.type(command + "\n")
        return self.await_text("# ")

    def close(self) -> None:
        """Go away; who is logged in stays so."""
        self.socket.close()
