"""`python -m tests.bench`, as root, after `make frozen TARGET=x86_64`."""

import sys

from tests.bench.bench import main

sys.exit(main())
