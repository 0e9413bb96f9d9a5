"""A whole page damaged in several ways at once: no cell is reported with another number than printed for it."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.reading import parse
from parsers.schema import CellState, UnreadableDocument
from tests.parsers.damage.make import HEADINGS, OLD, VALUES, whole

PAGE = whole()
_NUMBER = re.compile(r"(<td[^>]*>)(\d{4,6})(</td>)")
_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)

Damage = Callable[[str, st.DataObject], str]


def _some_numbers(page: str, data: st.DataObject, change: Callable[[str], str]) -> str:
    step = data.draw(st.integers(1, 40))
    seen = 0

    def changed(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        return match[1] + (change(match[2]) if seen % step == 0 else match[2]) + match[3]

    return _NUMBER.sub(changed, page)


def _one_row(page: str, data: st.DataObject, change: Callable[[str], str]) -> str:
    rows = list(_ROW.finditer(page))
    if not rows:
        return page
    row = rows[data.draw(st.integers(0, len(rows) - 1))]
    return page[: row.start()] + change(row[0]) + page[row.end() :]


def split_by_spans(page: str, data: st.DataObject) -> str:
    return _some_numbers(page, data, lambda number: f"<span>{number[:2]}</span><!-- 5 --><b>{number[2:]}</b>")


def split_by_paragraphs(page: str, data: st.DataObject) -> str:
    return _some_numbers(page, data, lambda number: f"<p>{number[:2]}</p><p>{number[2:]}</p>")


def blanks_inside(page: str, data: st.DataObject) -> str:
    blank = data.draw(st.sampled_from([" ", "　", "&nbsp;", "<br>", "&emsp;"]))
    return _some_numbers(page, data, lambda number: f"{number[:2]}{blank}{number[2:]}")


def unseen_inside(page: str, data: st.DataObject) -> str:
    unseen = data.draw(st.sampled_from(["&#8203;", "\u00ad", "<wbr>", "\ufeff", "<o:p></o:p>", "&lrm;", "\u202e"]))
    return _some_numbers(page, data, lambda number: f"{number[:1]}{unseen}{number[1:]}")


def hidden_beside(page: str, data: st.DataObject) -> str:
    hiding = data.draw(
        st.sampled_from(['style="display:none"', "hidden", 'class="ghost"', 'style="visibility:hidden"'])
    )
    styled = page.replace("</head>", "<style>.ghost{display:none}</style></head>", 1)
    return _some_numbers(styled, data, lambda number: f"<i {hiding}>7</i>{number}")


def hidden_cells(page: str, data: st.DataObject) -> str:
    styled = page.replace("</head>", "<style>td.ghost{display:none}</style></head>", 1)
    return _one_row(styled, data, lambda row: row.replace("<td>", '<td class="ghost">8</td><td>'))


def raised_beside(page: str, data: st.DataObject) -> str:
    return _some_numbers(page, data, lambda number: f"{number}<sup>1</sup>")


def table_inside(page: str, data: st.DataObject) -> str:
    other = data.draw(st.sampled_from(["", "<td>3</td>", "</tr><tr><td>4</td>"]))
    return _some_numbers(page, data, lambda number: f"<table><tr><td>{number}</td>{other}</tr></table>")


def unclosed(page: str, data: st.DataObject) -> str:
    mark = data.draw(st.sampled_from(["</td>", "</tr>", "</p>", "</table>", "</div>"]))
    return page.replace(mark, "", data.draw(st.integers(1, 400)))


def row_lost(page: str, data: st.DataObject) -> str:
    return _one_row(page, data, lambda row: "")


def row_hidden(page: str, data: st.DataObject) -> str:
    return _one_row(page, data, lambda row: row.replace("<tr>", '<tr style="display:none">'))


def wrong_span(page: str, data: st.DataObject) -> str:
    span = data.draw(st.sampled_from(["rowspan", "colspan"]))
    found = [match.start(1) for match in re.finditer(rf'{span}="(\d+)"', page)]
    if not found:
        return page
    at = data.draw(st.sampled_from(found))
    return (
        page[:at] + data.draw(st.sampled_from(["0", "1", "2", "3", "6", "999999"])) + page[page.index('"', at) :]
    )


def table_cut(page: str, data: st.DataObject) -> str:
    """A page break: a table ends after a row and goes on behind a page number."""
    between = data.draw(st.sampled_from(["", "<p>- 3 -</p>", "<p>3</p>", "<p>续表</p>"]))
    return _one_row(page, data, lambda row: f"{row}</table>{between}<table>")


def prose_between(page: str, data: st.DataObject) -> str:
    return _one_row(page, data, lambda row: f'{row}<tr><td colspan="10">注：以上数据均为2023年。</td></tr>')


def headings_lost(page: str, data: st.DataObject) -> str:
    for heading in data.draw(st.sets(st.sampled_from(HEADINGS))):
        page = page.replace(f"<p>{heading}</p>", "")
    return page


def contents_above(page: str, data: st.DataObject) -> str:
    return page.replace('<div class="content">', f'<div class="content"><p>{"</p><p>".join(HEADINGS)}</p>', 1)


def old_state_hidden(page: str, data: st.DataObject) -> str:
    around = data.draw(
        st.sampled_from(
            [
                '<div style="display:none">{}</div>',
                "<template>{}</template>",
                "<!--{}-->",
                "<textarea>{}</textarea>",
            ]
        )
    )
    return page.replace('<div class="content">', f'{around.format(OLD)}<div class="content">', 1)


def layout_around(page: str, data: st.DataObject) -> str:
    return page.replace('<div class="content">', '<div class="content"><table><tr><td>', 1)


def broken_byte(page: str, data: st.DataObject) -> str:
    at = data.draw(st.integers(0, len(page)))
    return page[:at] + "\udcff" + page[at:]


DAMAGES: tuple[Damage, ...] = (
    split_by_spans,
    split_by_paragraphs,
    blanks_inside,
    unseen_inside,
    hidden_beside,
    hidden_cells,
    raised_beside,
    table_inside,
    unclosed,
    row_lost,
    row_hidden,
    wrong_span,
    table_cut,
    prose_between,
    headings_lost,
    contents_above,
    old_state_hidden,
    layout_around,
    broken_byte,
)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.sampled_from(DAMAGES), min_size=1, max_size=4), st.sampled_from(["utf-8", "gb18030"]), st.data()
)
def test_no_combination_of_damages_gives_a_wrong_number(
    damages: list[Damage], encoding: str, data: st.DataObject
) -> None:
    page = PAGE
    for damage in damages:
        page = damage(page, data)
    try:
        report = parse(page.encode(encoding, "surrogateescape"))
    except UnreadableDocument:
        return
    found = {
        key: (str(cell.value), cell.raw) for key, cell in report.cells.items() if cell.state is CellState.REPORTED
    }
    assert {key: value for key, (value, _) in found.items()} == {key: VALUES[key] for key in found}
