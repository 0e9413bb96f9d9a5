"""What the demo's mails, webhooks and reports look like: a few pages on loopback; takes the webhooks too."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitor.demo.receivers import ReceivedMail, ReceivedWebhook, signature_is_right

LARGEST_BODY = 4 * 1024 * 1024
WEBHOOK_PATH = "/webhook"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A file of the demo that can be looked at: its name for people and the file."""

    name: str
    file: Path


class Viewer:
    """Shows what was delivered, and receives webhooks at :attr:`webhook_address`; a context manager.

    ``port`` 0 takes any free one. OSError where the port is taken.
    """

    def __init__(self, mails: list[ReceivedMail], secret: str, port: int = 0) -> None:
        self.mails = mails
        self.webhooks: list[ReceivedWebhook] = []
        self.exhibits: list[Exhibit] = []
        self.portals: list[tuple[str, str]] = []
        self.stage = ""
        self._secret = secret
        loader = FileSystemLoader(Path(__file__).parent / "pages")
        self._pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, name="demo-viewer", daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    @property
    def webhook_address(self) -> str:
        """Where webhooks are to be sent."""
        return self.address.rstrip("/") + WEBHOOK_PATH

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    def take_webhook(self, headers: Mapping[str, str], body: bytes) -> HTTPStatus:
        """Keeps one call; 400 where its body is no JSON object."""
        try:
            data = json.loads(body)
        except ValueError:
            return HTTPStatus.BAD_REQUEST
        if not isinstance(data, dict):
            return HTTPStatus.BAD_REQUEST
        verified = signature_is_right(self._secret, headers, body)
        number = len(self.webhooks) + 1
        self.webhooks.append(ReceivedWebhook(number, self.stage, headers.get("webhook-id", ""), verified, data))
        return HTTPStatus.NO_CONTENT

    def page(self, path: str) -> tuple[HTTPStatus, bytes]:
        """The page at a path."""
        kind, _, number = path.strip("/").partition("/")
        if not kind:
            return self._render("index.html", viewer=self)
        item = int(number) if number.isascii() and number.isdigit() else 0
        if kind in ("mail", "mail-html") and 1 <= item <= len(self.mails):
            mail = self.mails[item - 1]
            if kind == "mail":
                return self._render("mail.html", mail=mail)
            # As in a mail program, links open beside the mail.
            return HTTPStatus.OK, mail.part("html").replace("<head>", '<head><base target="_blank">', 1).encode()
        if kind == "webhook" and 1 <= item <= len(self.webhooks):
            call = self.webhooks[item - 1]
            text = json.dumps(call.body, ensure_ascii=False, indent=2)
            return self._render("webhook.html", call=call, text=text)
        if kind == "exhibit" and 1 <= item <= len(self.exhibits):
            return HTTPStatus.OK, self.exhibits[item - 1].file.read_bytes()
        return self._render("missing.html", status=HTTPStatus.NOT_FOUND)

    def _render(
        self, template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: Any
    ) -> tuple[HTTPStatus, bytes]:
        return status, self._pages.get_template(template).render(**values).encode()


def _handler_for(viewer: Viewer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Hands requests to the viewer."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """A page."""
            status, body = viewer.page(self.path.split("?")[0])
            self._send(status, body)

        def do_POST(self) -> None:
            """A webhook."""
            length = self.headers.get("Content-Length", "")
            size = int(length) if length.isascii() and length.isdigit() else -1
            if self.path != WEBHOOK_PATH or not 0 <= size <= LARGEST_BODY:
                self.close_connection = True
                self._send(HTTPStatus.NOT_FOUND if self.path != WEBHOOK_PATH else HTTPStatus.BAD_REQUEST, b"")
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._send(viewer.take_webhook(headers, self.rfile.read(size)), b"")

        def _send(self, status: HTTPStatus, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            # A mail is somebody else's HTML: no script of it may run, and nothing is loaded from elsewhere.
            self.send_header(
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing: the console belongs to the demo."""

    return Handler
