// Names known to the C code besides those found in it.
