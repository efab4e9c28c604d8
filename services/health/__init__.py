"""Checks of what the router is for: commands that must succeed."""
