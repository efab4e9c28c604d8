"""Secrets of the device, put into the configuration of the one daemon that needs them."""
