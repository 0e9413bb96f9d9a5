"""Word documents: what is printed is read, and nothing else."""

import io
import zipfile

import docx as python_docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.documents.docx import pictures_of, read_docx
from parsers.documents.model import Document, Grid, Paragraph, Picture
from parsers.reading import parse
from parsers.schema import CellState, UnreadableDocument
from tests.parsers.office import STRICT, W, cell, docx, odf, packed, paragraph, row, table, word_part

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(64)


def lines(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def texts(document: Document, number: int = 0) -> list[list[str]]:
    grid = [block for block in document.blocks if isinstance(block, Grid)][number]
    return [[found.text for found in line.cells] for line in grid.rows]


def spans(document: Document) -> list[list[tuple[str, int, int, int, int]]]:
    grid = next(block for block in document.blocks if isinstance(block, Grid))
    return [[found[:5] for found in line.own] for line in grid.rows]


def only_cell(inner: str) -> tuple[str, str]:
    """Text and doubt of a cell."""
    document = read_docx(docx(table(row("甲", cell(inner)))))
    grid = document.blocks[0]
    assert isinstance(grid, Grid)
    found = grid.rows[0].cells[1]
    return found.text, found.doubt


# --- tables -------------------------------------------------------------------------------------------------


def test_cells_over_columns_and_rows() -> None:
    body = table(
        row(cell("甲", '<w:gridSpan w:val="2"/>'), cell("乙", '<w:vMerge w:val="restart"/>')),
        row("1", "2", cell("看不见", "<w:vMerge/>")),
        row("3", properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>'),
    )
    assert spans(read_docx(docx(body))) == [
        [("甲", 0, 0, 1, 2), ("乙", 0, 2, 2, 3)],
        [("1", 1, 0, 2, 1), ("2", 1, 1, 2, 2)],
        [("3", 2, 1, 3, 2)],
    ]


def test_a_cell_that_goes_on_from_none_above_is_its_own() -> None:
    body = table(row("1", "2"), row(cell("3", "<w:vMerge/>"), "4"))
    assert texts(read_docx(docx(body))) == [["1", "2"], ["3", "4"]]


def test_columns_of_a_hairs_breadth_are_none() -> None:
    body = table(
        row(cell("甲"), cell("乙", '<w:gridSpan w:val="2"/>'), cell("丙")),
        row(cell("1", '<w:gridSpan w:val="2"/>'), cell("2"), cell("3")),
        widths=(900, 12, 900, 900),
    )
    assert spans(read_docx(docx(body))) == [
        [("甲", 0, 0, 1, 1), ("乙", 0, 1, 1, 2), ("丙", 0, 2, 1, 3)],
        [("1", 1, 0, 2, 1), ("2", 1, 1, 2, 2), ("3", 1, 2, 2, 3)],
    ]


def test_a_narrow_column_that_prints_something_stays() -> None:
    body = table(row("甲", "1", "乙"), widths=(900, 12, 900))
    assert texts(read_docx(docx(body))) == [["甲", "1", "乙"]]


def test_content_controls_around_rows_cells_and_text_are_looked_through() -> None:
    def control(inner: str) -> str:
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{inner}</w:sdtContent></w:sdt>"

    body = control(
        table(
            control(row("甲", control(cell("1")))),
            row("乙", cell(control(paragraph("2")))),
            row("丙", cell(f"<w:p>{control('<w:r><w:t>3</w:t></w:r>')}</w:p>")),
        )
    )
    assert texts(read_docx(docx(body))) == [["甲", "1"], ["乙", "2"], ["丙", "3"]]


def test_of_nested_tables_the_inner_ones_are_tables() -> None:
    body = table(row(cell(paragraph("上") + table(row("1", "2")) + table(row("3", "4"), row("5", "6")))))
    document = read_docx(docx(body))
    assert lines(document) == ["上"]
    assert texts(document) == [["1", "2"]]
    assert texts(document, 1) == [["3", "4"], ["5", "6"]]


def test_a_frame_around_one_number_is_its_cell() -> None:
    assert only_cell(table(row("5"))) == ("5", "")


def test_a_table_that_lays_out_prose_is_prose() -> None:
    body = table(row(cell(paragraph("一、总体情况") + paragraph("很长的一段话" * 60))))
    assert lines(read_docx(docx(body))) == ["一、总体情况", "很长的一段话" * 60]


def test_deleted_rows_and_text_are_left_out_and_inserted_kept() -> None:
    tracked = (
        '<w:p><w:r><w:t>1</w:t></w:r><w:del w:id="1"><w:r><w:delText>2</w:delText></w:r></w:del>'
        '<w:ins w:id="2"><w:r><w:t>3</w:t></w:r></w:ins>'
        '<w:moveFrom w:id="3"><w:r><w:t>4</w:t></w:r></w:moveFrom></w:p>'
    )
    body = table(row("甲", cell(tracked)), row("9", "9", properties='<w:del w:id="4"/>'), row("乙", "8"))
    assert texts(read_docx(docx(body))) == [["甲", "13"], ["乙", "8"]]


def test_a_paragraph_whose_end_was_deleted_goes_on_with_the_next() -> None:
    body = paragraph("一、总体", '<w:rPr><w:del w:id="1"/></w:rPr>') + paragraph("情况") + paragraph("完")
    assert lines(read_docx(docx(body))) == ["一、总体情况", "完"]


def ten_and_two(look: str) -> str:
    return f"<w:p><w:r><w:t>10</w:t></w:r><w:r><w:rPr>{look}</w:rPr><w:t>2</w:t></w:r></w:p>"


def noted(how: str, mark: str) -> str:
    return f'<w:p><w:r><w:t>3</w:t></w:r><w:r><w:footnoteReference {how} w:id="2"/><w:t>{mark}</w:t></w:r></w:p>'


def prompting(inner: str) -> str:
    return f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


@pytest.mark.parametrize(
    ("inner", "text", "doubtful"),
    [
        ("<w:p><w:r><w:t>1</w:t></w:r><w:r><w:t>2</w:t></w:r></w:p>", "12", False),
        (paragraph("5", run="<w:vanish/>"), "", False),
        (paragraph("5", run='<w:vanish w:val="0"/>'), "5", False),
        (paragraph("5", run="<w:strike/>"), "5", True),
        (ten_and_two('<w:vertAlign w:val="superscript"/>'), "102", True),
        (ten_and_two('<w:position w:val="8"/>'), "102", True),
        (paragraph("7", run='<w:position w:val="8"/>'), "7", False),
        (noted("", ""), "3", False),
        (noted('w:customMarkFollows="1"', "1"), "31", True),
        (paragraph("1") + paragraph("2"), "1\n2", False),
        ("<w:p><w:r><w:t>1</w:t><w:br/><w:t>2</w:t></w:r></w:p>", "1\n2", False),
        ('<w:p><w:r><w:sym w:font="Wingdings" w:char="F081"/></w:r></w:p>', "〔符〕", False),
        ("<w:p><m:oMath><m:r><m:t>12</m:t></m:r></m:oMath></w:p>", "12", True),
        ('<w:p><w:r><w:drawing><a:blip r:embed="rId1"/></w:drawing></w:r></w:p>', "〔图〕", True),
        (f"<w:p>{prompting('<w:r><w:t>0</w:t></w:r>')}</w:p>", "0", True),
        (prompting(paragraph("0")), "0", True),
    ],
)  # fmt: skip
def test_what_a_cell_prints(inner: str, text: str, doubtful: bool) -> None:
    found, doubt = only_cell(inner)
    assert (found, bool(doubt)) == (text, doubtful)


def field(code: str, result: str, data: str = "") -> str:
    return (
        f'<w:p><w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
        f"<w:r><w:instrText>{code}</w:instrText></w:r>"
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{result}</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


def test_of_a_field_the_result_is_printed() -> None:
    assert only_cell(field("FORMTEXT", "5"))[0] == "5"
    assert only_cell(field("=SUM(ABOVE)", "17"))[0] == "17"
    ticked = "<w:ffData><w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox></w:ffData>"
    assert only_cell(field("FORMCHECKBOX", "", ticked))[0] == "☑"
    entries = "<w:listEntry w:val='无'/><w:listEntry w:val='有'/>"
    choice = f"<w:ffData><w:ddList><w:result w:val='1'/>{entries}</w:ddList></w:ffData>"
    assert only_cell(field("FORMDROPDOWN", "", choice))[0] == "有"


def test_a_field_left_open_does_not_swallow_the_rest() -> None:
    body = '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>' + paragraph("正文")
    assert lines(read_docx(docx(body))) == ["正文"]


def test_a_style_may_hide_and_strike() -> None:
    styles = (
        '<w:style w:type="character" w:styleId="a"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="b"><w:basedOn w:val="a"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="c"><w:basedOn w:val="d"/><w:rPr><w:strike/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="d"><w:basedOn w:val="c"/></w:style>'
    )
    body = (
        paragraph("看不见", run='<w:rStyle w:val="b"/>')
        + paragraph("划去", '<w:pStyle w:val="c"/>')
        + paragraph("正文")
    )
    assert lines(read_docx(docx(body, styles=styles))) == ["正文"]


# --- paragraphs ---------------------------------------------------------------------------------------------


def level(depth: int, word: str, pattern: str, more: str = "") -> str:
    counting = f'<w:start w:val="1"/><w:numFmt w:val="{word}"/>{more}<w:lvlText w:val="{pattern}"/>'
    return f'<w:lvl w:ilvl="{depth}">{counting}</w:lvl>'


def numbered(text: str, depth: int = 0, number: int = 1) -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')


LISTS = (
    f'<w:abstractNum w:abstractNumId="7">{level(0, "chineseCountingThousand", "%1、")}'
    f"{level(1, 'chineseCounting', '（%2）')}{level(2, 'decimal', '%3.')}</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="7"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
)


def test_paragraphs_that_word_numbers_have_their_number() -> None:
    body = (
        numbered("总体情况") + numbered("主动公开", 1) + numbered("2023年公开", 2) + numbered("又一条", 2)
        + numbered("依申请公开", 1) + numbered("第一条", 2) + paragraph("无编号")
        + numbered("主动公开政府信息情况")
        + numbered("小标题", 1) + numbered("重新编号", 0, 2) + numbered("不编号", 0, 0)
    )  # fmt: skip
    assert lines(read_docx(docx(body, numbering=LISTS))) == [
        "一、总体情况", "（一）主动公开", "1. 2023年公开", "2. 又一条", "（二）依申请公开", "1. 第一条", "无编号",
        "二、主动公开政府信息情况", "（一）小标题", "一、重新编号", "不编号",
    ]  # fmt: skip


def test_headings_numbered_by_their_style() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 1"/>'
        '<w:pPr><w:numPr><w:numId w:val="3"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="3"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:ilvl w:val="1"/>'
        '<w:numId w:val="3"/></w:numPr></w:pPr></w:style>'
    )
    one, two = '<w:pStyle w:val="2"/>', '<w:pStyle w:val="3"/>'
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{level(0, "japaneseCounting", "%1、", one)}'
        f"{level(1, 'japaneseCounting', '（%2）', two)}</w:abstractNum>"
        '<w:num w:numId="3"><w:abstractNumId w:val="0"/></w:num>'
    )
    body = "".join(
        paragraph(text, style)
        for text, style in (
            ("总体情况", one),
            ("主动公开", two),
            ("依申请公开", two),
            ("主动公开政府信息情况", one),
        )
    )
    document = read_docx(docx(body, styles=styles, numbering=numbering))
    assert lines(document) == ["一、总体情况", "（一）主动公开", "（二）依申请公开", "二、主动公开政府信息情况"]
    assert all(block.heading for block in document.blocks if isinstance(block, Paragraph))


def test_a_deleted_or_hidden_paragraph_is_not_counted() -> None:
    counting = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    old = '<w:del w:id="2"><w:r><w:delText>旧</w:delText></w:r></w:del>'
    gone = f'<w:p><w:pPr>{counting}<w:rPr><w:del w:id="1"/></w:rPr></w:pPr>{old}</w:p>'
    hidden = paragraph("看不见", f"{counting}<w:rPr><w:vanish/></w:rPr>", "<w:vanish/>")
    body = numbered("甲") + gone + hidden + numbered("乙")
    assert lines(read_docx(docx(body, numbering=LISTS))) == ["一、甲", "二、乙"]


def test_an_automatic_number_in_a_cell_belongs_to_labels_and_never_to_numbers() -> None:
    body = table(
        row(cell(numbered("予以公开", 1)), cell(numbered("5", 2))), row(cell(numbered("部分公开", 1)), "6")
    )
    document = read_docx(docx(body, numbering=LISTS))
    assert texts(document) == [["（一）予以公开", "1.\t5"], ["（二）部分公开", "6"]]
    grid = document.blocks[0]
    assert isinstance(grid, Grid)
    assert grid.rows[0].cells[1].doubt
    assert not grid.rows[1].cells[1].doubt


def test_a_text_box_is_read_once_and_other_forms_of_it_never() -> None:
    box = f"<w:txbxContent>{paragraph('框中标题')}</w:txbxContent>"
    body = (
        f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        "<w:r><w:t>正文</w:t></w:r></w:p>"
    )
    assert lines(read_docx(docx(body))) == ["正文", "框中标题"]


def test_a_table_of_contents_is_links() -> None:
    link = '<w:p><w:hyperlink w:anchor="_Toc1"><w:r><w:t>一、总体情况</w:t></w:r></w:hyperlink></w:p>'
    document = read_docx(docx(link + paragraph("一、总体情况")))
    assert [block.linked for block in document.blocks if isinstance(block, Paragraph)] == [True, False]


def test_pictures_stand_in_the_flow_and_are_given_by_their_bytes() -> None:
    picture = '<w:p><w:r><w:drawing><a:blip r:embed="rId{}"/></w:drawing></w:r></w:p>'
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="image" Target="media/image1.png"/>'
        '<Relationship Id="rId2" Type="image" TargetMode="External" Target="http://192.0.2.1/image2.png"/>'
        '<Relationship Id="rId3" Type="image" Target="media/image3.emf"/></Relationships>'
    )
    more: dict[str, str | bytes] = {
        "word/_rels/document.xml.rels": relations,
        "word/media/image1.png": PIXEL,
        "word/media/image3.emf": b"x",
    }
    data = docx(paragraph("图") + picture.format(2) + picture.format(3) + picture.format(1), more=more)
    document = read_docx(data)
    assert [type(block) for block in document.blocks] == [Paragraph, Picture, Picture, Picture]
    assert document.blocks[3].place.line == 4 if isinstance(document.blocks[3], Picture) else False
    assert pictures_of(data) == [PIXEL]


