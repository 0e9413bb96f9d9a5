"""Portals: how each fares, its runs and what they read, how it is defined."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access import portals
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.language import N_
from monitor.web.handling import for_readers
from monitor.web.rendering import page


@for_readers()
def show(request: Request, access: Access) -> Response:
    """The list of portals, the worst first."""
    asked = {name: request.query_params.get(name, "").strip() for name in ("text", "county", "health")}
    number = request.query_params.get("page", "")
    found = portals.portal_list(
        access,
        **asked,
        page=int(number) if number.isdecimal() and len(number) < 7 else 1,
    )
    return page(
        request,
        "portals.html",
        title=N_("门户"),
        found=found,
        asked=asked,
        filtered=any(asked.values()),
        may_change=access.role.may(Right.ADMINISTER),
        **_words(access),
    )


@for_readers()
def show_one(request: Request, access: Access) -> Response:
    """One portal."""
    shown = portals.portal_page(access, request.path_params["id"], before=_moment(request))
    return page(
        request,
        "portal.html",
        title=N_("门户"),
        heading=shown.line.name,
        shown=shown,
        may_change=access.role.may(Right.ADMINISTER),
        **_words(access),
    )


@for_readers()
def show_run(request: Request, access: Access) -> Response:
    """One run of a portal."""
    after = request.query_params.get("after", "")
    shown = portals.run_page(
        access,
        request.path_params["id"],
        request.path_params["run"],
        after=int(after) if after.isdecimal() and len(after) < 10 else -1,
    )
    return page(request, "portal_run.html", title=N_("一次抓取"), shown=shown, **_words(access))


ROUTES = [
    Route("/portals", show, methods=["GET"], name="portals"),
    Route("/portals/{id}", show_one, methods=["GET"]),
    Route("/portals/{id}/runs/{run}", show_run, methods=["GET"]),
]


def _moment(request: Request) -> datetime | None:
    """The moment of ``?before=``; None where it is none."""
    try:
        moment = datetime.fromisoformat(request.query_params.get("before", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _words(access: Access) -> dict[str, Any]:
    """What the templates of this group name things by."""
    return {
        "health_names": portals.HEALTH_NAMES,
        "health_badges": portals.HEALTH_BADGES,
        "role_names": portals.ROLE_NAMES,
        "outcome_name": lambda outcome: portals.outcome_in_words(outcome, access.language),
        "problem_name": lambda problem: portals.problem_in_words(problem, access.language),
    }
