"""The API for other programs, under /api/v1: what the pages show, as data.

It is built at its first request: FastAPI and the description of all answers take longer to load than the pages.
"""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from monitor.access.base import Record

PREFIX = "/api/v1"


class Api:
    """The API over the record of the application that it is mounted in."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._built: tuple[Record, ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        application = await run_in_threadpool(partial(self._over, scope["app"].state.pages))
        await application(scope, receive, send)

    def _over(self, record: Record) -> ASGIApp:
        with self._lock:
            if self._built is None or self._built[0] is not record:
                from monitor.api.application import make_api

                self._built = record, make_api(record)
            return self._built[1]


def mounted() -> Mount:
    """The API as a part of the web application."""
    return Mount(PREFIX, app=Api(), name="api")
