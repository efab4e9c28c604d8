"""The kernel's console, and a serial line of its own."""

from services.console.definition import Console

SERVICES = (Console(), Console(name="line", tty="ttyUSB0", type="linux"))
