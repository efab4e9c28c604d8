"""The machine's watchdog, fed while the router is well."""
