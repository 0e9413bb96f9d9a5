"""Single sign-on: the way to the provider and back. What goes wrong is told on the log-in page, where passwords
go on working."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access.base import Record
from monitor.accounts import logging_in, sign_on
from monitor.accounts.logging_in import ATTEMPT_LASTS, Locked, NotLetIn
from monitor.accounts.sign_on import Attempt, NotBelieved, TurnedDown, Unreachable
from monitor.alerts.wording import moment_in_words
from monitor.language import N_, translate
from monitor.web.account import log_in_page
from monitor.web.handling import own_path, set_session, set_visitor
from monitor.web.rendering import language_of

if TYPE_CHECKING:
    from monitor.accounts.provider import Provider

BACK = "/sign-on/back"
_COOKIE = "nianbao_sign_on"
_LONGEST_COOKIE = 3500
"""Browsers keep no cookie of more than 4096 bytes, with its name and what is said of it."""
LONGEST_CODE = 4096
_DOWN = N_("单位统一登录现在连不上。请用用户名和密码登录，或过几分钟再试。")
_NOT_BEGUN = N_("这次统一登录已过期，或不是从本页开始的。请再点一次。")
_TURNED_DOWN = N_("单位统一登录没有放行。请再试一次；仍不行请找管理员。")
_NOT_BELIEVED = N_("单位统一登录的答复无法核实，没有登录。请再试一次；仍不行请找管理员。")
_NO_ACCOUNT = N_("您在这里没有可用的账户：请找管理员新设，或重新启用。")
_LOCKED = N_("试错次数太多，{until}后才能再试。")
_logger = logging.getLogger(__name__)


async def begin(request: Request) -> Response:
    """Sends the browser to the provider."""
    record, provider = _both(request)
    try:
        told = await provider.published()
    except Unreachable as problem:
        return _down(request, problem)
    attempt = Attempt.begin(own_path(request.query_params.get("next", "/")), record.now())
    if len(attempt.signed(record.secret)) > _LONGEST_COOKIE:
        attempt = replace(attempt, next="/")
    settings = provider.settings
    address = sign_on.address_to_ask(
        told.authorization_endpoint,
        attempt,
        client_id=settings.client_id,
        back=_back(record),
        scopes=settings.scopes,
    )
    response = RedirectResponse(address, status_code=303)
    _keep(record, response, attempt.signed(record.secret))
    return response


async def come_back(request: Request) -> Response:
    """Lets in whom the provider vouches for."""
    record, provider = _both(request)
    response = await _answer(request, record, provider)
    _keep(record, response, None)
    return response


async def _answer(request: Request, record: Record, provider: Provider) -> Response:
    now = record.now()
    asked = request.query_params
    attempt = sign_on.attempt_in(request.cookies.get(_COOKIE, ""), record.secret, now)
    if attempt is None or not sign_on.is_answer_to(attempt, asked.get("state", "")):
        return _refused(request, _NOT_BEGUN, 400)
    address = request.client.host if request.client else ""
    try:
        first = await run_in_threadpool(logging_in.may_come_back, record.database, attempt.state, address, now)
    except Locked as locked:
        until = moment_in_words(locked.until, language_of(request))
        return _refused(request, _LOCKED, 429, until=until)
    if not first:
        return _refused(request, _NOT_BEGUN, 400)
    try:
        claims = await _claims(request, provider, attempt, record)
        name = sign_on.name_in(claims, provider.settings.user_claim)
    except Unreachable as problem:
        return _down(request, problem)
    except (TurnedDown, NotBelieved) as problem:
        why = problem.why if isinstance(problem, NotBelieved) else "turned_down"
        _logger.warning("single sign-on: %s", why)
        await run_in_threadpool(logging_in.sign_on_failed, record.database, address, why, record.now())
        return _refused(request, _NOT_BELIEVED if isinstance(problem, NotBelieved) else _TURNED_DOWN, 401)
    try:
        _, secret = await run_in_threadpool(
            logging_in.sign_on, record.database, name, sign_on.subject_of(claims), address, record.now()
        )
    except NotLetIn:
        return _refused(request, _NO_ACCOUNT, 403)
    response = RedirectResponse(own_path(attempt.next), status_code=303)
    set_session(request, response, secret)
    set_visitor(request, response, None)
    return response


async def _claims(request: Request, provider: Provider, attempt: Attempt, record: Record) -> dict[str, object]:
    asked = request.query_params
    told = await provider.published()
    if asked.get("iss", provider.settings.issuer if not told.says_issuer else "") != provider.settings.issuer:
        raise NotBelieved("another_issuer")
    code = asked.get("code", "")
    if "error" in asked or not 0 < len(code) <= LONGEST_CODE:
        raise TurnedDown
    return dict(await provider.claims(code, attempt, _back(record), record.now()))


def _both(request: Request) -> tuple[Record, Provider]:
    """Raises HTTPException 404 where there is no single sign-on."""
    provider: Provider | None = request.app.state.sign_on
    if provider is None:
        raise HTTPException(404)
    return request.app.state.pages, provider


def _back(record: Record) -> str:
    return record.settings.web.address + BACK


def _down(request: Request, problem: Unreachable) -> Response:
    _logger.warning("single sign-on: %s", problem)
    return _refused(request, _DOWN, 503)


def _refused(request: Request, text: str, status: int, **values: object) -> Response:
    return log_in_page(request, status=status, problem=translate(text, language_of(request), values))


def _keep(record: Record, response: Response, value: str | None) -> None:
    """Puts the attempt into the browser's cookie, or takes it out."""
    secure = record.settings.web.address.startswith("https://")
    if value is None:
        response.delete_cookie(_COOKIE, path="/sign-on", secure=secure, httponly=True, samesite="lax")
        return
    seconds = int(ATTEMPT_LASTS.total_seconds())
    response.set_cookie(
        _COOKIE, value, max_age=seconds, path="/sign-on", secure=secure, httponly=True, samesite="lax"
    )


ROUTES = [
    Route("/sign-on", begin, methods=["GET"], name="sign_on"),
    Route(BACK, come_back, methods=["GET"], name="sign_on_back"),
]
