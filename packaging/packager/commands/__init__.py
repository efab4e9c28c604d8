"""The verbs of `frostgate`, a module each: `add(verbs)` makes the parser, `run(given)` does it."""
