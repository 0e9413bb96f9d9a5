"""Makes the files in this folder anew: ``python -m tests.parsers.word.make`` (needs LibreOffice).

``dragged_2022`` is a report whose headings are numbered by the word processor and whose columns hands have
dragged: every row has its edges a little elsewhere. ``makes`` holds what a cell or a line may hide. The tests read
the files that stand here and need no LibreOffice.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import docx
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from parsers.documents.html import read_html
from parsers.documents.model import Grid, GridRow, Paragraph
from parsers.sections import heading_of

FOLDER = Path(__file__).parent
SOURCE = FOLDER.parent / "containers" / "numbered_2022.html"
_WIDTH = 9000
_DRAGGED = 50
_LIST = 77
# What the cells and lines of the second file hold: see test_doc.py and test_rtf.py for how they are read.
MAKES = r"""{\rtf1\ansi\ansicpg936\uc1\deff0
{\fonttbl{\f0\fcharset0 Times New Roman;}{\f1\fcharset134 SimSun;}{\f2\fcharset2 Wingdings;}}
{\colortbl;\red255\green0\blue0;}{\*\revtbl{Unknown;}{Somebody;}}
{\info{\title {\f1 \'b2\'e2\'ca\'d4}}}
{\header\pard\plain {\f1 \'d2\'b3\'c3\'bc}\par}
\pard\plain\f1 \'b2\'e2\'ca\'d4\'bf\'aa\'ca\'bc{\v \'d2\'fe\'b2\'d8}{\deleted\revauthdel1 \'c9\'be}\'a1\'a3\par
\pard {\field{\*\fldinst HYPERLINK "http://example.invalid/"}{\fldrslt \'c1\'b4\'bd\'d3}}\'ce\'c4\'d7\'d6
{\super\chftn}{\footnote\pard\plain\f1 \'bd\'c5\'d7\'a2 99\par}\par
ROWS
\pard\plain\f1 \'bd\'e1\'ca\'f8\par
}"""


def _row(cells: Sequence[str], edges: Iterable[int], merges: Sequence[str] = ()) -> str:
    heads = "".join(
        f"{merge}\\clbrdrt\\brdrs\\clbrdrl\\brdrs\\clbrdrb\\brdrs\\clbrdrr\\brdrs\\cellx{edge}"
        for edge, merge in zip(edges, merges or [""] * len(cells), strict=True)
    )
    texts = "".join(f"\\pard\\intbl\\f1 {text}\\cell" for text in cells)
    return f"\\trowd\\trgaph0\\trleft0{heads}\n{texts}\\row\n"


def makes() -> str:
    """The second file: one table with a make a row, one with merges, and one within a table."""
    odd = [
        "12{\\v 3}", "{\\strike 4}5", "6{\\super 7}", "{\\deleted\\revauthdel1 8}9", "10{\\up12 2}",
        "{\\f2 1}", "11\\par 12", "1{\\field{\\*\\fldinst PAGE}{\\fldrslt 3}}", "\\u-225?14", "",
    ]  # fmt: skip
    rows = "".join(_row([f"\\'cf\\'ee{number}", text], (2000, 5000)) for number, text in enumerate(odd))
    rows += "\\pard\\plain\\f1 \\'ba\\'cf\\'b2\\'a2\\par\n"
    rows += _row(["A", "B", "C"], (1000, 3000, 5000), ("\\clvmgf", "", "\\clvmgf"))
    rows += _row(["", "D", ""], (1005, 2995, 5010), ("\\clvmrg", "", "\\clvmrg"))
    rows += _row(["E", "F", "G", "H"], (1000, 1010, 3000, 5000))
    rows += _row(["I", "J"], (3000, 5000))
    rows += "\\pard\\plain\\f1 \\'c7\\'b6\\'cc\\'d7\\par\n"
    inner = "".join(
        f"\\pard\\intbl\\itap2\\f1 {a}\\nestcell\\pard\\intbl\\itap2 {b}\\nestcell"
        "{\\*\\nesttableprops\\trowd\\trleft0\\cellx1000\\cellx2000\\nestrow}{\\nonesttables\\par}\n"
        for a, b in (("1", "2"), ("3", "4"), ("5", "6"))
    )
    rows += f"\\trowd\\trleft0\\cellx5000\\pard\\intbl\\f1 \\'cd\\'e2\\par\n{inner}\\pard\\intbl\\cell\\row\n"
    return MAKES.replace("ROWS", rows)


def dragged() -> WordDocument:
    """The first file, as a document of python-docx."""
    chance = random.Random(2022)
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{_LIST}"><w:multiLevelType w:val="singleLevel"/>'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/>'
        '<w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
    ))  # fmt: skip
    numbering.append(parse_xml(
        f'<w:num {nsdecls("w")} w:numId="{_LIST}"><w:abstractNumId w:val="{_LIST}"/></w:num>'
    ))  # fmt: skip
    body = document.element.body
    end = body[-1]
    for block in read_html(SOURCE.read_text(encoding="utf-8")).blocks:
        if isinstance(block, Grid):
            end.addprevious(parse_xml(_table(block.rows, chance)))
            end.addprevious(parse_xml(f"<w:p {nsdecls('w')}/>"))
        elif isinstance(block, Paragraph):
            text, properties = block.text, ""
            if heading_of(text, 0, sure_only=True):
                text = text.partition("、")[2]
                properties = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{_LIST}"/></w:numPr>'
            end.addprevious(parse_xml(
                f"<w:p {nsdecls('w')}><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
            ))  # fmt: skip
    return document


def _table(rows: Sequence[GridRow], chance: random.Random) -> str:
    columns = max(row.end_column for row in rows)
    edges_of = [
        [
            0,
            *(_WIDTH * column // columns + chance.randint(-_DRAGGED, _DRAGGED) for column in range(1, columns)),
            _WIDTH,
        ]
        for _ in rows
    ]
    # A cell that goes down keeps its edges, as Word does.
    for row in rows:
        for cell in row.own:
            for number in range(cell.row + 1, cell.end_row):
                for edge in (cell.column, cell.end_column):
                    edges_of[number][edge] = edges_of[cell.row][edge]
    grid = sorted({edge for edges in edges_of for edge in edges})
    parts = [f"<w:tbl {nsdecls('w')}><w:tblPr><w:tblW w:w='{_WIDTH}' w:type='dxa'/>"
             "<w:tblLayout w:type='fixed'/></w:tblPr><w:tblGrid>"]  # fmt: skip
    parts += [f"<w:gridCol w:w='{right - left}'/>" for left, right in pairwise(grid)]
    parts.append("</w:tblGrid>")
    for row, edges in zip(rows, edges_of, strict=True):
        parts.append("<w:tr>")
        for cell in row.cells:
            left, right = edges[cell.column], edges[cell.end_column]
            merge = ""
            if cell.end_row - cell.row > 1:
                merge = "<w:vMerge w:val='restart'/>" if cell.row == row.number else "<w:vMerge/>"
            text = cell.text if cell.row == row.number else ""
            parts.append(
                f"<w:tc><w:tcPr><w:tcW w:w='{right - left}' w:type='dxa'/>"
                f"<w:gridSpan w:val='{grid.index(right) - grid.index(left)}'/>{merge}</w:tcPr>"
                f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"
            )
        parts.append("</w:tr>")
    return "".join((*parts, "</w:tbl>"))


def main() -> None:
    """Write the files beside this one."""
    shutil.copy(SOURCE.with_suffix(".cells.json"), FOLDER / "dragged_2022.cells.json")
    (FOLDER / "makes.rtf").write_text(makes(), encoding="ascii")
    with tempfile.TemporaryDirectory() as work:
        scratch = Path(work)
        dragged().save(str(scratch / "dragged_2022.docx"))
        for source, kinds in ((scratch / "dragged_2022.docx", ("doc", "rtf")), (FOLDER / "makes.rtf", ("doc",))):
            for kind in kinds:
                subprocess.run(
                    ["soffice", "--headless", f"-env:UserInstallation=file://{scratch}/profile",
                     "--convert-to", kind, "--outdir", str(FOLDER), str(source)],
                    check=True, capture_output=True, timeout=180,
                )  # fmt: skip
    cells = json.loads((FOLDER / "dragged_2022.cells.json").read_text(encoding="utf-8"))
    assert cells, "the report has no cells"


if __name__ == "__main__":
    main()
