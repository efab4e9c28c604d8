"""s6 as the agent sees it: status files, control FIFOs, service directories, stray processes.

Pure: status (decode), directory (render), execline (quoting). Thin I/O: paths, control, install,
strays. Its own program: oneshot. docs/s6.md tells why files are read and written directly.
"""
