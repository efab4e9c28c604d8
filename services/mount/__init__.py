"""Disks that are mounted when they are there."""
