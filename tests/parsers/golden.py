"""Golden pages: a folder of small damaged documents, and beside each what a reader must make of it.

``NAME.html`` (or ``.txt``, ``.mht``, …) is the document, ``NAME.expected.json`` what is expected of it. Where the
second is missing it is written from what the parser gives today, and the test fails: a person then compares it
with the print, value by value, before it is committed. A test enumerates a folder in three lines::

    @pytest.mark.parametrize("document", documents(FOLDER), ids=lambda path: path.name)
    def test_golden(document: Path) -> None:
        check(document)

Expected values stand as they do in the tables, a row a line: its value, ``·`` for blank, ``-`` for absent
(nothing of the row stands in the document: the row is left out), ``?`` for unreadable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from parsers.reading import parse
from parsers.schema import Cell, CellState, Report, UnreadableDocument

EXPECTED = ".expected.json"
LONGEST_TEXT = 60
_MARKS = {CellState.BLANK: "·", CellState.ABSENT: "-", CellState.UNREADABLE: "?"}


def documents(folder: Path) -> list[Path]:
    """The documents of a folder, by name."""
    beside = {".py", ".json", ".md", ".pyc"}
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix not in beside)


def check(document: Path) -> None:
    """Compare what a document gives with its golden file; where there is none, write it and fail."""
    found = outcome(document.read_bytes(), document.name)
    golden = document.with_name(document.name + EXPECTED)
    if not golden.exists():
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.fail(f"{golden.name} was written: review it against the print, then run again")
    assert found == json.loads(golden.read_text(encoding="utf-8"))


def outcome(data: bytes, name: str | None = None) -> dict[str, object]:
    """What a reader must get right of a document, small enough to be reviewed: see the module's own words."""
    try:
        report = parse(data, name=name)
    except UnreadableDocument as problem:
        return {"kind": "unreadable", "error": str(problem)}
    told: dict[str, object] = {
        "kind": report.kind.value,
        "title": report.title,
        "organ": report.organ,
        "report_year": report.report_year,
        "form": report.form,
        "published_on": report.published_on.isoformat() if report.published_on else None,
        "sections": _sections(report),
        "cells": rows(report.cells),
        "lints": sorted({lint.code for lint in report.lints}),
    }
    return {key: value for key, value in told.items() if value not in (None, {}, [])}


def rows(cells: Mapping[str, Cell]) -> dict[str, str]:
    """The cells, a row of the form a line; rows that are wholly absent are left out."""
    found: dict[str, list[str]] = {}
    for key, cell in cells.items():
        mark = _MARKS.get(cell.state) or str(cell.value)
        found.setdefault(key.rpartition(".")[0], []).append(mark)
    return {row: " ".join(marks) for row, marks in found.items() if set(marks) != {"-"}}


def _sections(report: Report) -> dict[str, str]:
    """Heading and beginning of the prose of every section that is there."""
    found: dict[str, str] = {}
    for number, section in report.sections.items():
        if section.present:
            text = section.text.replace("\n", "¶")
            cut = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…（{len(text)}）"
            found[str(number)] = f"{section.heading}｜{cut}"
    return found
