"""The time, by chrony."""
