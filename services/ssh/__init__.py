"""Remote login, by dropbear."""
