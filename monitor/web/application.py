"""The web application: its routes, its headers, and what it says when something is not there or goes wrong.

Every answer forbids what these pages do not need: scripts, frames, anything from another host, being kept by a
cache, telling other sites where the reader came from.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.language import N_
from monitor.settings import Settings
from monitor.store.database import Database, StoreError
from monitor.web import answering, health
from monitor.web.rendering import page

FOLDER = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages work with; ``now`` tells the time, ``secret`` signs the links in mails."""

    database: Database
    settings: Settings
    now: Callable[[], datetime]
    secret: str


def make_application(pages: Pages) -> ASGIApp:
    """The application. Its state holds ``pages``; the API will be mounted beside these routes."""
    application = Starlette(
        routes=[
            Route("/", _front, name="front"),
            Route("/answer/{token}", answering.show, methods=["GET"], name="answer"),
            Route("/answer/{token}", answering.confirm, methods=["POST"]),
            *health.ROUTES,
            Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static"),
        ],
        exception_handlers={HTTPException: _refused, StoreError: _no_record, Exception: _failed},
    )
    # A redirect to the same address with or without a slash would repeat whatever host the request named.
    application.router.redirect_slashes = False
    application.state.pages = pages
    return StrictHeaders(health.Timed(application))  # outside of everything, so that failures have them too


class StrictHeaders:
    """Sets :data:`HEADERS` on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "public, max-age=3600"
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def _front(request: Request) -> Response:
    return page(
        request,
        "message.html",
        title=N_("年报监测"),
        text=N_("这里还没有别的页面。要查看或接手一项提醒，请打开邮件中的链接。"),
    )


_REFUSALS = {
    404: (N_("没有这个页面"), N_("请检查地址；邮件中的链接要复制完整。")),
    405: (N_("不能这样打开"), N_("请在浏览器里打开邮件中的链接。")),
    413: (N_("内容太长"), N_("请缩短说明后再试。")),
}
_OTHER = (N_("没有办成"), N_("请回到邮件，重新打开链接。"))


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    title, text = _REFUSALS.get(status, _OTHER)
    return page(request, "message.html", status=status, title=title, text=text)


def _no_record(request: Request, error: Exception) -> Response:
    _logger.error("%s", error)
    return page(
        request,
        "message.html",
        status=503,
        title=N_("暂时打不开"),
        text=N_("现在读不到记录，请过几分钟再试。什么都没有改动。"),
    )


def _failed(request: Request, error: Exception) -> Response:
    # Uvicorn logs what went wrong, without the address, which is a key.
    return page(
        request,
        "message.html",
        status=500,
        title=N_("出错了"),
        text=N_("程序出错，已记入日志；请告知管理员。"),
    )
