"""The hook of a DHCPv6 client: what the client tells becomes a service's outputs."""
