"""OpenDocument texts: what is printed is read, and nothing else."""

import pytest

from parsers.documents.container import media_type_of
from parsers.documents.model import ODT, Document, Grid, Paragraph, Picture
from parsers.documents.odt import read_odt
from parsers.reading import parse
from parsers.schema import UnreadableDocument
from tests.parsers.office import odf, packed

LIST = (
    '<text:list-style style:name="L1">'
    '<text:list-level-style-number text:level="1" style:num-format="一, 二, ..." style:num-suffix="、"/>'
    '<text:list-level-style-number text:level="2" style:num-format="一, 二, 三, ..." style:num-prefix="（"'
    ' style:num-suffix="）"/>'
    '<text:list-level-style-number text:level="3" style:num-format="1" style:num-suffix="."/>'
    "</text:list-style>"
)
LOOKS = (
    '<style:style style:name="hidden" style:family="text">'
    '<style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="child" style:family="text" style:parent-style-name="hidden"/>'
    '<style:style style:name="struck" style:family="text">'
    '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="raised" style:family="text">'
    '<style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="thin" style:family="table-column">'
    '<style:table-column-properties style:column-width="0.02cm"/></style:style>'
    '<style:style style:name="wide" style:family="table-column">'
    '<style:table-column-properties style:column-width="2cm"/></style:style>'
)


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


def cell(inner: str, more: str = "") -> str:
    return f"<table:table-cell {more}>{inner}</table:table-cell>"


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def table(*rows: str, columns: str = "") -> str:
    return f"<table:table>{columns}{''.join(rows)}</table:table>"


def span(style: str, text: str) -> str:
    return f'<text:span text:style-name="{style}">{text}</text:span>'


def lines(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def spans(document: Document) -> list[list[tuple[str, int, int, int, int]]]:
    grid = next(block for block in document.blocks if isinstance(block, Grid))
    return [[found[:5] for found in line.own] for line in grid.rows]


def only_cell(inner: str) -> tuple[str, str]:
    document = read_odt(odf(table(row(cell(p("甲")), cell(inner))), automatic=LOOKS))
    grid = document.blocks[0]
    assert isinstance(grid, Grid)
    found = grid.rows[0].cells[1]
    return found.text, found.doubt


def test_cells_over_columns_and_rows() -> None:
    covered = "<table:covered-table-cell/>"
    body = table(
        "<table:table-header-rows>"
        + row(
            cell(p("甲"), 'table:number-columns-spanned="2"'),
            covered,
            cell(p("乙"), 'table:number-rows-spanned="2"'),
        )
        + "</table:table-header-rows>",
        row(cell(p("1")), cell(p("2")), covered),
        row(cell(p("0"), 'table:number-columns-repeated="3"'), more='table:number-rows-repeated="2"'),
    )
    assert spans(read_odt(odf(body))) == [
        [("甲", 0, 0, 1, 2), ("乙", 0, 2, 2, 3)],
        [("1", 1, 0, 2, 1), ("2", 1, 1, 2, 2)],
        [("0", 2, 0, 3, 1), ("0", 2, 1, 3, 2), ("0", 2, 2, 3, 3)],
        [("0", 3, 0, 4, 1), ("0", 3, 1, 4, 2), ("0", 3, 2, 4, 3)],
    ]


def test_columns_of_a_hairs_breadth_are_none() -> None:
    columns = "".join(f'<table:table-column table:style-name="{name}"/>' for name in ("wide", "thin", "wide"))
    body = table(
        row(
            cell(p("甲"), 'table:number-columns-spanned="2"'),
            "<table:covered-table-cell/>",
            cell(p("乙")),
        ),
        row(cell(p("1")), cell(p("2"), 'table:number-columns-spanned="2"'), "<table:covered-table-cell/>"),
        columns=columns,
    )
    assert spans(read_odt(odf(body, automatic=LOOKS))) == [
        [("甲", 0, 0, 1, 1), ("乙", 0, 1, 1, 2)],
        [("1", 1, 0, 2, 1), ("2", 1, 1, 2, 2)],
    ]


@pytest.mark.parametrize(
    ("inner", "text", "doubtful"),
    [
        (p("1" + span("hidden", "2")), "1", False),
        (p("1" + span("child", "2")), "1", False),
        (p(span("struck", "5")), "5", True),
        (p("10" + span("raised", "2")), "102", True),
        (p("3<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>注</text:p>"
           "</text:note-body></text:note>"), "3", False),
        (p("3<office:annotation><text:p>99</text:p></office:annotation>"), "3", False),
        (p("1") + p("2"), "1\n2", False),
        (p("1<text:s text:c='2'/>2"), "1  2", False),
        (p("<text:change-start/>1<text:change-end/><text:change/>3"), "13", False),
        (p("<draw:frame><draw:image/><draw:image/></draw:frame>"), "〔图〕", True),
        (p("<text:placeholder>0</text:placeholder>"), "0", True),
        (p("<draw:control/>"), "〔框〕", True),
        (table(row(cell(p("5")))), "5", False),
        (p("<draw:frame><draw:text-box><text:p>5</text:p></draw:text-box></draw:frame>"), "5", False),
    ],
)  # fmt: skip
def test_what_a_cell_prints(inner: str, text: str, doubtful: bool) -> None:
    found, doubt = only_cell(inner)
    assert (found, bool(doubt)) == (text, doubtful)


def test_lists_print_their_labels() -> None:
    def item(inner: str) -> str:
        return f"<text:list-item>{inner}</text:list-item>"

    deep = "<text:list><text:list-item>{}</text:list-item></text:list>"
    body = (
        f'<text:list xml:id="a" text:style-name="L1">{item(p("总体情况") + p("正文"))}'
        f"{item(deep.format(p('主动公开') + deep.format(p('2023年')))) }</text:list>"
        + p("之间")
        + '<text:list text:continue-numbering="true" text:style-name="L1">'
        + f'{item(p("主动公开政府信息情况"))}</text:list>'
        + f'<text:list text:style-name="L1">{item(p("重新"))}</text:list>'
        + f'<text:list text:continue-list="a" text:style-name="L1">{item(p("再续"))}'
        + f'<text:list-header>{p("无号")}</text:list-header></text:list>'
    )  # fmt: skip
    assert lines(read_odt(odf(body, automatic=LIST))) == [
        "一、总体情况", "正文", "（一）主动公开", "1. 2023年", "之间", "二、主动公开政府信息情况", "一、重新",
        "三、再续", "无号",
    ]  # fmt: skip


def test_headings_are_numbered_by_the_outline() -> None:
    outline = (
        '<text:outline-style style:name="Outline">'
        '<text:outline-level-style text:level="1" style:num-format="一, 二, 三, ..." style:num-suffix="、"/>'
        '<text:outline-level-style text:level="2" style:num-format=""/></text:outline-style>'
    )
    body = "".join(
        f'<text:h text:outline-level="{level}">{text}</text:h>'
        for level, text in ((1, "总体情况"), (2, "小标题"), (1, "主动公开政府信息情况"))
    )
    document = read_odt(odf(body, styles=outline))
    assert lines(document) == ["一、总体情况", "小标题", "二、主动公开政府信息情况"]
    assert all(block.heading for block in document.blocks if isinstance(block, Paragraph))


def test_what_is_not_printed_is_left_out_of_the_flow() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>旧</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        '<text:section text:display="none"><text:p>藏</text:p></text:section>'
        "<text:section><text:p>正文</text:p></text:section>"
        "<text:table-of-content><text:index-body><text:p>一、总体情况</text:p></text:index-body></text:table-of-content>"
        "<text:p><draw:frame><draw:text-box><text:p>框中</text:p></draw:text-box></draw:frame></text:p>"
        "<draw:frame><draw:image/></draw:frame>"
    )
    document = read_odt(odf(body))
    assert lines(document) == ["正文", "一、总体情况", "框中"]
    assert [block.linked for block in document.blocks if isinstance(block, Paragraph)] == [False, True, False]
    assert isinstance(document.blocks[-1], Picture)


