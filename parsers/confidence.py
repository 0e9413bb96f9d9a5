"""Recognised numbers that the form's own sums speak against: not corrected, but no longer believed.

A scan's cells carry how sure their recognition is. Where a sum of the form does not hold, the mistake may be the
organ's or ours; a number of that sum that was recognised with less than full confidence is then ``unreadable``.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers.identities import failing, printed
from parsers.schema import Cell, CellState, Lint

SURE = 0.98
"""A digit recognised with less confidence is not believed against a sum."""


def doubted(cells: Mapping[str, Cell], form_key: str) -> tuple[dict[str, Cell], list[Lint]]:
    """The cells, those unreadable now that are unsure and stand in a sum that does not hold, and a lint for each.

    Cells without a confidence (every text layer) stay as they are. Raises KeyError for a form without tables.
    """
    unsure = {
        key
        for key, cell in cells.items()
        if cell.state is CellState.REPORTED
        and cell.at
        and cell.at.confidence is not None
        and cell.at.confidence < SURE
    }
    found = dict(cells)
    lints: list[Lint] = []
    if not unsure:
        return found, lints
    wrong = {key for identity in failing(printed(form_key, cells), cells) for key in identity.terms}
    for key in sorted(unsure & wrong):
        cell = cells[key]
        found[key] = cell._replace(state=CellState.UNREADABLE, value=None, unit=None)
        text = f"识别为“{cell.raw.strip()}”，把握不足，且所在的合计不成立，不采信"
        lints.append(Lint("unsure-number", text, cell.at))
    return found, lints
