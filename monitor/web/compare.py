"""Two reports side by side: two years, two versions, two organs; cells and text."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access import comparing
from monitor.access.base import Access, NotFound
from monitor.access.comparing import Problem, Side, Wish
from monitor.differences.cells import NOTHING, PART, WHOLE
from monitor.differences.summary import ORDINALS
from monitor.differences.texts import Kind, SectionChange, SentenceChange
from monitor.language import N_, translate
from monitor.rules.base import NotAssessable
from monitor.web.cells import name, printed
from monitor.web.handling import for_readers
from monitor.web.rendering import page

LONGEST_NAME = 80
GROUNDS = {
    WHOLE: N_("两份报告格式相同，逐格对照。"),
    PART: N_("两份报告格式不同（{first}／{second}），只对照新收申请、办理总计和复议诉讼。"),
    NOTHING: N_("两份报告没有可以对照的表格。"),
}
ANSWERS = {"pass": N_("成立"), "fail": N_("不成立"), "not_assessable": N_("无法核对")}
KINDS = {
    Kind.KEPT: N_("未变"),
    Kind.YEAR_ONLY: N_("只换了年份"),
    Kind.NUMBERS_ONLY: N_("换了数字"),
    Kind.CHANGED: N_("改写"),
    Kind.REMOVED: N_("只在左边"),
    Kind.ADDED: N_("只在右边"),
}


@for_readers()
def show(request: Request, access: Access) -> Response:
    """The form, and below it the two reports where both are named."""
    first, second = _wish(request, "first"), _wish(request, "second")
    everything = request.query_params.get("all") == "1"
    values: dict[str, Any] = {
        "first": first,
        "second": second,
        "shown": None,
        "problems": (None, None),
        "everything": everything,
        "longest": LONGEST_NAME,
    }
    if first.empty and second.empty:
        return page(request, "compare.html", title=N_("对照"), **values)
    found = comparing.show(access, first, second)
    if isinstance(found, tuple):
        values["problems"] = tuple(_told(one, access.language) if one else None for one in found)
        return page(request, "compare.html", title=N_("对照"), **values)
    language = access.language
    form = found.cells.form
    rows = found.cells.differences if everything else found.cells.changed
    values |= {
        "shown": found,
        "first": _named(found.first),
        "second": _named(found.second),
        "ground": translate(
            GROUNDS[found.cells.ground],
            language,
            {"first": found.cells.against_form or "—", "second": form or "—"},
        ),
        "cells": [
            (
                one.key,
                name(form, one.key),
                printed(one.before, language),
                printed(one.after, language),
                f"{one.change:+}" if one.change is not None else "—",
                one.differs,
            )
            for one in rows
        ],
        "sections": [_section(one, language) for one in found.sections],
        "identities": [_identity(one, language) for one in found.in_a_row or ()],
        "answers": ANSWERS,
    }
    return page(request, "compare.html", title=N_("对照"), **values)


def _wish(request: Request, side: str) -> Wish:
    asked = request.query_params
    version = asked.get(side, "").strip()
    if version and _number(version) is None:
        raise NotFound(version)
    organ = asked.get(f"{side}_organ", "").strip()[:LONGEST_NAME]
    return Wish(_number(version), organ, _number(asked.get(f"{side}_year", "").strip()))


def _number(text: str) -> int | None:
    """A number as it is typed; None for anything else, so that what is missing is told beside the field."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _named(side: Side) -> Wish:
    """What the form shows of a side that was found."""
    return Wish(side.version.id, side.version.organ_code or "", side.version.report_year)


def _told(problem: Problem, language: str) -> tuple[str, Any]:
    return translate(problem.template, language, problem.values), problem.organs


def _section(section: SectionChange, language: str) -> dict[str, Any]:
    return {
        "name": translate(ORDINALS[section.number], language),
        "there": section.there,
        "sentences": [_sentence(one, language) for one in section.shown],
        "alike": len(section.sentences) - len(section.shown),
    }


def _sentence(one: SentenceChange, language: str) -> dict[str, Any]:
    pieces = one.pieces
    return {
        "kind": translate(KINDS[one.kind], language),
        "before": None if one.before is None else [piece for piece in pieces if piece.mark is not Kind.ADDED],
        "after": None if one.after is None else [piece for piece in pieces if piece.mark is not Kind.REMOVED],
    }


def _identity(one: Any, language: str) -> dict[str, Any]:
    result = one.result
    said = (
        [translate(result.reason, language)]
        if isinstance(result, NotAssessable)
        else [finding.message(language) for finding in getattr(result, "findings", ())]
    )
    return {"rule": one.rule.id, "title": translate(one.rule.title, language), "answer": one.answer, "said": said}


ROUTES = [Route("/compare", show, methods=["GET"], name="compare")]
