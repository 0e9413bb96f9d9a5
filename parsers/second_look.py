"""The second reading of a PDF whose sums do not hold: what its pages show against what its fonts say they show.

A font may say 8 of a glyph that is drawn as 3; then every number is read wrongly that a person reads rightly.
Before an arithmetic error may be told the cells that broken sums rest on are drawn and recognised. Where another
number is seen, the cell is ``unreadable`` (lint ``second-reading-differs``); as the font is not to be believed,
every other number with such a digit must be seen as it was read, or is unreadable, too (lint ``font-differs``).

Drawing and recognising forty cells takes two seconds, and nothing is spent on reports whose sums hold: a font that
lies breaks sums. Without the extra that reads scans nothing is looked at, and the report stands as it was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from parsers.documents.scan import can_read_scans
from parsers.forms import load_form
from parsers.labels import plain
from parsers.schema import Cell, CellState, Lint, Report, UnreadableDocument
from parsers.second_reading import MOST_NAMED, suspected, without

MOST_SEEN = 40
SURE = 0.9
_NO_DIGIT = re.compile(r"\D")
_HAN = re.compile("[\u4e00-\u9fff]")


def confirm_print(report: Report, data: bytes) -> Report:
    """The report of a PDF file, its cells of broken sums confirmed by what the pages show, or unreadable.

    Needs the extra that reads scans; without it the report is given back as it is.
    """
    suspects = [key for key in suspected(report) if _is_told_by_font(report.cells[key])]
    if not suspects or not can_read_scans():
        return report
    try:
        seen = _seen(report, data, _telling(report, suspects))
        wrong = {
            key: digits for key, digits in seen.items() if digits is not None and not _is_same(report, key, digits)
        }
        if not wrong:
            return report
        lying = {
            digit for key, digits in wrong.items() for digit in _lying(_digits(report.cells[key].raw), digits)
        }
        others = [
            key
            for key, cell in report.cells.items()
            if key not in seen and _is_told_by_font(cell) and lying & set(_digits(cell.raw))
        ]
        again = _seen(report, data, others)
    except UnreadableDocument:
        return report
    doubtful = [key for key in others if again[key] is None or not _is_same(report, key, again[key] or "")]
    told = without(report, [*wrong, *doubtful], tuple(_lints(report, wrong, doubtful, lying)))
    # The prose may be set in the same font.
    return replace(told, narrative=tuple(fact for fact in told.narrative if not lying & set(plain(fact.quote))))


def _is_told_by_font(cell: Cell) -> bool:
    """Whether a cell's print comes from the text layer of a page, as a number alone or as nothing."""
    at = cell.at
    return (
        cell.state in (CellState.REPORTED, CellState.BLANK)
        and at is not None
        and at.page is not None
        and at.box is not None
        and at.confidence is None
        and not _HAN.search(cell.raw)
    )


def _telling(report: Report, keys: Iterable[str]) -> list[str]:
    """The cells to look at, those of prints not seen yet first, up to the most."""
    first: dict[str, str] = {}
    more: list[str] = []
    for key in keys:
        if first.setdefault(report.cells[key].raw, key) != key:
            more.append(key)
    return [*first.values(), *more][:MOST_SEEN]


def _seen(report: Report, data: bytes, keys: Iterable[str]) -> dict[str, str | None]:
    """The digits that are seen in each cell; None where that is not sure."""
    from parsers.documents.pdf_cells import seen

    places = {key: at for key in keys if (at := report.cells[key].at) is not None}
    return {
        key: _digits(text.text) if text.confidence >= SURE else None for key, text in seen(data, places).items()
    }


def _is_same(report: Report, key: str, digits: str) -> bool:
    return _digits(report.cells[key].raw) == digits


def _digits(text: str) -> str:
    return _NO_DIGIT.sub("", plain(text))


def _lying(told: str, shown: str) -> set[str]:
    """The digits that the font says and the page does not show."""
    if len(told) != len(shown):
        return set(told)
    return {one for one, other in zip(told, shown, strict=True) if one != other}


def _lints(report: Report, wrong: Mapping[str, str], doubtful: list[str], lying: set[str]) -> Iterable[Lint]:
    form = load_form(report.form or "")
    said = [
        f"{form.describe(key)}：文字层为“{report.cells[key].raw}”，版面上是“{digits or '空白'}”"
        for key, digits in list(wrong.items())[:MOST_NAMED]
    ]
    more = f"；等 {len(wrong)} 格" if len(wrong) > MOST_NAMED else ""
    yield Lint(
        "second-reading-differs",
        "文字层与版面所印不一致，不作判断：" + "；".join(said) + more,
        report.cells[next(iter(wrong))].at,
    )
    if doubtful:
        yield Lint(
            "font-differs",
            f"字体把数字 {'、'.join(sorted(lying)) or '？'} 标成了别的数字，另有 {len(doubtful)} 格未作判断",
            report.cells[doubtful[0]].at,
        )
