"""The web application: its routes, its headers, and what it says when something is not there or goes wrong.

Every answer forbids what these pages do not need: scripts and styles within a page, being framed, anything from
another host, being kept by a cache, telling other sites where the reader came from.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor import api
from monitor.access.base import Busy, NotAllowed, NotFound, Record, StoreError
from monitor.language import N_
from monitor.web import (
    account,
    administration,
    alerts,
    answering,
    captures,
    compare,
    counties,
    health,
    names,
    organs,
    overview,
    portals,
    reports,
    search,
    sign_on,
)
from monitor.web.rendering import page

FOLDER = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
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
_OWN = frozenset({"Content-Security-Policy", "X-Frame-Options", "Cache-Control"})
"""Headers that a page may set otherwise."""
_logger = logging.getLogger(__name__)


def routes() -> list[BaseRoute]:
    """Every address that is served, page group by page group."""
    return [
        *account.ROUTES,
        *sign_on.ROUTES,
        *overview.ROUTES,
        *alerts.ROUTES,
        *search.ROUTES,
        *portals.ROUTES,
        *administration.ROUTES,
        *names.ROUTES,
        *organs.ROUTES,
        *reports.ROUTES,
        *captures.ROUTES,
        *counties.ROUTES,
        *compare.ROUTES,
        Route("/answer/{token}", answering.show, methods=["GET"], name="answer"),
        Route("/answer/{token}", answering.confirm, methods=["POST"]),
        *health.ROUTES,
        api.mounted(),
        Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static"),
    ]


def make_application(record: Record) -> ASGIApp:
    """The application; its state holds the record as ``pages``, the provider of single sign-on as ``sign_on``."""
    application = Starlette(
        routes=routes(),
        exception_handlers={
            HTTPException: _refused,
            NotFound: _saying(404, _NOT_FOUND),
            NotAllowed: _saying(403, _NOT_ALLOWED),
            Busy: _busy,
            StoreError: _no_record,
            # Uvicorn logs what went wrong, without the address, which is a key.
            Exception: _saying(500, _FAILED),
        },
    )
    # A redirect to the same address with or without a slash would repeat whatever host the request named.
    application.router.redirect_slashes = False
    application.state.pages = record
    application.state.sign_on = _provider(record)
    return StrictHeaders(health.Timed(application))  # outside of everything, so that failures have them too


def _provider(record: Record) -> Any:
    """The provider of single sign-on; None where there is none, and nothing is loaded for it."""
    if not record.settings.sign_on.issuer:
        return None
    from monitor.accounts.provider import Provider

    return Provider(record.settings.sign_on, record.settings.path)


class StrictHeaders:
    """Sets :data:`HEADERS` on every answer; a page may have a policy of its own for what it shows in a frame."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    if name not in headers or name not in _OWN:
                        headers[name] = value
                if scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "public, max-age=3600"
            await send(message)

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # As in forms (see read_form): no database keeps this character, and PostgreSQL fails over it.
        path, query = scope["path"].replace("\x00", "\ufffd"), scope["query_string"].replace(b"%00", b"%EF%BF%BD")
        await self.app({**scope, "path": path, "query_string": query}, receive, with_headers)


Said = tuple[str, str]
"""A heading and a line of text."""
_REFUSALS: Mapping[int, Said] = {
    403: (N_("表单已失效"), N_("请回到原来的页面，重新打开后再提交一次。什么都没有改动。")),
    404: (N_("没有这个页面"), N_("请检查地址；邮件中的链接要复制完整。")),
    405: (N_("不能这样打开"), N_("请从菜单重新进入；邮件中的链接请在浏览器里打开。")),
    413: (N_("内容太长"), N_("请缩短说明后再试。")),
}
_OTHER = (N_("没有办成"), N_("请回到原来的页面，或者重新打开链接，再试一次。"))
_NOT_FOUND = (N_("没有找到"), N_("没有这一项，或者不在您可以查看的地区。请检查地址，或从总览重新进入。"))
_NOT_ALLOWED = (N_("没有权限"), N_("您的账户不能做这件事；需要时请找管理员。"))
_NO_RECORD = (N_("暂时打不开"), N_("现在读不到记录，请过几分钟再试。什么都没有改动。"))
_FAILED = (N_("出错了"), N_("程序出错，已记入日志；请告知管理员。"))


def _saying(status: int, said: Said) -> Callable[[Request, Exception], Response]:
    title, text = said
    return lambda request, _: page(request, "message.html", status=status, title=title, text=text)


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    return _saying(status, _REFUSALS.get(status, _OTHER))(request, error)


def _busy(request: Request, error: Exception) -> Response:
    assert isinstance(error, Busy)
    again = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    response = page(
        request, "busy.html", status=503, title=N_("正在忙，请稍后再试"), seconds=error.seconds, again=again
    )
    response.headers["Retry-After"] = str(error.seconds)
    return response


def _no_record(request: Request, error: Exception) -> Response:
    _logger.error("%s", error)
    return _saying(503, _NO_RECORD)(request, error)
