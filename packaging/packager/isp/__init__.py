"""A simulated ISP and the hosts of a LAN, in network namespaces: for `frostgate run` and tests."""
