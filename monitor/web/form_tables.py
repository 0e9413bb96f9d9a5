"""The tables of an official form as they are drawn: rows of labels and of places for cells, with their spans.

Made from the forms' data, so that a form that is added there is drawn too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from parsers.forms import Form, Label, official_wordings

_GROUPED = "results"
"""The part of section three whose rows stand directly under it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One drawn cell: a label, or the place of the cell ``key``. ``over``: a head of columns, not of a row."""

    label: str = ""
    key: str | None = None
    rows: int = 1
    columns: int = 1
    over: bool = False


Row = tuple[Slot, ...]
Table = tuple[Row, ...]


def section_two(form: Form) -> Table:
    """The small tables of section two under each other; the last column takes what is left of the width."""
    width = max(len(block.columns) for block in form.section_two)
    corner = official_wordings()["section_two_corner"]
    drawn: list[Row] = []
    for block in form.section_two:
        spans = [1] * (len(block.columns) - 1) + [width - len(block.columns) + 1]
        drawn.append((Slot(block.article, columns=width + 1, over=True),))
        heads = (
            Slot(form.section_two_columns[column].text, columns=span, over=True)
            for column, span in zip(block.columns, spans, strict=True)
        )
        drawn.append((Slot(corner, over=True), *heads))
        for row in block.rows:
            cells = (
                Slot(key=f"section_two.{row}.{column}", columns=span)
                for column, span in zip(block.columns, spans, strict=True)
            )
            drawn.append((Slot(form.section_two_rows[row].text), *cells))
    return tuple(drawn)


def section_three(form: Form, printed: Collection[str] = ()) -> Table:
    """The table of section three; rows of the other form are drawn where a report prints them (``printed``)."""
    rows = list(form.section_three)
    for foreign in form.section_three_foreign:
        if any(key.startswith(f"section_three.{foreign}.") for key in printed):
            rows.insert(rows.index("total_results"), foreign)
    labels = [form.section_three_rows[row] for row in rows]
    inside = [label for label in labels if label.part is not None]
    drawn = list(_heads_of_three(form))
    met: set[str] = set()
    for label in labels:
        slots: list[Slot] = []
        part = label.part
        if part is not None and not met:
            met.add(_GROUPED)
            slots.append(Slot(form.section_three_parts[_GROUPED], rows=len(inside)))
        if part is not None and part not in met:
            met.add(part)
            slots.append(Slot(form.section_three_parts[part], rows=sum(one.part == part for one in inside)))
        slots.append(Slot(label.text, columns=3 if part is None else 2 if part == _GROUPED else 1))
        drawn.append((*slots, *_values(form, label)))
    return tuple(drawn)


def _heads_of_three(form: Form) -> Iterator[Row]:
    wordings = official_wordings()
    first, *middle, last = form.section_three_columns.values()
    applicants, organisations = wordings["section_three_groups"][:2]
    yield (
        Slot(f"（{wordings['section_three_corner']}）", rows=3, columns=3, over=True),
        Slot(applicants, columns=len(middle) + 2, over=True),
    )
    yield (
        Slot(first.text, rows=2, over=True),
        Slot(organisations, columns=len(middle), over=True),
        Slot(last.text, rows=2, over=True),
    )
    yield tuple(Slot(label.text, over=True) for label in middle)


def _values(form: Form, label: Label) -> Row:
    return tuple(Slot(key=f"section_three.{label.key}.{column}") for column in form.section_three_columns)


def section_four(form: Form) -> Table:
    """The table of section four: one row of numbers under the outcomes of review and of litigation."""
    columns = form.section_four_columns
    review, *litigation = form.section_four_blocks.values()
    (group,) = official_wordings()["section_four_groups"]
    return (
        (
            Slot(review.text, columns=len(columns), over=True),
            Slot(group, columns=len(columns) * len(litigation), over=True),
        ),
        (
            *(Slot(column.text, rows=2, over=True) for column in columns.values()),
            *(Slot(block.text, columns=len(columns), over=True) for block in litigation),
        ),
        tuple(Slot(column.text, over=True) for _ in litigation for column in columns.values()),
        tuple(
            Slot(key=f"section_four.{block}.{column}") for block in form.section_four_blocks for column in columns
        ),
    )
