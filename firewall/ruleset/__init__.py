"""The firewall on the host: what a rulegroup is, and how rulegroups become one ruleset."""
