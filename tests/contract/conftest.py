"""pytest leaves this folder alone: tests/test_contract.py runs it, on both runtimes."""

collect_ignore_glob = ["*.py"]
