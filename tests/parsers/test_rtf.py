"""Rich Text Format: code pages, what is displayed, tables, and files that are broken or hostile."""

import json
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.documents.model import Document, Grid, Paragraph, Picture
from parsers.documents.rtf import read_rtf
from parsers.reading import read_report
from parsers.schema import UnreadableDocument

FOLDER = Path(__file__).parent / "word"
MODEST = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip
HEAD = (
    r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset134 SimSun;}{\f2\fcharset136 Ming;}}"
)


def read(body: str, head: str = HEAD) -> Document:
    """The document of a body."""
    return read_rtf((head + body + "}").encode("latin-1"))


def lines(document: Document) -> list[str]:
    """The paragraphs."""
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def grids(document: Document) -> list[Grid]:
    """The tables."""
    return [block for block in document.blocks if isinstance(block, Grid)]


def table(*texts: str, edges: tuple[str, ...] = ()) -> str:
    """One row of a table; an edge may have merge words before it."""
    places = edges or tuple(str(1000 * number) for number in range(1, len(texts) + 1))
    heads = "".join("\\".join(["", *place.split()[:-1], f"cellx{place.split()[-1]}"]) for place in places)
    return f"\\trowd{heads}" + "".join(f"\\pard\\intbl {text}\\cell" for text in texts) + "\\row\n"


# --- text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"\f1 \'d6\'d0\'ce\'c4\par", "中文"),
        (r"\f2 \'a4\'a4\'a4\'e5\par", "中文"),
        (r"\loch\f0\hich\af0\dbch\af1 \'d6\'d0\par", "中"),
        (r"\f0 \'d6\'d0\'ce\'c4 2023\par", "中文 2023"),
        (r"\f0 caf\'e9\par", "café"),
        (r"\uc1\u20013?\u25991\'3f 5\par", "中文 5"),
        (r"\uc2\u20013\'d6\'d0\u25991\'ce\'c4 5\par", "中文 5"),
        (r"\uc0\u20013\u25991 12\par", "中文12"),
        (r"\u20013?{\uc0\u25991}\u20013?\par", "中文中"),
        (r"\u-10179?\u-8704?\par", "😀"),
        (r"\u-3977?1\par", "\ufffd1"),
        (r"\f1 \'b5\'40 1\par", "礍 1"),
        (r"a\~b\_c\-d\{e\}\\\par", "a\xa0b-cd{e}\\"),
        (r"a\line b\tab c\par", "a"),
    ],
)
def test_text(body: str, text: str) -> None:
    assert lines(read(body))[0] == text


def test_a_file_without_code_page_is_western() -> None:
    assert lines(read(r"\'e9\par", r"{\rtf1\ansi")) == ["é"]


def test_signs_of_a_symbol_font_are_no_letters() -> None:
    document = read(r"{\fonttbl{\f9\fcharset2 Wingdings;}}\f9 1\par\f0 2\par")
    assert lines(document) == ["\ufffd", "2"]


def test_what_is_not_displayed_is_left_out() -> None:
    document = read(
        r"\f0{\info{\title T}{\author nobody}}{\header h\par}{\footer f\par}{\v hidden}a{\deleted gone}b"
        r"{\field{\*\fldinst PAGE}{\fldrslt c}}{\footnote note}{\*\unknown x}{\*\bkmkstart y}"
        r"{\shp{\*\shpinst{\shptxt box\par}}{\shprslt old}}{\upr{wrong}{\*\ud{\u100?}}}\par"
    )
    assert lines(document) == ["abcd"]
    assert document.title == "T"


def test_printed_numbers_stand_before_their_line() -> None:
    body = r"{\pntext\f1 \'d2\'bb\'a1\'a2\tab}{\f1 \'d7\'dc\'cc\'e5}\par{\listtext\pard 1.\tab}2023\par"
    assert lines(read(body)) == ["一、总体", "1. 2023"]


def test_pictures_and_binary_data() -> None:
    binary = "\\bin7 }}{{\\x}"
    document = read(rf"a\par{{\*\shppict{{\pict\pngblip {binary}}}}}{{\nonshppict{{\pict 00}}}}\par b\par")
    assert lines(document) == ["a", "b"]
    assert sum(isinstance(block, Picture) for block in document.blocks) == 1


def test_lines_are_counted() -> None:
    places = [block.place.line for block in read(r"a\par\par b\par").blocks if isinstance(block, Paragraph)]
    assert places == [1, 3]