def test_of_nested_tables_the_inner_ones_are_tables() -> None:
    inner = table(row(cell(p("1")), cell(p("2"))))
    document = read_odt(odf(table(row(cell(p("上") + inner + inner)))))
    assert lines(document) == ["上"]
    assert [block.number for block in document.blocks if isinstance(block, Grid)] == [1, 2]


def test_a_file_without_its_mark_is_told_by_its_manifest() -> None:
    manifest = "<m><e full-path='/' media-type='application/vnd.oasis.opendocument.text'/></m>"
    members: dict[str, str | bytes] = {"META-INF/manifest.xml": manifest, "content.xml": b"<a/>"}
    assert media_type_of(packed(members)) == ODT


MUCH = "repeated='999999'"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (odf(p("正文"))[:-200], "损坏"),
        (odf(table(row(cell(p("1"), f"table:number-columns-{MUCH}"), more=f"table:number-rows-{MUCH}"))), "异常"),
        (odf("<table:table><table:table-row><table:table-cell>" * 10_000), "损坏|过深"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.text"}), "损坏"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}), "没有正文"),
        (
            packed({
                "mimetype": "application/vnd.oasis.opendocument.text",
                "META-INF/manifest.xml": "<m xmlns:manifest='x'><manifest:encryption-data/></m>",
                "content.xml": b"\x00\x01",
            }),
            "密码",
        ),
        (
            packed({
                "mimetype": "application/vnd.oasis.opendocument.text",
                "content.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            }),
            "实体",
        ),
    ],
    ids=["truncated", "repeated", "nested", "empty", "bodiless", "encrypted", "entity"],
)  # fmt: skip
def test_a_hostile_file_is_one_readable_line(data: bytes, word: str) -> None:
    with pytest.raises(UnreadableDocument, match=word) as caught:
        parse(data)
    assert "\n" not in str(caught.value)
