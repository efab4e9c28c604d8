"""What is plugged in at some time: its modules are loaded, its services start."""
