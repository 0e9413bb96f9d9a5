"""What every page has in common: who is asking, whether they may, and whether a form came from a page of ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, quote

from itsdangerous import BadSignature, Signer
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route

from monitor.access.base import Access, NotAllowed, Record
from monitor.accounts import logging_in, tokens
from monitor.accounts.roles import Right
from monitor.accounts.users import User
from monitor.language import N_, translate
from monitor.refusals import NotPossible
from monitor.web.rendering import language_of, page

LARGEST_FORM = 256 * 1024
MOST_FIELDS = 2000
FORM_TOKEN = "form_token"  # nosec B105: the name of a field
"""The field of every form of ours that changes something."""
SESSION_COOKIE, _VISITOR = "nianbao_session", "nianbao_visitor"

Handler = Callable[[Request, Access], Response]
Again = Callable[[Request, Access, str], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


class Form(Mapping[str, str]):
    """The fields of a form: the first value of each by its name, all of them by :meth:`all`."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name][0]

    def __iter__(self) -> Any:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def all(self, name: str) -> list[str]:
        """All values of a field."""
        return list(self._fields.get(name, ()))


def for_readers(right: Right = Right.READ, *, again: Again | None = None) -> Callable[[Handler], Endpoint]:
    """Makes a function of a request and the reader's :class:`Access` an endpoint for those who have the right.

    Who is not logged in is asked to. The function runs in a thread and may wait for the database. A request that
    changes something must carry a form with :data:`FORM_TOKEN`; its fields are in ``request.state.form``.
    ``again``: the page of the form, which is shown with why (in words) where the function raises NotPossible.
    """

    def decorate(handler: Handler) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            record: Record = request.app.state.pages
            secret = session_secret(request)
            user = (
                await run_in_threadpool(logging_in.user_of, record.database, secret, record.now())
                if secret
                else None
            )
            if user is None or secret is None:
                return await _to_log_in(request, secret)
            request.state.session = secret
            request.state.form_token = tokens.form_token(record.secret, secret)
            request.state.access = access = access_of(request, user)
            if not user.role.may(right):
                raise NotAllowed(right)
            if request.method not in ("GET", "HEAD"):
                request.state.form = await read_form(request)
                if not _is_our_form(request, secret):
                    return _lapsed_page(request, N_("表单已失效"), _OLD_FORM, _page_of(request), status=403)
            try:
                return await run_in_threadpool(handler, request, access)
            except NotPossible as problem:
                if again is None:
                    raise
                why = translate(problem.template, access.language, problem.values)
                return await run_in_threadpool(again, request, access, why)

        endpoint.right = right  # type: ignore[attr-defined]
        return endpoint

    return decorate


def access_of(request: Request, user: User) -> Access:
    """The record as a user may see it, in the language of the request."""
    record: Record = request.app.state.pages
    since = user.visited_at or user.created_at
    return Access(record, user.name, user.role, user.scope, language_of(request), since, user.id)


def session_secret(request: Request) -> str | None:
    """The secret in the cookie of a session; None where there is none or somebody made it up."""
    return _unsigned(request, request.cookies.get(SESSION_COOKIE, ""))


def visitor_secret(request: Request) -> str | None:
    """The secret in the cookie of somebody who is not logged in yet."""
    return _unsigned(request, request.cookies.get(_VISITOR, ""))


def set_session(request: Request, response: Response, secret: str | None) -> None:
    """Puts the secret of a session into the browser's cookie, or takes it out."""
    _set_cookie(request, response, SESSION_COOKIE, secret)


def set_visitor(request: Request, response: Response, secret: str | None) -> None:
    """The same for the secret of somebody who is not logged in yet."""
    _set_cookie(request, response, _VISITOR, secret)


def form_of(request: Request) -> Form:
    """The fields of the form that came with a request; none where none came."""
    form: Form | None = getattr(request.state, "form", None)
    return form if form is not None else Form({})


def check_form(request: Request, visitor: str) -> None:
    """Raises HTTPException 403 where a form was not given out by a page of ours to this visitor."""
    if not _is_our_form(request, visitor):
        raise HTTPException(403)


