"""The packet filter as a service of a site; the rules and the loader are in /firewall."""
