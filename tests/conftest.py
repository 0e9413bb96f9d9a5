"""What holds for all tests."""

from __future__ import annotations

import signal

# Who starts the tests in the background of a script has Ctrl-C ignored, and every process they start inherits
# that; the tests of Ctrl-C need it as it is at a terminal.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
