"""The worker of a machine alone: takes what waits in the record and has it done in a process of its own.

Everything that waits is done as one pass of the main job; delivery has a lane of its own, so that what is due is
told while a long pass goes on. Jobs whose process died, or whose worker was killed, wait again.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler.clock import Clock
from monitor.jobs import lines
from monitor.jobs.children import Children
from monitor.jobs.kinds import Kind
from monitor.store import jobs as store
from monitor.store.database import StoreError

if TYPE_CHECKING:
    from monitor.store.database import Database

MOST_ATTEMPTS = 5
"""So often a job is begun whose process dies under it."""
LANES: dict[str, tuple[Kind, ...]] = {
    "work": (Kind.CRAWL, Kind.INGEST, Kind.ASSESS),
    "notify": (Kind.NOTIFY,),
}
_LOOK_SECONDS = 2.0
_RETRY_SECONDS = 10.0
_logger = logging.getLogger(__name__)


class LocalWorker:
    """Has done what waits. ``on_failure`` is told when a pass ended badly; the pass itself has said why."""

    def __init__(
        self, database: Database, clock: Clock, children: Children, on_failure: Callable[[int], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._children = children
        self._on_failure = on_failure
        self._stop = threading.Event()
        self._wakes = {lane: threading.Event() for lane in LANES}

    def wake(self) -> None:
        """Something waits: look at once."""
        for event in self._wakes.values():
            event.set()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Works for the length of the block. The children are to be ended before it ends. Raises StoreError."""
        self._give_back(None)
        threads = [
            threading.Thread(target=self._go, args=(lane, kinds), name=f"nianbao {lane}", daemon=True)
            for lane, kinds in LANES.items()
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self.wake()
            for thread in threads:
                thread.join()

    def _go(self, lane: str, kinds: Sequence[Kind]) -> None:
        pause = 0.0
        while not self._stop.is_set():
            self._wakes[lane].wait(pause)
            self._wakes[lane].clear()
            try:
                pause = 0.0 if self._work(lane, kinds) else _LOOK_SECONDS
            except StoreError as problem:
                _logger.warning("%s", problem)
                pause = _RETRY_SECONDS

    def _work(self, lane: str, kinds: Sequence[Kind]) -> bool:
        """Has done what waits now; whether anything did."""
        if self._stop.is_set() or self._children.stopping:
            return False
        with self._database.reading() as session:
            if not store.is_waiting(session, kinds):
                return False
        worker = f"{lane}-{secrets.token_hex(6)}"
        with self._database.begin() as session:
            store.take(session, kinds, worker, self._clock.now())
        status = self._children.run("job", worker, quiet=lane == "notify")
        self._give_back(worker)
        if status and lane == "work":
            self._on_failure(status)
        return True

    def _give_back(self, worker: str | None) -> None:
        # Whoever is told to end has not failed, however often that happens.
        most = MOST_ATTEMPTS if not self._children.stopping else 10**6
        with self._database.begin() as session:
            store.give_back(session, worker, most, lines.DIED, self._clock.now())
