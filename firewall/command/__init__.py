"""`frost firewall`: the loaded ruleset as its operator asks, and the walk of a packet."""
