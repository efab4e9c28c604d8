"""The agent: one process that observes, decides and acts; s6 is the parent of everything."""
