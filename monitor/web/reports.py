"""The page of a report version, of one of its cells, and what staff decide on its findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crawler.captures import ArchiveError
from monitor.access import evidence, reports
from monitor.access.base import Access
from monitor.access.reports import CellMark, ShownFinding, ShownMatter, ShownReport
from monitor.accounts.roles import Right
from monitor.alerts.details import link
from monitor.alerts.wording import DATE_SOURCES, day_in_words, kind_name, place_in_words
from monitor.alerts.wording import STATE_NAMES as ALERT_STATES
from monitor.completeness.problems import basis_of
from monitor.decisions.deciding import Withheld
from monitor.decisions.dismissals import Dismissal
from monitor.decisions.findings import DecisionError
from monitor.decisions.wording import because_in_words
from monitor.language import N_, translate
from monitor.refusals import too_long
from monitor.rules.base import Severity
from monitor.severities import SEVERITY_NAMES
from monitor.web import form_tables
from monitor.web.cells import name, printed
from monitor.web.handling import for_readers
from monitor.web.rendering import page
from parsers.forms import FORM_KEYS, LEGACY, load_form
from parsers.schema import Cell, CellState, Fact, Report, Section

LONGEST_REASON = 1000
FACT_NAMES = {
    "applications_received": N_("收到申请"),
    "applications_answered": N_("答复申请"),
    "applications_handled": N_("办理申请"),
    "carried_over": N_("上年结转"),
    "carried_forward": N_("结转下年度"),
    "proactive_items_total": N_("主动公开信息"),
    "normative_documents_published": N_("公开规范性文件"),
    "normative_documents_issued_total": N_("制发规范性文件"),
    "normative_documents_in_force": N_("现行有效规范性文件"),
    "info_processing_fee": N_("信息处理费"),
    "reviews": N_("行政复议"),
    "lawsuits": N_("行政诉讼"),
    "licensing_decisions": N_("行政许可决定"),
    "penalty_decisions": N_("行政处罚决定"),
    "coercion_decisions": N_("行政强制决定"),
    "admin_fees_amount": N_("行政事业性收费"),
    "new_media_items": N_("新媒体发布"),
    "wechat_items": N_("微信发布"),
}
_NO_TABLES = {
    LEGACY: N_("2018年度及以前的报告没有统一的表格，这里只列出正文。"),
    None: N_("这份报告没有识别出2019年或2021年格式的表格，这里只列出正文。"),
}
_TABLE_TITLES = {
    2: N_("二、主动公开政府信息情况"),
    3: N_("三、收到和处理政府信息公开申请情况"),
    4: N_("四、政府信息公开行政复议、行政诉讼情况"),
}
_NO_REASON = N_("请写明理由：它随决定一起保存。")
_NO_ARCHIVE = N_("证据包没有做成：{problem}")


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """A slot of a table with what stands there: text and state of the cell, its name, and its mark."""

    slot: form_tables.Slot
    text: str = ""
    state: str = ""
    name: str = ""
    mark: CellMark | None = None

    @property
    def classes(self) -> str:
        """The style classes of the cell."""
        if self.mark is None:
            return f"cell {self.state}"
        return f"cell {self.state} marked {self.mark.severity.value}{' suspect' if self.mark.suspect else ''}"


@dataclass(frozen=True, slots=True)
class DrawnTable:
    """A table of the form with the cells of a report."""

    number: int
    title: str
    rows: tuple[tuple[DrawnCell, ...], ...]
    there: bool


@for_readers()
def show(request: Request, access: Access) -> Response:
    """One version of a report."""
    return _report_page(request, access)


@for_readers()
def show_cell(request: Request, access: Access) -> Response:
    """One cell: the place in the original, and the same cell in other years."""
    shown = reports.cell(access, request.path_params["version"], request.path_params["key"])
    return page(
        request,
        "cell.html",
        title=N_("单元格"),
        heading=name(shown.report.form, shown.cell.key),
        shown=shown,
        text=printed(shown.cell, access.language),
        place=place_in_words(shown.cell.at.to_json(), access.language) if shown.cell.at else "",
        matters=[_told(one, shown.report, access.language) for one in shown.matters],
        years=[(one, printed(one.cell, access.language) if one.cell is not None else None) for one in shown.years],
        key=quote(shown.cell.key, safe=""),
        severities=SEVERITY_NAMES,
    )


@for_readers(Right.HANDLE)
def dismiss(request: Request, access: Access) -> Response:
    """A finding is none, with a reason."""
    return _decided(request, access, reports.dismiss)


@for_readers(Right.HANDLE)
def restore(request: Request, access: Access) -> Response:
    """A dismissal is taken back, with a reason."""
    return _decided(request, access, reports.restore)


@for_readers()
def download_evidence(request: Request, access: Access) -> Response:
    """The evidence bundle of an alert as a zip file; ``?pictures=no`` leaves the screenshots out."""
    alert_id = request.path_params["alert"]
    try:
        data = evidence.bundle(access, alert_id, pictures=request.query_params.get("pictures") != "no")
    except ArchiveError as problem:
        text = translate(_NO_ARCHIVE, access.language, {"problem": problem})
        return page(request, "message.html", status=500, title=N_("没有办成"), text=text)
    return Response(
        data,
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="alert-{alert_id}.zip"'},
    )


def _decided(request: Request, access: Access, change: Any) -> Response:
    version_id, reference = request.path_params["version"], request.path_params["reference"]
    reason = " ".join(request.state.form.get("reason", "").split())
    wrong = too_long(reason, LONGEST_REASON, access.language)
    if wrong or not reason:
        wrong = wrong or translate(_NO_REASON, access.language)
        return _report_page(request, access, wrong, {reference: reason})
    try:
        change(access, version_id, reference, reason)
    except DecisionError as problem:
        return _report_page(request, access, str(problem), {reference: reason})
    return RedirectResponse(f"/reports/{version_id}?done=1#findings", status_code=303)


def _report_page(
    request: Request, access: Access, problem: str = "", reasons: Mapping[str, str] = MappingProxyType({})
) -> Response:
    """The page; ``reasons`` is what was filled in for a finding where it could not be done."""
    shown = reports.show(access, request.path_params["version"])
    language = access.language
    report = shown.report
    matters = [_told(one, report, language) for one in shown.judged.matters]
    return page(
        request,
        "report.html",
        title=N_("报告"),
        heading=report.title or shown.version.title,
        shown=shown,
        tables=tables(shown, language),
        no_tables=_NO_TABLES.get(report.form) if report.form not in FORM_KEYS else None,
        sections=[
            (section, _paragraphs(section.text), _facts(report, section.number, language))
            for section in _sections(report)
        ],
        preface=_paragraphs(report.preface),
        grave=[told for told in matters if told["severity"] is not Severity.NOTICE],
        notices=[told for told in matters if told["severity"] is Severity.NOTICE],
        withheld=[_withheld(one, language) for one in shown.judged.withheld],
        problem=problem,
        done=request.query_params.get("done") == "1",
        may_handle=access.role.may(Right.HANDLE),
        severities=SEVERITY_NAMES,
        errors=shown.judged.count(Severity.ERROR),
        warnings=shown.judged.count(Severity.WARNING),
        sources=DATE_SOURCES,
        kind_name=kind_name,
        alert_states=ALERT_STATES,
        day=lambda value: day_in_words(value, language),
        link=link,
        others=[one for one in shown.versions if one.id != shown.version.id],
        reasons=reasons,
    )


def tables(shown: ShownReport, language: str) -> list[DrawnTable]:
    """The tables of the report's form, with what is printed and what is said of it."""
    if shown.report.form not in FORM_KEYS:
        return []
    form, cells = load_form(shown.report.form), shown.report.cells
    read = [key for key, cell in cells.items() if cell.state is not CellState.ABSENT]
    drawn = {
        2: form_tables.section_two(form),
        3: form_tables.section_three(form, read),
        4: form_tables.section_four(form),
    }
    return [
        DrawnTable(
            number,
            _TABLE_TITLES[number],
            tuple(tuple(_drawn(shown, slot, language) for slot in row) for row in table),
            any(slot.key in read for row in table for slot in row if slot.key is not None),
        )
        for number, table in drawn.items()
    ]


