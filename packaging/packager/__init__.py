"""The packager: from a site to an image. Runs on the host, on CPython only."""
