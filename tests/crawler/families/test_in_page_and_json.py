"""Anhui, gkmlpt, VSB, Epoint and unknown software: what their readers must not take for granted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.families.anhui import read_anhui_list
from crawler.families.epoint import read_epoint_list
from crawler.families.family import ListAnswer
from crawler.families.generic import read_generic_list
from crawler.families.gkmlpt import read_gkmlpt_list, report_categories
from crawler.families.page import ListPage, PageRequest, organ_code_in
from crawler.families.registry import FAMILIES
from crawler.families.vsb import read_vsb_list
from crawler.records import EntryKind, Outcome
from crawler.sandbox.families.portals import FAMILY_SITES, family_site
from crawler.text import decode_page
from tests.crawler.crawling import crawled, portal
from tests.crawler.website import Website

HOST = "http://www.example.gov.cn"
GOLDEN = Path(__file__).parent / "golden"
REPORT = (
    "<h1>{organ}{year}年政府信息公开工作年度报告</h1><p>发布时间：{after}-01-16</p><p>一、总体情况</p>"
    "<p>二、主动公开政府信息情况</p><table><tr><td>社会公益组织</td><td>0</td></tr></table>"
)


def report(organ: str, year: int) -> str:
    return REPORT.format(organ=organ, year=year, after=year + 1)


def page_of(body: str, title: str = "政府信息公开年报") -> str:
    return f"<html><head><meta charset='utf-8'><title>{title}</title></head><body>{body}</body></html>"


def rows(*years: int, link: str = "/zwgk/nb/{}.html") -> str:
    listed = "".join(
        f"<li><a href='{link.format(year)}'>甲镇{year}年政府信息公开工作年度报告</a> {year + 1}-01-10</li>"
        for year in years
    )
    return f"<ul class='list'>{listed}</ul>"


def generic(body: str, path: str = "/zwgk/nb/index.html", title: str = "政府信息公开年报") -> ListPage:
    return read_generic_list(ListAnswer.of(page_of(body, title), HOST + path))


# --- unknown software -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["未城区人民政府", "通知公告", "搜索结果"])
def test_a_front_page_a_news_list_and_a_search_are_no_column(title: str) -> None:
    path = {"未城区人民政府": "/", "通知公告": "/tzgg/", "搜索结果": "/search/index?q=x"}[title]
    news = "<ul class='list'>" + "".join(
        f"<li><a href='/tzgg/{n}'>关于停水的通知公告之{n}</a></li>" for n in range(9)
    )
    assert generic(rows(2023) + news, path, title).proof is None


def test_an_unnamed_list_of_reports_is_a_list() -> None:
    assert generic(rows(2023, 2022), title="信息公开").proof == "rows"


@pytest.mark.parametrize(
    ("pager", "pages", "count"),
    [
        # Two visible links prove the pattern of what only a script opens.
        (
            "<a href='list_2.jhtml'>2</a><a href='list_3.jhtml'>3</a><a href='javascript:goPage(5)'>尾页</a>"
            "<a href='list_2.jhtml'>下一页</a>",
            ["list_2.jhtml", "list_3.jhtml", "list_4.jhtml", "list_5.jhtml"],
            5,
        ),
        # Nothing proves where page 2 stands: that it is there is told all the same.
        ("<a href='javascript:goPage(2)'>2</a><a href='javascript:goPage(2)'>下一页</a>", [], 2),
        ("<a href='#' onclick=\"__doPostBack('pager','3')\">3</a>", [], 3),
        ("<select><option value='list_1.htm'>1</option><option value='list_2.htm'>第2页</option></select>",
         ["list_2.htm"], 2),
        ("<a href='?page=2'>下一页</a><a href='?page=4'>尾页</a> 共4页",
         ["index.html?page=2", "index.html?page=4"], 4),
        # A picture show counts too, and is no pager.
        ("<div class='show'><a href='javascript:;'>2</a><a href='javascript:show(3)'>3</a></div>", [], None),
    ],
)  # fmt: skip
def test_pages_follow_what_visible_links_prove(pager: str, pages: list[str], count: int | None) -> None:
    read = generic(rows(2023, 2022) + f"<div class='page'>{pager}</div>")
    assert [request.address for request in read.pages] == [f"{HOST}/zwgk/nb/{name}" for name in pages]
    assert read.declared_pages == count


def test_pages_that_only_a_script_opens_make_the_run_partial(tmp_path: Path) -> None:
    listed = page_of(rows(2023, 2022) + "<div class='page'><a href='javascript:goPage(2)'>下一页</a></div>")
    articles: dict[str, Any] = {f"/zwgk/nb/{year}.html": page_of(report("甲镇", year)) for year in (2023, 2022)}
    with Website({"/zwgk/nb/": listed, **articles}) as site:
        log = crawled(portal(site, ("/zwgk/nb/",), family="generic"), tmp_path)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.PARTIAL, "pages_unread:1/2")
    assert len([entry for entry in log.entries if entry.kind is EntryKind.REPORT]) == 2


def test_folders_of_years_and_organs_lead_on_and_titles_of_a_year_alone_stay_rows() -> None:
    read = generic(
        "<ul><li><a href='2023n/'>2023年</a></li><li><a href='2022n/index.html'>2022年度政府信息公开年报</a></li>"
        "<li><a href='xz/'>乡镇年报</a></li></ul>"
        "<ul><li><a href='content_7.html'>2021年政府信息公开工作年度报告</a><span>2022-01-10</span></li></ul>"
    )
    assert [request.address.removeprefix(HOST) for request in read.pages] == [
        "/zwgk/nb/2023n/",
        "/zwgk/nb/2022n/index.html",
        "/zwgk/nb/xz/",
    ]
    assert len({request.branch for request in read.pages}) == 3
    assert [row.title for row in read.rows] == ["2021年政府信息公开工作年度报告"]


def test_an_announced_folder_without_a_list_makes_the_run_partial(tmp_path: Path) -> None:
    folders = page_of("<ul><li><a href='2023/'>2023年</a></li><li><a href='2022/'>2022年</a></li></ul>")
    pages: dict[str, Any] = {
        "/nb/": folders,
        "/nb/2023/": page_of(rows(2023, link="/nb/2023/{}.html")),
        "/nb/2023/2023.html": page_of(report("甲镇", 2023)),
        "/nb/2022/": page_of("<div id='app'></div>"),
    }
    with Website(pages) as site:
        log = crawled(portal(site, family="generic"), tmp_path)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.PARTIAL, "pages_failed:layout=1")


def test_what_one_folder_keeps_back_another_does_not_make_up_for(tmp_path: Path) -> None:
    pages: dict[str, Any] = {
        "/nb/": page_of("<ul><li><a href='a/'>2023年</a></li><li><a href='b/'>2022年</a></li></ul>"),
        "/nb/a/": page_of(rows(2023, link="/nb/a/{}.html") + "共2条"),
        "/nb/b/": page_of(rows(2022, 2021, 2020, link="/nb/b/{}.html")),
        "/nb/a/2023.html": page_of(report("甲镇", 2023)),
        **{f"/nb/b/{year}.html": page_of(report("甲镇", year)) for year in (2022, 2021, 2020)},
    }
    with Website(pages) as site:
        log = crawled(portal(site, family="generic"), tmp_path)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.PARTIAL, "declared_more:1/2")


def test_a_folder_that_shows_what_its_column_shows_too_is_no_endless_paging(tmp_path: Path) -> None:
    listed = rows(2023, 2022)
    pages: dict[str, Any] = {
        "/nb/": page_of(listed + "<ul><li><a href='2023/'>2023年</a></li></ul>"),
        "/nb/2023/": page_of(listed),
        **{f"/zwgk/nb/{year}.html": page_of(report("甲镇", year)) for year in (2023, 2022)},
    }
    with Website(pages) as site:
        log = crawled(portal(site, family="generic"), tmp_path)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.COLLECTED, None)
    assert len(log.entries) == 2


def test_a_report_that_stands_in_the_column_itself_is_entered_and_kept(tmp_path: Path) -> None:
    with Website({"/nb/": page_of(report("甲镇", 2023))}) as site:
        log = crawled(portal(site, family="generic"), tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED
    assert [(entry.title, entry.shown_on, entry.report_year) for entry in log.entries] == [
        ("甲镇2023年政府信息公开工作年度报告", date(2024, 1, 16), 2023)
    ]
    assert {capture.role.value for capture in log.captures} == {"list", "document"}


def test_the_newest_report_is_not_lost_where_the_menu_links_only_the_others() -> None:
    menu = "<ul class='years'><li>2023年</li><li><a href='?nbYear=2022'>2022年</a></li></ul>"
    read = generic(menu + report("甲镇", 2023), "/nb.html")
    assert [(row.address, row.report_year) for row in read.rows] == [(f"{HOST}/nb.html", 2023)]
    assert [request.address for request in read.pages] == [f"{HOST}/nb.html?nbYear=2022"]


def test_a_page_whose_menu_links_the_shown_year_too_only_leads_on() -> None:
    menu = "<ul><li><a href='?nbYear=2023'>2023年</a></li><li><a href='?nbYear=2022'>2022年</a></li></ul>"
    read = generic(menu + report("甲镇", 2023), "/nb.html")
    assert (read.shell, read.rows, len(read.pages)) == (True, (), 2)


def test_years_that_only_a_script_opens_are_told_where_no_pattern_says_where_they_are() -> None:
    menu = "<ul><li class='on'><a href='#'>2023年</a></li><li><a href='#' onclick='f(2022)'>2022年</a></li></ul>"
    read = generic(menu + report("甲镇", 2023), "/nb.html")
    assert read.unaddressed == ("2022年",)
    proven = generic(menu + report("甲镇", 2023), "/nb.html?nbYear=2023")
    assert [request.address for request in proven.pages] == [f"{HOST}/nb.html?nbYear=2022"]


def test_summaries_in_a_list_are_no_report() -> None:
    listed = "".join(
        f"<li><a href='/zwgk/nb/{n}.html'>第{n}镇2023年政府信息公开工作年度报告</a><span>2024-01-1{n}</span>"
        "<p>一、总体情况 二、主动公开政府信息情况</p></li>"
        for n in range(1, 5)
    )
    read = generic(f"<ul>{listed}</ul>")
    assert len(read.rows) == 4


def test_a_report_in_a_file_stands_on_its_page_but_a_list_of_files_is_no_report() -> None:
    one = "<div>{}镇2023年政府信息公开工作年度报告</div><p><a href='/f/{}.pdf'>下载</a></p>"
    alone = generic(one.format("甲", 1), "/single/29/391457.html")
    assert [(row.title, row.report_year) for row in alone.rows] == [("甲镇2023年政府信息公开工作年度报告", 2023)]
    both = generic(one.format("甲", 1) + one.format("乙", 2), "/single/29/391457.html")
    assert (both.proof, both.rows) == (None, ())


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/info/egovinfo/1007/overt_centent/11532323015172622Y-/2020-0206003.htm", "11532323015172622Y"),
        ("/module/xxgk/x.jsp?area=11370883004326403Q&fbtime=2024", "11370883004326403Q"),
        ("/openInfo.action?depCode=007026393&menuCat=219", "007026393"),
        ("/nb/1619593655548706818.html", None),
        ("/nb/161959365554870681.html", None),
        ("/year_details.aspx?dept=206&id=4571", None),
        ("/info/egovinfo/1001/xxgk2/xxgkinfo/gflz-55_/2023-0118001.htm", None),
    ],
)
def test_only_codes_of_organs_are_codes(address: str, code: str | None) -> None:
    assert organ_code_in(HOST + address) == code


def test_a_last_page_of_one_row_is_not_mistaken_for_its_breadcrumb() -> None:
    place = (
        "当前位置：<a href='/'>首页</a> &gt; <a href='/gk/'>政府信息公开年报</a> &gt; <a href='/gk/bm/'>部门</a>"
    )
    read = generic(f"<div class='place'>{place}</div>{rows(2014)}", "/zwgk/nb/index_4.html")
    assert (read.proof, [row.title for row in read.rows]) == ("rows", ["甲镇2014年政府信息公开工作年度报告"])


# --- Anhui ----------------------------------------------------------------------------------------------------


def anhui(body: str, path: str) -> ListPage:
    return read_anhui_list(ListAnswer.of(page_of(body), HOST + path))


def test_a_year_without_report_is_proven_by_words_alone() -> None:
    path = "/OpennessAnnualReport/year/show/344/2025.html"
    assert anhui("<div>暂无相关信息</div>", path).proof == "says_empty"
    assert anhui("<div></div>", path).proof is None
    assert anhui("<div>系统错误</div>", path).proof is None


def test_the_menu_of_years_keeps_to_its_organ() -> None:
    menu = (
        "<ul id='timeFrame'><li><a href='/public/column/71?type=3&action=detail&nav=3&title=2022'>2022年</a></li>"
        "<li><a href='/public/column/99?type=3&action=detail&nav=3&title=2021'>2021年</a></li></ul>"
    )
    read = anhui(menu + report("甲乡", 2023), "/public/column/71?type=3&action=detail&nav=3&title=")
    assert [request.address.rpartition("=")[2] for request in read.pages] == ["2022"]
    assert [row.report_year for row in read.rows] == [2023]


def test_a_tree_in_which_one_organ_has_no_list_is_partial(tmp_path: Path) -> None:
    detail = "type=3&action=detail&nav=3"
    tree = "".join(f"<li><a title='{n}乡' href='/public/column/{n}?{detail}'>{n}乡</a></li>" for n in (71, 72))
    pages: dict[str, Any] = {
        "/public/column/6?type=4&action=rel": page_of(f"<ul class='clearfix'>{tree}</ul>"),
        f"/public/column/71?{detail}": page_of(report("甲乡", 2023)),
        f"/public/column/72?{detail}": page_of("<div id='app'></div>"),
    }
    with Website(pages) as site:
        log = crawled(portal(site, ("/public/column/6?type=4&action=rel",), family="anhui"), tmp_path)
    assert (log.finished.outcome, log.finished.problem) == (Outcome.PARTIAL, "pages_failed:layout=1")
    assert [entry.report_year for entry in log.entries] == [2023]


# --- gkmlpt ---------------------------------------------------------------------------------------------------

API = HOST + "/gkmlpt/api/all/5?page=1&sid=2"


def gkmlpt(data: Any) -> ListPage:
    return read_gkmlpt_list(ListAnswer.of(data if isinstance(data, str) else json.dumps(data), API))


@pytest.mark.parametrize(
    ("data", "proof"),
    [
        ({"articles": [], "total": 0, "classify": {"post_count": 0}}, "declared_zero"),
        ({"articles": [], "total": 0, "classify": {"post_count": 3}}, None),
        ({"articles": []}, None),
        ({"articles": {}, "total": 0}, None),
        ({"error": "sid"}, None),
        ([], None),
        (None, None),
        ("<html>维护中</html>", None),
        ({"articles": [None, 3, {"title": None}], "total": 0}, None),
        ({"articles": [{"title": "甲镇2023年政府信息公开年报", "url": "/x/post_1.html"}]}, "rows"),
    ],
)
def test_an_answer_of_another_shape_proves_nothing(data: Any, proof: str | None) -> None:
    assert gkmlpt(data).proof == proof


def test_the_shown_day_is_the_published_one_not_that_of_writing() -> None:
    one = {"title": "甲镇2023年政府信息公开年报", "url": "/gkmlpt/content/1/1/post_1.html", "date": 1700000000}
    shown = [
        gkmlpt({"articles": [{**one, **more}]}).rows[0].shown_on
        for more in (
            {"display_publish_time": 1705543200, "created_at": "2024-02-20 11:02:44"},
            {"display_publish_time": 0, "created_at": "2024-02-20 11:02:44"},
            {"display_publish_time": True, "created_at": "0000-00-00"},
            {},
        )
    ]
    assert shown == [date(2024, 1, 18), date(2024, 2, 20), None, None]


def test_an_application_without_a_category_of_reports_is_no_column_but_a_parameter_names_one() -> None:
    app = '<script>window._CONFIG = { SID: \'2\', TREE: [{"id": 7, "name": "机构职能"}], X: 1 }</script>'
    answer = ListAnswer.of(app, HOST + "/gkmlpt/index")
    assert (read_gkmlpt_list(answer).shell, read_gkmlpt_list(answer).proof) == (False, None)
    named = ListAnswer(app, answer.address, answer.request, parameters={"category": "31, 32"})
    assert [request.address.partition("/all/")[2] for request in read_gkmlpt_list(named).pages] == [
        "31?page=1&sid=2",
        "32?page=1&sid=2",
    ]
    assert report_categories("TREE: [broken") == []


# --- VSB ------------------------------------------------------------------------------------------------------


def test_a_vsb_column_without_pager_is_one_page() -> None:
    read = read_vsb_list(ListAnswer.of(page_of(rows(2023, 2022, link="/info/1082/{}.htm")), HOST + "/gk/nb.htm"))
    assert (read.proof, read.pages, read.declared_pages) == ("rows", (), None)


def test_articles_of_a_vsb_column_are_no_pages_of_it() -> None:
    read = read_vsb_list(
        ListAnswer.of(page_of(rows(2023, 2022, link="/info/1082/{}.htm")), HOST + "/info/1082.htm")
    )
    assert read.pages == ()


# --- Epoint ---------------------------------------------------------------------------------------------------

SENT = json.dumps({"categorynum": "1", "pageIndex": 0, "pageSize": 50, "siteGuid": "x"})


@pytest.mark.parametrize(
    ("data", "proof"),
    [
        ({"custom": {"data": [], "total": 0}}, "declared_zero"),
        ({"custom": {"data": [], "total": 4}}, None),
        ({"custom": {"data": []}}, None),
        ({"custom": "not json"}, None),
        (
            {"custom": json.dumps({"data": [{"realtitle": "甲镇2023年政府信息公开年报", "infourl": "/1.html"}]})},
            "rows",
        ),
        ({"custom": {"infolist": []}}, None),
        ({"data": []}, None),
        ("", None),
    ],
)
def test_an_epoint_answer_of_another_shape_proves_nothing(data: Any, proof: str | None) -> None:
    text = data if isinstance(data, str) else json.dumps(data)
    address = HOST + "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
    assert read_epoint_list(ListAnswer(text, address, PageRequest(address, SENT))).proof == proof


def test_fields_wrapped_in_params_stay_wrapped() -> None:
    address = HOST + "/E/rest/lightfrontaction/getgovinfolist"
    sent = json.dumps({"params": {"categorynum": "1", "pageIndex": 0, "pageSize": 1, "siteGuid": "x"}})
    data = {"custom": {"total": 2, "data": [{"realtitle": "甲镇2023年政府信息公开年报", "infourl": "/1.html"}]}}
    read = read_epoint_list(ListAnswer(json.dumps(data), address, PageRequest(address, sent)))
    assert [json.loads(request.body or "")["params"]["pageIndex"] for request in read.pages] == [1]


def test_a_script_that_names_no_site_proves_nothing() -> None:
    address = HOST + "/js/webBuilderCommon.js"
    read = read_epoint_list(ListAnswer("var x = 1;", address, PageRequest(address), parameters={"category": "1"}))
    assert (read.proof, read.shell) == (None, False)


# --- all ------------------------------------------------------------------------------------------------------


def golden_pages() -> list[tuple[str, Path, dict[str, Any]]]:
    found = []
    for name in ("anhui", "gkmlpt", "vsb", "epoint", "generic"):
        asked = yaml.safe_load((GOLDEN / name / "asked.yaml").read_text(encoding="utf-8"))
        found += [
            (name, GOLDEN / name / page, one) for page, one in asked.items() if one["what"] in ("list", "answer")
        ]
    return found


@pytest.mark.parametrize("name", list(FAMILY_SITES))
def test_no_home_page_and_no_menu_of_columns_is_taken_for_a_list(name: str) -> None:
    site = family_site(name)
    for entrance in ("home", "disclosure"):
        path = site.entrances()[entrance]
        page = site.answer(path, {"host": "www.example.gov.cn"})
        html = decode_page(page.render())
        for family in ("generic", "anhui", "gkmlpt", "vsb", "epoint"):
            assert FAMILIES[family].read(ListAnswer.of(html, HOST + path)).proof is None, (family, entrance)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_reader_raises_on_a_changed_answer(data: st.DataObject) -> None:
    name, page, asked = data.draw(st.sampled_from(golden_pages()))
    text = page.read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        end = min(len(text), at + data.draw(st.integers(0, 200)))
        put = data.draw(
            st.sampled_from(["", "null", "{}", "[]", "0", '"', "<", "</div>", "[[", "http://[", "99999999999"])
        )
        text = text[:at] + put + text[end:]
    answer = ListAnswer(
        text,
        asked["address"],
        PageRequest(asked["address"], asked.get("body")),
        parameters=asked.get("parameters", {}),
        years=(2023, 2022),
    )
    read: Callable[[ListAnswer], ListPage] = FAMILIES[name].read
    found = read(answer)
    assert found.proof in (None, "rows", "declared_zero", "says_empty")
    FAMILIES[name].marks(text, asked["address"])
