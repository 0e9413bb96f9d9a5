"""Chat services (企业微信, 钉钉, 飞书, Slack and others) by the library Apprise, in a process of its own.

That process (:mod:`monitor.alerts.channels.chat_process`) keeps the log of the library, which holds addresses with
their keys, to itself, connects nowhere our gate does not allow, and can be ended when it hangs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from monitor.alerts.channels import NotDelivered
from monitor.alerts.wording import say
from monitor.language import N_, spoken_language
from monitor.settings import ChannelSettings, Settings

SECONDS = 60.0
"""So long a service may take for everything; the library pauses between parts of a message."""
_PROCESS = "monitor.alerts.channels.chat_process"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_REASONS: Mapping[str, str] = {
    "address": N_("聊天渠道的 address 无法识别；请对照 docs/alerts.md 改正"),
    "private": N_("聊天渠道的地址指向内网或本机，未发送；确属内部服务时，请给该渠道设置 allow_private_addresses"),
    "refused": N_("聊天服务拒绝了这条消息（代码 {number}）；请检查机器人的密钥、关键词和发送频率"),
    "status": N_("聊天服务答复 {number}"),
    "unreachable": N_("连不上聊天服务；请检查网络"),
    "failed": N_("聊天服务没有接受这条消息"),
}


def address_of(channel: ChannelSettings, settings: Settings) -> str:
    """The address of the service, which is a secret: from the settings or from a file. Raises NotDelivered."""
    if channel.address_file is None:
        if not channel.address:
            raise _failed(N_("聊天渠道没有设置 address 或 address_file；请在配置中补上"))
        return channel.address
    try:
        return settings.path(channel.address_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "UTF-8"
        template = N_("读不了聊天渠道的地址文件 {file}：{reason}；请检查 address_file")
        raise _failed(template, file=channel.address_file, reason=reason) from error


def post(address: str, title: str, text: str, *, allow_private: bool, seconds: float = SECONDS) -> None:
    """Sends one message. Raises NotDelivered with the reason unless the service said that it took it.

    Proxies of the environment are used only with ``allow_private``: they mostly stand in the own network.
    """
    if find_spec("apprise") is None:
        raise _failed(N_("发到聊天服务需要扩展 notify；请运行 script/setup --notify"))
    order = {"address": address, "title": title, "text": text, "allow_private": allow_private}
    try:
        ended = subprocess.run(  # nosec B603: this Python; what is sent goes by standard input
            [sys.executable, "-m", _PROCESS],
            input=json.dumps(order).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env=_environment(allow_private),
            cwd=Path(__file__).parents[3],
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failed(N_("聊天服务在 {seconds} 秒内没有答复"), seconds=f"{seconds:g}") from None
    try:
        result: Mapping[str, Any] = json.loads(ended.stdout)
        outcome = str(result["outcome"])
    except (ValueError, KeyError, TypeError):
        outcome, result = "failed", {}
    if outcome != "sent":
        raise _failed(_REASONS.get(outcome, _REASONS["failed"]), number=result.get("number", ""))


def _environment(allow_private: bool) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if allow_private or name.upper() not in _PROXIES}


def _failed(template: str, **values: Any) -> NotDelivered:
    # ``from None`` where the cause could hold the address.
    return NotDelivered(say(template, values, spoken_language()))
