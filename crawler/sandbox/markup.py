"""Writes a report's body as HTML, clean or as Word leaves it: the tables with the spans of the form.

Tables are cut into pieces once per form and style; a report only puts its numbers between the pieces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from html import escape

from crawler.sandbox.drawing import Slot, Table, drawing

SECTION_TITLES = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
_HOLE = "\0"
_TABLES = {2: 0, 3: 1, 4: 2}


@dataclass(frozen=True, slots=True)
class Body:
    """The prose of a report: the preface, and the paragraphs of sections one, five and six by number."""

    preface: tuple[str, ...]
    prose: Mapping[int, tuple[str, ...]]


def _spans(slot: Slot) -> str:
    rows = f' rowspan="{slot.rows}"' if slot.rows > 1 else ""
    columns = f' colspan="{slot.columns}"' if slot.columns > 1 else ""
    return rows + columns


def _clean_cell(slot: Slot) -> str:
    text = _HOLE if slot.key else escape(slot.label, quote=False)
    align = "left" if slot.label.startswith(("一、", "二、", "四、")) else "center"
    return f'<td{_spans(slot)} style="border:1px solid #000;padding:4px;text-align:{align}">{text}</td>'


_BORDER = "border-style:solid;border-color:windowtext;border-width:0pt 1pt 1pt 0pt"
_LATIN = 'lang="EN-US" style="font-size:10.5pt"'
_CHINESE = 'style="font-size:10.5pt;font-family:宋体"'


def _word_lines(label: str) -> list[str]:
    """How Word's narrow cells break a label into paragraphs or lines."""
    if label in ("商业企业", "科研机构", "法律服务机构", "社会公益组织"):
        half = len(label) - 2
        return [label[:half], label[half:]]
    if re.fullmatch("结果..|其他结果|尚未审结", label):
        return [f"{label[:2]}<br/>{label[2:]}"]
    return [escape(label, quote=False)]


def _word_cell(slot: Slot) -> str:
    start = f'<td valign="center"{_spans(slot)} style="{_BORDER};padding:0pt 5pt">'
    if slot.key:
        number = f"<span {_LATIN}>{_HOLE}<o:p></o:p></span>"
        return f'{start}<p class="MsoNormal" align="center">{number}<span {_CHINESE}></span></p></td>'
    lines = "".join(
        f'<p class="MsoNormal"><span {_CHINESE}>{line}<o:p></o:p></span></p>' for line in _word_lines(slot.label)
    )
    return f"{start}{lines}</td>"


def _draw(table: Table, *, word: bool) -> str:
    cell = _word_cell if word else _clean_cell
    rows = "\n".join("<tr>" + "".join(map(cell, row)) + "</tr>" for row in table)
    opening = (
        '<table class="MsoNormalTable" border="1" cellspacing="0" style="border-collapse:collapse;border:none">'
        if word
        else '<table border="0" cellspacing="0" style="border-collapse:collapse;width:100%">'
    )
    return f"{opening}<tbody>\n{rows}\n</tbody></table>\n"


@cache
def _pieces(form: str, section: int, *, word: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The table of a section cut at its values, and the keys that go in between."""
    table = drawing(form)[_TABLES[section]]
    keys = tuple(slot.key for row in table for slot in row if slot.key)
    return tuple(_draw(table, word=word).split(_HOLE)), keys


def print_number(value: int | Decimal) -> str:
    """A number as reports print it: plain digits, no exponent."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _table(form: str, section: int, printed: Mapping[str, int | Decimal], *, word: bool) -> str:
    pieces, keys = _pieces(form, section, word=word)
    parts = [pieces[0]]
    for key, piece in zip(keys, pieces[1:], strict=True):
        parts.append(print_number(printed[key]))
        parts.append(piece)
    return "".join(parts)


_LATIN_RUN = re.compile(r"(\d+)")
_WORD_PARAGRAPH = '<p class="MsoNormal" style="text-indent:32.0pt;line-height:28.0pt">'
_WORD_SPAN = '<span style="font-size:16.0pt;font-family:仿宋_GB2312">'


def _paragraph(text: str, *, word: bool) -> str:
    """A paragraph; Word sets numbers in a span of their own and leaves empty ones behind."""
    escaped = escape(text, quote=False)
    if not word:
        return f'<p style="text-indent:2em">{escaped}</p>\n'
    runs = _LATIN_RUN.sub(r'</span><span lang="EN-US" style="font-size:16.0pt">\1</span>' + _WORD_SPAN, escaped)
    return f"{_WORD_PARAGRAPH}{_WORD_SPAN}{runs}<o:p></o:p></span></p>\n"


def _heading(text: str, *, word: bool) -> str:
    if word:
        return f'{_WORD_PARAGRAPH}<b><span style="font-family:黑体">{text}<o:p></o:p></span></b></p>\n'
    return f'<p style="text-indent:2em"><strong>{text}</strong></p>\n'


def render_body(
    title: str, body: Body, form: str, printed: Mapping[str, int | Decimal], *, word: bool = False
) -> str:
    """The report from its title to its last paragraph; ``printed`` gives the number of each cell of ``form``."""
    parts = [
        _heading(title, word=word) if word else f'<p style="text-align:center"><strong>{title}</strong></p>\n'
    ]
    parts += [_paragraph(text, word=word) for text in body.preface]
    for section, heading in enumerate(SECTION_TITLES, start=1):
        parts.append(_heading(heading, word=word))
        if section in _TABLES:
            parts.append(_table(form, section, printed, word=word))
        else:
            parts += [_paragraph(text, word=word) for text in body.prose[section]]
    return "".join(parts)
