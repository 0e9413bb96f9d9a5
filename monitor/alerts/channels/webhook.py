"""Webhooks: one signed POST, by the Standard Webhooks scheme (standardwebhooks.com, contract 3.4)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import logging
import ssl
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import httpx2

from monitor.alerts.channels import NotDelivered
from monitor.alerts.channels.gate import Target, check
from monitor.alerts.wording import say
from monitor.language import N_, spoken_language
from monitor.settings import ChannelSettings

SECONDS = 15.0
"""So long a receiver may take for the whole exchange, however slowly it trickles."""
_PREFIX = "whsec_"
# The library tells every address it asks, with the key in it, to whoever listens (--verbose does).
logging.getLogger("httpx2").setLevel(logging.WARNING)


def sign(secret: str, delivery_id: str, timestamp: int, body: bytes) -> str:
    """The ``webhook-signature`` of a body: ``v1,`` and base64 of HMAC-SHA256 over ``id.timestamp.body``.

    ``secret`` is base64 behind ``whsec_``. Raises NotDelivered where it is not.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _failed(N_("渠道的 secret 不是 whsec_ 加 base64；请改正配置")) from error
    if not key:
        raise _failed(N_("渠道没有设置 secret；请在配置中补上（whsec_ 加 base64）"))
    signed = b".".join([delivery_id.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def body_of(payload: Mapping[str, Any]) -> bytes:
    """The bytes that are signed and sent."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def post(
    channel: ChannelSettings,
    delivery_id: str,
    payload: Mapping[str, Any],
    now: datetime,
    *,
    user_agent: str = "Nianbao",
    seconds: float = SECONDS,
) -> None:
    """Posts one message. Raises NotDelivered with the reason unless the receiver answers 2xx in time."""
    body = body_of(payload)
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": user_agent,
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(channel.secret, delivery_id, timestamp, body),
    }
    request_once(
        channel.address,
        method="POST",
        body=body,
        headers=headers,
        allow_private=channel.allow_private_addresses,
        seconds=seconds,
    )


def request_once(
    address: str,
    *,
    method: str,
    body: bytes,
    headers: Mapping[str, str],
    allow_private: bool,
    seconds: float = SECONDS,
) -> None:
    """One request through the gate. Raises NotDelivered with the reason unless the answer is 2xx and in time."""
    target = check(address, allow_private=allow_private)
    try:
        status = asyncio.run(_exchange(target, method, headers, body, seconds))
    except TimeoutError as error:
        raise _failed(N_("接收端在 {seconds} 秒内没有答复"), seconds=f"{seconds:g}") from error
    except (httpx2.HTTPError, OSError) as error:
        raise _failed(N_("连不上接收端 {host}：{reason}"), host=target.url.host, reason=_reason(error)) from error
    if not 200 <= status < 300:
        raise _failed(N_("接收端 {host} 答复 {status}"), host=target.url.host, status=status)


@cache
def _tls() -> ssl.SSLContext:
    """The usual authorities, read once: reading them takes longer than a post."""
    return httpx2.create_ssl_context(trust_env=False)


async def _exchange(target: Target, method: str, headers: Mapping[str, str], body: bytes, seconds: float) -> int:
    """Connects to what was checked, under the name that was asked for; redirects are not followed."""
    url = target.url
    # As bytes: the name of the program may be in any language, and the library takes text in ASCII alone.
    named = [*((name.encode(), value.encode()) for name, value in headers.items()), (b"Host", url.netloc)]
    timeout = httpx2.Timeout(seconds)
    async with (
        asyncio.timeout(seconds),
        httpx2.AsyncClient(verify=_tls(), timeout=timeout, follow_redirects=False, trust_env=False) as client,
    ):
        for address in target.addresses:
            request = client.build_request(
                method,
                url.copy_with(host=address),
                headers=named,
                content=body,
                extensions={"sni_hostname": target.name},
            )
            try:
                answer = await client.send(request, stream=True)
            except httpx2.ConnectError:
                if address == target.addresses[-1]:
                    raise
                continue
            await answer.aclose()
            return answer.status_code
    raise AssertionError("a checked target has an address")


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _failed(template: str, **values: Any) -> NotDelivered:
    return NotDelivered(say(template, values, spoken_language()))
