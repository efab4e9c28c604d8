"""DHCPv4 towards the ISP: udhcpc's hook publishes the lease, dhcp4_address applies it."""
