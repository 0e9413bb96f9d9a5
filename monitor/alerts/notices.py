"""Messages of ours that tell of no alert and do not wait in the outbox: a test, the watchdog's warning."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crawler.clock import Clock
from monitor.alerts.digest import notice
from monitor.alerts.sender import send
from monitor.alerts.wording import say
from monitor.language import N_
from monitor.settings import ChannelSettings, Settings
from monitor.store.deliveries import ClaimedMessage

_TITLE = N_("【测试】年报监测能把消息送到这里（渠道 {channel}）")
_LINES = (
    N_("这是用 nianbao notify --test {channel} 发出的测试消息，不涉及任何单位，不必处理。"),
    N_("收到它，说明这个渠道的设置可用；提醒按该渠道设定的范围和时间发出。"),
)


def tell(
    settings: Settings,
    clock: Clock,
    channel: ChannelSettings,
    title: str,
    lines: Sequence[str],
    *,
    test: bool = False,
) -> None:
    """Sends a title and a few lines to a channel, once and now. Raises NotDelivered with the reason."""
    now = clock.now()
    message = ClaimedMessage(
        id=f"msg_{secrets.token_hex(16)}",
        channel=channel.name,
        type="digest",
        payload=_payload(channel, title, lines, now, test=test),
        attempts=1,
        again_at=now,
        created_at=now,
        give_up_at=now,
    )
    send(settings, clock, message, channel)


def send_test(settings: Settings, clock: Clock, channel: ChannelSettings) -> None:
    """Sends a message that says clearly that it is a test. Raises NotDelivered with the reason in one line."""
    values = {"channel": channel.name}
    title = say(_TITLE, values, channel.language)
    tell(settings, clock, channel, title, [say(line, values, channel.language) for line in _LINES], test=True)


def _payload(
    channel: ChannelSettings, title: str, lines: Sequence[str], at: datetime, *, test: bool
) -> dict[str, Any]:
    if channel.kind != "webhook":
        return notice(title, lines, at)
    # The type is one of the contract's (3.4); a digest that holds no alert is understood by every receiver.
    data = {"counts": {}, "alerts": [], "left_out": 0, "notice": {"title": title, "lines": list(lines)}}
    return {"type": "digest", "timestamp": at.isoformat(), "data": {**data, "test": True} if test else data}
