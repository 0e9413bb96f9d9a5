"""What portals show around a report: its fields, the dates, and titles that stand in one place only."""

from datetime import date

import pytest

from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import DocumentKind, Report
from tests.parsers.pages import article, numbered, page

FORM = load_form("2021")
TITLE = "清溪镇2023年政府信息公开工作年度报告"
BODY = article(FORM, numbered(FORM))


def read(above: str = "", title: str = TITLE, meta: str = "", body: str = BODY) -> Report:
    return parse(page(title, body, meta=meta, above=above).encode())


INDEX = "01430000-7/2024-00002"


@pytest.mark.parametrize(
    "above",
    [
        f"<table><tr><td>索引号</td><td>{INDEX}</td><td>发布机构</td><td>清溪镇</td></tr></table>",
        f"<table><tr><th>索 引 号：</th><td>{INDEX}</td></tr><tr><th>发布机构：</th><td>清溪镇</td></tr></table>",
        f"<table><tr><td>索引号：{INDEX}</td><td>发布机构：清溪镇</td></tr></table>",
        f"<table><tr><td>信息索引号</td><td>{INDEX}</td><td>发布机构</td><td>清溪镇</td></tr></table>",
        f"<table><tr><td>索引码</td><td>{INDEX}</td><td>发布机构</td><td>清溪镇</td></tr></table>",
        f"<p>索引号：{INDEX}</p><p>发布机构：清溪镇</p>",
        f"<p>索引号: {INDEX} 发布机构: 清溪镇 发布日期: 2024-01-20</p>",
        f"<p>索引号：{INDEX}　|　发布机构：清溪镇　|　主题分类：其他</p>",
        f"<p>【索 引 号】{INDEX}</p><p>【发布机构】清溪镇</p>",
        f"<ul><li><b>索引号：</b><span>{INDEX}</span></li><li><b>发布机构：</b><span>清溪镇</span></li></ul>",
        f"<dl><dt>索引号</dt><dd>{INDEX}</dd><dt>发布机构</dt><dd>清溪镇</dd></dl>",
        f"<div>索引号：</div><div>{INDEX}</div><div>发布机构：</div><div>清溪镇</div>",
    ],
)
def test_the_index_number_has_one_name(above: str) -> None:
    report = read(above)
    assert report.metadata["索引号"] == INDEX
    assert report.metadata["发布机构"] == "清溪镇"


@pytest.mark.parametrize(
    "above",
    [
        "<table><tr><td>索引号</td><td></td><td>发布机构</td><td>清溪镇</td></tr></table>",
        "<p>索引号：</p><p>发布机构：清溪镇</p>",
        "<div>索引号：</div><div>主题分类：</div><div>发布机构：</div><div>清溪镇</div>",
        "<p>索引号： 发布机构：清溪镇</p>",
        "<p>发布机构：清溪镇</p><p>索引号：</p><p>相关链接：</p>",
    ],
)
def test_an_empty_field_takes_no_neighbour(above: str) -> None:
    report = read(above)
    assert "索引号" not in report.metadata
    assert report.metadata["发布机构"] == "清溪镇"


def test_words_of_the_prose_are_no_fields() -> None:
    body = article(
        FORM, numbered(FORM), prose="编制目录，名称、索引号、内容概述、发布日期齐全。标题：主动公开5条。"
    )
    metadata = read(body=body).metadata
    assert not {"索引号", "名称", "标题", "内容概述"} & set(metadata)


@pytest.mark.parametrize(
    ("content", "day"),
    [
        ("2024-01-17 09:30", date(2024, 1, 17)),
        ("2024-01-17 09:30:12", date(2024, 1, 17)),
        ("2024-01-17", date(2024, 1, 17)),
        ("2024-01-17 00:00", date(2024, 1, 17)),
        ("2024-01-17T09:30:12+08:00", date(2024, 1, 17)),
        ("2024/1/17 9:30", date(2024, 1, 17)),
        ("2024年01月17日", date(2024, 1, 17)),
        ("20240117", None),
        ("", None),
        ("null", None),
        ("0000-00-00 00:00:00", None),
        ("2024-13-40", None),
    ],
)
def test_prints_of_the_meta_date(content: str, day: date | None) -> None:
    report = read(meta=f'<meta  name="PubDate"content="{content}">')
    assert (report.published_on, report.published_from) == (day, "meta" if day else None)


