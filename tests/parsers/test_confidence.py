"""Numbers of a scan that the form's sums speak against."""

from decimal import Decimal

from parsers.confidence import SURE, doubted
from parsers.forms import load_form
from parsers.schema import Cell, CellState, Place


def _cells(confidence: float | None) -> dict[str, Cell]:
    """A report of zeros; every cell recognised with full confidence but one, which has the given one."""
    sure = 1.0 if confidence is not None else None
    cells = {
        key: Cell(key, CellState.REPORTED, 0, "0", Place(page=1, confidence=sure))
        for key in load_form("2021").cells
    }
    key = "section_three.granted.total"
    cells[key] = cells[key]._replace(at=Place(page=1, confidence=confidence))
    return cells


def _with(cells: dict[str, Cell], value: int | Decimal) -> dict[str, Cell]:
    key = "section_three.granted.total"
    return {**cells, key: cells[key]._replace(value=value, raw=str(value))}


def test_an_unsure_number_in_a_broken_sum_is_unreadable() -> None:
    cells = _with(_cells(SURE - 0.1), 3)
    found, lints = doubted(cells, "2021")
    assert found["section_three.granted.total"].state is CellState.UNREADABLE
    assert found["section_three.granted.total"].raw == "3"
    assert [lint.code for lint in lints] == ["unsure-number"]
    changed = [key for key, cell in found.items() if cell != cells[key]]
    assert changed == ["section_three.granted.total"]


def test_a_sure_number_stays_whatever_the_sums_say() -> None:
    cells = _with(_cells(SURE), 3)
    assert doubted(cells, "2021") == (cells, [])


def test_an_unsure_number_stays_where_the_sums_hold() -> None:
    cells = _cells(SURE - 0.1)
    assert doubted(cells, "2021") == (cells, [])


def test_text_layers_have_no_confidence_and_stay() -> None:
    cells = _with(_cells(None), 3)
    assert doubted(cells, "2021") == (cells, [])
