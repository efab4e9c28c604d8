"""Wait for a link to be in a state, or follow it."""
