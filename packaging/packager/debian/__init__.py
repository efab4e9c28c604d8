"""Debian's packages of any architecture: fetched, unpacked and chosen from, never installed."""
