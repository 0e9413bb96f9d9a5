"""For every rule on the prose: a passing, a failing and a not-assessable example."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from monitor.rules.base import Subject
from parsers.narrative import read_narrative
from tests.monitor.rules.building import ABSENT, Changes, Examples, build_report, subject

ONE_ISSUED: Changes = {"section_two.normative_documents.issued": 5, "section_two.normative_documents.in_force": 9}


def says(
    words: str, changes: Changes | None = None, form: str = "2021", section: int = 1, **context: Any
) -> Subject:
    """A subject whose section one (or another) says ``words``, read as the parser reads it."""
    report = build_report(form, changes=changes, text={1: "本年度工作有序开展。", 6: "无", section: words})
    return subject(replace(report, narrative=read_narrative(report.sections, report.report_year)), **context)


def row(name: str, total: Any) -> Changes:
    """The total of a row of section three."""
    return {f"section_three.{name}.total": total}


def answers(**rows: int) -> Changes:
    """The totals of kinds of answers, and what they come to."""
    cells = {name: cell for each, total in rows.items() for name, cell in row(each, total).items()}
    return {**cells, **row("total_results", sum(rows.values()))}


NARRATIVE_EXAMPLES: dict[str, Examples] = {
    "N-01": Examples(
        says("收到政府信息公开申请12件。", {**row("new_received", 10), **row("carried_over", 2)}),
        says("收到政府信息公开申请12件。", row("new_received", 11)),
        says("主动公开政府信息20条。", row("new_received", 11)),
    ),
    "N-02": Examples(
        says("收到政府信息公开申请3件，均已答复。", row("total_results", 3)),
        says("收到政府信息公开申请3件，均已答复。", row("total_results", 2)),
        says("收到政府信息公开申请3件，均已答复。", row("total_results", ABSENT)),
    ),
    "N-03": Examples(
        says("因政府信息公开发生行政复议2件。", {"section_four.review.total": 2}),
        says("因政府信息公开发生行政复议2件。", {"section_four.review.total": 3, "section_four.review.upheld": 3}),
        says("因政府信息公开发生行政复议2件。", {"section_four.*": ABSENT}),
    ),
    "N-04": Examples(
        says("（一）主动公开\n公开信息。\n（二）依申请公开\n没有收到政府信息公开申请。"),
        says("（一）主动公开\n公开信息。\n（二）依申请公开\n围绕民生公开内容，召开会议三次。"),
        says("工作有序开展。"),
    ),
    "N-05": Examples(
        says("制发规范性文件5件，均已公开。", ONE_ISSUED),
        says("制发规范性文件7件。", ONE_ISSUED),
        says("印发各类公文70件。", ONE_ISSUED),
    ),
    "N-06": Examples(
        says("主动公开信息100条，其中财政40条，民政60条。"),
        says("主动公开信息100条，其中财政50条，民政60条。"),
        says("主动公开信息100条。"),
    ),
    "N-07": Examples(
        says("群众满意率100%。"),
        says("群众满意率100%以上。"),
        says("群众满意。"),
    ),
    "N-08": Examples(
        says("收到申请5件，其中予以公开3件、无法提供2件。", answers(granted=3, unable_no_info=2)),
        says("收到申请5件，其中予以公开3件、无法提供2件。", answers(granted=4, unable_no_info=1)),
        says("收到申请5件，均已答复。", row("granted", 5)),
    ),
    "N-09": Examples(
        says("网上收到政府信息公开申请2件，当面收到政府信息公开申请3件。", row("new_received", 5)),
        says("网上收到政府信息公开申请2件，当面收到政府信息公开申请4件。", row("new_received", 5)),
        says("收到政府信息公开申请5件。", row("new_received", 5)),
    ),
    "N-10": Examples(
        says("作出行政处罚决定12件。", {"section_two.penalty.decisions": 12}),
        says("作出行政处罚决定12件。", {"section_two.penalty.decisions": 21}),
        says("公开行政处罚信息12条。", {"section_two.penalty.decisions": 21}),
    ),
}
