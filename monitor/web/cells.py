"""Cells in words: what stands in a cell as printed, and never a number where none is printed."""

from __future__ import annotations

from monitor.alerts.wording import CELL_STATES
from monitor.language import N_, translate
from parsers.forms import FORM_KEYS, load_form
from parsers.schema import Cell


def printed(cell: Cell, language: str) -> str:
    """The text of a cell as printed; of one without a number also why there is none."""
    raw = " ".join(cell.raw.split())
    state = CELL_STATES.get(cell.state.value)
    if state is None:
        return raw
    told = translate(state, language)
    return translate(N_("{raw}（{state}）"), language, {"raw": raw, "state": told}) if raw else told


def name(form: str | None, key: str) -> str:
    """What staff call a cell of a form; the key itself where the form has no tables or not this cell."""
    if form not in FORM_KEYS:
        return key
    try:
        return load_form(form).describe(key)
    except (KeyError, ValueError):
        return key
