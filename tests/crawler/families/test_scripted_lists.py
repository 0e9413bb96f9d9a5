"""Families whose lists come from an interface: Hanweb queryList, JPaaS, UCAP. Shapes, quirks, hostile answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.families.family import ListAnswer
from crawler.families.page import ListPage, PageRequest
from crawler.families.registry import FAMILIES
from crawler.records import EntryKind, Outcome
from crawler.sandbox.families.content import make_content
from crawler.sandbox.families.jpaas import FIRST_ROWS_IN_PAGE, PAGE_NUMBER_IGNORED, JpaasSite
from crawler.sandbox.families.portals import served
from tests.crawler.crawling import crawled
from tests.shared import SHARED, needs_shared

_HOST = "http://www.example.gov.cn"
_REFERER = ("referer", f"{_HOST}/qhx/c111341/list.shtml")
_TITLE = "太平镇2023年政府信息公开工作年度报告"


def read(family: str, text: str, request: PageRequest | str, **fields: Any) -> ListPage:
    """What a family reads of an answer."""
    asked = PageRequest(request) if isinstance(request, str) else request
    return FAMILIES[family].read(ListAnswer(text, asked.address, asked, **fields))


def form(request: PageRequest) -> dict[str, str]:
    """The fields of a request."""
    return dict(parse_qsl(request.body or urlsplit(request.address).query, keep_blank_values=True))


# --- queryList ------------------------------------------------------------------------------------------------

_QUERY = PageRequest(
    f"{_HOST}/queryList", "current=1&pageSize=2&channelCode%5B%5D=col1", headers=(("referer", f"{_HOST}/x/"),)
)


def results(*sources: object, **data: object) -> str:
    """An answer of queryList."""
    return json.dumps({"code": 200, "data": {"results": [{"source": one} for one in sources], **data}})


def source(title: str = _TITLE, pc: str | None = "/a/content_1.html", **fields: object) -> dict[str, object]:
    """One member of it."""
    urls = json.dumps({"pc": pc, "mobile": "/m/content_1.html" if pc else ""})
    return {"title": title, "pubDate": "2024-01-18 09:30:00", "urls": urls, **fields}


@needs_shared
@pytest.mark.shared
def test_the_jiangxi_page_names_its_request() -> None:
    html = (SHARED / "real" / "lists" / "list_hanweb_jiangxi_sthjt.html").read_text(encoding="utf-8")
    page = read("hanweb_query", html, "http://sthjt.example.gov.cn/jxssthjt/col/col42150/index.html")
    (request,) = page.pages
    assert (page.proof, page.shell) == (None, True)
    assert request.address == "http://sthjt.example.gov.cn/queryList"
    assert form(request) == {
        "current": "1",
        "pageSize": "15",
        "webSiteCode[]": "jxssthjt",
        "channelCode[]": "col42150",
        "sort": "sortNum",
        "order": "desc",
    }
    assert FAMILIES["hanweb_query"].marks(html, "")
    assert not any(FAMILIES[name].marks(html, "") for name in ("hanweb_disclosure", "jpaas", "ucap"))


def test_query_rows_with_json_inside_strings() -> None:
    metadata = json.dumps({"publisher": "太平镇人民政府", "source": "本网", "x": None}, ensure_ascii=False)
    page = read(
        "hanweb_query",
        results(
            source(metadata=metadata), source("", "http://other.example/2.html", showTitle="<p>乙镇</p>"), total=5
        ),
        _QUERY,
    )
    first, second = page.rows
    assert (first.address, first.shown_on, first.organ) == (
        f"{_HOST}/a/content_1.html",
        date(2024, 1, 18),
        "太平镇人民政府",
    )
    assert (second.address, second.title, second.organ) == ("http://other.example/2.html", "乙镇", None)
    assert page.declared == 5
    assert [form(one)["current"] for one in page.pages] == ["2", "3"]
    assert all(one.headers == _QUERY.headers for one in page.pages)


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        (results(total=0), "declared_zero"),
        (results(), None),
        (results(total=3), None),
        (results(None, total=1), None),
        (json.dumps({"code": 500, "data": None}), None),
        (json.dumps({"data": {"total": 0, "results": None}}), None),
        (json.dumps([1, 2]), None),
        ("[" * 100_000, None),
        ("<html>暂无信息</html>", None),
        ("", None),
    ],
)
def test_query_answers_without_rows(text: str, proof: str | None) -> None:
    assert read("hanweb_query", text, _QUERY).proof == proof


def test_a_member_that_is_lost_does_not_pass_unseen() -> None:
    assert read("hanweb_query", results(source(), None), _QUERY).proof is None
    declared = read("hanweb_query", results(source(), None, total=2), _QUERY)
    assert (declared.proof, len(declared.rows), declared.declared) == ("rows", 1, 2)
    without = read("hanweb_query", results(source(pc=None), total=1), _QUERY)
    assert without.unaddressed == (_TITLE,)


def test_query_without_a_total_goes_on_while_pages_are_full() -> None:
    full = read("hanweb_query", results(source(), source(pc="/b.html")), _QUERY)
    assert [form(one)["current"] for one in full.pages] == ["2"]
    last = read("hanweb_query", results(source()), full.pages[0])
    assert last.pages == ()
    assert read("hanweb_query", results(), full.pages[0]).proof == "says_empty"


def test_of_several_lists_on_a_page_the_columns_own_is_asked_for() -> None:
    block = "var p{0} = {{webSiteCode: ['a'], channelCode: ['col{0}'], perPage: '15'}}; loadPageData(p{0}, '1');"
    html = f"<script>{block.format(1)}{block.format(2)}</script>"
    own = read("hanweb_query", html, f"{_HOST}/a/col/col2/index.html")
    assert [form(one)["channelCode[]"] for one in own.pages] == ["col2"]
    assert len(read("hanweb_query", html, f"{_HOST}/a/nb/").pages) == 2
    named = read("hanweb_query", html, f"{_HOST}/a/nb/", parameters={"channelCode": "col1"})
    assert [form(one)["channelCode[]"] for one in named.pages] == ["col1"]
    assert not read("hanweb_query", html, f"{_HOST}/a/", parameters={"channelCode": "col9"}).shell


# --- JPaaS ----------------------------------------------------------------------------------------------------

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_HEX = "3c8f6eb2b6944140b0c3b69569ce987c"


def piece(rows: int = 2, count: int | None = 5, first: int = 0, pager: str = "class='pagination'") -> str:
    """The HTML of a unit."""
    items = "".join(
        f"<li><a href='/klx/nb/art/2022/art_{number:032x}.html' title='第{number}镇2019年政府信息公开年报'>"
        f"第{number}…</a><span>[2020-02-{number + 10}]</span></li>"
        for number in range(first, first + rows)
    )
    told = (
        f"<div {pager} rows='2' count='{count}' pageNo='1'><a href='?p=2'>下一页</a></div>"
        if count is not None
        else ""
    )
    return f"<div class='page-content'><ul>{items}</ul></div>{told}"


def unit(html: object = None, **fields: object) -> str:
    """The answer of a unit."""
    return json.dumps(
        {"success": True, "code": "200", "data": {"html": piece() if html is None else html}} | fields
    )


def shell(*tags: str, more: str = "") -> str:
    """A column's page."""
    scripts = "".join(
        f"<script url=\"{_UNIT}\" queryData=\"{{'webId':'{_HEX}','pageType':'column','tagId':'{tag}'}}\"></script>"
        for tag in tags
    )
    return f"<html><body>{more}{scripts}</body></html>"


