"""Portals: how each fares, its runs and what they read, how it is defined."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access import portals, trials
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.crawl_words import problem_in_words
from monitor.language import N_
from monitor.trials import TrialKind
from monitor.web.handling import for_readers, form_of
from monitor.web.rendering import page


def _portal(request: Request, access: Access, problem: str = "") -> Response:
    shown = portals.portal_page(access, request.path_params["id"], before=_moment(request))
    may_change = access.role.may(Right.ADMINISTER)
    return page(
        request,
        "portal.html",
        title=N_("门户"),
        heading=shown.line.name,
        shown=shown,
        may_change=may_change,
        trials=trials.latest(access, TrialKind.CHECK, shown.line.id)[:5] if may_change else [],
        problem=problem,
        **_words(access),
    )


def _trial(request: Request, access: Access, problem: str = "") -> Response:
    return page(
        request,
        "trial.html",
        title=N_("试抓"),
        shown=trials.trial_page(access, request.path_params["id"]),
        problem=problem,
    )


def _discoveries(request: Request, access: Access, problem: str = "") -> Response:
    form = form_of(request)
    return page(
        request,
        "discoveries.html",
        title=N_("由一个网址添加门户"),
        found=trials.latest(access, TrialKind.DISCOVERY),
        problem=problem,
        address=form.get("address", ""),
        county=form.get("county", next((one for one in access.scope.places if len(one) == 6), "")),
        id=form.get("id", ""),
    )


def _moment(request: Request) -> datetime | None:
    """The moment of ``?before=``; None where it is none."""
    try:
        moment = datetime.fromisoformat(request.query_params.get("before", ""))
    except ValueError:
        return None
    # Beside the ends of the calendar a moment has no day in another zone.
    return moment if moment.tzinfo and 1 < moment.year < 9999 else None


def _words(access: Access) -> dict[str, Any]:
    """What the templates of this group name things by."""
    return {
        "health_names": portals.HEALTH_NAMES,
        "health_badges": portals.HEALTH_BADGES,
        "role_names": portals.ROLE_NAMES,
        "outcome_name": lambda outcome: portals.outcome_in_words(outcome, access.language),
        "problem_name": lambda problem: problem_in_words(problem, access.language),
    }


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
    return _portal(request, access)


@for_readers(Right.ADMINISTER, again=_portal)
def try_one(request: Request, access: Access) -> Response:
    """Has the definition of a portal tried."""
    trial = trials.begin_check(access, request.path_params["id"])
    return RedirectResponse(f"/trials/{trial}", status_code=303)


@for_readers(Right.ADMINISTER)
def show_trial(request: Request, access: Access) -> Response:
    """One trial pass or discovery, and what it found."""
    return _trial(request, access)


@for_readers(Right.ADMINISTER, again=_trial)
def write(request: Request, access: Access) -> Response:
    """Writes the definition that a discovery proposes."""
    portal_id = trials.write(access, request.path_params["id"])
    return RedirectResponse(f"/portals/{portal_id}", status_code=303)


@for_readers(Right.ADMINISTER)
def show_discoveries(request: Request, access: Access) -> Response:
    """The form for an address, and the latest discoveries."""
    return _discoveries(request, access)


@for_readers(Right.ADMINISTER, again=_discoveries)
def discover(request: Request, access: Access) -> Response:
    """Has a site looked at."""
    form = request.state.form
    trial = trials.begin_discovery(access, form.get("address", ""), form.get("county", ""), form.get("id", ""))
    return RedirectResponse(f"/trials/{trial}", status_code=303)


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
    Route("/portals/{id}/trial", try_one, methods=["POST"]),
    Route("/trials/{id:int}", show_trial, methods=["GET"]),
    Route("/trials/{id:int}/write", write, methods=["POST"]),
    Route("/discoveries", show_discoveries, methods=["GET"]),
    Route("/discoveries", discover, methods=["POST"]),
]
