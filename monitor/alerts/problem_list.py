"""The 问题清单 of a mail as a workbook, so that staff can sort it, write into it and forward it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from monitor.alerts.conditions import AlertKind
from monitor.alerts.states import Step
from monitor.alerts.wording import SEVERITY_NAMES
from monitor.completeness.workbook import MATTER_HEADS, to_list
from monitor.language import N_, translate
from monitor.spreadsheets import Value

HEADS = (*MATTER_HEADS, N_("编号"))
TITLE = N_("问题清单")
_JUDGED_BY_DATES = (AlertKind.MISSING, AlertKind.LATE, AlertKind.BACKDATED)


def workbook_of(items: Iterable[Mapping[str, Any]], language: str = "zh") -> bytes | None:
    """The matters of a digest that hold, as a workbook of one sheet; None where none does.

    Text from portals stays text: nothing in it becomes a formula.
    """
    rows = [row_of(item, language) for item in items if item["step"] != Step.RESOLVED.value]
    if not rows:
        return None
    return to_list(translate(TITLE, language), [translate(head, language) for head in HEADS], rows)


def row_of(item: Mapping[str, Any], language: str = "zh") -> Sequence[Value]:
    """The values under :data:`HEADS`: printed numbers as printed, and what stands against them."""
    alert, details = item["alert"], item["details"]
    place, reported, expected, basis = _early(item, language) or _numbers(AlertKind(alert["kind"]), details)
    return [
        item["county"] or None,
        alert["organ"],
        alert["report_year"],
        alert["summary"],
        place,
        reported,
        expected,
        basis,
        details.get("link"),
        translate(SEVERITY_NAMES[alert["severity"]], language),
        alert["id"],
    ]


def _early(item: Mapping[str, Any], language: str) -> tuple[Value, Value, Value, Value] | None:
    """Of a report published before its year was over: the day shown, and the last of the year."""
    alert, published = item["alert"], item["details"].get("published_on")
    if alert["rule"] != "D-04" or not published:
        return None
    end = date(alert["report_year"], 12, 31)
    return None, date.fromisoformat(published), end, translate(N_("统计期为全年，到12月31日为止"), language)


def _numbers(kind: AlertKind, details: Mapping[str, Any]) -> tuple[Value, Value, Value, Value]:
    """Where, what is reported, what stands against it, and why: cells, or days where days are judged."""
    problem, due = details.get("problem"), details.get("due")
    if problem:
        return tuple(problem[name] or None for name in ("place", "reported", "expected", "basis"))  # type: ignore[return-value]
    if due and kind in _JUDGED_BY_DATES:
        published = details.get("published_on")
        return (
            None,
            date.fromisoformat(published) if published else None,
            date.fromisoformat(due["on"]),
            due["basis"],
        )
    return None, None, None, None