# --- tables ----------------------------------------------------------------------------------------------------


def test_merges_in_both_directions() -> None:
    body = table("A", "B", "", edges=("clvmgf 1000", "clmgf 2000", "clmrg 3000"))
    body += table("", "C", "D", edges=("clvmrg 1000", "2000", "3000"))
    (grid,) = grids(read(body))
    assert [(c.text, c.row, c.column, c.end_row, c.end_column) for row in grid.rows for c in row.own] == [
        ("A", 0, 0, 2, 1), ("B", 0, 1, 1, 3), ("C", 1, 1, 2, 2), ("D", 1, 2, 2, 3),
    ]  # fmt: skip
    assert grid.exact
    assert grid.rows[1].cells[0].text == "A"


def test_columns_a_hair_wide_and_dragged_edges_are_one() -> None:
    body = table("1", "", "2", edges=("1000", "1010", "2000"))
    body += table("3", "4", edges=("1060", "2000"))
    (grid,) = grids(read(body))
    assert [[(c.text, c.column, c.end_column) for c in row.own] for row in grid.rows] == [
        [("1", 0, 1), ("2", 1, 2)], [("3", 0, 1), ("4", 1, 2)],
    ]  # fmt: skip


def test_a_row_whose_cells_are_not_as_defined_is_in_doubt() -> None:
    (grid,) = grids(read(table("1", "2", "3", edges=("1000", "2000")) + table("4", "5")))
    assert [all(cell.doubt for cell in row.own) for row in grid.rows] == [True, False]
    assert [cell.text for cell in grid.rows[0].own] == ["1", "2", "3"]


def test_a_definition_serves_the_rows_after_it() -> None:
    (grid,) = grids(read(table("1", "2") + r"\intbl 3\cell\intbl 4\cell\row\pard end\par"))
    assert [[cell.text for cell in row.own] for row in grid.rows] == [["1", "2"], ["3", "4"]]


def test_paragraphs_of_a_cell() -> None:
    (grid,) = grids(read(table(r"{\f1 \'d7\'dc}\par{\f1 \'bc\'c6}", r"1\par 2")))
    assert [cell.text for cell in grid.rows[0].own] == ["总计", "1\n2"]


def test_the_same_makes_as_the_binary_file_has() -> None:
    document = read_rtf((FOLDER / "makes.rtf").read_bytes())
    first, second, third = grids(document)
    assert [(row.own[1].text, bool(row.own[1].doubt)) for row in first.rows] == [
        ("12", False), ("5", True), ("67", True), ("9", False), ("102", True), ("\ufffd", False),
        ("11\n12", False), ("13", False), ("？14", False), ("", False),
    ]  # fmt: skip
    assert [cell.text for cell in second.rows[2].own] == ["E", "F", "G", "H"]
    assert [[cell.text for cell in row.own] for row in third.rows] == [["1", "2"], ["3", "4"], ["5", "6"]]


def test_rows_as_word_writes_them() -> None:
    head = (
        r"{\rtf1\adeflang1025\ansi\ansicpg936\uc2\adeff31507\deff0\stshfdbch31505"
        r"{\fonttbl{\f0\fbidi \froman\fcharset0\fprq2{\*\panose 02020603050405020304}Times New Roman;}"
        r"{\f13\fbidi \fnil\fcharset134\fprq2{\*\panose 02}\'cb\'ce\'cc\'e5{\*\falt SimSun};}}"
        r"{\stylesheet{\ql \snext0 Normal;}{\*\ts11\tsrowd\trftsWidthB3 Normal Table;}}{\*\mmathPr\mmathFont34}"
    )
    row = r"\trowd \irow{0}\irowband{0}\ts11\trgaph108\trleft-108 \clvertalc\clftsWidth3\clwWidth1000\cellx892"
    row += r"\clvertalc\cltxlrtb\clftsWidth3\clwWidth1000\cellx1892"
    cells = (
        r"\pard\plain \ltrpar\qc \widctlpar\intbl\wrapdefault "
        r"{\rtlch\fcs1 \af0 \ltrch\fcs0 \loch\af0\hich\af0\dbch\f13 "
        r"\'d0\'c5\u24687\'cf\'a2}{\rtlch\fcs1 \af0\cell }"
        r"{\hich\af0\dbch\af13\loch\f0 1}{\hich\af0\dbch\af13\loch\f0 2\cell }"
    )
    end = r"\pard\plain \ltrpar\ql \widctlpar\intbl {\rtlch\fcs1 \af0 "
    body = "".join(row.format(n) + cells + end + row.format(n) + r"\row }" for n in ("0", "1")) + r"\pard end\par"
    document = read(body, head)
    (grid,) = grids(document)
    assert [[cell.text for cell in row.own] for row in grid.rows] == [["信息", "12"]] * 2
    assert lines(document) == ["end"]


