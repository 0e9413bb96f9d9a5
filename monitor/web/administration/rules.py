"""Rules: how they are adjusted in places, and adjusting them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access.administration import rules
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.language import N_
from monitor.severities import SEVERITY_NAMES
from monitor.web.handling import for_readers, form_of
from monitor.web.rendering import page

PATH = "/administration/rules"


def _page(request: Request, access: Access, problem: str = "") -> Response:
    form = form_of(request)
    return page(
        request,
        "administration_rules.html",
        title=N_("检查规则"),
        found=rules.rules(access),
        severities=SEVERITY_NAMES,
        settings=rules.SETTINGS,
        problem=problem,
        done=request.query_params.get("done", ""),
        rule=form.get("rule", request.query_params.get("rule", "")),
        place=form.get("place", " ".join(access.scope.places[:1])),
        setting=form.get("setting", "off"),
        reason=form.get("reason", ""),
    )


@for_readers(Right.ADMINISTER)
def show(request: Request, access: Access) -> Response:
    """All rules and what is adjusted."""
    return _page(request, access)


@for_readers(Right.ADMINISTER, again=_page)
def adjust(request: Request, access: Access) -> Response:
    """Sets a rule in a place."""
    form = request.state.form
    rules.adjust(access, *(form.get(name, "") for name in ("rule", "place", "setting", "reason")))
    return RedirectResponse(f"{PATH}?done=set", status_code=303)


@for_readers(Right.ADMINISTER, again=_page)
def take_back(request: Request, access: Access) -> Response:
    """Takes an adjustment back."""
    form = request.state.form
    rules.take_back(access, *(form.get(name, "") for name in ("rule", "place", "reason")))
    return RedirectResponse(f"{PATH}?done=reset", status_code=303)


ROUTES = [
    Route(PATH, show, methods=["GET"]),
    Route(f"{PATH}/set", adjust, methods=["POST"]),
    Route(f"{PATH}/reset", take_back, methods=["POST"]),
]
