"""The generator's promise: every number is known, and the identities of the form hold by construction."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.sandbox.drawing import APPLICANTS, DISPUTE_BLOCKS, cell_keys, drawing, result_rows
from crawler.sandbox.generator import Misprint, SandboxOrgan, generate, true_numbers
from crawler.sandbox.season import ORGANS
from parsers.forms import load_form

KINDS = ("township", "subdistrict", "zone", "department", "county")
COLUMNS = (*APPLICANTS, "total")

organs = st.builds(
    lambda kind, number, busy, word: SandboxOrgan(
        f"990101{number:03}", "栗坪镇", kind, "990101", "澄溪县", "清沅市", "模拟省", busy=busy, word=word
    ),
    st.sampled_from(KINDS),
    st.integers(0, 999),
    st.booleans(),
    st.booleans(),
)
seeds = st.integers(0, 10**6)


def _three(numbers: dict[str, int | Decimal], row: str, column: str) -> int:
    return int(numbers[f"section_three.{row}.{column}"])


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_drawn_cells_are_those_of_the_form(form: str) -> None:
    """Drawn apart from the parsers' form data, and yet the same cells in the same order."""
    assert cell_keys(form) == tuple(key for key in load_form(form).cells if ".other." not in key or form == "2019")


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_spans_fill_every_table(form: str) -> None:
    """Each drawn table is a full rectangle: no hole, no overlap."""
    for table, width in zip(drawing(form), (4, 10, 15), strict=True):
        taken: set[tuple[int, int]] = set()
        for row_index, row in enumerate(table):
            column = 0
            for slot in row:
                while (row_index, column) in taken:
                    column += 1
                places = {
                    (row_index + down, column + across)
                    for down in range(slot.rows)
                    for across in range(slot.columns)
                }
                assert not places & taken
                taken |= places
        assert taken == {(row, column) for row in range(len(table)) for column in range(width)}


def test_corner_and_result_spans_are_the_official_ones() -> None:
    """domain.md 2.4: the corner is 3 by 3, 三、本年度办理结果 spans 20 rows in 2019 and 22 in 2021."""
    for form, rows in (("2019", 20), ("2021", 22)):
        slots = {slot.label: slot for row in drawing(form)[1] for slot in row}
        assert slots["三、本年度办理结果"].rows == rows
        assert (drawing(form)[1][0][0].rows, drawing(form)[1][0][0].columns) == (3, 3)


@given(organs, st.integers(2019, 2026), seeds, st.sampled_from(["2019", "2021"]))
@settings(max_examples=60, deadline=None)
def test_one_report_agrees_with_itself(organ: SandboxOrgan, year: int, seed: int, form: str) -> None:
    """T3-01, T3-02, T3-03, T4-01 hold, nothing is negative but a change, and no township writes many documents."""
    numbers = true_numbers(organ, year, seed=seed, form=form)
    assert set(numbers) == set(cell_keys(form))
    for column in COLUMNS:
        answered = sum(_three(numbers, row, column) for row in result_rows(form))
        assert answered == _three(numbers, "total_results", column)
        coming = _three(numbers, "new_received", column) + _three(numbers, "carried_over", column)
        assert coming == answered + _three(numbers, "carried_forward", column)
    for row in ("new_received", "carried_over", *result_rows(form), "total_results", "carried_forward"):
        assert sum(_three(numbers, row, column) for column in APPLICANTS) == _three(numbers, row, "total")
    for block in DISPUTE_BLOCKS:
        parts = sum(
            int(numbers[f"section_four.{block}.{part}"]) for part in ("upheld", "corrected", "other", "pending")
        )
        assert parts == numbers[f"section_four.{block}.total"]
    assert all(value >= 0 for key, value in numbers.items() if not key.endswith(".change"))
    written = numbers[f"section_two.normative_documents.{'issued' if form == '2021' else 'newly_made'}"]
    assert written <= 10


@given(organs, seeds)
@settings(max_examples=40, deadline=None)
def test_years_follow_from_each_other(organ: SandboxOrgan, seed: int) -> None:
    """Y-01 over all years, Y-02 in the form of 2021, Y-03 in the form of 2019."""
    for before, year in pairwise(range(2019, 2026)):
        old, new = true_numbers(organ, before, seed=seed), true_numbers(organ, year, seed=seed)
        for column in COLUMNS:
            assert _three(old, "carried_forward", column) == _three(new, "carried_over", column)
        if before >= 2021:
            row = "section_two.normative_documents."
            assert new[row + "in_force"] == old[row + "in_force"] + new[row + "issued"] - new[row + "repealed"]
    first, second = true_numbers(organ, 2019, seed=seed), true_numbers(organ, 2020, seed=seed)
    for row in ("licensing", "other_services", "penalty", "coercion"):
        items, change = f"section_two.{row}.prior_year_items", f"section_two.{row}.change"
        assert second[items] == first[items] + first[change]
    key = "section_two.normative_documents.total_public"
    assert second[key] >= first[key]


@given(organs, st.sampled_from([2020, 2023]), seeds)
@settings(max_examples=30, deadline=None)
def test_same_input_same_report(organ: SandboxOrgan, year: int, seed: int) -> None:
    """A report follows from organ, year and seed."""
    again = replace(organ)
    assert generate(organ, year, seed=seed) == generate(again, year, seed=seed)


def test_prose_differs_between_organs_and_years() -> None:
    """No two reports share more than half of their sentences: nothing looks copied."""
    bodies = [generate(replace(organ, word=False), year).body for organ in ORGANS for year in (2021, 2022)]
    sentences = [
        {part for part in body.split("</p>\n") if part.startswith('<p style="text-indent') and len(part) > 80}
        for body in bodies
    ]
    for index, one in enumerate(sentences):
        for other in sentences[:index]:
            assert len(one & other) <= len(one) / 2


def test_misprint_changes_the_printed_cell_and_nothing_else() -> None:
    """A misprinted report says so in its truth, cell by cell."""
    organ = next(organ for organ in ORGANS if organ.busy)
    key = "section_three.total_results.total"
    clean, wrong = generate(organ, 2023), generate(organ, 2023, misprint=Misprint("one too low", {key: -1}))
    different = {name for name in clean.truth.cells if clean.truth.cells[name] != wrong.truth.cells[name]}
    assert different == {key} == wrong.truth.misprints
    assert wrong.truth.cells[key] == clean.truth.cells[key] - 1


def test_pages_are_of_real_size() -> None:
    """Clean pages from 25 KB, Word pages below 110 KB, as real ones are."""
    for organ in ORGANS[:4]:
        assert 25_000 < len(generate(replace(organ, word=False), 2023).body.encode()) < 40_000
        assert 60_000 < len(generate(replace(organ, word=True), 2023).body.encode()) < 110_000
