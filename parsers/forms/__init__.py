"""The official forms of the report as data (domain.md part 2): sections, rows, columns, labels, years in force.

``official.yaml`` holds the wordings, ``2019.yaml`` and ``2021.yaml`` what each form has of them and in what order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from parsers.labels import label_key

LEGACY = "legacy"
FORM_KEYS = ("2019", "2021")


@dataclass(frozen=True, slots=True)
class Label:
    """A row, column or block of a form: its key, the official wording, and the other wordings accepted."""

    key: str
    text: str
    variants: tuple[str, ...] = ()
    amount: bool = False
    signed: bool = False
    part: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SectionTitle:
    """One of the six sections: number, official title without the number, wordings, and words that betray it."""

    number: int
    title: str
    variants: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One of the small tables of section two: the article it stands for, its columns and rows by key."""

    article: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """One official form. Labels are looked up by what :func:`parsers.labels.label_key` makes of the print."""

    key: str
    source: str
    first_year: int
    last_year: int | None
    sections: tuple[SectionTitle, ...]
    section_two: tuple[Block, ...]
    section_two_rows: Mapping[str, Label]
    section_two_columns: Mapping[str, Label]
    marks: frozenset[str]
    section_three: tuple[str, ...]
    section_three_foreign: tuple[str, ...]
    section_three_rows: Mapping[str, Label]
    section_three_columns: Mapping[str, Label]
    section_three_parts: Mapping[str, str]
    section_four_blocks: Mapping[str, Label]
    section_four_columns: Mapping[str, Label]

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """Every cell key of the form in the order of print: 200 in the form 2021, 198 in the form 2019."""
        return (
            *self.section_two_cells,
            *(
                f"section_three.{row}.{column}"
                for row in self.section_three
                for column in self.section_three_columns
            ),
            *(
                f"section_four.{block}.{column}"
                for block in self.section_four_blocks
                for column in self.section_four_columns
            ),
        )

    @cached_property
    def section_two_cells(self) -> tuple[str, ...]:
        """The cell keys of section two."""
        return tuple(
            f"section_two.{row}.{column}"
            for block in self.section_two
            for row in block.rows
            for column in block.columns
        )

    @cached_property
    def section_two_row_keys(self) -> tuple[str, ...]:
        """The keys of section two's rows in the order of print."""
        return tuple(row for block in self.section_two for row in block.rows)

    @cached_property
    def foreign_cells(self) -> tuple[str, ...]:
        """Cells of the other form's rows under （六）其他处理, which a mixed report prints instead of its own."""
        return tuple(
            f"section_three.{row}.{column}"
            for row in self.section_three_foreign
            for column in self.section_three_columns
        )

    def columns_of(self, row: str) -> tuple[str, ...]:
        """The columns that a row of section two has; empty for a row that the form has not."""
        return next((block.columns for block in self.section_two if row in block.rows), ())

    def describe(self, cell_key: str) -> str:
        """What staff call a cell: ``表三 （七）总计 · 自然人``.

        Takes a key with or without its column (``section_three.total_results``). Raises KeyError for a key that
        neither this form nor its mixtures have.
        """
        section, row, *columns = cell_key.split(".")
        names: Mapping[str, Label]
        if section == "section_two":
            place, names = f"表二 {self.section_two_rows[row].text}", self.section_two_columns
        elif section == "section_three":
            label = self.section_three_rows[row]
            part = self.section_three_parts[label.part] + " " if label.part not in (None, "results") else ""
            place, names = f"表三 {part}{label.text}", self.section_three_columns
        elif section == "section_four":
            block = self.section_four_blocks[row]
            place, names = f"表四 {block.name or block.text}", self.section_four_columns
        else:
            raise KeyError(cell_key)
        return " · ".join((place, *(names[column].text for column in columns)))


def form_for_year(year: int) -> str:
    """The form in force for a report year: ``legacy`` up to 2018, then ``2019``, and ``2021`` from 2021 on."""
    for key in FORM_KEYS:
        form = load_form(key)
        if form.first_year <= year and (form.last_year is None or year <= form.last_year):
            return key
    return LEGACY


@cache
def load_form(key: str) -> Form:
    """The form ``2019`` or ``2021``. Raises KeyError for any other key, ``legacy`` too: it has no cells."""
    if key not in FORM_KEYS:
        raise KeyError(f"no form {key!r}; there are {', '.join(FORM_KEYS)}")
    official = _read("official")
    own = _read(key)
    return Form(
        key=own["key"],
        source=own["source"],
        first_year=own["first_year"],
        last_year=own["last_year"],
        sections=tuple(
            SectionTitle(entry["number"], entry["title"], tuple(entry["variants"]), tuple(entry["words"]))
            for entry in official["sections"]
        ),
        section_two=tuple(
            Block(block["article"], tuple(block["columns"]), tuple(block["rows"])) for block in own["section_two"]
        ),
        section_two_rows=_labels(official["section_two_rows"] | own.get("section_two_rows", {})),
        section_two_columns=_labels(official["section_two_columns"] | own.get("section_two_columns", {})),
        marks=frozenset(own["marks"]),
        section_three=tuple(own["section_three"]),
        section_three_foreign=tuple(own["section_three_foreign"]),
        section_three_rows=_labels(official["section_three_rows"]),
        section_three_columns=_labels(official["section_three_columns"]),
        section_three_parts=official["section_three_parts"],
        section_four_blocks=_labels(official["section_four_blocks"]),
        section_four_columns=_labels(official["section_four_columns"]),
    )


@lru_cache(maxsize=1)
def official_wordings() -> Mapping[str, Any]:
    """What ``official.yaml`` says beside rows and columns: corners, groups, aspects of section one."""
    return _read("official")


def lookup(labels: Iterable[Label]) -> dict[str, tuple[str, bool]]:
    """A table from the comparable label to its key and whether the wording is the official one.

    Raises ValueError when two labels would be taken for each other: a value must never land in the wrong cell.
    """
    table: dict[str, tuple[str, bool]] = {}
    for label in labels:
        for position, wording in enumerate((label.text, *label.variants)):
            comparable = label_key(wording)
            known = table.setdefault(comparable, (label.key, position == 0))
            if known[0] != label.key:
                raise ValueError(f"the wording {wording!r} stands for both {known[0]} and {label.key}")
    return table


def _labels(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Label]:
    return {
        key: Label(
            key,
            entry["label"],
            tuple(entry.get("variants", ())),
            bool(entry.get("amount")),
            bool(entry.get("signed")),
            entry.get("part"),
            entry.get("name"),
        )
        for key, entry in entries.items()
    }


@cache
def _read(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data
