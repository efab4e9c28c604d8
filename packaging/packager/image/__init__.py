"""From a checked site to an image: what is in it, and the steps that make it."""
