"""What a list page must not be believed: each such page hid a report, and counted as read whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crawler.families.family import ListAnswer
from crawler.families.page import ListPage, PageRequest
from crawler.families.registry import FAMILIES
from crawler.records import EntryKind

HOST = "http://www.example.gov.cn"
PATHS = {"hanweb": "/col/col123/index.html", "ucap": "/c110634/list.shtml", "jpaas": "/col/col1/index.html"}
OF_PAGES = ("trs", "hanweb", "ucap", "jpaas", "anhui", "gkmlpt", "vsb", "epoint", "generic")
LISTED = "".join(
    f"<li><a href='./{year}01/t{year}0118_{year}.html'>甲镇{year - 1}年政府信息公开年报</a> {year}-01-18</li>"
    for year in (2022, 2023)
)


def page_of(body: str, title: str = "政府信息公开年报", head: str = "") -> str:
    return f"<html><head><meta charset='utf-8'><title>{title}</title>{head}</head><body>{body}</body></html>"


def read(family: str, text: str, path: str | None = None, **asked: Any) -> ListPage:
    address = HOST + (path or PATHS.get(family, "/zwgk/nb/index.html"))
    return FAMILIES[family].read(ListAnswer(text, address, PageRequest(address, **asked), years=(2025, 2024)))


# --- empty pages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", OF_PAGES)
@pytest.mark.parametrize(
    "body",
    [
        "<ul id='list'></ul><p style='display: none'>暂无信息</p>",
        "<ul id='list'></ul><div hidden><p>暂无信息</p></div>",
        "<style>.list li, .empty { color: red; display:none }</style><ul></ul><p class='empty'>暂无信息</p>",
        "<ul id='list'></ul><p v-if='list.length == 0'>暂无信息</p>",
        "<ul id='list'></ul><script>var page = {list: [], totalCount: 0}</script>",
        "<ul id='list'></ul><p>暂无信息</p><script>$.ajax({url: '/api/list'})</script>",
        "<ul id='list'></ul><p>共<b id='total'>0</b>条</p><script>fetch('/api/list').then(show)</script>",
        "<ul id='list'></ul><div>网友评论 共 0 条</div>",
        "<ul id='list'></ul><div>共 0 条评论</div>",
    ],
)
def test_words_of_emptiness_that_nobody_sees_or_that_stand_there_before_the_data_prove_nothing(
    family: str, body: str
) -> None:
    assert read(family, page_of(body)).proof is None


@pytest.mark.parametrize("family", OF_PAGES)
@pytest.mark.parametrize("title", ["提示信息", "甲县人民政府", "甲县人民政府-通知公告"])
def test_a_page_that_is_no_column_of_annual_reports_is_no_empty_one(family: str, title: str) -> None:
    assert read(family, page_of("<p>对不起，没有找到相关内容</p><p>共 0 条</p>", title)).proof is None


@pytest.mark.parametrize("family", [family for family in OF_PAGES if family != "jpaas"])
def test_what_a_browser_built_may_say_that_it_is_empty(family: str) -> None:
    html = page_of("<ul></ul><p>暂无信息</p><script>$.ajax({url: '/api/list'})</script>")
    answer = ListAnswer.of(html, HOST + PATHS.get(family, "/zwgk/nb/index.html"))
    assert FAMILIES[family].read(answer).proof is None
    built = ListAnswer(answer.text, answer.address, answer.request, rendered=True)
    assert FAMILIES[family].read(built).proof == "says_empty"


def test_a_hanweb_total_of_none_counts_with_its_store_of_records() -> None:
    settings = (
        "<script>$('#1').jpage({perPage:15,totalRecord:0,proxyUrl:'/module/web/jpage/dataproxy.jsp'})</script>"
    )
    store = "<script type='text/xml'><datastore><recordset></recordset></datastore></script>"
    assert read("hanweb", page_of(f"<div>{settings}</div>")).proof is None
    assert read("hanweb", page_of(f"<div>{store}{settings}</div>")).proof == "declared_zero"


def test_a_listed_report_is_not_dropped_for_words_of_emptiness_beside_it() -> None:
    body = (
        "<div><a href='/XxgkAnnualReport/show/6339.html'>甲镇2023年政府信息公开工作年度报告</a></div>"
        "<div class='side'>暂无信息</div>"
    )
    page = read("anhui", page_of(body, "甲县政务公开"), "/xxgk/index.html")
    assert page.proof != "says_empty"
    assert [row.title for row in page.rows] == ["甲镇2023年政府信息公开工作年度报告"]


# --- pages that cannot be turned ------------------------------------------------------------------------------


def articles(family: str) -> str:
    path = {"hanweb": "/art/2024/1/{}/art_123_{}.html", "ucap": "/c110634/20240{}/c01_{}.shtml"}.get(
        family, "/col/col1/art/2024/art_0123456789abcdef0123456789abcd{}{}.html"
    )
    return "".join(
        f"<li><a href='{path.format(one, one)}'>甲镇202{one}年政府信息公开工作年度报告</a> 2024-01-0{one}</li>"
        for one in (1, 2)
    )


@pytest.mark.parametrize(
    "pager",
    [
        "<a href='javascript:nextPage()'>下一页</a>",
        "<a href='#' onclick='turn(+1)'>下一页 &gt;</a>",
        "<button onclick='loadMore()'>加载更多</button>",
        "<span class='next' onclick='go()'>下页</span>",
    ],
)
@pytest.mark.parametrize("family", ["trs", "generic", "vsb", "hanweb", "ucap", "jpaas"])
def test_a_list_whose_pages_only_a_script_turns_is_not_read_whole(family: str, pager: str) -> None:
    listed = LISTED if family in ("trs", "generic", "vsb") else articles(family)
    page = read(family, page_of(f"<ul>{listed}</ul><div>{pager}</div>"))
    assert page.proof == "rows"
    assert page.declared_pages == 2


@pytest.mark.parametrize(
    "pager",
    [
        "<a href='javascript:;'>下一页</a>",
        "<a href='javascript:void(0)'>下一页</a>",
        "<a class='disabled' onclick='go()'>下一页</a>",
        "<span>共 2 条</span><a onclick='go()'>下一页</a>",
        "<span>1/1页</span><a onclick='go()'>下一页</a>",
        "<span>下一页</span>",
    ],
)
@pytest.mark.parametrize("family", ["trs", "generic", "vsb"])
def test_a_pager_that_leads_nowhere_hides_nothing(family: str, pager: str) -> None:
    page = read(family, page_of(f"<ul>{LISTED}</ul><div>{pager}</div>"))
    assert page.declared_pages in (None, 1)


def test_fujians_front_without_a_number_of_rows_is_not_read_whole() -> None:
    script = "<script>listModel({channelid: '12', recordCount: total, prepage: 10})</script>"
    assert read("trs", page_of(f"<ul>{LISTED}</ul>{script}")).declared_pages == 2


def test_first_rows_of_ucap_beside_its_interface_are_not_the_whole_list() -> None:
    script = f"<script>listModel({{channelId: '{'a' * 32}', _pageSize: 15}})</script>"
    assert read("ucap", page_of(f"<ul>{articles('ucap')}</ul>{script}")).declared_pages == 2


def test_a_full_page_of_hanweb_records_without_total_asks_for_the_next() -> None:
    records = "".join(
        f"<record><![CDATA[<li><a href='/art/2024/1/9/art_123_{one}.html'>甲{one}镇2023年年报</a></li>]]></record>"
        for one in range(15)
    )
    settings = (
        "<script>$('#1').jpage({perPage:15,proxyUrl:'/module/web/jpage/dataproxy.jsp',ajaxParam:{col:1}})</script>"
    )
    store = f"<script type='text/xml'><datastore><recordset>{records}</recordset></datastore></script>"
    assert [one.address for one in read("hanweb", page_of(store + settings)).pages] == [
        f"{HOST}/module/web/jpage/dataproxy.jsp?startrecord=16&endrecord=30&perpage=15"
    ]


def test_year_folders_of_trs_count_each_for_themselves() -> None:
    page = read("trs", page_of("<ul><li><a href='./2024n/'>2024年</a><li><a href='./2023n/'>2023年</a></ul>"))
    assert len({request.branch for request in page.pages} - {""}) == 2


@pytest.mark.parametrize(
    ("told", "declared", "pages"),
    [
        ("<p>总记录数：45</p>", 45, None),
        ("<p>总计 45 条记录</p>", 45, None),
        ("<p>共<b>1,245</b>条</p>", 1245, None),
        ("<script>laypage.render({elem: 'pager', count: 45, limit: 10})</script>", 45, None),
        ("<script>$('#pager').pagination({pageCount: 5, jump: true})</script>", None, 5),
        ("<script>laypage({cont: 'pager', pages: 5, curr: 1})</script>", None, 5),
        ("<script>var pageCount = 5;</script>", None, 5),
        ("<script>var pageCount = 1;</script><a onclick='next()'>下一页</a>", None, 1),
    ],
)
@pytest.mark.parametrize("family", ["trs", "generic", "vsb"])
def test_what_a_pager_is_told_counts(family: str, told: str, declared: int | None, pages: int | None) -> None:
    page = read(family, page_of(f"<ul>{LISTED}</ul>{told}"))
    assert (page.proof, page.declared, page.declared_pages) == ("rows", declared, pages)


# --- answers in JSON ------------------------------------------------------------------------------------------

GKMLPT = "/gkmlpt/api/all/12?page={}&sid=3"
EPOINT = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
UCAP = "/common/search/abcd?_isAgg=true&_isJson=true&_pageSize=15&_template=index&page=1"
QUERY = "/queryList"
UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit?tagId=x&paramJson=%7B%22pageNo%22%3A2%7D"


def epoint(custom: dict[str, Any], page: int = 0, **fields: Any) -> ListPage:
    sent = {"categorynum": "1", "deptcode": "", "pageIndex": page, "pageSize": 50, "siteGuid": "7eb5f7f1"}
    return read("epoint", json.dumps({"custom": custom, **fields}), EPOINT, body=json.dumps(sent))


def titled(count: int, **fields: str) -> list[dict[str, str]]:
    return [
        {"title": f"甲{one}镇2023年政府信息公开年报"} | {name: place.format(one) for name, place in fields.items()}
        for one in range(count)
    ]


@pytest.mark.parametrize(
    "failure",
    [
        {"code": 500},
        {"code": "500", "msg": "系统繁忙"},
        {"success": False},
        {"status": {"code": "401"}},
        {"errcode": 40001},
    ],
)
def test_an_empty_answer_that_says_that_it_failed_proves_nothing(failure: dict[str, Any]) -> None:
    none = {"results": [], "total": 0}
    form = {"body": "current=1&pageSize=15"}
    assert read("ucap", json.dumps({"data": none, **failure}), UCAP).proof is None
    assert read("hanweb_query", json.dumps({"data": none, **failure}), QUERY, **form).proof is None
    assert read("gkmlpt", json.dumps({"articles": [], "total": 0, **failure}), GKMLPT.format(1)).proof is None
    assert read("jpaas", json.dumps({"data": {"html": "暂无信息"}, **failure}), UNIT).proof is None
    assert epoint({"data": [], "total": 0}, **failure).proof is None


@pytest.mark.parametrize("success", [{"code": 200}, {"code": "0"}, {"success": True}, {"status": {"code": 1}}, {}])
def test_an_empty_answer_of_a_success_proves_the_list_empty(success: dict[str, Any]) -> None:
    none = {"results": [], "total": 0}
    assert read("ucap", json.dumps({"data": none, **success}), UCAP).proof == "declared_zero"
    assert epoint({"data": [], "total": 0}, **success).proof == "declared_zero"


def test_epoint_without_a_total_goes_on_until_a_page_is_empty() -> None:
    listed = titled(50, infourl="/a/{}.html")
    for custom in ({"data": listed}, {"data": listed, "count": 50}, {"data": listed, "total": None}):
        page = epoint(custom)
        assert page.declared is None
        (following,) = page.pages
        assert json.loads(following.body or "")["pageIndex"] == 1
    assert (epoint({"data": []}, page=1).proof, epoint({"data": []}).proof) == ("says_empty", None)
    assert epoint({"data": listed[:10], "count": 60}).declared == 60


def test_gkmlpt_without_a_total_goes_on_after_a_full_page() -> None:
    def listed(count: int, page: int = 1) -> ListPage:
        articles = titled(count, url="/gkmlpt/content/1/1/post_{}.html")
        return read("gkmlpt", json.dumps({"articles": articles}), GKMLPT.format(page))

    assert [request.address for request in listed(100).pages] == [HOST + GKMLPT.format(2)]
    assert [request.address for request in listed(100, 2).pages] == [HOST + GKMLPT.format(3)]
    assert listed(99).pages == ()
    assert (listed(0, 2).proof, listed(0).proof) == ("says_empty", None)


def test_a_total_below_what_there_is_is_none() -> None:
    results = titled(15, url="/c1/202401/{}.shtml")
    page = read("ucap", json.dumps({"data": {"results": results, "total": 0}}), UCAP)
    assert [request.address for request in page.pages] == [HOST + UCAP.replace("&page=1", "&page=2")]


def test_a_row_without_a_title_is_not_lost_unseen() -> None:
    lost = [*titled(2, url="/gkmlpt/content/1/1/post_{}.html", infourl="/a/{}.html"), {"title": None}]
    assert read("gkmlpt", json.dumps({"articles": lost}), GKMLPT.format(1)).proof is None
    assert epoint({"data": lost}).proof is None


# --- rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["trs", "generic", "vsb"])
def test_a_dated_row_titled_by_its_year_alone_is_a_report_in_a_column_of_reports(family: str) -> None:
    listed = "".join(
        f"<li><a href='./{year}01/t{year}0118_{year}.html'>{year - 1}年</a> {year}-01-18</li>"
        for year in (2022, 2023)
    )
    of_column = read(family, page_of(f"<ul>{listed}</ul>"))
    assert [row.kind for row in of_column.rows] == [EntryKind.REPORT] * 2
    of_others = read(family, page_of(f"<ul>{listed}</ul>", "财政预决算"))
    assert EntryKind.REPORT not in [row.kind for row in of_others.rows]


@pytest.mark.parametrize("family", ["trs", "generic", "vsb"])
def test_a_row_whose_title_is_cut_off_is_a_report_in_a_column_of_reports(family: str) -> None:
    listed = "".join(
        f"<li><a href='./{year}01/t{year}0118_{year}.html'>甲镇人民政府信息公开工…</a> {year}-01-18</li>"
        for year in (2022, 2023)
    )
    assert [row.kind for row in read(family, page_of(f"<ul>{listed}</ul>")).rows] == [EntryKind.REPORT] * 2


def test_a_record_of_trs_without_a_title_is_not_lost_unseen() -> None:
    well = {"doctitle": "甲镇2023年政府信息公开年报", "docpuburl": "/a/t20240101_1.html"}
    assert read("trs", json.dumps({"data": [well]}), "/a.json").proof == "rows"
    assert read("trs", json.dumps({"data": [well, {"doctitle": None}]}), "/a.json").proof is None


# --- pages of years -------------------------------------------------------------------------------------------

YEAR_PAGES = {
    "generic": "/zwgk/nb.html?nbYear={}",
    "anhui": "/public/column/344?type=3&action=detail&nav=3&title={}",
}
STANDS = (
    "<h1>{}</h1><p>发布时间：2024-01-16</p><p>本报告统计期限自2023年1月1日至2023年12月31日</p><p>一、总体情况</p>"
    "<p>二、主动公开政府信息情况</p><table><tr><td>社会公益组织</td><td>0</td></tr></table>"
)


def menu(family: str, *years: int) -> str:
    links = "".join(f"<li><a href='{YEAR_PAGES[family].format(year)}'>{year}年</a></li>" for year in years)
    return f"<ul id='timeFrame'>{links}</ul>"


@pytest.mark.parametrize("family", YEAR_PAGES)
def test_a_year_page_without_its_report_is_not_excused_by_its_menu_of_years(family: str) -> None:
    broken = page_of(menu(family, 2022, 2023, 2024) + "<div id='text'></div>")
    asked = read(family, broken, YEAR_PAGES[family].format(2024))
    assert (asked.proof, asked.shell) == (None, False)
    chosen = page_of(
        menu(family, 2022, 2023).replace("</ul>", "<li class='on'>2024年</li></ul>") + "<div id='text'></div>"
    )
    assert not read(family, chosen, YEAR_PAGES[family].partition("&title")[0].partition("?nb")[0]).shell


@pytest.mark.parametrize("family", YEAR_PAGES)
@pytest.mark.parametrize("title", ["甲镇2023年政府信息公开工作年度报告", "甲镇政府信息公开工作年度报告", ""])
def test_the_report_of_another_year_is_not_taken_for_that_of_the_year_asked_for(family: str, title: str) -> None:
    page = read(family, page_of(STANDS.format(title) + menu(family, 2022)), YEAR_PAGES[family].format(2024))
    assert page.proof is None
    assert [row.report_year for row in page.rows] == [2023]
    own = read(family, page_of(STANDS.format(title) + menu(family, 2022)), YEAR_PAGES[family].format(2023))
    assert (own.proof, [row.report_year for row in own.rows]) == ("rows", [2023])


@pytest.mark.parametrize("family", YEAR_PAGES)
def test_the_source_of_a_page_is_not_its_organ_where_the_breadcrumb_tells_it(family: str) -> None:
    place = "<div>当前位置：<a href='/'>首页</a> &gt; <a href='/x/'>青山乡人民政府</a> &gt; 政府信息公开年报</div>"
    source = "<p>来源：甲县人民政府办公室</p>"
    body = STANDS.format("2023年政府信息公开工作年度报告")
    page = read(family, page_of(place + source + body), YEAR_PAGES[family].format(2023))
    assert [row.organ for row in page.rows] == ["青山乡人民政府"]
    page = read(family, page_of(place + "<p>发布机构：甲县教育局</p>" + body), YEAR_PAGES[family].format(2023))
    assert [row.organ for row in page.rows] == ["甲县教育局"]
    page = read(family, page_of(source + body), YEAR_PAGES[family].format(2023))
    assert [row.organ for row in page.rows] == ["甲县人民政府办公室"]
