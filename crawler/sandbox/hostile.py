"""A server on 127.0.0.1 that shows a portal, and where it is told to behaves as badly as portals do.

It answers from any Site (crawler.sandbox.loopback), and hands chosen requests to a fault (crawler.sandbox.faults),
which may give a page of its own or write to the bare connection: half a body, bytes that drip, bytes without end.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from crawler.sandbox.loopback import Page, PostSite, Site


@dataclass(frozen=True, slots=True)
class Wire:
    """Bytes written to the bare connection in place of a page; the connection ends with it."""

    write: Callable[[socket.socket, threading.Event], None]
    """Given the connection and what is set when the server ends."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its path with the query, how often that was asked before, its headers by lower-case name."""

    path: str
    times_before: int
    headers: Mapping[str, str]


@dataclass
class Scene:
    """A portal, and the places on it at which a fault may show.

    ``column`` is the path of a column's first page, ``page`` that of its second page, ``report`` that of a report
    listed on the first, with its ``title``. ``elsewhere`` is the address of another host. ``shows`` switches the
    fault on and off.
    """

    site: Site
    column: str
    page: str
    report: str
    title: str
    elsewhere: str = "http://127.0.0.1:9"
    shows: bool = True
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, headers: Mapping[str, str] | None = None) -> Page:
        """What the portal itself says to a path."""
        return self.site.answer(path, headers or {})

    def text(self, path: str) -> str:
        """The same as text."""
        return self.answer(path).render().decode("utf-8")


Show = Callable[[Scene, Asked], Page | Wire | None]
"""What a fault does with a request; None: nothing, the portal answers itself."""


class HostileServer:
    """Serves a scene with a fault on a port of its own, ``http`` or with ``tls`` ``https``. A context manager.

    With ``refuses`` the port is taken and nothing listens there.
    """

    def __init__(
        self, scene: Scene, show: Show, *, tls: ssl.SSLContext | None = None, refuses: bool = False
    ) -> None:
        self.scene = scene
        self._show = show
        self._over = threading.Event()
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server._answer(self, b"")

            def do_POST(self) -> None:
                server._answer(self, self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def log_message(self, format: str, *args: object) -> None:
                return

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                return

        self._server = Quiet(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self._server.server_bind()
        if not refuses:
            self._server.server_activate()
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = None if refuses else threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="hostile", daemon=True
        )  # fmt: skip
        self.host = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        if self._thread:
            self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler, sent: bytes) -> None:
        scene = self.scene
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            asked = Asked(handler.path, scene.asked.count(handler.path), headers)
            scene.asked.append(handler.path)
        reply = self._show(scene, asked) if scene.shows else None
        if reply is None and handler.command == "POST" and isinstance(scene.site, PostSite):
            reply = scene.site.post(handler.path, headers, sent)
        if reply is None:
            reply = scene.answer(handler.path, headers)
        try:
            if isinstance(reply, Wire):
                handler.close_connection = True
                reply.write(handler.connection, self._over)
            else:
                _write(handler, reply)
        except OSError:
            handler.close_connection = True


def _write(handler: BaseHTTPRequestHandler, page: Page) -> None:
    body = b"" if page.status == HTTPStatus.NOT_MODIFIED else page.render()
    try:
        handler.send_response(page.status)
    except ValueError:
        handler.send_response(page.status, "")
    handler.send_header("Content-Type", page.media_type)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in page.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def head(length: int | None, media_type: str = "text/html; charset=utf-8", **fields: str) -> bytes:
    """The head of an answer with status 200; without ``length`` the body ends with the connection."""
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {media_type}", "Connection: close"]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def bytes_of(data: bytes) -> Wire:
    """These bytes and an orderly end."""
    return Wire(lambda connection, over: connection.sendall(data))


def reset_after(data: bytes) -> Wire:
    """These bytes, then the connection is reset."""

    def write(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(data)
        over.wait(0.1)
        # With a linger of 0 seconds close() sends RST and no FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return Wire(write)


def dripping(start: bytes, drop: bytes, seconds: float) -> Wire:
    """The start at once, then a drop every few moments, without end."""

    def write(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.wait(seconds):
            connection.sendall(drop)

    return Wire(write)


def flooding(start: bytes, size: int) -> Wire:
    """The start, then so many bytes as fast as they are taken."""

    def write(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        block = b"<p>" + b"x" * 65_530 + b"\n"
        for _ in range(size // len(block)):
            if over.is_set():
                return
            connection.sendall(block)

    return Wire(write)