def test_a_small_table_within_a_cell_is_no_number() -> None:
    inner = (
        r"\pard\intbl\itap2 8\nestcell{\*\nesttableprops\trowd\cellx500\nestrow}"
        r"{\nonesttables\par}\pard\intbl\itap1 "
    )
    rows = table("1", "2", "3") + table("4", inner, "6") + table("7", "8", "9")
    (grid,) = grids(read(rows))
    assert [(cell.text, bool(cell.doubt)) for cell in grid.rows[1].own] == [
        ("4", False),
        ("8", True),
        ("6", False),
    ]


def test_headings_numbered_by_the_program_and_dragged_columns() -> None:
    report = read_report(read_rtf((FOLDER / "dragged_2022.rtf").read_bytes()))
    expected = json.loads((FOLDER / "dragged_2022.cells.json").read_text(encoding="utf-8"), parse_float=Decimal)
    assert {key: (cell.value, cell.state.value) for key, cell in report.cells.items()} == {
        key: (value, state) for key, (_, value, state) in expected.items()
    }
    assert report.sections[2].heading == "二、主动公开政府信息情况"


# --- broken and hostile files ----------------------------------------------------------------------------------


def test_a_brace_too_many_or_too_few_loses_nothing() -> None:
    assert lines(read(r"a\par}b\par")) == ["a", "b"]
    assert lines(read(r"{a\par b\par")) == ["a", "b"]


def test_a_missing_brace_that_may_hide_text_is_damage() -> None:
    for body in (r"{\v a\par b\par", r"a\par{\*\unknown b\par " + table("1"), r"a\par{\header b\par c\par"):
        with pytest.raises(UnreadableDocument, match=r"^[^\n]+$"):
            read(body)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_a_file_that_is_cut_off(share: float) -> None:
    data = (FOLDER / "dragged_2022.rtf").read_bytes()
    with pytest.raises(UnreadableDocument, match=r"^[^\n]+$"):
        read_rtf(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    "body",
    [
        "{" * 50_000 + "a" + "}" * 50_000,
        r"{\*\x" * 10_000 + "}" * 10_000 + r"a\par",
        r"\trowd" + r"\cellx1" * 50_000 + r"1\cell\row",
        r"\trowd\cellx1 " + r"\cell" * 50_000 + r"\row",
        "".join(rf"\pard\intbl\itap{level} a\par" for level in range(200)),
        r"\bin99999999 a",
        r"\par" * 300_000,
        r"{\pict\bin99999999 a}",
        r"\uc99999\u1 " + r"\u20013?" * 10_000 + r"\par",
        r"\'" * 10_000 + r"a\par",
        r"\v0" * 50_000 + r"a\par",
        r"\trowd\clvmgf\cellx1\intbl\cell\row" + r"\trowd\clvmrg\cellx1\intbl\cell\row" * 5_000,
    ],
    ids=[
        "groups", "skipped", "edges", "cells", "tables", "binary", "lines", "picture", "skip", "bytes", "words",
        "merge",
    ],
)  # fmt: skip
def test_hostile_files_cost_one_line(body: str) -> None:
    with suppress(UnreadableDocument):
        read(body)


@MODEST
@given(st.data())
def test_whatever_is_in_the_file_costs_one_line(data: st.DataObject) -> None:
    source = (FOLDER / "makes.rtf").read_bytes()
    words = st.sampled_from([b"{", b"}", b"\\", b"\\row ", b"\\cell ", b"\\itap9 ", b"\\bin9 ", b"\\uc-1\\u-1 "])
    changes = data.draw(
        st.lists(
            st.tuples(st.integers(0, len(source) - 1), st.binary(min_size=1, max_size=8) | words),
            min_size=1,
            max_size=20,
        )
    )
    mutated = bytearray(source)
    for offset, value in changes:
        mutated[offset : offset + len(value)] = value
    with suppress(UnreadableDocument):
        read_rtf(bytes(mutated))
