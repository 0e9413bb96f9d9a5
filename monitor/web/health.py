"""What supervisors ask: is the process alive, can it work, and the figures by which it is watched.

/healthz and /readyz tell one word and nothing else, so they are open. /metrics tells how much is in the record:
only who shows ``[web] metrics_token`` may read it, or, where none is set, who asks from this machine itself.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from asyncio import Future, ensure_future, shield
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor import measures
from monitor.archives import readiness

if TYPE_CHECKING:
    from monitor.access.base import Record

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers by which a proxy tells that it asks for somebody else."""
_OTHER_METHOD = "OTHER"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


async def alive(request: Request) -> Response:
    """``alive``: the process answers. It looks at nothing else."""
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """``ready``, or 503 and one word that says what is wrong (monitor.archives.readiness)."""
    state = request.app.state
    pages: Record = state.pages
    looking: Future[tuple[str, bool]] | None = getattr(state, "looking", None)
    if looking is None or looking.done():
        # Everybody may ask: where a store of captures is silent, one thread waits for it, and not all of them.
        state.looking = looking = ensure_future(run_in_threadpool(readiness, pages.database, pages.settings))
    word, well = await shield(looking)
    return PlainTextResponse(f"{word}\n", status_code=200 if well else 503)


async def metrics(request: Request) -> Response:
    """The figures in the text format of Prometheus; without a record those of the process alone."""
    pages: Record = request.app.state.pages
    if refusal := _refusal(request, pages.settings.web.metrics_token):
        return refusal
    return Response(
        await run_in_threadpool(measures.exposition, pages.database, pages.now()),
        media_type=CONTENT_TYPE_PLAIN_0_0_4,
    )


ROUTES = [
    Route("/healthz", alive, name="healthz"),
    Route("/readyz", ready, name="readyz"),
    Route("/metrics", metrics, name="metrics"),
]


def _refusal(request: Request, token: str) -> Response | None:
    """401 for a wrong token, 403 where none is set and the asker is not this machine."""
    if token:
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        if hmac.compare_digest(given, f"Bearer {token}".encode()):
            return None
        return PlainTextResponse("unauthorized\n", status_code=401, headers={"WWW-Authenticate": "Bearer"})
    return None if _is_this_machine(request) else PlainTextResponse("forbidden\n", status_code=403)


def _is_this_machine(request: Request) -> bool:
    """Whether nobody else asks: a proxy on this machine asks for others, and says so."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class Timed:
    """Measures every request. What is kept is the page's pattern, never its address, which may be a key."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = "5xx"

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else _OTHER_METHOD
            measures.REQUEST_SECONDS.labels(method, _pattern(scope), status).observe(time.perf_counter() - started)


def _pattern(scope: Scope) -> str:
    """The pattern of the route that answered, ``none`` where there was none."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    if not isinstance(path, str):
        return "none"
    return path if isinstance(route, Mount) else scope.get("root_path", "") + path
