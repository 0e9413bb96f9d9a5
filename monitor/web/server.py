"""Serves a web application in a thread, for as long as a block lasts."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from monitor.language import N_, spoken_language, translate
from monitor.system_words import reason_of

SECONDS_TO_END = 10
"""So long requests that are going on may take to end when the server stops."""
MOST_AT_ONCE = 200
_START_SECONDS = 30


class WebError(Exception):
    """The pages cannot be served; the message is one readable line."""


@contextmanager
def serving(application: ASGIApp, host: str, port: int, proxies: Sequence[str] = ()) -> Iterator[str]:
    """The application on ``host`` and ``port`` (0: any free one); gives its address. Raises WebError.

    Who asks through one of the ``proxies`` (addresses or networks) is known by the last address in
    X-Forwarded-For that is none of theirs: what somebody else writes there does not count.

    At the end of the block no new request is taken, and those that go on are answered. Requests are not logged:
    the addresses of links in mails are keys.
    """
    listener = _listen(host, port)
    # Uvicorn's own switch is off below; it has been seen to log all the same once a handler was added elsewhere.
    logging.getLogger("uvicorn.access").disabled = True
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            lifespan="off",
            limit_concurrency=MOST_AT_ONCE,
            timeout_graceful_shutdown=SECONDS_TO_END,
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), name="nianbao web", daemon=True)
    thread.start()
    try:
        waited = time.monotonic()
        while not server.started and thread.is_alive() and time.monotonic() - waited < _START_SECONDS:
            time.sleep(0.01)
        if not server.started:
            raise WebError(_say(N_("网页服务没有启动（{host}:{port}）；加 --verbose 可看详情"), host, port))
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(SECONDS_TO_END + 5)
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as problem:
        text = N_("网页服务不能用 {host}:{port}（{reason}）；请检查 [web] host 和 port")
        raise WebError(_say(text, host, port, reason_of(problem))) from None


def _say(text: str, host: str, port: int, reason: str = "") -> str:
    return translate(text, spoken_language(), {"host": host, "port": port, "reason": reason})
