"""Runs one contract test on CPython, as frost-check does in the frozen binary.

usage: python -m tests.contract.run MODULE FUNCTION [ARG...]
"""

import importlib
import sys

if __name__ == "__main__":
    getattr(importlib.import_module(sys.argv[1]), sys.argv[2])(*sys.argv[3:])
