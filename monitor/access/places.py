"""How much of what is heavy is made at a time: each picture and each PDF starts a browser.

Places are counted in one process. Who finds none free waits a moment; where many wait already, or the moment has
passed, nobody waits longer: threads that wait would be missing for every other page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

BROWSERS_AT_ONCE = 2
"""So many evidence bundles and PDFs are made at a time: a browser takes half a gigabyte and a processor."""
MOST_WAITING = 4
WAIT_SECONDS = 5.0
ASK_AGAIN_SECONDS = 30


class Busy(Exception):
    """No place became free; ``seconds``: after how long to ask again."""

    def __init__(self, seconds: int = ASK_AGAIN_SECONDS) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Places:
    """So many places, and so many who may wait for one, for so long (seconds)."""

    def __init__(
        self, number: int = BROWSERS_AT_ONCE, waiting: int = MOST_WAITING, seconds: float = WAIT_SECONDS
    ) -> None:
        self._free = BoundedSemaphore(number)
        self._waiting = BoundedSemaphore(waiting)
        self._seconds = seconds

    @contextmanager
    def taken(self) -> Iterator[None]:
        """A place for the length of a block. Raises Busy."""
        if not self._free.acquire(blocking=False):
            self._wait()
        try:
            yield
        finally:
            self._free.release()

    def _wait(self) -> None:
        if not self._waiting.acquire(blocking=False):
            raise Busy
        try:
            if not self._free.acquire(timeout=self._seconds):
                raise Busy
        finally:
            self._waiting.release()
