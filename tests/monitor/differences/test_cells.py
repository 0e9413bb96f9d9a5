"""Year over year: which cells compare, and what is said of their change."""

from collections.abc import Mapping
from decimal import Decimal

from monitor.differences.cells import compare
from parsers.schema import Cell, CellState, DocumentKind, Number, Place, Report


def report(form: str, cells: Mapping[str, Number | CellState]) -> Report:
    """A report of this form with these values and states."""
    made = {}
    for key, given in cells.items():
        if isinstance(given, CellState):
            made[key] = Cell(key, given, at=None if given is CellState.ABSENT else Place(1, 1, 1))
        else:
            made[key] = Cell(key, CellState.REPORTED, given, str(given), Place(1, 1, 1))
    return Report(DocumentKind.REPORT, "text/html", form=form, cells=made)


NEW = "section_three.new_received.total"
FEES = "section_two.admin_fees.amount_wan"


def test_a_change_is_given_in_numbers_and_percent() -> None:
    result = compare(
        report("2021", {NEW: 15, FEES: Decimal("1.5")}), report("2021", {NEW: 12, FEES: Decimal("2")})
    )
    assert result.ground == "whole"
    new, fees = result.differences
    assert (new.change, new.percent) == (3, Decimal("25.0"))
    assert (fees.change, fees.percent) == (Decimal("-0.5"), Decimal("-25.0"))
    assert fees.to_json(str)["change"] == -0.5


def test_from_zero_there_is_a_change_but_no_percent() -> None:
    (new,) = compare(report("2021", {NEW: 3}), report("2021", {NEW: 0})).differences
    assert (new.change, new.percent) == (3, None)


def test_blank_absent_and_unreadable_are_no_zero() -> None:
    for state in (CellState.BLANK, CellState.ABSENT, CellState.UNREADABLE):
        (new,) = compare(report("2021", {NEW: 3}), report("2021", {NEW: state})).differences
        assert (new.change, new.percent, new.differs) == (None, None, True)
        assert new.to_json(str)["before"] == {"value": None, "raw": "", "state": state.value}


def test_a_cell_that_only_one_report_has_is_absent_in_the_other() -> None:
    (new,) = compare(report("2021", {}), report("2021", {NEW: 3})).differences
    assert new.after.state is CellState.ABSENT
    assert new.change is None


def test_across_the_forms_only_received_totals_and_section_four_compare() -> None:
    keys = {
        NEW: 1,
        "section_three.total_results.total": 1,
        "section_three.granted.total": 1,
        "section_four.review.total": 1,
        "section_two.regulations.issued": 1,
        FEES: 1,
    }
    result = compare(report("2021", keys), report("2019", keys))
    assert result.ground == "part"
    assert [difference.key for difference in result.differences] == [
        NEW,
        "section_three.total_results.total",
        "section_four.review.total",
    ]


def test_with_the_old_statistics_nothing_compares() -> None:
    result = compare(report("2019", {NEW: 1}), report("legacy", {}))
    assert (result.ground, result.differences) == ("nothing", ())


def test_only_what_differs_is_changed() -> None:
    result = compare(report("2021", {NEW: 1, FEES: 2}), report("2021", {NEW: 1, FEES: 3}))
    assert [difference.key for difference in result.changed] == [FEES]
