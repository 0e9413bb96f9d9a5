"""A small HTTP server on 127.0.0.1 for pages made in memory: one thread, a port for each site.

It answers GET and HEAD, and POST where the site takes it, keeps connections open, and knows ETag, Last-Modified
and 304. It is no server for the open network.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from crawler.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class Page:
    """What a site answers. ``render`` makes the body, and only when it is to be sent."""

    render: Callable[[], bytes]
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    etag: str | None = None
    last_modified: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One line of the request log: which site, at which moment of the machine's clock, what, and the answer."""

    site: str
    at: float
    method: str
    path: str
    status: int
    conditional: bool
    user_agent: str
    size: int


class Site(Protocol):
    """Something that answers paths."""

    @property
    def id(self) -> str:
        """The name of the site in the request log."""

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The page at ``path`` (with its query); ``headers`` have lower-case names."""


@runtime_checkable
class PostSite(Site, Protocol):
    """A site that takes POST besides."""

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        """The answer to what was sent to ``path``."""


def _not_modified(page: Page, headers: Mapping[str, str]) -> bool:
    """Whether the request's validators say that the asker has this page (RFC 9110, 13.2.2)."""
    if page.status != HTTPStatus.OK:
        return False
    if tags := headers.get("if-none-match"):
        return page.etag is not None and page.etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    if (since := headers.get("if-modified-since")) and page.last_modified:
        try:
            return page.last_modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        except ValueError:
            return False
    return False


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


class _Connection(asyncio.Protocol):
    """One client: takes requests one after another and answers each at once."""

    def __init__(self, server: LoopbackServer, site: Site) -> None:
        self._server = server
        self._site = site
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connections.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport:
            self._server.connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, rest = self._received.split(b"\r\n\r\n", 1)
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {}
            for line in lines:
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
            length = int(headers.get("content-length", "0"))
            if len(rest) < length:
                return
            self._received = rest[length:]
            self._take(first, headers, rest[:length])

    def _take(self, first: str, headers: Mapping[str, str], sent: bytes) -> None:
        assert self._transport is not None
        method, path, _ = (first + "  ").split(" ", 2)
        if method in ("GET", "HEAD"):
            page = self._site.answer(path, headers)
        elif method == "POST" and isinstance(self._site, PostSite):
            page = self._site.post(path, headers, sent)
        else:
            page = Page(lambda: b"", status=405)
        status, body = page.status, b""
        if _not_modified(page, headers):
            status = 304
        elif method != "HEAD":
            body = page.render()
        fields = {
            "Date": _http_date(self._server.now()),
            "Server": "sandbox",
            "Content-Length": str(len(body)) if status != HTTPStatus.NOT_MODIFIED else None,
            "Content-Type": page.media_type if status != HTTPStatus.NOT_MODIFIED else None,
            "ETag": page.etag,
            "Last-Modified": _http_date(page.last_modified) if page.last_modified else None,
            **page.headers,
        }
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
        self._server.log(self._site.id, method, path, status, headers, len(body))
        self._transport.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        if headers.get("connection", "").lower() == "close":
            self._transport.close()


class LoopbackServer:
    """Serves sites, each on a port of its own. Start it as a context manager.

    ``requests`` is the log of everything asked. ``now`` gives the moment for the Date header.
    """

    def __init__(self, now: Callable[[], datetime] | None = None, *, keep_log: bool = True) -> None:
        self.now = now or (lambda: datetime(2024, 1, 1, tzinfo=SHANGHAI))
        self.requests: list[RequestSeen] = []
        self.connections: set[asyncio.Transport] = set()
        self._keep_log = keep_log
        self._loop = asyncio.new_event_loop()
        self._listeners: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def serve(self, site: Site, port: int = 0) -> int:
        """Serves a site on a port (0: any free one) and gives the port. OSError where the port is taken."""

        async def listen() -> int:
            listener = await self._loop.create_server(lambda: _Connection(self, site), "127.0.0.1", port)
            self._listeners.append(listener)
            return int(listener.sockets[0].getsockname()[1])

        return asyncio.run_coroutine_threadsafe(listen(), self._loop).result(timeout=10)

    def log(self, site: str, method: str, path: str, status: int, headers: Mapping[str, str], size: int) -> None:
        """Notes one request."""
        if not self._keep_log:
            return
        conditional = "if-none-match" in headers or "if-modified-since" in headers
        agent = headers.get("user-agent", "")
        self.requests.append(RequestSeen(site, self._loop.time(), method, path, status, conditional, agent, size))

    def counts(self, site: str | None = None) -> Counter[int]:
        """How many requests got which status, of one site or of all."""
        return Counter(seen.status for seen in self.requests if site is None or seen.site == site)

    async def _close(self) -> None:
        for listener in self._listeners:
            listener.close()
        for transport in list(self.connections):
            transport.abort()
        await asyncio.sleep(0)
