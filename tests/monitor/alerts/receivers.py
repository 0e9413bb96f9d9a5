"""Real receivers on loopback: a mail server and a webhook endpoint, both with moods."""

from __future__ import annotations

import ssl
import threading
import time
from asyncio import Server
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mailbox:
    """What the mail server took; ``refuse`` maps recipients (or ``*`` for the whole mail) to its refusals."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    farewell: str = "221 Bye"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Says good-bye."""
        return self.farewell

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes or refuses a recipient."""
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Takes or refuses the mail."""
        if "*" in self.refuse:
            return self.refuse["*"]
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


class _AnyPort(Controller):
    """Listens on a port that is free, which the stock controller cannot say."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server on loopback."""
    mailbox = Mailbox()
    controller = _AnyPort(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        mailbox.port = controller.port
        yield mailbox
    finally:
        controller.stop()


@dataclass
class Endpoint:
    """What was posted; ``answers`` are given in turn, the last one for ever. ``trickle`` seconds between bytes."""

    address: str = ""
    answers: list[int] = field(default_factory=lambda: [204])
    location: str = ""
    trickle: float = 0
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)


@contextmanager
def webhook_endpoint(tls: ssl.SSLContext | None = None) -> Iterator[Endpoint]:
    """A webhook endpoint on loopback, behind TLS where a context is given."""
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        """Answers as the endpoint is told."""

        def do_POST(self) -> None:
            """Takes a post."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            endpoint.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            for letter in b"HTTP/1.1 2" if endpoint.trickle else b"":
                try:
                    self.wfile.write(bytes([letter]))
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(endpoint.trickle)
            answer = endpoint.answers.pop(0) if len(endpoint.answers) > 1 else endpoint.answers[0]
            self.send_response(answer)
            if endpoint.location:
                self.send_header("Location", endpoint.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            """Answers that all is well."""
            endpoint.gets.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Stays quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    endpoint.address = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
