"""The completeness report as CSV, workbook, page and terminal tables."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from rich.console import Console
from selectolax.lexbor import LexborHTMLParser

from monitor.completeness.figures import gather
from monitor.completeness.page import to_page
from monitor.completeness.table import to_tables
from monitor.completeness.workbook import to_csv, to_list, to_workbook
from monitor.registry.due import due_for
from monitor.rules.base import OrganKind
from tests.browser import chromium
from tests.monitor.completeness.examples import AS_OF, STANDINGS, example


def test_csv_opens_in_a_spreadsheet_and_is_no_formula() -> None:
    data = to_csv(example())
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == 8
    assert rows[0]["单位"] == "大王庄街道"
    by_code = {row["单位代码"]: row for row in rows}
    assert by_code["410526201"]["单位"] == "'=半坡店乡"
    assert by_code["410526111"]["公布情况"] == "逾期公布"
    assert by_code["410526111"]["逾期天数"] == "3"
    assert by_code["410526111"]["日期来源"] == "页面所示公布日期"
    assert by_code["410526102"]["公布日期"] == ""
    assert by_code["410526102"]["说明"] == (
        "滑县门户栏目“乡镇年报”在期限过后于2024年2月1日 07:30、2024年2月3日 07:30完整采集，未见报告"
    )
    assert by_code["4105260A1"]["期限依据"] == "《政府信息公开条例》第四十九条第一款"


def test_the_date_of_towns_is_said_to_be_practice_in_every_format() -> None:
    town = replace(STANDINGS[0], due=due_for(OrganKind.TOWNSHIP, "410526", 2023))
    report = gather(2023, AS_OF, [town], columns={})
    practice = "惯例：1月31日前（《条例》未规定乡镇、街道的期限）；各地通知，参照《条例》第四十九条第一款"
    (row,) = csv.DictReader(io.StringIO(to_csv(report).decode("utf-8-sig")))
    assert row["期限依据"] == practice
    sheet = openpyxl.load_workbook(io.BytesIO(to_workbook(report)))["单位清单"]
    assert sheet["I2"].value == practice
    assert practice in to_page(report)


def test_the_workbook_has_its_three_sheets_with_real_dates_and_fixed_heads() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_workbook(example())))
    assert book.sheetnames == ["汇总", "单位清单", "问题清单"]
    figures, organs, problems = (book[name] for name in book.sheetnames)
    assert figures.freeze_panes == "A3"
    assert [cell.value for cell in figures[5]][:7] == ["410526", "滑县", "合计", 6, 3, 2, "40.0%～60.0%"]
    assert organs.freeze_panes == "A2"
    late = next(row for row in organs.iter_rows(min_row=2, values_only=True) if row[3] == "焦虎镇")
    assert all(isinstance(late[column], datetime) for column in (7, 9))
    assert [str(late[column]) for column in (7, 9)] == ["2024-01-31 00:00:00", "2024-02-03 00:00:00"]
    named_like_a_formula = next(row[3] for row in organs.iter_rows(min_row=2) if row[3].value == "=半坡店乡")
    assert named_like_a_formula.data_type == "s"
    assert [cell.value for cell in problems[1]][:8] == [
        "县区", "单位", "年度", "问题", "表格位置", "报告数", "应为/对照数", "依据",
    ]  # fmt: skip
    assert [cell.value for cell in problems[2]][:7] == [
        "滑县", "焦虎镇", 2023, "（七）总计与各项之和不符，相差1件", "表三 （七）总计 · 自然人", "0", "1",
    ]  # fmt: skip
    assert problems["I2"].hyperlink.target == "https://huaxian.example/a/1.html"


def test_the_page_stands_alone_and_links_only_to_web_addresses() -> None:
    page = LexborHTMLParser(to_page(example()))
    assert not page.css("script, link[rel=stylesheet], img, iframe")
    targets = {anchor.attributes.get("href") or "" for anchor in page.css("a")}
    assert "https://huaxian.example/a/1.html" in targets
    assert not [target for target in targets if target.startswith("javascript")]
    text = page.body.text() if page.body else ""
    assert "不计入未公布" in text
    assert "2024年2月1日 07:30、2024年2月3日 07:30" in text
    assert "《政府信息公开条例》第四十九条第一款" in text
    headings = [heading.text() for heading in page.css(".lists h3")]
    assert headings[-4:] == ["未公布（1）", "逾期公布（1）", "无法核实（1）", "疑似倒签（1）"]


def test_english_heads_begin_with_a_capital_and_the_due_date_is_no_expectation() -> None:
    heads = next(csv.reader(io.StringIO(to_csv(example(), "en").decode("utf-8-sig"))))
    assert "Due" in heads
    assert [head for head in heads if not head[0].isupper()] == []
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(to_tables(example(), "en"))
    text = console.export_text()
    assert "Expected" in text
    assert "expected" not in text.splitlines()[2]
    assert text.count("Due ") == 2


def test_what_comes_from_outside_is_text_on_the_page() -> None:
    standing = STANDINGS[0]
    hostile = replace(standing, organ=replace(standing.organ, name="<script>alert(1)</script>"))
    page = to_page(gather(2023, AS_OF, [hostile], columns={}))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_workbook_takes_any_text_and_any_address() -> None:
    text = "=1+1\x00\x0b\ufffe\uffff\u202e\ud800年报"
    long = "http://portal.example/" + "a" * 3000
    data = to_list("问题清单", ["一", "二", "三"], [[text, long, "http://portal.example/\x01\ufffe"]])
    one, two, three = openpyxl.load_workbook(io.BytesIO(data))["问题清单"][2]
    assert (one.value, one.data_type) == ("=1+1\u202e年报", "s")
    assert (two.value, two.hyperlink) == (long, None)
    assert three.hyperlink is not None
    assert three.hyperlink.target == "http://portal.example/"


def test_the_terminal_shows_figures_organs_and_summary() -> None:
    console = Console(width=140, file=io.StringIO(), record=True)
    console.print(to_tables(example()))
    text = console.export_text()
    assert "滑县 410526" in text
    assert "栏目所在网站拒绝访问" in text
    assert "日期据首次发现日期" in text
    assert "10/11" in text


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_opens_without_complaint_and_fits(tmp_path: Path, width: int) -> None:
    path = tmp_path / "page.html"
    path.write_text(to_page(example()), encoding="utf-8")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": 900})
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if "file:" not in request.url else None)
        page.goto(path.as_uri())
        assert page.locator("h1").inner_text() == "2023年度政府信息公开工作年度报告公布情况"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        overflowing = page.evaluate(
            "[...document.querySelectorAll('.tiles div, td, h1, p')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
        )
        assert overflowing == []
        assert [text for text in said if not text.startswith("data:")] == []
