"""Reading the prose for the rules: whole body, lines, and the numbering in front of a line."""

from __future__ import annotations

import re

from monitor.language import N_
from monitor.rules.base import NotAssessable
from parsers.schema import DocumentKind, Report

NO_TEXT = NotAssessable(N_("没有读到正文"))
NOT_THIS_FORM = NotAssessable(N_("不是2019年或2021年格式的年度报告，或者年度不明"))


def section_text(report: Report, number: int) -> str:
    """The prose of a section, empty where there is none."""
    section = report.sections.get(number)
    return section.text if section and section.present else ""


def body(report: Report) -> str:
    """Preface and the prose of all sections, one after the other, with its line breaks."""
    return _read(report)[1]


def squeezed_body(report: Report) -> str:
    """The body without any blanks or line breaks: for words that a line break may cut."""
    return _read(report)[2]


# A dozen rules ask for the body of the same report one after the other: the last one is kept.
_last: tuple[Report, str, str] | None = None


def _read(report: Report) -> tuple[Report, str, str]:
    global _last
    if _last is None or _last[0] is not report:
        parts = (report.preface, *(section.text for section in report.sections.values() if section.text))
        text = "\n".join(parts)
        _last = (report, text, "".join(text.split()))
    return _last


def is_modern_report(report: Report) -> bool:
    """Whether the document is a report in one of the two forms' years; older ones have other contents."""
    return (
        report.kind is DocumentKind.REPORT
        and report.form != "legacy"
        and report.report_year is not None
        and report.report_year >= 2019
    )


_ENDS = "\n。！？!?；;"


def excerpt(text: str, start: int, end: int, around: int = 18) -> str:
    """The words at a place of a text with a little before and after, in one line.

    Where a sentence is cut, …… says so: nobody takes half a sentence for the whole one.
    """
    begin, stop = max(0, start - around), min(len(text), end + around)
    words = re.sub(r"\s+", " ", text[begin:stop]).strip()
    before, after = text[:begin].rstrip(" 　\t"), text[stop:].lstrip(" 　\t")
    cut_before = bool(before.strip()) and before[-1] not in _ENDS and text[begin] not in _ENDS
    cut_after = bool(after.strip()) and after[0] not in _ENDS and text[stop - 1] not in _ENDS
    return ("……" if cut_before else "") + words + ("……" if cut_after else "")


def opening(text: str, length: int) -> str | None:
    """The first ``length`` characters of a text that is quoted, with …… where it goes on; None of no text."""
    text = text.strip()
    return None if not text else excerpt(text, 0, length, around=0)
