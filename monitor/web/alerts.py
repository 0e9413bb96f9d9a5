"""The inbox of alerts, each alert, and the forms by which staff deal with them."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access import alerts
from monitor.access.alerts import Asked, Filter, Outcome
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.alerts.wording import STEP_NAMES
from monitor.language import N_, translate
from monitor.web.handling import for_readers
from monitor.web.rendering import page

_NO_STEP = N_("没有看懂要做什么；请用页面上的按钮。")
_NONE_CHOSEN = N_("还没有选中任何提醒；请先在列表里勾选，再按按钮。")


@for_readers()
def show_inbox(request: Request, access: Access) -> Response:
    """The list of alerts by the filter in the address."""
    return _inbox_page(request, access, Filter.of(request.query_params))


def _inbox_page(
    request: Request,
    access: Access,
    wanted: Filter,
    *,
    problem: str = "",
    asked: Asked | None = None,
    ticked: Collection[int] = (),
) -> Response:
    """The list; ``asked`` and ``ticked`` are what the reader had filled in where it could not be done."""
    fields = wanted.fields()
    inbox = alerts.inbox_of(access, wanted)
    first = {name: value for name, value in fields.items() if name != "after"}
    done, step = request.query_params.get("done", ""), request.query_params.get("step", "")
    return page(
        request,
        "alerts.html",
        title=N_("提醒"),
        wanted=wanted,
        choices=alerts.choices(access, wanted),
        inbox=inbox,
        address_of=lambda **other: "/alerts?" + urlencode({**first, **other}),
        first_page="/alerts?" + urlencode(first),
        next_page="/alerts?" + urlencode({**first, "after": inbox.after}) if inbox.after else "",
        back=urlencode(fields),
        may_handle=access.role.may(Right.HANDLE),
        problem=problem,
        asked=asked,
        ticked=ticked,
        done=int(done) if done.isdecimal() and len(done) < 6 else 0,
        step_name=translate(STEP_NAMES[step], access.language) if step in STEP_NAMES else "",
    )


@for_readers()
def show(request: Request, access: Access) -> Response:
    """One alert: what it says, what it rests on, what happened, and what can be done."""
    return _alert_page(request, access, done=request.query_params.get("done") == "1")


def _alert_page(
    request: Request,
    access: Access,
    *,
    done: bool = False,
    problem: str = "",
    asked: Asked | None = None,
    status: int | None = None,
) -> Response:
    number = request.path_params["number"]
    alert = alerts.one_alert(access, number)
    return page(
        request,
        "alert.html",
        status=status,
        title=N_("提醒"),
        heading=translate(N_("提醒 {number}"), access.language, {"number": number}),
        alert=alert,
        item={**alert.details, "advice": alert.advice, "ended": alert.ended},
        may_handle=access.role.may(Right.HANDLE),
        done=done,
        problem=problem,
        asked=asked,
    )


@for_readers(Right.HANDLE)
def handle_one(request: Request, access: Access) -> Response:
    """A step with one alert; then its page again."""
    number = request.path_params["number"]
    alerts.one_alert(access, number)
    asked = Asked.of(request.state.form)
    if asked is None:
        return _alert_page(request, access, problem=translate(_NO_STEP, access.language))
    outcome = alerts.handle(access, [number], asked)
    problem = outcome.problem or outcome.refused.get(number, "")
    if problem:
        status = None if outcome.problem else 409
        return _alert_page(request, access, problem=problem, asked=asked, status=status)
    return RedirectResponse(f"/alerts/{number}?done=1", status_code=303)


@for_readers(Right.HANDLE)
def handle_many(request: Request, access: Access) -> Response:
    """A step with the alerts that were ticked; then the list again, or what was not done and why."""
    form = request.state.form
    wanted = Filter.of(dict(parse_qsl(form.get("back", ""))))
    asked = Asked.of(form)
    numbers = [int(each) for each in form.all("alert") if each.isdecimal() and len(each) < 16]
    if asked is None or not numbers:
        problem = _NO_STEP if asked is None else _NONE_CHOSEN
        why = translate(problem, access.language)
        return _inbox_page(request, access, wanted, problem=why, asked=asked, ticked=numbers)
    outcome = alerts.handle(access, numbers, asked)
    if outcome.problem:
        return _inbox_page(request, access, wanted, problem=outcome.problem, asked=asked, ticked=numbers)
    if outcome.refused:
        return _partly_done(request, outcome, asked, wanted)
    fields = {**wanted.fields(), "done": str(len(outcome.done)), "step": asked.step.value}
    return RedirectResponse("/alerts?" + urlencode(fields), status_code=303)


def _partly_done(request: Request, outcome: Outcome, asked: Asked, wanted: Filter) -> Response:
    return page(
        request,
        "alerts_refused.html",
        status=409,
        title=N_("没有全部办成"),
        done=outcome.done,
        refused=outcome.refused,
        step=STEP_NAMES[asked.step],
        back="/alerts?" + urlencode(wanted.fields()),
    )


ROUTES = [
    Route("/alerts", show_inbox, methods=["GET"], name="alerts"),
    Route("/alerts/steps", handle_many, methods=["POST"]),
    Route("/alerts/{number:int}", show, methods=["GET"], name="alert"),
    Route("/alerts/{number:int}/steps", handle_one, methods=["POST"]),
]
