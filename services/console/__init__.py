"""console: a login on the machine's console."""
