"""QEMU's control socket (QMP): one command after the other, answers awaited."""

import json
import socket
from pathlib import Path
from typing import Any

from packager.isp import wait

ANSWER_S = 30.0


class Control:
    """A connection to a running QEMU."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(ANSWER_S)
        wait.until(f"QEMU listens at {path.name}", lambda: self._is_connected(str(path)))
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.events: list[dict[str, Any]] = []
        self._line()  # the greeting
        self("qmp_capabilities")

    def _is_connected(self, path: str) -> bool:
        """The socket is there a moment before QEMU listens at it."""
        return self.socket.connect_ex(path) == 0

    def close(self) -> None:
        self.lines.close()
        self.socket.close()

    def __call__(self, command: str, **arguments: Any) -> Any:
        """Do it; what it returns. AssertionError with QEMU's own words if it refuses."""
        asked: dict[str, Any] = {"execute": command}
        if arguments:
            asked["arguments"] = arguments
        self.socket.sendall(json.dumps(asked).encode() + b"\n")
        while True:
            told = self._line()
            if "return" in told:
                return told["return"]
            if "error" in told:
                raise AssertionError(f"QMP {command}: {told['error']}")
            self.events.append(told)

    def await_event(self, name: str, **data: Any) -> None:
        """Wait until QEMU has told of this, with these among its data; once for each time."""
        while True:
            for told in self.events:
                if told["event"] == name and data.items() <= told.get("data", {}).items():
                    self.events.remove(told)
                    return
            self.events.append(self._line())

    def _line(self) -> dict[str, Any]:
        text = self.lines.readline()
        if not text:
            raise AssertionError("QMP: QEMU has closed the connection")
        found: dict[str, Any] = json.loads(text)
        return found

    def ctrl_alt_delete(self) -> None:
        """The three keys, on a keyboard that the machine has."""
        keys = [{"type": "qcode", "data": key} for key in ("ctrl", "alt", "delete")]
        self("send-key", keys=keys)