def test_a_unit_is_asked_for_as_its_tag_says() -> None:
    page = read("jpaas", shell("信息列表", "热门推荐"), f"{_HOST}/klx/nb/index.html")
    (request,) = page.pages
    assert page.shell
    assert urlsplit(request.address).path == _UNIT
    assert form(request) == {"webId": _HEX, "pageType": "column", "tagId": "信息列表"}
    named = read("jpaas", shell("甲", "乙"), f"{_HOST}/klx/nb/", parameters={"tagId": "乙"})
    assert [form(one)["tagId"] for one in named.pages] == ["乙"]
    assert len(read("jpaas", shell("甲", "乙"), f"{_HOST}/klx/nb/").pages) == 2


@pytest.mark.parametrize("pager", ["class='pagination'", "id='autUDB_pagination'"])
def test_the_pages_of_a_unit_are_numbered_inside_param_json(pager: str) -> None:
    first = read("jpaas", shell("列表"), f"{_HOST}/klx/nb/index.html").pages[0]
    page = read("jpaas", unit(piece(pager=pager)), first)
    assert (page.proof, page.declared) == ("rows", 5)
    numbers = [json.loads(parse_qs(urlsplit(one.address).query)["paramJson"][0]) for one in page.pages]
    assert numbers == [{"pageNo": 2, "pageSize": 2}, {"pageNo": 3, "pageSize": 2}]
    assert [(row.title, row.shown_on) for row in page.rows] == [
        ("第0镇2019年政府信息公开年报", date(2020, 2, 10)),
        ("第1镇2019年政府信息公开年报", date(2020, 2, 11)),
    ]
    # The year in the address is that of a migration: nothing is made of it.
    assert {row.report_year for row in page.rows} == {None}
    assert read("jpaas", unit(piece(1, first=4)), page.pages[1]).pages == ()


