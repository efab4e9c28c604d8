"""The firewall's loader: the ruleset into the kernel, whole or not at all, and then the zones."""
