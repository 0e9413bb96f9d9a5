"""Makes the workbook in this folder anew: ``python -m tests.parsers.workbooks.make`` (needs LibreOffice)."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

FOLDER = Path(__file__).parent
# What the cells of the second column store, their formats, and what the sheet prints of them.
FORMATS: tuple[tuple[str | float | bool, str, str], ...] = (
    (5, "General", "5"),
    (0, "0;-0;;@", ""),
    (5, "0;-0;;@", "5"),
    (12.6, "0", "13"),
    (12.5, "0", "13"),
    (0.4, "0", "0"),
    (1234567, "#,##0", "1,234,567"),
    (0, '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"_ ;_ @_ ', "-"),
    (0.5, "0%", "50%"),
    (5, '0"件"', "5件"),
    (5, "000", "005"),
    (5, ";;;", ""),
    (44941, 'yyyy"年"m"月"d"日";@', "2023年1月15日"),
    ("１５", "@", "１５"),
    (True, "General", "TRUE"),
    ("=B1*2", "General", "10"),
)


def main() -> None:
    """Write the workbook beside this file."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row, (value, code, _) in enumerate(FORMATS, 1):
        sheet.cell(row, 1, "甲")
        sheet.cell(row, 2, value).number_format = code
        sheet.cell(row, 3, "末")
    looks = book.create_sheet("样子")
    for row in range(1, 6):
        for column in range(1, 6):
            looks.cell(row, column, row * 10 + column)
    looks["B2"].font = Font(strike=True)
    looks["C2"] = CellRichText("10", TextBlock(InlineFont(vertAlign="superscript"), "2"))
    looks["D2"] = CellRichText("1", TextBlock(InlineFont(strike=True), "2"))
    looks.row_dimensions[3].hidden = True
    looks.column_dimensions["E"].hidden = True
    looks.merge_cells("A4:B5")
    zeros = book.create_sheet("零")
    zeros.append(("甲", 0, "末"))
    zeros.append(("乙", 7, "末"))
    zeros.sheet_view.showZeros = False
    hidden = book.create_sheet("藏")
    hidden.append(["甲", 99])
    hidden.sheet_state = "hidden"
    with tempfile.TemporaryDirectory() as work:
        path = Path(work) / "prints.xlsx"
        book.save(path)
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation=file://{work}/profile", "--convert-to", "xls",
             "--outdir", str(FOLDER), str(path)],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip


if __name__ == "__main__":
    main()
