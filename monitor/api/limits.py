"""How often one caller may ask: so many requests in a minute, counted in this process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock

_SPAN = 60.0


class Limiter:
    """Counts the requests of each caller in minutes; ``limit`` 0: nobody waits."""

    def __init__(self, limit: int, now: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._now = now
        self._lock = Lock()
        self._begun = float("-inf")
        self._counts: dict[str, int] = {}

    def seconds_to_wait(self, caller: str) -> int:
        """Counts a request; 0 where it may go on, else after how many seconds to ask again."""
        if not self.limit:
            return 0
        with self._lock:
            now = self._now()
            if now - self._begun >= _SPAN:
                self._begun = now
                self._counts.clear()
            self._counts[caller] = count = self._counts.get(caller, 0) + 1
            return 0 if count <= self.limit else max(1, math.ceil(self._begun + _SPAN - now))
