"""One folder per capability of the router: device programs, and its definition for the host."""
