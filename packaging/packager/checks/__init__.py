"""What must hold of a site, one subject a module: each gives problems with file and line. Pure."""
