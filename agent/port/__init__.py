"""The port: what frostgate's programs need from the machine, one module per concern.

Each module here is a facade: it picks its implementation once, `cpython/` (the field's libraries)
or `frozen/` (MicroPython and the C module `_linux`). tests/contract/ holds both to the same
behaviour. Nothing outside this folder asks which runtime it runs on.
"""