def test_rows_in_the_column_page_are_not_asked_for_again() -> None:
    page = read("jpaas", shell("列表", more=piece()), f"{_HOST}/klx/nb/index.html")
    assert (page.proof, len(page.rows), page.declared) == ("rows", 2, 5)
    assert len(page.pages) == 2
    whole = read("jpaas", shell("列表", more=piece(count=2)), f"{_HOST}/klx/nb/index.html")
    assert (whole.proof, whole.pages) == ("rows", ())


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        (unit(piece(0, 0)), "declared_zero"),
        (unit("<div>暂无信息</div>"), "says_empty"),
        (unit(piece(0, None)), None),
        (unit(piece(0, 7)), None),
        (unit(success=False), None),
        (unit(data=None), None),
        (unit(data={"html": None}), None),
        ("not json", None),
    ],
)
def test_unit_answers_without_rows(text: str, proof: str | None) -> None:
    assert read("jpaas", text, f"{_HOST}{_UNIT}?tagId=x").proof == proof


@pytest.mark.parametrize(
    ("quirk", "outcome"), [(FIRST_ROWS_IN_PAGE, Outcome.COLLECTED), (PAGE_NUMBER_IGNORED, Outcome.PARTIAL)]
)
def test_quirks_of_units(quirk: str, outcome: Outcome, tmp_path: Path) -> None:
    site = JpaasSite(make_content("990101", towns=4, departments=0), {quirk})
    with served(site) as portal:
        log = crawled(portal.definition, tmp_path)
        asked = len(portal.server.requests)
    assert log.finished.outcome is outcome, log.finished
    if outcome is Outcome.PARTIAL:
        assert log.finished.problem in ("pages_repeat",)
        assert asked < 20
    else:
        assert {site.document_at(urlsplit(one.address).path) for one in log.entries} == set(site.content.documents)


# --- UCAP -----------------------------------------------------------------------------------------------------


@needs_shared
@pytest.mark.shared
def test_the_gansu_page_shows_no_rows_and_names_its_channel() -> None:
    html = (SHARED / "real" / "lists" / "list_ucap_gansu_jyt.html").read_text(encoding="utf-8")
    page = read("ucap", html, "http://jyt.example.gov.cn/jyt/c110634/zwgklist.shtml")
    (request,) = page.pages
    assert (page.proof, page.shell, page.rows) == (None, True, ())
    assert request.address.startswith(
        "http://jyt.example.gov.cn/common/search/e5eb2abb5014415399847ba2bb99b31f?_isAgg=true&_isJson=true"
    )
    assert FAMILIES["ucap"].marks(html, "")
    assert not any(FAMILIES[name].marks(html, "") for name in ("hanweb_disclosure", "hanweb_query", "jpaas"))


def test_the_pager_counts_from_one_and_tells_the_rows() -> None:
    html = (
        "<ul><li><a href='/qhx/c111341/202301/c01_5.shtml'>甲镇2022年政府信息公开年报</a></li></ul>"
        "<script>createPageHTML('page_div',3, 1,'zwgklist','shtml',41);</script>"
    )
    page = read("ucap", html, f"{_HOST}/qhx/c111341/zwgklist.shtml")
    assert (page.proof, page.declared, page.declared_pages) == ("rows", 41, 3)
    assert [one.address.rpartition("/")[2] for one in page.pages] == ["zwgklist_2.shtml", "zwgklist_3.shtml"]
    zero = "<script>createPageHTML('page_div',0,1,'list','shtml',0);</script>"
    assert read("ucap", zero, f"{_HOST}/qhx/c1/list.shtml").proof == "declared_zero"


