"""dns: dnsmasq as the LAN's forwarder."""
