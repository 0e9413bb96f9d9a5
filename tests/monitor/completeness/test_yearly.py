"""The numbers of two years: only printed numbers are added up, and a blank is no 0."""

from decimal import Decimal

from monitor.completeness.blocks import coverage, year_rows
from monitor.completeness.yearly import INDICATORS, two_years
from monitor.rules.base import OrganFacts, OrganKind
from parsers.schema import Number

TOWN = OrganFacts("990301101", "云溪镇", OrganKind.TOWNSHIP, "990301", "东岭县")
BUREAU = OrganFacts("119903010000000001", "东岭县财政局", OrganKind.DEPARTMENT, "990301", "东岭县")
COUNTY = OrganFacts("990301", "东岭县人民政府", OrganKind.COUNTY, "990301", "东岭县")


def numbers(value: Number, **but: Number | None) -> dict[str, Number]:
    """The cells of all indicators with one value; ``but`` gives others, None for a cell that has no number."""
    cells = {cell: but.get(name, value) for name, cells in INDICATORS.items() for cell in cells}
    return {cell: number for cell, number in cells.items() if number is not None}


def test_a_blank_is_told_and_never_added_as_zero() -> None:
    both = two_years(
        2023,
        [TOWN, BUREAU],
        {TOWN.code: numbers(4), BUREAU.code: numbers(2)},
        {TOWN.code: numbers(5, new_received=None), BUREAU.code: numbers(7)},
    )
    assert both is not None
    received, results = both.total("new_received"), both.total("total_results")
    assert (received.before, received.before_from, received.after, received.after_from) == (6, 2, 7, 1)
    assert (received.change, received.compared) == (5, 1)
    assert (results.after, results.after_from, results.change, results.compared) == (12, 2, 6, 2)
    rows = {name.text: cells for name, cells in year_rows(both)}
    assert rows["云溪镇"][:2] == ["4→—", "4→5（+1）"]
    assert rows["两年都有数字的单位，增减"][0] == "+5（1家）"


def test_suits_and_corrected_are_the_sums_of_their_printed_parts_or_nothing() -> None:
    after = numbers(2)
    both = two_years(2023, [TOWN], {}, {TOWN.code: after})
    assert both is not None
    assert (both.members[0].after["suits"], both.members[0].after["corrected"]) == (4, 6)
    del after["section_four.litigation_after_review.corrected"]
    both = two_years(2023, [TOWN], {}, {TOWN.code: after})
    assert both is not None
    assert (both.members[0].after["suits"], both.members[0].after["corrected"]) == (4, None)


def test_the_county_stands_beside_the_sum_and_below_95_percent_it_is_said_to_prove_nothing() -> None:
    organs = [COUNTY, TOWN, BUREAU]
    after = {COUNTY.code: numbers(9), TOWN.code: numbers(5)}
    both = two_years(2023, organs, {}, after)
    assert both is not None
    assert (both.expected, both.covered, both.difference("new_received")) == (2, False, 4)
    assert "不能说明县级政府报告有误" in coverage(both)
    both = two_years(2023, organs, {}, after | {BUREAU.code: numbers(3)})
    assert both is not None
    assert (both.covered, both.difference("new_received")) == (True, 1)
    assert "需核对" in coverage(both)


def test_a_misprinted_decimal_is_summed_exactly() -> None:
    both = two_years(
        2023, [TOWN, BUREAU], {}, {TOWN.code: numbers(Decimal("0.1")), BUREAU.code: numbers(Decimal("0.2"))}
    )
    assert both is not None
    assert both.total("reviews").after == 0.3


def test_without_reports_there_is_no_table() -> None:
    assert two_years(2023, [TOWN], {}, {}) is None
