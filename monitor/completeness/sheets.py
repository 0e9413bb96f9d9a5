"""Sheets of a workbook (xlsx): how openpyxl writes heads, rows, notes and links.

A module of its own: openpyxl takes a second to load, and only who makes a workbook waits for it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from monitor.spreadsheets import Value, without_controls

_WIDEST = 60
_LONGEST_LINK = 2000
"""Longer ones are text: Excel says of a workbook with a link of more than 2,079 characters that it is damaged."""


def new_workbook() -> Workbook:
    """A workbook without sheets."""
    workbook = Workbook()
    workbook.remove(workbook.active)  # type: ignore[arg-type]
    return workbook


def saved(workbook: Workbook) -> bytes:
    """The workbook as a file."""
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def add_sheet(
    workbook: Workbook,
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Value]],
    *,
    note: str | None = None,
    after: Sequence[str] = (),
    percent_columns: Sequence[int] = (),
) -> None:
    """A sheet with a fixed, filterable head row, columns as wide as needed, text as text and dates as dates."""
    sheet: Worksheet = workbook.create_sheet(title)
    head_row = 1
    if note:
        sheet.cell(1, 1, note).font = Font(bold=True, size=14)
        head_row = 2
    for column, head in enumerate(heads, 1):
        head_cell = sheet.cell(head_row, column, head)
        head_cell.font = Font(bold=True, color="FFFFFF")
        head_cell.fill = PatternFill("solid", fgColor="1F4E79")
        head_cell.alignment = Alignment(vertical="center", wrap_text=True)
    for number, row in enumerate(rows, head_row + 1):
        for column, value in enumerate(row, 1):
            _write(sheet, number, column, value)
            if column in percent_columns and isinstance(value, float):
                sheet.cell(number, column).number_format = "0.0%"
    last = head_row + len(rows)
    for column, head in enumerate(heads, 1):
        longest = max([_width(head), *(_width(row[column - 1]) for row in rows)])
        sheet.column_dimensions[get_column_letter(column)].width = min(longest, _WIDEST) + 3
    sheet.freeze_panes = f"A{head_row + 1}"
    if rows:
        sheet.auto_filter.ref = f"A{head_row}:{get_column_letter(len(heads))}{last}"
    for offset, text in enumerate(after, 2):
        sheet.merge_cells(start_row=last + offset, end_row=last + offset, start_column=1, end_column=len(heads))
        _write(sheet, last + offset, 1, text)
        sheet.row_dimensions[last + offset].height = 16 * (2 + _width(text) // 140)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    sheet.print_title_rows = f"{head_row}:{head_row}"


def _write(sheet: Worksheet, row: int, column: int, value: Value) -> None:
    """A cell; text never becomes a formula, an aware time becomes that of Shanghai without its zone."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        value = without_controls(value)
        cell.value = value
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if value.startswith(("http://", "https://")) and len(value) <= _LONGEST_LINK:
            cell.hyperlink = value
            cell.font = Font(color="0563C1", underline="single")
        return
    cell.alignment = Alignment(vertical="top")
    if isinstance(value, datetime):
        cell.value = value.replace(tzinfo=None)
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = "yyyy-mm-dd"
    else:
        cell.value = value


def _width(value: Value) -> int:
    """How many narrow characters a value takes; Chinese ones count twice."""
    if isinstance(value, datetime):
        return 16
    if isinstance(value, date):
        return 10
    return sum(1 if ord(character) < 0x2E80 else 2 for character in str(value)) if value is not None else 0
