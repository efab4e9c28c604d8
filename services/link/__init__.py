"""Links: Ethernet ports, bridges and their members, by the program `ifset`; static addresses."""
