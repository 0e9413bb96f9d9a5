"""Holding the hosts of portals while they are visited, against every other machine with the same database.

That no two visit one host is seen to by the turns that jobs take; this holds where that fails. If the connection
that holds them is lost and they cannot be had again at once, the visits are broken off: what was captured is kept.
"""

from __future__ import annotations

import _thread
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from crawler.portals.definition import PortalDefinition
from monitor.jobs.hosts import lock_keys
from monitor.store.engines import POSTGRESQL
from monitor.store.locks import Locks, Space, number_of

if TYPE_CHECKING:
    from monitor.store.database import Database

LOOK_SECONDS = 2.0
_logger = logging.getLogger(__name__)


@contextmanager
def hosts_held(
    database: Database, portals: Sequence[PortalDefinition], lost_seconds: float
) -> Iterator[tuple[PortalDefinition, ...]]:
    """Holds the hosts of portals for the block; gives the portals whose hosts nobody else holds.

    Where the locks are lost for so long the main thread is interrupted as by Ctrl-C.
    """
    if database.backend != POSTGRESQL:
        yield tuple(portals)
        return
    locks = Locks(database)
    over = threading.Event()
    watcher: threading.Thread | None = None
    try:
        free = tuple(
            portal
            for portal in portals
            if locks.take(Space.HOST, {number_of(key): alone for key, alone in lock_keys(portal.hosts).items()})
        )
        if free:
            watcher = threading.Thread(
                target=_watch, args=(locks, over, lost_seconds), name="nianbao hosts", daemon=True
            )
            watcher.start()
        yield free
    finally:
        over.set()
        if watcher is not None:
            watcher.join()
        locks.close()


def _watch(locks: Locks, over: threading.Event, lost_seconds: float) -> None:
    held = monotonic()
    while not over.wait(LOOK_SECONDS):
        if locks.still_held():
            held = monotonic()
        elif monotonic() - held > lost_seconds:
            _logger.warning("the locks of the hosts are lost: the visits are broken off")
            _thread.interrupt_main()
            return
