# frostgate: every target does its own set-up. On a fresh Debian 12, as root: `make demo`, `make check`.
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV = .venv
PYTHON = $(VENV)/bin/python
TARGET ?= x86_64
ALL_TARGETS = x86_64 mips mipsel aarch64 armv7 riscv64
# how often counted tests repeat: `make check` is 1, `make soak` the full counts
SCALE ?= 1

.PHONY: help setup lint types test check check-machines soak demo bench mutate clean
help:
	@echo 'make demo                  ISP, router and LAN host in network namespaces, told as a story'
	@echo 'make check                 lint, types and all tests'
	@echo 'make check-machines        the images of aarch64 and Malta in QEMU'
	@echo 'make soak                  the same tests with large counts'
	@echo 'make bench                 ratios and latencies, measured side by side'
	@echo 'make mutate                each rule of the stock firewall wrong once: which packets tell'
	@echo 'make frozen TARGET=mips    build/mips/frost ($(ALL_TARGETS))'

include packaging/frozen/frozen.mk

setup: $(VENV)/ready

# dpkg-query tells in 0.2 s what is missing, so it is asked each time
.PHONY: debian-packages
debian-packages:
	@packaging/setup.sh

$(VENV)/ready: setup.cfg pyproject.toml packaging/constraints.txt | debian-packages
	/usr/bin/python3 -m venv $(VENV)
	$(PYTHON) -m pip install -q -c packaging/constraints.txt -e '.[dev]'
	ln -sfn /usr/lib/python3/dist-packages/nftables $(VENV)/lib/python3*/site-packages/
	@touch $@

lint: setup
	$(VENV)/bin/ruff check -q --config packaging/ruff.toml .
	$(VENV)/bin/ruff format -q --check --config packaging/ruff.toml .

types: setup
	$(VENV)/bin/mypy --config-file setup.cfg agent ifwait odhcp_script services firewall packaging/packager tests

# All targets are built and some run under emulation.
.PHONY: binaries
binaries: setup
	@$(MAKE) frozen-check TARGET='$(ALL_TARGETS)'

# Tests wait for the kernel and for daemons more than they compute.
WORKERS ?= $(shell expr 2 '*' $$(nproc))

# AGAIN: what is to be said of a run with failures, besides that it failed.
AGAIN ?= false
test: binaries
	@rm -f .pytest_cache/v/cache/lastfailed
	FROST_COUNT_SCALE=$(SCALE) $(PYTHON) -m pytest -q -n $(WORKERS) --maxprocesses=8 \
	    --dist loadscope --no-loadscope-reorder $(TESTS) || $(AGAIN)

check: lint types
	@$(MAKE) test AGAIN='$(PYTHON) -m tests.again'

# The other targets' images, each booted once; `make check` boots that of x86_64.
MACHINES = qemu-aarch64 qemu-malta
check-machines: setup
	FROST_MACHINES='$(MACHINES)' $(PYTHON) -m pytest -q tests/machine/test_images.py

soak:
	$(MAKE) test SCALE=20

demo: setup
	@$(MAKE) frozen TARGET=x86_64
	@$(PYTHON) -m tests.lab.demo

bench: setup
	@$(MAKE) frozen TARGET=x86_64
	@$(PYTHON) -m tests.bench

mutate: setup
	@$(PYTHON) -m tests.lab.firewall.mutate

# Pictures and the reference, made from the code
.PHONY: docs
docs: setup
	PYTHONPATH=packaging $(PYTHON) -m packager.states docs
	PYTHONPATH=packaging $(PYTHON) -m packager.picture.example docs
	PYTHONPATH=packaging $(PYTHON) -m packager reference --output docs/reference.md

clean:
	rm -rf build
