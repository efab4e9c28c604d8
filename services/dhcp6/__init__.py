"""wan_address puts a DHCPv6 lease on the WAN, lan_prefix divides it among the LANs."""
