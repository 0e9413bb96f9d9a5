"""How often one caller may ask: so many requests in a minute, however many processes answer them.

The processes share what a caller may ask: each takes a part of it from the database, gives it out without asking
again, and takes the next. The parts get smaller as less is left, so that there are few writes and little lies with
a process that is not asked.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

SPAN = 60
LARGEST_PART = 10
"""A process takes a tenth of the limit at most, and an eighth of what is left."""
_OF_WHAT_IS_LEFT = 8

Take = Callable[[str, int, int, int], int]
"""Takes from a caller's requests of a minute, so many of the limit: how many were given."""


@dataclass(slots=True)
class _Part:
    """What this process has of a caller's requests; ``given`` is what it was given in all in this minute."""

    here: int = 0
    given: int = 0
    over: bool = False


def all_of_them(caller: str, minute: int, number: int, limit: int) -> int:
    """For one process alone: it is given whatever it asks for, up to the limit."""
    return number


class Limiter:
    """Counts the requests of each caller in minutes of the clock; ``limit`` 0: nobody waits."""

    def __init__(self, limit: int, take: Take = all_of_them, now: Callable[[], float] = time.time) -> None:
        self.limit = limit
        self._take = take
        self._now = now
        self._lock = Lock()
        self._minute = -1
        self._parts: dict[str, _Part] = {}

    def seconds_to_wait(self, caller: str) -> int:
        """Counts a request; 0 where it may go on, else after how many seconds to ask again."""
        if not self.limit:
            return 0
        now = self._now()
        minute = int(now // SPAN)
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._parts.clear()
            part = self._parts.setdefault(caller, _Part())
            if self._is_served(part):
                return 0
            wanted = self._wanted(part)
        if wanted:
            # Not under the lock: nobody waits for the database on behalf of another caller.
            given = self._take(caller, minute, wanted, self.limit)
            with self._lock:
                part.here += given
                part.given += given
                part.over = part.over or given < wanted
                if self._is_served(part):
                    return 0
        return max(1, math.ceil((minute + 1) * SPAN - now))

    @staticmethod
    def _is_served(part: _Part) -> bool:
        if part.here <= 0:
            return False
        part.here -= 1
        return True

    def _wanted(self, part: _Part) -> int:
        """So many to take; none where nothing is left."""
        left = self.limit - part.given
        if part.over or left <= 0:
            return 0
        return max(1, min(self.limit // LARGEST_PART, left // _OF_WHAT_IS_LEFT))
