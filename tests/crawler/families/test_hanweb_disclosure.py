"""Hanweb's 信息公开 module: a page for each organ and year, its own empty page, its lists by POST."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawler.families.family import ListAnswer
from crawler.families.hanweb_disclosure import read_hanweb_disclosure_list
from crawler.families.page import ListPage, PageRequest
from crawler.records import CaptureRole, EntryKind, Outcome
from crawler.sandbox.families.content import EMPTIED, make_content
from crawler.sandbox.families.hanweb_disclosure import (
    BARE_YEAR,
    ERROR_FOR_YEAR,
    ONE_YEAR_ONLY,
    HanwebDisclosureSite,
)
from crawler.sandbox.families.portals import ServedPortal, served
from tests.crawler.crawling import Log, crawled

_AREA = "11370883004326403Q"
_ADDRESS = f"http://www.example.gov.cn/module/xxgk/xxgkAnnualReport.jsp?area={_AREA}&fbtime=2023"
_TEXT = (
    "<p>一、总体情况</p><p>2023年1月1日至2023年12月31日，我镇主动公开政府信息106条。</p>"
    "<p>二、主动公开政府信息情况</p>"
)


def year_page(body: str, *, published: str = "", head: str = "政府信息公开年度报告", more: str = "") -> str:
    """A page of the module with this text."""
    return (
        f"<html><head><title>{head}</title></head><body><div class='fbsj'>发布日期：{published}</div>"
        f"<div><a href='javascript:void(0)'>点击收听年报语音朗读</a></div><div id='zoom'>{body}</div>{more}"
        "</body></html>"
    )


def read(html: str, address: str = _ADDRESS, **asked: object) -> ListPage:
    """What is read of an answer."""
    request = PageRequest(address, **asked)  # type: ignore[arg-type]
    return read_hanweb_disclosure_list(ListAnswer(html, address, request, years=tuple(range(2023, 2017, -1))))


def test_a_report_stands_in_the_page_of_its_year() -> None:
    page = read(year_page(_TEXT, published="2024-01-18 10:20", more="<p>发布机构：太平镇人民政府</p>"))
    (row,) = page.rows
    assert page.proof == "rows"
    assert (row.address, row.kind, row.organ_code, row.report_year) == (_ADDRESS, EntryKind.REPORT, _AREA, 2023)
    assert (row.shown_on, row.organ) == (date(2024, 1, 18), "太平镇人民政府")
    assert page.pages == ()


@pytest.mark.parametrize("area", ["001008003015001", "01251010-066", "113708290043337186"])
def test_the_area_is_the_organ_code_whatever_its_form(area: str) -> None:
    address = _ADDRESS.replace(_AREA, area)
    (row,) = read(year_page(_TEXT), address).rows
    assert row.organ_code == area


def test_the_module_says_that_a_year_has_no_report() -> None:
    for words in ("暂无信息", "<p>该年度暂未发布年报</p>", "没有找到相关年报！"):
        assert read(year_page(words)).proof == "says_empty"


def test_a_bare_page_is_no_proof_by_itself_and_no_failure_beside_others() -> None:
    page = read(year_page("\n <p>&nbsp;</p> "))
    assert (page.proof, page.shell, page.rows) == (None, True, ())


@pytest.mark.parametrize(
    "html",
    [
        year_page("", published="2024-01-18"),
        year_page("", head="太平镇2023年政府信息公开工作年度报告"),
        year_page("系统繁忙，请稍后再试"),
        year_page("暂无信息").replace("</html>", ""),
        "<html><body>暂无信息</body></html>",
        "<html><body><h1>HTTP Status 500</h1></body></html>",
        "{}",
        "",
    ],
    ids=["date without text", "title without text", "busy", "cut off", "no mark", "error", "json", "nothing"],
)
def test_anything_else_proves_nothing(html: str) -> None:
    page = read(html)
    assert (page.proof, page.shell, page.rows) == (None, False, ())


def test_a_report_as_a_file_or_as_pictures_alone_is_one() -> None:
    for body in (
        "<p><a href='/module/download/downfile.jsp?filename=2023.doc'>2023年年报.doc</a></p>",
        "<p><img src='/picture/0/1.png'></p>",
    ):
        page = read(year_page(body, published="2024-01-18"))
        assert page.proof == "rows"
        assert page.rows[0].report_year == 2023


def test_the_report_of_another_year_is_no_answer_for_the_year_asked() -> None:
    page = read(year_page(_TEXT.replace("2023", "2021")))
    assert page.proof is None
    assert [(row.report_year, row.kind) for row in page.rows] == [(None, EntryKind.REPORT)]


def test_an_index_of_organs_leads_to_their_years() -> None:
    menu = "".join(
        f"<a href='xxgkAnnualReport.jsp?area={_AREA}&amp;fbtime={year}'>{year}</a>" for year in (2022, 2023)
    )
    other = "<a href='xxgkAnnualReport.jsp?area=11370883004326403X&fbtime=2023'>香城镇</a>"
    index = read(f"<html><body>{menu}{other}</body></html>", "http://www.example.gov.cn/module/xxgk/index.jsp")
    assert (index.proof, index.shell) == (None, True)
    assert len(index.pages) == 3
    # A page asked for from an index tells its other years; one that a definition names does not.
    page = read(year_page(_TEXT, more=menu + other), headers=index.pages[1].headers)
    assert [one.address for one in page.pages] == [_ADDRESS.replace("2023", "2022")]
    assert read(year_page(_TEXT, more=menu)).pages == ()


def test_a_shell_names_its_search_and_the_search_its_pages() -> None:
    column = "http://www.example.gov.cn/col/col1229305214/index.html"
    html = (
        f"<iframe src='/module/xxgk/tree.jsp?standardXxgk=1&amp;area={_AREA}&amp;divid=div4'></iframe><script>"
        f"loadDynamic('/module/xxgk/search.jsp?standardXxgk=1&infotypeId='+a+'&area={_AREA}','div4');"
        "</script>"
    )
    shell = read(html, column)
    (request,) = shell.pages
    assert shell.shell
    assert request.address == "http://www.example.gov.cn/module/xxgk/search.jsp"
    assert f"area={_AREA}" in (request.body or "")
    assert ("referer", column) in request.headers

    rows = (
        "<table><tr class='tb_title'><td>标题</td></tr><tr class='tr_main_value_odd'><td>1</td><td>"
        "<a href='/art/2024/1/9/art_1_2.html' title='太平镇2023年政府信息公开工作年度报告'>太平镇…</a></td>"
        "<td>2024-01-09</td></tr></table>共14条 第1/2页"
    )
    answer = ListAnswer(rows, request.address, request)
    page = read_hanweb_disclosure_list(answer)
    assert (page.proof, page.declared, page.declared_pages) == ("rows", 14, 2)
    assert [(row.title[:2], row.organ_code, row.shown_on) for row in page.rows] == [
        ("太平", _AREA, date(2024, 1, 9))
    ]
    (further,) = page.pages
    assert "currpage=2" in (further.body or "")
    none = "<table class='tb_title'></table>共0条"
    assert read_hanweb_disclosure_list(ListAnswer(none, request.address, request)).proof == "declared_zero"
    bare = "<table class='tb_title'></table>"
    assert read_hanweb_disclosure_list(ListAnswer(bare, request.address, request)).proof is None


# --- through the real runner ----------------------------------------------------------------------------------


def _site(*quirks: str) -> HanwebDisclosureSite:
    return HanwebDisclosureSite(make_content("990101", towns=2, departments=1, years=range(2019, 2024)), quirks)


def _crawl(site: HanwebDisclosureSite, root: Path) -> tuple[Log, ServedPortal]:
    with served(site) as portal:
        return crawled(portal.definition, root), portal


def test_years_without_report_are_proven_empty_and_a_report_is_fetched_once(tmp_path: Path) -> None:
    site = _site()
    log, portal = _crawl(site, tmp_path)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.COLLECTED, None)
    asked = [seen.path for seen in portal.server.requests if seen.path != "/robots.txt"]
    assert len(asked) == len(set(asked)), "a page was asked for twice"
    assert {seen.status for seen in portal.server.requests if seen.path != "/robots.txt"} == {200}
    documents = [capture for capture in log.captures if capture.role is CaptureRole.DOCUMENT]
    assert {(one.organ_code, one.report_year) for one in log.entries} == site.content.reports
    assert len(documents) == len(site.content.reports)
    lists = {capture.address: capture.sha256 for capture in log.captures if capture.role is CaptureRole.LIST}
    assert all(lists[document.address] == document.sha256 for document in documents)
    # Without its report of 2019 the second town still has that page read, and years to come are empty too.
    assert len(lists) > len(documents)


def test_an_error_for_a_year_makes_its_column_partial(tmp_path: Path) -> None:
    log, _ = _crawl(_site(ERROR_FOR_YEAR), tmp_path)
    assert log.finished.outcome is Outcome.PARTIAL
    assert "unreachable" in (log.finished.problem or "")
    assert {one.report_year for one in log.entries} == set(range(2019, 2024))


def test_bare_years_count_beside_years_with_a_report(tmp_path: Path) -> None:
    log, _ = _crawl(_site(BARE_YEAR), tmp_path)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.COLLECTED, None)
    lost, _ = _crawl(_site(EMPTIED), tmp_path / "emptied")
    assert lost.finished.outcome is Outcome.LAYOUT_CHANGED


def test_software_that_heeds_no_year_never_reads_as_whole(tmp_path: Path) -> None:
    log, _ = _crawl(_site(ONE_YEAR_ONLY), tmp_path)
    assert not any(column.whole for column in log.columns.values())
    assert {entry.report_year for entry in log.entries} == {2023, None}
