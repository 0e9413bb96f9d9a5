"""Logging in and out, and what users change of their own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access import account
from monitor.access.base import Access, Record
from monitor.accounts import logging_in, passwords, tokens
from monitor.accounts.logging_in import Locked, NotLetIn
from monitor.accounts.roles import ROLE_NAMES
from monitor.alerts.wording import moment_in_words
from monitor.language import N_, translate
from monitor.web.handling import (
    check_form,
    for_readers,
    own_path,
    read_form,
    set_session,
    set_visitor,
    visitor_secret,
)
from monitor.web.rendering import PARAMETER, language_of, page

if TYPE_CHECKING:
    from monitor.accounts.provider import Provider

_WRONG = N_("用户名或密码不对。请再试一次；忘了密码请找管理员重设。")
_LOCKED = N_("试错次数太多，{until}后才能再试。忘了密码请找管理员重设。")
_NO_COOKIE = N_("浏览器没有带回本站的 Cookie。请允许本站使用 Cookie 后再登录一次。")
_OLD_WRONG = N_("原来的密码不对，没有改动。")
_NOT_ALIKE = N_("两次输入的新密码不一样，没有改动。")


def log_in_page(request: Request, *, problem: str = "", name: str = "", status: int = 200) -> Response:
    """The form; a visitor without a cookie is given one, which the form must bring back."""
    record: Record = request.app.state.pages
    sign_on: Provider | None = request.app.state.sign_on
    visitor = visitor_secret(request) or tokens.new_token()
    request.state.form_token = tokens.form_token(record.secret, visitor)
    # Back from single sign-on the address holds a key: the page in the other language is another one.
    elsewhere = {} if request.url.path == "/log-in" else {"other_address": _in_other_language(request)}
    response = page(
        request,
        "log_in.html",
        **elsewhere,
        status=status,
        title=N_("登录"),
        problem=problem,
        name=name,
        next=own_path(request.query_params.get("next", "/")),
        sign_on=sign_on is not None,
        label=sign_on.settings.label if sign_on is not None else "",
    )
    set_visitor(request, response, visitor)
    return response


def _in_other_language(request: Request) -> str:
    return f"/log-in?{PARAMETER}=" + ("en" if language_of(request) == "zh" else "zh")


async def show(request: Request) -> Response:
    """The log-in page."""
    return log_in_page(request)


async def log_in(request: Request) -> Response:
    """Lets somebody in, or says that it did not work."""
    record: Record = request.app.state.pages
    request.state.form = form = await read_form(request)
    visitor = visitor_secret(request)
    if visitor is None:
        # The cookie is gone or cookies are switched off: the form is shown again with a new one.
        return log_in_page(request, status=400, problem=translate(_NO_COOKIE, language_of(request)))
    check_form(request, visitor)
    name, address = form.get("name", ""), request.client.host if request.client else ""
    language = language_of(request)
    try:
        _, secret = await run_in_threadpool(
            logging_in.log_in, record.database, name, form.get("password", ""), address, record.now()
        )
    except Locked as locked:
        until = moment_in_words(locked.until, language)
        return log_in_page(
            request, problem=translate(_LOCKED, language, {"until": until}), name=name[:64], status=429
        )
    except NotLetIn:
        return log_in_page(request, problem=translate(_WRONG, language), name=name[:64], status=401)
    response = RedirectResponse(own_path(form.get("next", "/")), status_code=303)
    set_session(request, response, secret)
    set_visitor(request, response, None)
    return response


@for_readers()
def log_out(request: Request, access: Access) -> Response:
    """Ends the session."""
    logging_in.log_out(access.record.database, request.state.session)
    response = RedirectResponse("/log-in", status_code=303)
    set_session(request, response, None)
    return response


@for_readers()
def show_account(request: Request, access: Access) -> Response:
    """The reader's own account."""
    return _account_page(request, access)


@for_readers()
def change_password(request: Request, access: Access) -> Response:
    """A new password, for who knows the old one; all other sessions of the user end."""
    form = request.state.form
    new = form.get("new", "")
    if new != form.get("again", ""):
        return _account_page(request, access, translate(_NOT_ALIKE, access.language))
    try:
        account.change_password(access, form.get("old", ""), new, request.state.session)
    except passwords.WeakPassword as weak:
        return _account_page(request, access, translate(weak.template, access.language, {"number": weak.number}))
    except NotLetIn:
        return _account_page(request, access, translate(_OLD_WRONG, access.language))
    return RedirectResponse("/account?done=1", status_code=303)


def _account_page(request: Request, access: Access, problem: str = "") -> Response:
    return page(
        request,
        "account.html",
        title=N_("我的账户"),
        problem=problem,
        done=request.query_params.get("done") == "1",
        shortest=passwords.SHORTEST,
        role_name=ROLE_NAMES[access.role],
        places=account.place_names(access),
    )


ROUTES = [
    Route("/log-in", show, methods=["GET"], name="log_in"),
    Route("/log-in", log_in, methods=["POST"]),
    Route("/log-out", log_out, methods=["POST"], name="log_out"),
    Route("/account", show_account, methods=["GET"], name="account"),
    Route("/account/password", change_password, methods=["POST"], name="change_password"),
]