def test_columns_of_years_in_a_menu_are_no_reports() -> None:
    html = (
        "<div class='left'><a href='/qhx/c111342/zwgklist.shtml'>2022年度政府信息公开年报</a></div>"
        "<ul><li><a href='/qhx/c111341/202401/c01_5.shtml'>甲镇2023年政府信息公开年报</a></li></ul>"
    )
    page = read("ucap", html, f"{_HOST}/qhx/c111341/zwgklist.shtml")
    assert [row.title for row in page.rows] == ["甲镇2023年政府信息公开年报"]


_SEARCH = PageRequest(
    f"{_HOST}/common/search/e5eb2abb5014415399847ba2bb99b31f?_isAgg=true&_isJson=true&_pageSize=15&page=1",
    headers=(_REFERER,),
)


def found(*members: object, **data: object) -> str:
    """An answer of the search."""
    return json.dumps({"data": {"results": list(members), **data}})


def test_rows_of_the_search() -> None:
    meta = [None, {"resultList": None}, {"resultList": [{"key": "publisher", "value": "太平镇人民政府"}, None]}]
    members = [
        {"title": _TITLE, "url": "//www.example.gov.cn/a/1.shtml", "publishedTimeStr": "2024-01-18 08:00:00"},
        {"title": "乙", "url": "2.shtml", "publishedTime": 1705536000000, "domainMetaList": meta},
        {"title": None, "titleHtml": "丙<em>镇</em>", "url": "http://b.example/3", "publishedTimeStr": None},
    ]
    page = read("ucap", found(*members, total=7, rows=3), _SEARCH)
    assert [(row.address, row.title, row.shown_on, row.organ) for row in page.rows] == [
        (f"{_HOST}/a/1.shtml", _TITLE, date(2024, 1, 18), None),
        (f"{_HOST}/qhx/c111341/2.shtml", "乙", date(2024, 1, 18), "太平镇人民政府"),
        ("http://b.example/3", "丙镇", None, None),
    ]
    # The server gave three rows, though fifteen were asked for.
    assert [form(one)["page"] for one in page.pages] == ["2", "3"]
    assert read("ucap", found(total=0), _SEARCH).proof == "declared_zero"
    assert read("ucap", found(), _SEARCH).proof is None
    assert read("ucap", json.dumps({"data": None}), _SEARCH).proof is None


def test_the_hunan_search_is_asked_by_post_at_its_own_host() -> None:
    html = (
        "<meta name='channelId' content='e5eb2abb5014415399847ba2bb99b31f'><script>var channelId = '100782';\n"
        "var u = '//api.example.gov.cn/search/common/search/' + channelId;</script><ul id='list'></ul>"
    )
    (request,) = read("ucap", html, f"{_HOST}/gxt/c1/list_tyxx.html").pages
    assert request.address == "http://api.example.gov.cn/search/common/search/100782"
    assert form(request)["datas[0][key]"] == "status"
    page = read("ucap", found({"title": _TITLE, "url": "/gxt/1.html"}, total=30), request)
    assert page.rows[0].address == f"{_HOST}/gxt/1.html"
    assert form(page.pages[0])["page"] == "2"
    assert form(page.pages[0])["datas[1][order]"] == "desc"


def test_a_page_without_a_place_for_a_list_is_none_whatever_channel_it_names() -> None:
    meta = "<meta name='channelId' content='e5eb2abb5014415399847ba2bb99b31f'><p>政府信息公开指南</p>"
    page = read("ucap", meta, f"{_HOST}/c1/zn.shtml")
    assert (page.proof, page.shell) == (None, False)
    named = read("ucap", meta, f"{_HOST}/c1/zn.shtml", parameters={"channelId": "abc123", "search": "/s/"})
    assert named.pages[0].address.startswith(f"{_HOST}/s/abc123?")


