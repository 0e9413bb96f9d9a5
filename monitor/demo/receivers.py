"""Who the demo tells: a mail server and a webhook receiver on loopback that keep what they get."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One mail as it came in; ``stage`` is what the demo was doing at the time."""

    number: int
    stage: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject in plain characters."""
        return str(self.message["Subject"] or "")

    def part(self, subtype: str) -> str:
        """The text (``plain``) or HTML (``html``) part; empty where there is none."""
        body = self.message.get_body(preferencelist=(subtype,))
        return str(body.get_content()) if body else ""


class MailReceiver:
    """An SMTP server on loopback that accepts every mail and keeps it; a context manager."""

    def __init__(self) -> None:
        self.mails: list[ReceivedMail] = []
        self.stage = ""
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="demo-mail", daemon=True)
        self._listener: asyncio.Server | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keeps a mail; called by aiosmtpd."""
        content = envelope.content or b""
        data = content if isinstance(content, bytes) else content.encode()
        message = message_from_bytes(data, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(ReceivedMail(len(self.mails) + 1, self.stage, tuple(envelope.rcpt_tos), message))
        return "250 kept"

    def __enter__(self) -> Self:
        self._thread.start()

        async def listen() -> asyncio.Server:
            return await self._loop.create_server(
                lambda: SMTP(self, loop=self._loop, enable_SMTPUTF8=True), "127.0.0.1", 0
            )

        self._listener = asyncio.run_coroutine_threadsafe(listen(), self._loop).result(timeout=10)
        self.port = int(self._listener.sockets[0].getsockname()[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener:
            self._loop.call_soon_threadsafe(self._listener.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()


@dataclass(frozen=True, slots=True)
class ReceivedWebhook:
    """One webhook call as it came in; ``verified`` whether its signature is right."""

    number: int
    stage: str
    id: str
    verified: bool
    body: Mapping[str, Any]


def signature_is_right(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a call is signed with ``secret`` (``whsec_…``) as the Standard Webhooks scheme says.

    Written apart from the sender, so that the demo checks it. The age of the timestamp is not judged: the demo's
    clock is moved. ``headers`` have lower-case names.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [part.partition(",")[2] for part in headers.get("webhook-signature", "").split() if part[:3] == "v1,"]
    return any(hmac.compare_digest(right, one) for one in given)