def test_strict_documents_are_read_alike() -> None:
    wide = cell("1", '<w:gridSpan w:val="2"/>')
    part = word_part("document", f"<w:body>{paragraph('正文')}{table(row('甲', wide))}</w:body>")
    members = {"word/document.xml": part.replace(W, STRICT)}
    document = read_docx(packed(members))
    assert lines(document) == ["正文"]
    assert spans(document) == [[("甲", 0, 0, 1, 1), ("1", 0, 1, 1, 3)]]


def test_the_title_of_the_properties_counts_only_where_it_is_printed() -> None:
    def with_title(title: str) -> str:
        named = f'<d:title xmlns:d="http://purl.org/dc/elements/1.1/">{title}</d:title>'
        core = f'<c:coreProperties xmlns:c="x">{named}</c:coreProperties>'
        return read_docx(docx(paragraph("清溪镇2023年 报告"), more={"docProps/core.xml": core})).title

    assert with_title("清溪镇2023年报告") == "清溪镇2023年报告"
    assert with_title("清溪镇2021年报告") == ""


def test_a_document_of_python_docx() -> None:
    made = python_docx.Document()
    made.add_heading("清溪镇2023年政府信息公开工作年度报告", 0)
    made.add_paragraph("正文。")
    grid = made.add_table(3, 3)
    grid.cell(0, 0).merge(grid.cell(1, 1)).text = "合并"
    grid.cell(2, 2).text = "9"
    file = io.BytesIO()
    made.save(file)
    document = read_docx(file.getvalue())
    first = document.blocks[0]
    assert isinstance(first, Paragraph)
    assert first.heading
    assert first.text.startswith("清溪镇")
    assert spans(document)[0] == [("合并", 0, 0, 2, 2), ("", 0, 2, 1, 3)]
    assert spans(document)[2][2] == ("9", 2, 2, 3, 3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=6), min_size=1, max_size=6))
