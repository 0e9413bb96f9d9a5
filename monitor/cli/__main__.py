"""``python -m monitor.cli``: the same as ``nianbao``."""

import sys

from monitor.cli import main

sys.exit(main())
