"""The process that speaks to one chat service: an order on standard input, one word and one number as the answer.

``{"address", "title", "text", "allow_private"}`` in, ``{"outcome", "number"}`` out. Nothing of the address or of
an answer leaves it otherwise.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from monitor.alerts.channels.gate import is_public

# These answer 200 also when they refuse; the number in the body says which it is. The library looks at the status
# alone (measured with 2.2.0).
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "qyapi.weixin.qq.com": ("errcode",),
    "oapi.dingtalk.com": ("errcode",),
    "open.feishu.cn": ("code", "StatusCode"),
    "open.larksuite.com": ("code", "StatusCode"),
}


class Refused(OSError):
    """Where an address led is not public."""


def main() -> None:
    """Reads the order, sends the message, writes the outcome."""
    order = json.load(sys.stdin)
    logging.disable(logging.CRITICAL)
    answers = sys.stdout
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stdout = nowhere
        outcome, number = deliver(**order)
    json.dump({"outcome": outcome, "number": number}, answers)


def deliver(address: str, title: str, text: str, allow_private: bool) -> tuple[str, int | str]:
    """Sends one message; gives ``sent``, or what went wrong, and the number that the service gave for it."""
    import apprise
    import requests

    refusals: list[int] = []
    statuses: list[int] = []
    turned_away: list[bool] = []
    if not allow_private:
        _close_private_ways(turned_away)
    _read_answers(requests.Session, refusals, statuses)
    asset = apprise.AppriseAsset(app_id="Nianbao", app_desc="Nianbao", async_mode=False, secure_logging=True)
    service = apprise.Apprise(asset=asset)
    if not service.add(address):
        return "address", ""
    taken = service.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT)
    if turned_away:
        return "private", ""
    if refusals:
        return "refused", refusals[-1]
    if taken:
        return "sent", ""
    if statuses and not 200 <= statuses[-1] < 300:
        return "status", statuses[-1]
    return ("failed" if statuses else "unreachable"), ""


def _close_private_ways(turned_away: list[bool]) -> None:
    """From now on this process connects to public addresses only, whatever a name or a redirect says."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        try:
            public = is_public(ipaddress.ip_address(str(address[0]).partition("%")[0]))
        except (ValueError, TypeError, IndexError):
            public = False
        if not public:
            turned_away.append(True)
            raise Refused("not a public address")
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        try:
            guarded(self, address)
        except OSError as error:
            return error.errno or 1
        return 0

    socket.socket.connect = guarded  # type: ignore[assignment, method-assign]
    socket.socket.connect_ex = guarded_ex  # type: ignore[assignment, method-assign]


def _read_answers(session: Any, refusals: list[int], statuses: list[int]) -> None:
    """From now on the answers of the services are read here as well."""
    send = session.send

    def read(self: Any, request: Any, **options: Any) -> Any:
        answer = send(self, request, **options)
        statuses.append(answer.status_code)
        names = _NUMBERS.get(urlsplit(answer.url).hostname or "")
        if names and answer.status_code == 200:
            number = refusal(answer.content, names)
            if number is not None:
                refusals.append(number)
        return answer

    session.send = read


def refusal(body: bytes, names: tuple[str, ...]) -> int | None:
    """The number under one of ``names`` by which a service refused, -1 where it said nothing; None: it took it."""
    try:
        content = json.loads(body)
    except ValueError:
        return -1
    numbers = [content[name] for name in names if name in content] if isinstance(content, dict) else []
    if not numbers or not all(isinstance(number, int) for number in numbers):
        return -1
    return next((number for number in numbers if number != 0), None)


if __name__ == "__main__":
    main()
