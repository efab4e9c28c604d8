"""Profiles: the services that most people need together, made in a few lines of a site."""