def _drawn(shown: ShownReport, slot: form_tables.Slot, language: str) -> DrawnCell:
    if slot.key is None:
        return DrawnCell(slot)
    cell = shown.report.cells.get(slot.key) or Cell(slot.key, CellState.ABSENT)
    called = name(shown.report.form, slot.key)
    return DrawnCell(slot, printed(cell, language), cell.state.value, called, shown.judged.marks.get(slot.key))


def _told(matter: ShownMatter, report: Report, language: str) -> dict[str, Any]:
    """A matter for the template."""
    cause = matter.cause
    return {
        "severity": matter.severity,
        "findings": [_finding(one, report, language) for one in matter.findings],
        "cause": cause.message(language) if cause else None,
        "certain": bool(cause and cause.should_read),
    }


def _finding(one: ShownFinding, report: Report, language: str) -> dict[str, Any]:
    finding = one.finding
    return {
        "reference": one.reference,
        "rule": finding.rule,
        "title": translate(_titles().get(finding.rule, ""), language),
        "basis": basis_of(finding.rule, language),
        "severity": finding.severity,
        "message": finding.message(language),
        "quote": finding.quote,
        "cells": [
            (key, name(report.form, key), printed(report.cells[key], language))
            for key in finding.cells
            if key in report.cells
        ],
        "sections": finding.sections,
    }


def _withheld(one: ShownFinding, language: str) -> dict[str, Any]:
    because = Withheld(one.finding, "", one.because)
    return {
        "reference": one.reference,
        "rule": one.finding.rule,
        "message": one.finding.message(language),
        "because": because_in_words(because, language),
        "dismissed": isinstance(one.because, Dismissal),
    }


def _sections(report: Report) -> Iterable[Section]:
    return (section for _, section in sorted(report.sections.items()))


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _facts(report: Report, section: int, language: str) -> list[tuple[str, Fact]]:
    return [
        (translate(FACT_NAMES.get(fact.key, ""), language), fact)
        for fact in report.narrative
        if fact.section == section
    ]


ROUTES = [
    Route("/reports/{version:int}", show, methods=["GET"], name="report"),
    Route("/reports/{version:int}/cells/{key}", show_cell, methods=["GET"], name="cell"),
    Route(
        "/reports/{version:int}/findings/{reference}/dismiss", dismiss, methods=["POST"], name="dismiss_finding"
    ),
    Route(
        "/reports/{version:int}/findings/{reference}/restore", restore, methods=["POST"], name="restore_finding"
    ),
    Route("/evidence/{alert:int}", download_evidence, methods=["GET"], name="evidence"),
]


@cache
def _titles() -> Mapping[str, str]:
    from monitor.rules.catalogue import RULES
    from monitor.rules.timeliness import TIMELINESS_RULES

    return {rule.id: rule.title for rule in RULES} | {rule.id: rule.title for rule in TIMELINESS_RULES}
