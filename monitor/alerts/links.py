"""Links in mails by which alerts are taken up without an account: signed, for certain alerts, for a while.

Such a link is a key: whoever holds it can read these alerts and take them up in the name of the destination the
mail went to, and nothing else. It is never logged.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

from crawler.clock import SHANGHAI
from monitor.alerts.digest import Links
from monitor.alerts.subscriptions import is_subscription
from monitor.language import N_, spoken_language, translate
from monitor.settings import SHORTEST_SECRET, ChannelSettings, Settings
from monitor.system_words import reason_of

PATH = "/answer/"
_SALT = "nianbao answer 1"


class SecretError(Exception):
    """The secret that signs links cannot be had; the message is one readable line."""


class NotOurs(ValueError):
    """The token was not signed with this secret, or is cut off."""


class Expired(ValueError):
    """The token was good once; ``until`` is when that was over."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link stands for: these alerts, sent to ``recipient`` of ``destination``, good for a while.

    ``recipient`` is the only address of the destination, or empty where it has several.
    """

    alert_ids: tuple[int, ...]
    destination: str
    recipient: str
    issued_at: datetime
    until: datetime

    @property
    def who(self) -> str:
        """The name under which the history keeps what is done by this link."""
        return self.recipient or self.destination


def token_of(invitation: Invitation, secret: str) -> str:
    """The signed token; the same for the same invitation."""
    return _serializer(secret).dumps(
        {
            "a": list(invitation.alert_ids),
            "d": invitation.destination,
            "r": invitation.recipient,
            "i": int(invitation.issued_at.timestamp()),
            "u": int(invitation.until.timestamp()),
        }
    )


def read_token(token: str, secret: str, now: datetime) -> Invitation:
    """The reverse of :func:`token_of`. Raises NotOurs or Expired."""
    try:
        data = _serializer(secret).loads(token)
        invitation = Invitation(
            alert_ids=tuple(map(int, data["a"])),
            destination=str(data["d"]),
            recipient=str(data["r"]),
            issued_at=datetime.fromtimestamp(data["i"], SHANGHAI),
            until=datetime.fromtimestamp(data["u"], SHANGHAI),
        )
    except (BadData, KeyError, TypeError, ValueError, OverflowError) as error:
        raise NotOurs("not a token of ours") from error
    if invitation.until <= now:
        raise Expired(invitation.until)
    return invitation


def links_for(settings: Settings, channel: ChannelSettings, at: datetime) -> Links | None:
    """The addresses for a mail to ``channel`` made at ``at``; None where no address of the web pages is set.

    What a user subscribed to holds no keys: who may only read takes nothing up by a mail either, and nobody has
    shown that the address is the user's own. Raises SecretError.
    """
    web = settings.web
    if not web.address:
        return None

    def report(version_id: int) -> str:
        return f"{web.address}/reports/{version_id}"

    if is_subscription(channel.name):
        return Links(None, lambda alert_id: page_of(web.address, alert_id), report)
    secret = secret_of(settings)

    def answer(alert_ids: Sequence[int]) -> str:
        invitation = Invitation(
            alert_ids=tuple(alert_ids),
            destination=channel.name,
            recipient=channel.to[0] if len(channel.to) == 1 else "",
            issued_at=at,
            until=at + timedelta(days=web.link_days),
        )
        return web.address + PATH + token_of(invitation, secret)

    return Links(answer, lambda alert_id: page_of(web.address, alert_id), report)


def page_of(address: str, alert_id: int) -> str:
    """The page of an alert where the web pages are at ``address``; it asks who is there."""
    return f"{address}/alerts/{alert_id}"


def secret_of(settings: Settings) -> str:
    """The secret of the settings, else that of the secret's file, which is made where it is not there yet.

    Raises SecretError.
    """
    if settings.web.secret:
        return settings.web.secret
    file = settings.path(settings.web.secret_file)
    try:
        make_secret(file)
        secret = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "ASCII"
        raise SecretError(
            _say(N_("读不了或写不了签名密钥文件 {file}：{reason}；请检查 [web] secret_file"), file, reason)
        ) from error
    if len(secret) < SHORTEST_SECRET:
        raise SecretError(
            _say(
                N_("签名密钥文件 {file} 的内容不足 {reason} 个字符；请删去它，会重新生成"),
                file,
                str(SHORTEST_SECRET),
            )
        )
    return secret


def make_secret(file: Path) -> bool:
    """Writes a new secret that only the owner may read; what is there stays. Whether one was written.

    Raises OSError.
    """
    if file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as target:
            target.write(secrets.token_urlsafe(48) + "\n")
        os.link(draft, file)  # whole or not at all, and never over another process's
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret, salt=_SALT, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )


def _say(template: str, file: Path, reason: str) -> str:
    return translate(template, spoken_language(), {"file": file, "reason": reason})
