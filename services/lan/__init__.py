"""DHCPv4 for the hosts of a LAN, by dnsmasq."""
