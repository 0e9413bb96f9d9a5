"""What an organ changed in a report after it was published: the two versions cell by cell, and what it repaired.

Pure. A change that repairs what we had told of, and touches nothing else, is what oversight asked for: it makes no
alert of its own. That the matter is over is told by the alert on the matter itself, which is resolved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.alerts.wording import message, printed_in_words
from monitor.language import N_
from monitor.rules.base import Matter
from parsers.forms import FORM_KEYS, load_form
from parsers.schema import Cell, CellState, Report

_CELL = N_("{name}由{before}改为{after}")
_TITLE = N_("标题由“{before}”改为“{after}”")
_FORM = N_("格式由{before}改为{after}")
_TEXT = N_("第{number}部分的文字有改动")
_ADDED = N_("增加了第{number}部分")
_TAKEN_OUT = N_("删去了第{number}部分")
_FORMS: Mapping[str | None, str] = {
    "legacy": N_("2018年以前的旧格式"),
    "2019": N_("2019年试行格式"),
    "2021": N_("2021年格式"),
    None: N_("不明的格式"),
}
_NUMERALS = "〇一二三四五六"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs, as a message; ``cell`` or ``section`` is where."""

    said: Mapping[str, Any]
    cell: str | None = None
    section: int | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of a report that took the place of another, and when each was first seen (aware).

    ``repaired``: the matters of the earlier version (errors and warnings, as they were judged) that the later one
    has no more.
    """

    before_id: int
    after_id: int
    before_seen_at: datetime
    after_seen_at: datetime
    differences: tuple[Difference, ...] = ()
    repaired: tuple[Matter, ...] = ()

    @property
    def only_repairs(self) -> bool:
        """Whether nothing but what we had told of was changed, and at least one matter of it is over."""
        findings = [finding for matter in self.repaired for finding in matter.findings]
        if not findings:
            return False
        rules = {finding.rule.partition("-")[0] for finding in findings}
        if "V" in rules:  # another form is another report throughout
            return True
        cells = {name for finding in findings for name in finding.cells}
        sections = {number for finding in findings for number in finding.sections}
        return all(
            each.cell in cells if each.cell else "I" in rules or each.section in sections
            for each in self.differences
        )


def differences(before: Report, after: Report) -> tuple[Difference, ...]:
    """What differs between two versions: title, form, the numbers, and the words of each section."""
    return tuple(_differences(before, after))


def only_in(one: Iterable[Matter], other: Iterable[Matter]) -> tuple[Matter, ...]:
    """The matters of one version that the other does not have: of the earlier one those that are repaired."""
    others = {matter.key for matter in other}
    return tuple(matter for matter in one if matter.key not in others)


def _differences(before: Report, after: Report) -> Iterator[Difference]:
    if _words(before.title) != _words(after.title):
        yield Difference(message(_TITLE, {"before": before.title or "", "after": after.title or ""}))
    if before.form != after.form:
        values = {"before": message(_FORMS[before.form]), "after": message(_FORMS[after.form])}
        yield Difference(message(_FORM, values))
    names = _names(after, before)
    for key in _keys(before, after):
        one, other = before.cells.get(key), after.cells.get(key)
        if one is None or other is None or _same(one, other):
            continue
        told: dict[str, Any] = {"name": names.get(key, key), "before": _printed(one), "after": _printed(other)}
        yield Difference(message(_CELL, told), cell=key)
    for number in range(1, len(_NUMERALS)):
        template = _of_section(before, after, number)
        if template:
            yield Difference(message(template, {"number": _NUMERALS[number]}), section=number)


def _of_section(before: Report, after: Report, number: int) -> str | None:
    one, other = before.sections.get(number), after.sections.get(number)
    there = (one is not None and one.present, other is not None and other.present)
    if there[0] != there[1]:
        return _ADDED if there[1] else _TAKEN_OUT
    words = [_words(section.text) if section else "" for section in (one, other)]
    return _TEXT if words[0] != words[1] else None


def _words(text: str | None) -> str:
    return "".join((text or "").split())


def _keys(before: Report, after: Report) -> Sequence[str]:
    return [key for key in after.cells if key in before.cells]


def _names(*reports: Report) -> dict[str, str]:
    for report in reports:
        if report.form in FORM_KEYS:
            form = load_form(report.form)
            return {key: form.describe(key) for key in report.cells}
    return {}


def _same(one: Cell, other: Cell) -> bool:
    if one.state is CellState.UNREADABLE and other.state is CellState.UNREADABLE:
        return one.raw == other.raw
    return (one.state, one.value) == (other.state, other.value)


def _printed(cell: Cell) -> str:
    return printed_in_words(cell.raw, cell.state.value)
