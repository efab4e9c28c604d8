"""The on-device core: the kernel seen through one port, the outputs tree, and `frost`."""

VERSION = "0.1.0"
