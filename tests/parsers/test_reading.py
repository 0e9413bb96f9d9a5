"""What a document is, its title, dates, sections and encoding."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import CellState, DocumentKind, Report, UnreadableDocument
from tests.parsers.pages import article, balanced, numbered, page, report_page

FORM = load_form("2021")
VALUES = numbered(FORM)
TITLE = "清溪镇2023年政府信息公开工作年度报告"
BODY = article(FORM, VALUES)


def read(text: str) -> Report:
    return parse(text.encode())


# --- what it is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \r\n\t ",
        "\ufeff \u3000".encode(),
        b"%PDF-1.7 ...",
        b"PK\x03\x04....",
        bytes(range(256)) * 40,
        b"\x00" * 500,
        b"<html><head></head><body><script>var a=1;</script></body></html>",
    ],
)
def test_bytes_that_are_no_document(data: bytes) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        parse(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) > 5


CHALLENGE = "<html><head></head><body><script>eval('x')</script><p>正在检查您的浏览器</p></body></html>"
LIST = (
    "<html><head><title>政府信息公开年报</title></head><body><ul>"
    + "".join(
        f"<li><a href='{y}.html'>清溪镇{y}年政府信息公开工作年度报告</a><span>{y + 1}-01-15</span></li>"
        for y in range(2015, 2024)
    )
    + "</ul></body></html>"
)
ATTACHED = page(TITLE, '<p>附件：<a href="P0202.docx">年度报告.docx</a></p>', above="<p>发布日期：2024-01-20</p>")


@pytest.mark.parametrize(
    "text",
    [
        CHALLENGE,
        LIST,
        ATTACHED,
        page("一图读懂清溪镇2023年政府信息公开工作年度报告", "<p>" + "本年度主动公开信息。" * 60 + "</p>"),
        page(
            "云山县关于做好2023年政府信息公开工作年度报告编制工作的通知",
            "<p>" + "请各单位按时报送材料。" * 60 + "</p>",
        ),
        page("云山县政府信息公开制度", "<p>" + "各单位应当及时公开政府信息，不得拖延。" * 60 + "</p>"),
        "页面不存在",
        "just some words",
    ],
)
def test_pages_that_are_no_report(text: str) -> None:
    report = read(text)
    assert report.kind is DocumentKind.OTHER
    assert (report.cells, report.narrative, report.form) == ({}, (), None)
    assert not any(section.present for section in report.sections.values())


def test_the_form_itself_in_a_notice_is_no_report() -> None:
    blank = dict.fromkeys(VALUES, "")
    report = read(page("关于印发2023年政府信息公开工作年度报告格式的通知", article(FORM, blank, prose="")))
    assert report.kind is DocumentKind.OTHER


def test_a_notice_that_prints_the_report_is_the_report() -> None:
    report = read(page("云山县关于公布清溪镇2023年政府信息公开工作年度报告情况的通知", f"<p>{TITLE}</p>" + BODY))
    assert report.kind is DocumentKind.REPORT
    assert report.report_year == 2023


def test_a_page_with_a_title_of_its_column_only() -> None:
    text = page("政府信息公开年报", f"<p>{TITLE}</p>" + BODY)
    report = read(text)
    assert (report.kind, report.title, report.organ) == (DocumentKind.REPORT, TITLE, "清溪镇")


def test_a_report_without_its_tables_is_a_report_without_a_form() -> None:
    report = read(page(TITLE, article(FORM, VALUES, two=_nothing, three=_nothing, four=_nothing)))
    assert (report.kind, report.form) == (DocumentKind.REPORT, None)
    assert len(report.cells) == 200
    assert all(cell.state is CellState.ABSENT for cell in report.cells.values())


def _nothing(*_: object) -> str:
    return ""


def test_a_report_of_the_old_regulation() -> None:
    prose = "<p>概述</p><p>" + "全年主动公开政府信息，内容及时准确，方便群众查阅。" * 20 + "</p>"
    report = read(page("清溪镇2015年政府信息公开工作年度报告", prose))
    assert (report.kind, report.form, report.cells) == (DocumentKind.REPORT, "legacy", {})


# --- title and organ ----------------------------------------------------------------------


def test_meta_title_goes_before_the_headings() -> None:
    meta = f'<meta name="ArticleTitle" content="{TITLE}">'
    report = read(page("年度报告", BODY, meta=meta))
    assert (report.title, report.organ, report.report_year) == (TITLE, "清溪镇", 2023)


def test_a_title_on_two_lines() -> None:
    body = "<p>云山县水利局</p><p>2023年政府信息公开工作年度报告</p>" + BODY
    report = read(page("政府信息公开年报", body))
    assert (report.organ, report.report_year) == ("云山县水利局", 2023)


def test_a_title_broken_inside() -> None:
    report = read(page("政府信息公开年报", "<p>云山县水利局2023年政府信息公开</p><p>工作年度报告</p>" + BODY))
    assert (report.organ, report.report_year) == ("云山县水利局", 2023)


def test_year_from_the_period_and_from_the_text() -> None:
    period = "<p>本报告所列数据的统计期限自2023年1月1日起至2023年12月31日止。</p>"
    report = read(page("清溪镇政府信息公开工作年度报告", period + BODY))
    assert (report.report_year, report.report_year_from) == (2023, "period")
    assert report.metadata["统计期限"] == "2023-01-01/2023-12-31"
    prose = "2023年，清溪镇公开信息12条，比2022年多3条，2024年将继续改进。2023年度没有收到申请。"
    report = read(page("清溪镇政府信息公开工作年度报告", article(FORM, VALUES, prose=prose)))
    assert (report.report_year, report.report_year_from) == (2023, "text")
    report = read(page("清溪镇政府信息公开工作年度报告", article(FORM, VALUES, prose="2022年和2023年公开信息。")))
    assert (report.report_year, report.report_year_from) == (None, None)


# --- dates ------------------------------------------------------------------------------------------

SHOWN = "<p>发布时间：2024-01-17 15:34 来源：清溪镇</p>"
META = '<meta name="PubDate" content="2024-01-18 00:00">'
TABLE = (
    "<table><tr><td>索引号</td><td>0143/2024-00002</td><td>成文日期</td><td>2024-01-05</td></tr>"
    "<tr><td>发布机构</td><td>清溪镇</td><td>发布日期</td><td>2024-01-19</td></tr></table>"
)
BUILT = (
    '<meta name="others" content="页面生成时间 2024-05-28 15:46:43">'
    '<meta name="HtmlGenerateTime" content="2024-06-01">'
)


@pytest.mark.parametrize(
    ("meta", "above", "day", "source"),
    [
        (META + BUILT, SHOWN + TABLE, date(2024, 1, 17), "shown"),
        (META + BUILT, TABLE, date(2024, 1, 18), "meta"),
        (BUILT, TABLE, date(2024, 1, 19), "metadata_table"),
        (BUILT, TABLE.replace("发布日期", "公开时限"), None, None),
        (BUILT, "<p>成文日期：2024-01-05</p>", None, None),
        (BUILT, "<p>采集时间：2025-12-30</p>", None, None),
        (BUILT, "<ul><li>发布日期：</li><li>2024年1月17日</li></ul>", date(2024, 1, 17), "shown"),
        (BUILT, "<div>[时间：2024/1/17]</div>", date(2024, 1, 17), "shown"),
        (BUILT, "<div><span>日期：</span><b>2024-01-17</b></div>", date(2024, 1, 17), "shown"),
        ('<meta name="PubDate" content="null">', "", None, None),
    ],
)
def test_date_of_publication(meta: str, above: str, day: date | None, source: str | None) -> None:
    report = read(page(TITLE, BODY, meta=meta, above=above))
    assert (report.published_on, report.published_from) == (day, source)


def test_dates_in_the_prose_and_the_signature_are_none_of_publication() -> None:
    prose = "会议时间：2024-01-09，发布日期：2023-05-05。"
    body = article(FORM, VALUES, prose=prose) + "<p>清溪镇人民政府</p><p>2024年1月17日</p>"
    report = read(page(TITLE, body))
    assert report.published_on is None
    assert (report.metadata["落款"], report.metadata["落款日期"]) == ("清溪镇人民政府", "2024年1月17日")
    assert report.sections[6].text == "本年度没有收取信息处理费。"


def test_fields_of_the_metadata_table() -> None:
    report = read(page(TITLE, BODY, above=TABLE))
    assert report.metadata["发布机构"] == "清溪镇"
    assert report.metadata["成文日期"] == "2024-01-05"


# --- sections ------------------------------------------------------------------------------------


def test_preface_and_foot() -> None:
    report = read(page(TITLE, "<p>本报告依据有关规定编制。</p>" + BODY, above=SHOWN))
    assert report.preface == "本报告依据有关规定编制。"
    assert report.sections[6].text == "本年度没有收取信息处理费。"
    assert report.sections[2].text == ""


def test_a_table_of_contents_and_inner_numbering() -> None:
    titles = "".join(f"<p>{'一二三四五六'[s.number - 1]}、{s.title}</p>" for s in FORM.sections)
    inner = (
        "公开工作有序。</p><p>一、依申请公开办理情况</p><p>没有收到申请。</p>"
        "<p>二、主动公开制度建设情况</p><p>制度已经健全。"
    )
    report = read(page(TITLE, titles + article(FORM, VALUES, prose=inner)))
    assert "没有收到申请。" in report.sections[1].text
    assert "制度已经健全。" in report.sections[1].text
    assert "restarted-numbering" in {lint.code for lint in report.lints}
    assert report.sections[5].text.startswith("存在公开不够及时")


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("五、存在问题及改进情况", "L-02"),
        ("五、工作中的问题与下一步打算", "L-02"),
        ("5. 存在的主要问题及改进情况", "L-02"),
        ("存在的主要问题及改进情况", None),
        ("五、 存在的主要问题及改进情况", None),
        ("## 五、存在的主要问题及改进情况", None),
        ("第五部分：存在的主要问题及改进情况", None),
    ],
)
def test_wordings_of_headings(heading: str, code: str | None) -> None:
    report = read(page(TITLE, BODY.replace("五、存在的主要问题及改进情况", heading)))
    assert report.sections[5].present
    assert report.sections[5].text.startswith("存在公开不够及时")
    assert {lint.code for lint in report.lints} == ({code} if code else set())


def test_a_heading_that_runs_into_its_paragraph() -> None:
    text = BODY.replace("五、存在的主要问题及改进情况</p><p>", "五、存在的主要问题及改进情况：")
    report = read(page(TITLE, text))
    assert report.sections[5].heading == "五、存在的主要问题及改进情况"
    assert report.sections[5].text.startswith("存在公开不够及时")
    assert [lint.code for lint in report.lints] == ["L-04"]


def test_bracketed_headings_are_inner_ones() -> None:
    prose = (
        "工作概述。</p><p>（一）主动公开政府信息情况</p><p>公开12条。</p>"
        "<p>（二）依申请公开情况</p><p>（三）监督保障情况</p><p>有序。"
    )
    report = read(page(TITLE, article(FORM, VALUES, prose=prose)))
    assert "公开12条。" in report.sections[1].text
    assert [(lint.code, lint.text) for lint in report.lints] == [
        ("empty-heading", "“（二）依申请公开情况”下没有内容")
    ]


def test_a_missing_section_is_missing() -> None:
    text = BODY.replace("<p>六、其他需要报告的事项</p><p>本年度没有收取信息处理费。</p>", "")
    report = read(page(TITLE, text))
    assert not report.sections[6].present
    assert report.sections[6].heading is None
    assert report.sections[5].present


# --- round trips and robustness ------------------------------------------------


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2024])
def test_there_and_back_by_json(year: int) -> None:
    report = read(report_page(year))
    assert Report.from_json(json.loads(json.dumps(report.to_json(), ensure_ascii=False))) == report


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        report = parse(data)
    except UnreadableDocument:
        return
    assert report.kind is DocumentKind.OTHER


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_page_cut_anywhere_gives_no_wrong_value(data: st.DataObject) -> None:
    whole = report_page().encode()
    cut = data.draw(st.integers(1, len(whole)))
    try:
        report = parse(whole[:cut])
    except UnreadableDocument:
        return
    values = [(key, cell) for key, cell in report.cells.items() if cell.state is CellState.REPORTED]
    # The last number before the cut may be cut itself.
    assert sum(1 for key, cell in values if str(cell.value) != VALUES[key]) <= 1


def test_deep_nesting_is_no_danger() -> None:
    body = article(FORM, balanced(FORM))
    report = read("<html><body>" + "<div>" * 3000 + f"<h1>{TITLE}</h1>" + body + "</div>" * 3000)
    assert sum(1 for cell in report.cells.values() if cell.state is CellState.REPORTED) == 200
