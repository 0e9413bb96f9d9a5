"""One county: its organs by years, its problem list and ranking, and the completeness report to take along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.access import completeness, counties, subscriptions
from monitor.access.base import Access, NotFound
from monitor.access.counties import County, OrganLine
from monitor.access.subscriptions import WrongAddress
from monitor.alerts.wording import KIND_NAMES, kind_name
from monitor.completeness.figures import FLAG_NAMES, Completeness
from monitor.completeness.figures import KIND_NAMES as ORGAN_KINDS
from monitor.completeness.reasons import reason_in_words
from monitor.completeness.summary import summary
from monitor.evidence.screenshot import NoPicture, printed
from monitor.language import N_, translate
from monitor.publication import PublicationState
from monitor.severities import SEVERITY_NAMES
from monitor.web.files import download
from monitor.web.handling import for_readers
from monitor.web.rendering import page
from monitor.web.words import STATES, asked_year, rate_in_words

_LISTS = (
    (PublicationState.MISSING, N_("未公布")),
    (PublicationState.LATE, N_("逾期公布")),
    (PublicationState.UNVERIFIED, N_("无法核实（我们没能看清，不是说没有公布）")),
)
_NO_ADDRESS = N_("您还没有登记邮箱，请找管理员登记。")
_WRONG_ADDRESS = N_("汇总不能发到您的邮箱“{address}”：这里只发到 {domains}。请找管理员改登记的邮箱。")
_NO_PDF = {
    "title": N_("现在不能生成 PDF"),
    "text": N_(
        "服务器上没有可用的浏览器（chromium）。请改用 HTML，在自己的浏览器里打印；"
        "或请管理员运行 script/setup --browser。"
    ),
}


def _as_json(report: Completeness, access: Access) -> bytes:
    return orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2)


def _as_html(report: Completeness, access: Access) -> bytes:
    from monitor.completeness.page import to_page

    return to_page(report, access.language, web=access.settings.web.address).encode()


def _as_pdf(report: Completeness, access: Access) -> bytes:
    return printed(_as_html(report, access).decode())


def _as_workbook(report: Completeness, access: Access) -> bytes:
    from monitor.completeness.workbook import to_workbook

    return to_workbook(report, access.language)


def _as_csv(report: Completeness, access: Access) -> bytes:
    from monitor.completeness.workbook import to_csv

    return to_csv(report, access.language)


def _problems_as_csv(report: Completeness, access: Access) -> bytes:
    from monitor.completeness.workbook import problems_to_csv

    return problems_to_csv(report, access.language)


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: Mapping[str, tuple[str, Callable[[Completeness, Access], bytes]]] = {
    "xlsx": (_XLSX, _as_workbook),
    "csv": ("text/csv; charset=utf-8", _as_csv),
    "problems.csv": ("text/csv; charset=utf-8", _problems_as_csv),
    "html": ("text/html; charset=utf-8", _as_html),
    "pdf": ("application/pdf", _as_pdf),
    "json": ("application/json", _as_json),
}
"""The formats of a report with their media types and how they are made."""
_BY_A_BROWSER = frozenset({"pdf"})


@for_readers()
def show(request: Request, access: Access) -> Response:
    """The county's organs by years."""
    found = counties.county(access, request.path_params["code"])
    year = _year(request, found)
    figures = found.years[year].figures if year in found.years else counties.NOTHING
    return page(
        request,
        "county.html",
        title=N_("县区"),
        heading=found.name,
        county=found,
        year=year,
        years=sorted(found.years)[-6:],
        figures=figures,
        states=STATES,
        state_names=dict(STATES) | {"not_expected": N_("不要求公布")},
        rate=rate_in_words(figures, access.language),
        lists=_lists(found, year),
        reason=lambda value: reason_in_words(value, access.language),
        flag_names=FLAG_NAMES,
        organ_kinds=ORGAN_KINDS,
        news=[{**one, "kind_name": kind_name(one["kind"], one["rule"])} for one in found.news.newest],
        kind_names={kind.value: name for kind, name in KIND_NAMES.items()},
        formats=list(FORMATS),
        open_to_subscribers=bool(access.settings.mail.subscribers) and bool(access.settings.mail.host),
        own_address=subscriptions.own_address(access),
        subscription=next(iter(subscriptions.own(access, found.code)), None),
        subscribed=request.query_params.get("subscribed") == "1",
    )


@for_readers()
def show_report(request: Request, access: Access) -> Response:
    """The completeness report of one year on a page of the dashboard: paragraph, problem list, ranking."""
    found = counties.county(access, request.path_params["code"])
    year = _year(request, found)
    made = completeness.report(access, found.code, year)
    return page(
        request,
        "county_report.html",
        title=N_("问题清单"),
        heading=found.name,
        county=found,
        year=year,
        years=sorted(found.years, reverse=True),
        report=made,
        paragraphs=[summary(one, year, access.language) for one in made.counties],
        severity_names=SEVERITY_NAMES,
        formats=list(FORMATS),
    )


@for_readers()
def take_along(request: Request, access: Access) -> Response:
    """The completeness report as a file."""
    format = request.path_params["format"]
    if format not in FORMATS:
        raise NotFound(format)
    found = counties.county(access, request.path_params["code"])
    year = _year(request, found)
    media_type, make = FORMATS[format]
    with access.record.browsers.taken() if format in _BY_A_BROWSER else nullcontext():
        made = completeness.report(access, found.code, year)
        try:
            data = make(made, access)
        except NoPicture:
            return page(request, "message.html", status=503, **_NO_PDF)
    return download(data, f"{found.name}-{year}-{made.as_of:%Y%m%d}.{format}", media_type)


def _year(request: Request, found: County) -> int:
    """The year that is asked for; else the latest that the county is assessed for."""
    asked = asked_year(request)
    if asked is not None:
        return asked
    return max(found.years, default=found.today.year - 1)


def _lists(found: County, year: int) -> list[tuple[str, str, list[OrganLine]]]:
    """The organs of a year by the states that somebody has to look after."""
    return [
        (state.value, name, some)
        for state, name in _LISTS
        if (some := [one for one in found.organs if year in one.standings and one.standings[year].state is state])
    ]


@for_readers()
def subscribe(request: Request, access: Access) -> Response:
    """The reader takes the county's digest, or takes it no longer."""
    code, form = request.path_params["code"], request.state.form
    if form.get("schedule") == "none":
        subscriptions.unsubscribe(access, code)
    else:
        try:
            subscriptions.subscribe(access, code, form.get("schedule", ""))
        except WrongAddress as wrong:
            return page(
                request,
                "message.html",
                status=400,
                title=N_("没有订阅"),
                text=translate(
                    _WRONG_ADDRESS if wrong.address else _NO_ADDRESS,
                    access.language,
                    {
                        "address": wrong.address,
                        "domains": translate(N_("、"), access.language).join(access.settings.mail.subscribers),
                    },
                ),
            )
    return RedirectResponse(f"/counties/{code}?subscribed=1", status_code=303)


ROUTES = [
    Route("/counties/{code}", show, methods=["GET"], name="county"),
    Route("/counties/{code}/subscription", subscribe, methods=["POST"], name="county_subscription"),
    Route("/counties/{code}/report", show_report, methods=["GET"], name="county_report"),
    Route("/counties/{code}/report.{format:path}", take_along, methods=["GET"], name="county_file"),
]
