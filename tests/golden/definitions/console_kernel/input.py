"""A login on the kernel's console."""

from services.console.definition import Console

SERVICES = (Console(),)