def test_every_cell_stands_where_it_was_put(rows: list[list[int]]) -> None:
    body = table(
        *[
            row(*[cell(f"{r}.{c}", f'<w:gridSpan w:val="{wide}"/>') for c, wide in enumerate(line)])
            for r, line in enumerate(rows)
        ]
    )
    found = spans(read_docx(docx(body)))
    for r, line in enumerate(rows):
        assert [entry[0] for entry in found[r]] == [f"{r}.{c}" for c in range(len(line))]
        assert [entry[2] for entry in found[r]] == [sum(line[:c]) for c in range(len(line))]


# --- whole reports ------------------------------------------------------------------------------------------


def test_a_report_with_a_struck_number_is_unreadable_there() -> None:
    body = paragraph("清溪镇2023年政府信息公开工作年度报告") + paragraph("二、主动公开政府信息情况") + table(
        row(cell("第二十条第（一）项", '<w:gridSpan w:val="4"/>')),
        row("信息内容", "本年制发件数", "本年废止件数", "现行有效件数"),
        row("规章", cell(paragraph("1", run="<w:strike/>")), "2", ""),
        row("行政规范性文件", "3", "4", "5"),
    )  # fmt: skip
    report = parse(docx(body))
    assert report.cells["section_two.regulations.issued"].state is CellState.UNREADABLE
    assert report.cells["section_two.regulations.repealed"].value == 2
    assert report.cells["section_two.regulations.in_force"].state is CellState.BLANK
    at = report.cells["section_two.normative_documents.repealed"].at
    assert at is not None
    assert (at.table, at.row, at.column) == (1, 4, 3)


