# make frozen [TARGET=x86_64]         build/<target>/frost with a link for every program
# make frozen-check [TARGET=x86_64]   build/<target>/frost-check as well: device and contract tests
# make frozen PROGRAMS=ifwait,ra      build/<target>/only/ifwait+ra/frost: these and what they need
# TARGET: one or several of x86_64 mips mipsel aarch64 armv7 riscv64
PYTHON ?= .venv/bin/python
TARGET ?= x86_64

.PHONY: frozen frozen-check
frozen: setup
	PYTHONPATH=packaging $(PYTHON) -m packager.freeze --programs '$(PROGRAMS)' $(TARGET)
frozen-check: setup
	PYTHONPATH=packaging $(PYTHON) -m packager.freeze --check $(TARGET)
