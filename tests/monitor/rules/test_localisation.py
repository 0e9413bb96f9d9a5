"""Which cells are named where sums do not hold: the smallest set, the likeliest first, never one unread."""

import pytest

from monitor.rules.localisation import Localisation, localise
from parsers.schema import CellState, Number
from tests.monitor.rules.building import ABSENT, BLANK, UNREADABLE, Changes, Value, build_report, one_application
from tests.monitor.rules.misprints import misprinted

REPORTS = 150
SHARE_NAMED = 0.95
SHARE_LIKELIEST = 0.85


def found(changes: Changes, form: str = "2021") -> tuple[Localisation, ...]:
    """What is named in a report with these cells."""
    return localise(form, build_report(form, changes=changes).cells)


def answer(changes: Changes, form: str = "2021") -> dict[str, tuple[Number | None, int]]:
    """The one clear answer: what is printed and what it should read."""
    (part,) = found(changes, form)
    assert part.answer is not None
    return {
        change.key.removeprefix("section_three.").removeprefix("section_four."): (change.printed, change.value)
        for change in part.answer.changes
    }


def many(**changes: Value) -> dict[str, Value]:
    """23 applications: 13 of natural persons granted, 10 of businesses refused, one of each carried over."""
    cells: dict[str, Value] = {}
    for row, persons, firms in (
        ("new_received", 12, 9),
        ("carried_over", 1, 1),
        ("granted", 13, 0),
        ("denied_third_party", 0, 10),
        ("total_results", 13, 10),
    ):
        numbers = {"natural_person": persons, "business": firms, "total": persons + firms}
        cells |= {f"section_three.{row}.{column}": number for column, number in numbers.items()}
    return cells | {f"section_three.{name.replace('__', '.')}": value for name, value in changes.items()}


def test_sums_that_hold_name_nothing() -> None:
    assert found(many()) == ()
    assert localise("legacy", {}) == ()
    assert localise(None, {}) == ()


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("granted__natural_person", 31),
        ("granted__total", 0),
        ("denied_third_party__business", 1),
        ("denied_third_party__research", 10),
        ("new_received__natural_person", 2),
        ("carried_over__total", 20),
        ("total_results__natural_person", 10),
        ("total_results__total", 3),
        ("carried_forward__ngo", 4),
    ],
)
def test_one_wrong_cell_of_section_three_is_the_only_answer(name: str, printed: int) -> None:
    key = name.replace("__", ".")
    right = many().get(f"section_three.{key}", 0)
    assert answer(many(**{name: printed})) == {key: (printed, right)}


def test_a_row_of_totals_left_at_zero() -> None:
    changes = many(total_results__natural_person=0, total_results__business=0, total_results__total=0)
    assert answer(changes) == {
        "total_results.natural_person": (0, 13),
        "total_results.business": (0, 10),
        "total_results.total": (0, 23),
    }


def test_a_number_in_the_cell_beside_its_own() -> None:
    changes = many(granted__natural_person=0, granted__business=13)
    assert answer(changes) == {"granted.natural_person": (0, 13), "granted.business": (13, 0)}


def test_two_wrong_cells_in_one_row() -> None:
    changes = many(granted__natural_person=31, granted__research=4)
    assert answer(changes) == {"granted.natural_person": (31, 13), "granted.research": (4, 0)}


def test_a_blank_is_named_as_blank() -> None:
    assert answer(many(granted__natural_person=BLANK)) == {"granted.natural_person": (None, 13)}


@pytest.mark.parametrize("state", [ABSENT, UNREADABLE])
def test_what_was_not_read_is_never_blamed(state: CellState) -> None:
    for name in ("granted__natural_person", "total_results__total", "carried_over__business"):
        hidden = "section_three." + name.replace("__", ".")
        for other in ("new_received__natural_person", "granted__total", "denied_third_party__business"):
            if other == name:
                continue
            parts = found(many(**{other: 77}) | {hidden: state})
            assert hidden not in {cell for part in parts for cell in part.named}


def test_a_blank_total_of_a_row_is_a_habit_and_not_named() -> None:
    assert found(many(granted__total=BLANK, denied_third_party__total=BLANK)) == ()


def test_in_section_four_a_zero_for_a_sum_is_the_total() -> None:
    changes: Changes = {"section_four.review.upheld": 2, "section_four.review.pending": 13}
    assert answer(changes) == {"review.total": (0, 15)}


def test_in_section_four_a_misprint_that_fits_is_likelier_than_any_other_number() -> None:
    changes: Changes = {
        "section_four.review.upheld": 21,
        "section_four.review.pending": 30,
        "section_four.review.total": 42,
    }
    (part,) = found(changes)
    assert "section_four.review.upheld" in part.named
    assert part.candidates[0].changes[0].value == 12


def test_parts_of_a_report_are_named_apart() -> None:
    parts = found({**many(granted__total=0), "section_four.review.upheld": 2, "section_four.review.pending": 13})
    assert [part.part for part in parts] == ["section_three", "section_four.review"]


def test_nothing_below_zero_is_named() -> None:
    for report in misprinted(60, seed=5):
        for part in localise(report.form, report.cells):
            for candidate in part.candidates:
                assert all(change.value >= 0 for change in candidate.changes)


def test_a_table_wholly_wrong_is_too_many_mistakes_to_say() -> None:
    changes = {
        name: (number * 37) % 101
        for number, name in enumerate(build_report().cells)
        if name.startswith("section_three.")
    }
    (part,) = found(changes)
    assert part.candidates == ()
    assert part.answer is None


def test_two_equal_ways_give_no_answer() -> None:
    (part,) = found(one_application(new_received__natural_person=2, new_received__total=2))
    assert part.answer is None
    assert len(part.candidates) == 2


def test_the_wrong_cells_are_among_the_named_ones() -> None:
    """A small version of tests/benchmarks/localisation_accuracy.py."""
    named = likeliest = 0
    for report in misprinted(REPORTS, seed=7):
        parts = localise(report.form, report.cells)
        named += report.wrong <= {name for part in parts for name in part.named}
        first = [part.candidates[0] for part in parts if part.candidates]
        likeliest += report.wrong <= {change.key for each in first for change in each.changes}
    assert named / REPORTS >= SHARE_NAMED
    assert likeliest / REPORTS >= SHARE_LIKELIEST
