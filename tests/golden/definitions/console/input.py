"""A login on a serial line of its own."""

from services.console.definition import Console

SERVICES = (Console(name="line", tty="ttyUSB0", type="linux"),)
