"""nftables rulegroups and their loader: an empty room until its issue."""
