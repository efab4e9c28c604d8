"""The port in the frozen binary: MicroPython with our own C module `_linux`."""
