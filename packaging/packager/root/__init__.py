"""A root filesystem as a value: what is in it, whose it is and why."""
