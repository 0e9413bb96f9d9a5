"""Pages in the reader's language, from Jinja2 templates that escape whatever is put into them."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Match

from monitor.accounts.roles import Right
from monitor.alerts.wording import moment_in_words
from monitor.language import LANGUAGES, N_, translate
from monitor.marking import marked

PARAMETER = "language"
LANGUAGE_COOKIE = "nianbao_language"
_NAVIGATION = (
    ("overview", N_("总览"), Right.READ),
    ("alerts", N_("提醒"), Right.READ),
    ("search", N_("查找"), Right.READ),
    ("compare", N_("对照"), Right.READ),
    ("portals", N_("门户"), Right.READ),
    ("names", N_("待定署名"), Right.HANDLE),
    ("administration", N_("管理"), Right.ADMINISTER),
)
"""Names of routes, what they are called, and who sees them."""


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("monitor.web", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(
    request: Request, template: str, *, problem: str = "", status: int | None = None, **values: Any
) -> HTMLResponse:
    """A page in the reader's language.

    ``problem`` says (in words) why what a form asked for was not done; the status is 400 then and else 200, where
    ``status`` says nothing else.

    Templates have ``_`` (a Chinese text of ours in the language), ``moment`` (a moment in words), ``access`` (None
    where nobody is logged in), ``form_token`` (what a form must bring back) and the ``values``. ``title`` is told
    in the language; a heading that is data goes in as ``heading``, and stays as it is. On an English page what is
    Chinese is marked as such.
    """
    language = language_of(request)

    def _(text: str, **filled: Any) -> str:
        return translate(text, language, filled)

    def moment(at: Any) -> str:
        return moment_in_words(at, language) if at else ""

    access = getattr(request.state, "access", None)
    other = "en" if language == "zh" else "zh"
    names = {route.name for route in request.app.routes if hasattr(route, "name")}
    shown = {
        "_": _,
        "moment": moment,
        "access": access,
        "form_token": getattr(request.state, "form_token", ""),
        "heading": None,
        "language": language,
        "other_language": other,
        "other_address": (
            "?" + str(request.url.include_query_params(**{PARAMETER: other}).query)
            if _can_be_read(request)
            else ""
        ),
        "path": request.url.path,
        "navigation": [
            (request.app.url_path_for(name), text)
            for name, text, right in _NAVIGATION
            if access is not None and name in names and access.role.may(right)
        ],
        "problem": problem,
        **values,
    }
    text = _templates().get_template(template).render(shown)
    response = HTMLResponse(
        text if language == "zh" else marked(text), status_code=status or (400 if problem else 200)
    )
    if request.query_params.get(PARAMETER) in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86400, httponly=True, samesite="lax")
    return response


def _can_be_read(request: Request) -> bool:
    """Whether a link to the same address opens something: not after a form of an address that only takes forms."""
    asked = {**request.scope, "method": "GET"}
    return request.method in ("GET", "HEAD") or any(
        route.matches(asked)[0] is Match.FULL for route in request.app.routes
    )


def language_of(request: Request) -> str:
    """``?language=`` where it is given, else what was chosen before, what the browser asks for, the settings'."""
    for asked in (request.query_params.get(PARAMETER), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return asked
    preferred = preferred_language(request.headers.get("accept-language", ""))
    return preferred or request.app.state.pages.settings.people.language


def preferred_language(header: str) -> str | None:
    """The first of our languages in an ``Accept-Language`` header by its weights; None where it names none."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")):
        name, _, weight = part.strip().partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in LANGUAGES:
            wanted.append((-_weight(weight), place, language))
    return min(wanted)[2] if wanted else None


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