def test_a_repeated_set_of_meta_tags_is_read_once() -> None:
    empty = '<meta name="ArticleTitle" content=""><meta name="PubDate" content="null">'
    full = f'<META NAME="ArticleTitle" CONTENT="{TITLE}"/><META NAME="PubDate" CONTENT="2024-01-17 00:00"/>'
    report = read(meta=empty + full + full, title="年度报告")
    assert (report.title, report.published_on, report.published_from) == (TITLE, date(2024, 1, 17), "meta")


@pytest.mark.parametrize(
    "tag",
    [
        '<meta name="HtmlGenerateTime" content="2025-05-01 10:00">',
        '<meta name="Maketime" content="2025-05-01 10:00">',
        '<meta name="others" content="页面生成时间 2025-05-01 10:00">',
        '<meta name="CreateDate" content="2025-05-01">',
    ],
)
def test_the_time_a_page_was_built_is_no_date_of_publication(tag: str) -> None:
    assert read(meta=tag).published_on is None
    assert read(above="<p>页面生成时间：2025-05-01</p><p>更新时间：2025-05-01</p>", meta=tag).published_on is None


@pytest.mark.parametrize(
    ("above", "day"),
    [
        ("<p>发布时间：2024-01-17</p><p>成文日期：2024-01-05</p>", date(2024, 1, 17)),
        ("<p>成文日期：2024-01-05 发布日期：2024-01-17</p>", date(2024, 1, 17)),
        ("<p>生成日期：2024-01-05</p><p>公开日期：2024-01-17</p>", date(2024, 1, 17)),
        ("<div>【发布日期】 2024-01-17</div>", date(2024, 1, 17)),
        ("<div>发布时间 ： 2024 - 01 - 17 08:00 【字体：大 中 小】</div>", date(2024, 1, 17)),
        ("<div>时间：2024-01-17 来源：清溪镇 浏览次数：2025-01-01</div>", date(2024, 1, 17)),
        ("<div>发布日期：２０２４年１月１７日</div>", date(2024, 1, 17)),
        ("<div>发布日期：二〇二四年一月十七日</div>", date(2024, 1, 17)),
        ("<p>成文日期：2024-01-05</p>", None),
        ("<p>生成日期：</p><p>2024-01-05</p>", None),
        ("<p>有效时间：2024-01-05</p><p>公开时限：2024-01-05</p>", None),
        ("<p>发布日期：</p><p>成文日期：2024-01-05</p>", None),
    ],
)
def test_dates_shown_on_the_page(above: str, day: date | None) -> None:
    assert read(above).published_on == day


@pytest.mark.parametrize(
    "above",
    [
        f"<table><tr><td>名称</td><td>{TITLE}</td><td>索引号</td><td>{INDEX}</td></tr></table>",
        f"<table><tr><td>标题</td><td>{TITLE}</td><td>索引号</td><td>{INDEX}</td></tr></table>",
        f"<p>名称：{TITLE}</p>",
    ],
)
def test_a_title_in_the_table_of_metadata_only(above: str) -> None:
    report = read(above, title="信息公开")
    assert (report.kind, report.title, report.organ, report.report_year) == (
        DocumentKind.REPORT,
        TITLE,
        "清溪镇",
        2023,
    )


def test_a_title_in_the_head_of_the_page_only() -> None:
    html = f"<html><head><title>{TITLE}-云山县人民政府</title></head><body>{BODY}</body></html>"
    report = parse(html.encode())
    assert (report.title, report.organ, report.report_year) == (TITLE, "清溪镇", 2023)


@pytest.mark.parametrize(
    "lines",
    [
        f"<p>清溪镇</p><p>{TITLE}</p><p>{TITLE}</p>",
        f"<p>{TITLE}</p><p>{TITLE}</p><p>{TITLE}</p>",
        "<p>清溪镇2023年政府信息</p><p>公开工作年度报告</p>",
        "<p>清溪镇2023年</p><p>政府信息公开工作年度报告</p>",
        "<p>清溪镇</p><p>2023年政府信息公开</p><p>工作年度报告</p>",
        "<p>清溪镇2023 年政府信息公开工作年度报告</p>",
        "<p>清溪镇 2 0 2 3 年 政 府 信 息 公 开 工 作 年 度 报 告</p>",
    ],
)
def test_titles_repeated_broken_and_spaced(lines: str) -> None:
    report = read(title="年度报告", body=lines + BODY)
    assert (report.organ, report.report_year, report.report_year_from) == ("清溪镇", 2023, "title")