def _is_our_form(request: Request, visitor: str) -> bool:
    record: Record = request.app.state.pages
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    return tokens.is_form_token(record.secret, visitor, request.state.form.get(FORM_TOKEN, ""))


async def read_form(request: Request, largest: int = LARGEST_FORM) -> Form:
    """The fields of a form. Raises HTTPException 413 where it is too large, 400 where it is none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > largest:
            raise HTTPException(413)
    try:
        text = body.decode("utf-8", "replace").replace("\x00", "\ufffd")
        return Form(parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"))
    except ValueError:
        raise HTTPException(400) from None


def own_path(text: str) -> str:
    """A path of ours to go on to after log-in: what leads elsewhere becomes the front page."""
    plain = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if plain else "/"


async def _to_log_in(request: Request, secret: str | None) -> Response:
    """To the log-in page, and from there to the page that was asked for.

    Whoever sends a form when the session has ended is told that nothing was done, and gets back what they wrote.
    """
    if request.headers.get("hx-request"):
        # A part of a page cannot be a log-in form: the whole page goes there.
        return Response(status_code=401, headers={"HX-Redirect": "/log-in"})
    if request.method in ("GET", "HEAD"):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(_log_in_address(wanted), status_code=303)
    if request.url.path == request.app.url_path_for("log_out"):
        return RedirectResponse("/log-in", status_code=303)
    request.state.form = await read_form(request)
    ours = secret is not None and _is_our_form(request, secret)
    wanted = _page_of(request)
    return _lapsed_page(
        request, N_("登录已失效"), _NO_SESSION, wanted, to=_log_in_address(wanted), ours=ours, status=401
    )


_NO_SESSION = N_("您的登录已经失效，刚才的操作没有执行，所写的内容也没有保存。请登录后再做一次。")
_OLD_FORM = N_(
    "这一页已经过期（例如打开之后又重新登录过），刚才的操作没有执行，什么都没有改动。请重新打开再做一次。"
)
_WRITTEN = ("note", "reason")
"""The fields in which people write sentences: what they typed is given back, never a password."""


def _log_in_address(wanted: str) -> str:
    return "/log-in" if wanted == "/" else "/log-in?next=" + quote(wanted, safe="")


def _page_of(request: Request) -> str:
    """The address of the page that has the form: the nearest one above the address that the form is sent to."""
    path = request.url.path
    while path.strip("/"):
        scope = dict(request.scope, method="GET", path=path)
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes if isinstance(route, Route)):
            return path
        path = path.rpartition("/")[0]
    return "/"


def _lapsed_page(
    request: Request, title: str, text: str, wanted: str, *, to: str = "", ours: bool = False, status: int
) -> Response:
    """Says that a form came too late. Only what came from a page of ours is shown again: nobody else's words."""
    ours = ours or request.headers.get("sec-fetch-site") == "same-origin"
    written = [request.state.form[name] for name in _WRITTEN if request.state.form.get(name, "").strip()]
    return page(
        request,
        "lapsed.html",
        status=status,
        title=title,
        text=text,
        written="\n".join(written) if ours else "",
        to=to or wanted,
        log_in=bool(to),
    )


def _signer(request: Request) -> Signer:
    return Signer(request.app.state.pages.secret, salt="nianbao cookie", key_derivation="hmac")


def _unsigned(request: Request, value: str) -> str | None:
    try:
        return _signer(request).unsign(value).decode("ascii")
    except (BadSignature, UnicodeError):
        return None


def _set_cookie(request: Request, response: Response, name: str, secret: str | None) -> None:
    secure = request.app.state.pages.settings.web.address.startswith("https://")
    if secret is None:
        response.delete_cookie(name, secure=secure, httponly=True, samesite="lax")
        return
    value = _signer(request).sign(secret.encode("ascii")).decode("ascii")
    response.set_cookie(
        name,
        value,
        max_age=int(tokens.SESSION_AT_MOST.total_seconds()),
        secure=secure,
        httponly=True,
        samesite="lax",
    )