@pytest.mark.parametrize(
    ("family", "article"),
    [("ucap", "/qhx/c111341/202401/c01_5.shtml"), ("jpaas", f"/qhx/c111341/art/2024/art_{_HEX}.html")],
)
def test_a_box_of_recommendations_proves_no_list(family: str, article: str) -> None:
    row = f"<li><a href='{article}'>甲镇2023年政府信息公开年报</a><b>2024-01-11</b></li>"
    box = f"<html><body><div class='hot'><h3>热门推荐</h3><ul>{row}</ul></div></body></html>"
    assert read(family, box, f"{_HOST}/qhx/c111341/list.shtml").proof is None
    assert read(family, f"<ul class='list'>{row}</ul>", f"{_HOST}/qhx/c111341/list.shtml").proof == "rows"


def test_units_of_other_pages_are_no_lists() -> None:
    html = shell("首页列表").replace("'column'", "'index'")
    assert not read("jpaas", html, f"{_HOST}/index.html").shell


def test_words_of_emptiness_count_only_where_no_script_fills_the_list() -> None:
    meta = "<title>年报</title><meta name='channelId' content='e5eb2abb5014415399847ba2bb99b31f'><ul>暂无信息</ul>"
    assert read("ucap", meta, f"{_HOST}/c1/list.shtml").proof == "says_empty"
    filled = read("ucap", meta + "<script>listModel({})</script>", f"{_HOST}/c1/list.shtml")
    assert (filled.proof, filled.shell) == (None, True)


# --- hostile answers ------------------------------------------------------------------------------------------

_WELL: Mapping[str, tuple[str, PageRequest]] = {
    "hanweb_query": (results(source(metadata="{}"), total=5), _QUERY),
    "jpaas": (unit(), PageRequest(f"{_HOST}{_UNIT}?tagId=x&paramJson=%7B%22pageNo%22%3A1%7D")),
    "ucap": (found({"title": _TITLE, "url": "/1", "domainMetaList": [{"resultList": [{"key": "a"}]}]}), _SEARCH),
}
_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.none(), max_size=2),
    st.just({}), st.just("{"), st.just('{"pc": 3}'), st.just("\ud800"),
    st.just("http://[::1"), st.just("<a href='//['>"),
)  # fmt: skip


def changed(value: Any, choose: Callable[[int], int], replace: Any) -> Any:
    """A JSON value with one of its parts replaced or taken out."""
    if isinstance(value, dict) and value:
        key = list(value)[choose(len(value))]
        if choose(3) == 0:
            return {name: replace if name == key else part for name, part in value.items()}
        if choose(6) == 0:
            return {name: part for name, part in value.items() if name != key}
        return {**value, key: changed(value[key], choose, replace)}
    if isinstance(value, list) and value:
        at = choose(len(value))
        return [changed(part, choose, replace) if index == at else part for index, part in enumerate(value)]
    return replace


@pytest.mark.parametrize("family", list(_WELL))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_answer_of_another_shape_raises(family: str, data: st.DataObject) -> None:
    text, request = _WELL[family]
    value = json.loads(text)
    for _ in range(data.draw(st.integers(1, 3))):
        value = changed(value, lambda number: data.draw(st.integers(0, number - 1)), data.draw(_VALUES))
    page = read(family, json.dumps(value), request)
    for row in page.rows:
        row.title.encode()
        assert row.address.startswith("http")
    assert page.declared is None or page.declared >= 0


@pytest.mark.parametrize("family", ["hanweb_disclosure", "hanweb_query", "jpaas", "ucap"])
@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, 5000), put=st.text(max_size=12), at=st.integers(0, 5000))
def test_no_page_raises(family: str, cut: int, put: str, at: int) -> None:
    html = shell("列表", more=piece()) + (
        "<script>var params = {channelCode: ['a'], perPage: 'x'}; loadPageData(params)</script>"
        "<script>createPageHTML('p',3,1,'list','shtml',41)</script><meta name=channelId content=abc123>"
        "<a href='/module/xxgk/xxgkAnnualReport.jsp?area=1&fbtime=2023'>点击收听年报</a>"
        "<div id=zoom>2023年1月1日</div>"
    )
    html = (html[:at] + put + html[at:])[: 5000 - cut]
    for address in (f"{_HOST}/a/c1/list.shtml", f"{_HOST}/module/xxgk/xxgkAnnualReport.jsp?area=1&fbtime=x"):
        page = read(family, html, address)
        assert all(row.kind in EntryKind for row in page.rows)
        FAMILIES[family].marks(html, address)
