"""Year over year: what changed in an organ's numbers between two of its reports, cell by cell. Pure.

Values are the printed ones. A change is given only where both years report a number: blank, absent and
unreadable are told as what they are, never counted as 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from monitor.language import N_
from monitor.rules.cells import comparable
from parsers.schema import Cell, CellState, Number, Report, number_to_json

WHOLE, PART, NOTHING = "whole", "part", "nothing"
GROUND_TEXTS = {
    WHOLE: N_("两年格式相同，逐格比较"),
    PART: N_("两年格式不同（{against_form}／{form}），只比较新收申请、办理总计和复议诉讼，主动公开情况不可比"),
    NOTHING: N_("两年的报告没有可比的表格（{against_form}／{form}）"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell in both years. ``change`` is later minus earlier, ``percent`` of the earlier value (None at 0)."""

    key: str
    before: Cell
    after: Cell
    change: Number | None
    percent: Decimal | None

    @property
    def differs(self) -> bool:
        """Whether the value or the state is another one."""
        return (self.before.state, self.before.value) != (self.after.state, self.after.value)

    def to_json(self, describe: Callable[[str], str]) -> dict[str, Any]:
        """Key, name for people, both cells, change and percent."""
        return {
            "key": self.key,
            "label": describe(self.key),
            "before": _cell_to_json(self.before),
            "after": _cell_to_json(self.after),
            "change": number_to_json(self.change),
            "percent": float(self.percent) if self.percent is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two reports of one organ: the later and the earlier form, how far they compare, and cell by cell.

    ``ground`` is ``whole`` (same form), ``part`` (2019 against 2021: :func:`monitor.rules.cells.comparable`)
    or ``nothing`` (a form without the tables).
    """

    form: str | None
    against_form: str | None
    ground: str
    differences: tuple[Difference, ...]

    @property
    def changed(self) -> tuple[Difference, ...]:
        """The cells that differ."""
        return tuple(difference for difference in self.differences if difference.differs)


def compare(report: Report, against: Report) -> Comparison:
    """The later ``report`` beside the earlier one ``against``, in the order of the later report's cells."""
    keys = [*report.cells, *(key for key in against.cells if key not in report.cells)]
    shared = tuple(
        _difference(key, against.cells.get(key) or _absent(key), report.cells.get(key) or _absent(key))
        for key in keys
        if comparable(key, report.form, against.form)
    )
    if not shared:
        return Comparison(report.form, against.form, NOTHING, ())
    return Comparison(report.form, against.form, WHOLE if report.form == against.form else PART, shared)


def _difference(key: str, before: Cell, after: Cell) -> Difference:
    change = percent = None
    if before.value is not None and after.value is not None:
        change = after.value - before.value
        if before.value:
            share = Decimal(change) * 100 / abs(Decimal(before.value))
            percent = share.quantize(Decimal("0.1"))
    return Difference(key, before, after, change, percent)


def _absent(key: str) -> Cell:
    return Cell(key, CellState.ABSENT)


def _cell_to_json(cell: Cell) -> dict[str, Any]:
    return {"value": number_to_json(cell.value), "raw": cell.raw, "state": cell.state.value}
