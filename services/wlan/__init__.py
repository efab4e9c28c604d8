"""Wireless access points, by hostapd."""
