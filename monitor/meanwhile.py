"""Ingesting while a crawl goes on: what is already captured is parsed by the processor that the crawl leaves idle.

It changes nothing but the time it takes. Every stage still begins from the durable record of the one before, so
whatever this does not get to, or leaves half done, the ingest after the crawl does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crawler.captures import Archive
from crawler.portals.definition import PortalDefinition
from monitor.ingest import IngestResult, ingest
from monitor.parsing import ParsePool

if TYPE_CHECKING:
    from monitor.store.database import Database

PAUSE_SECONDS = 0.2
"""How long to wait for more captures before looking again."""


class Meanwhile:
    """The ingest beside a crawl: its processes, and what it has done so far."""

    def __init__(
        self, database: Database, archive: Archive, portals: tuple[PortalDefinition, ...], pool: ParsePool
    ) -> None:
        self.pool = pool
        self.result = IngestResult()
        self._database = database
        self._archive = archive
        self._portals = portals
        self._crawled = threading.Event()
        self._problem: Exception | None = None

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Ingests for the length of the block; what went wrong with it is raised when the block ends well."""
        thread = threading.Thread(target=self._go, name="nianbao ingest", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._crawled.set()
            thread.join()
        if self._problem:
            raise self._problem

    def _go(self) -> None:
        try:
            while not self._crawled.wait(PAUSE_SECONDS):
                part = ingest(self._database, self._archive, portals=self._portals, lost_too=False, pool=self.pool)
                self.result = part.after(self.result)
        except Exception as problem:  # noqa: BLE001 - handed to the thread that waits for this one
            self._problem = problem
