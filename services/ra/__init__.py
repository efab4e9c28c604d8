"""The LAN's router advertisements: what to say, when to say it, and what was said before."""