# --- hostile files ------------------------------------------------------------------------------------------

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + f']><w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>'
)
NESTED = "<w:tbl><w:tr><w:tc>" * 10_000 + "</w:tc></w:tr></w:tbl>" * 10_000


def encrypted() -> bytes:
    data = bytearray(docx(paragraph("正文")))
    data[6] |= 1
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (packed({"word/document.xml": BOMB}), "实体"),
        (packed({"word/document.xml": OUTSIDE}), "实体"),
        (packed({"word/document.xml": b"<a>" + b" " * 12_000_000 + b"</a>"}), "压缩比"),
        (packed({"word/document.xml": b"<a>" + b"x" * 17_000_000}, zipfile.ZIP_STORED), "MB"),
        (docx(NESTED), "嵌套过深"),
        (packed({"word/document.xml": "<w:document"}), "损坏"),
        (packed({"word/document.xml": word_part("document", "")}), "没有正文"),
        (packed({"word/document.xml": b""}), "损坏"),
        (docx(paragraph("正文" * 500))[:-300], "损坏"),
        (encrypted(), "密码"),
        (packed({"word/document.xml": word_part("document", "")}, zipfile.ZIP_BZIP2), "压缩方法"),
    ],
    ids=["bomb", "out", "ratio", "large", "nested", "cut", "bodiless", "empty", "truncated", "locked", "method"],
)
def test_a_hostile_file_is_one_readable_line(data: bytes, word: str) -> None:
    with pytest.raises(UnreadableDocument, match=word) as caught:
        parse(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 80


def test_spans_beyond_all_measure_stay_harmless() -> None:
    body = table(
        row(cell("甲", '<w:gridSpan w:val="999999"/>'), "1", properties='<w:gridBefore w:val="999999999"/>')
    )
    assert texts(read_docx(docx(body))) == [["甲", "1"]]


def test_missing_or_damaged_parts_beside_the_text_do_no_harm() -> None:
    data = docx(numbered("正文"), more={"word/styles.xml": "<damaged", "word/numbering.xml": odf("")})
    assert lines(read_docx(data)) == ["正文"]
