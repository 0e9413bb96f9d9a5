"""Classic Hanweb: the forms of its records and requests, and servers that do not answer as they should."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from crawler.families.family import ListAnswer
from crawler.families.hanweb import read_hanweb_list
from crawler.families.page import PageRequest
from crawler.records import CaptureRole, EntryKind, Outcome
from crawler.sandbox.families.hanweb import BY_PAGE, DEEP_EMPTY
from crawler.sandbox.families.portals import family_site, served
from tests.crawler.crawling import crawled, portal
from tests.crawler.website import Website, report_page

COLUMN = "http://www.example.gov.cn/col/col1229214366/index.html"
PROXY = "http://www.example.gov.cn/module/web/jpage/dataproxy.jsp"
AJAX = (("referer", COLUMN), ("x-requested-with", "XMLHttpRequest"))


def record(number: int, title: str | None = None, column: str = "1229214366") -> str:
    title = title or f"第{number}镇人民政府2023年政府信息公开工作年度报告"
    link = f"<a href='/art/2024/1/9/art_{column}_{number}.html' title='{title}'>{title}</a>"
    return f"<li>{link}<span>2024-01-09</span></li>"


def store(*records: str, head: str = "") -> str:
    inside = "".join(f"<record><![CDATA[{one}]]></record>" for one in records)
    return f"<datastore>{head}<recordset>{inside}</recordset></datastore>"


def column_page(text: str, settings: str = "", extra: str = "") -> str:
    script = f"<script>$('#55').jpage({{{settings}}});</script>" if settings else ""
    return (
        f"<html><head><title>政府信息公开年报</title></head><body><div id='55'></div>"
        f"<script type='text/xml'>{text}</script>{script}{extra}</body></html>"
    )


SETTINGS = (
    "proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:1,groupSize:2,totalRecord:5,"
    "ajaxParam:{col:1,appid:1,webid:3096,path:'/',columnid:1229214366,unitid:'55',webname:'青禾县'}"
)


def asked(answer: str, request: PageRequest) -> ListAnswer:
    return ListAnswer(answer, request.address, request)


def test_rows_stand_in_the_script_and_the_others_are_asked_for_as_the_script_says() -> None:
    page = read_hanweb_list(ListAnswer.of(column_page(store(record(1), record(2)), SETTINGS), COLUMN))
    assert page.proof == "rows"
    assert page.declared == 5
    assert [row.address.rpartition("_")[2] for row in page.rows] == ["1.html", "2.html"]
    assert page.rows[0].shown_on is not None
    body = "col=1&appid=1&webid=3096&path=%2F&columnid=1229214366&unitid=55&webname=%E9%9D%92%E7%A6%BE%E5%8E%BF"
    assert page.pages == (
        PageRequest(f"{PROXY}?startrecord=3&endrecord=4&perpage=1", body, headers=AJAX),
        PageRequest(f"{PROXY}?startrecord=5&endrecord=6&perpage=1", body, headers=AJAX),
    )


def test_several_lists_of_one_page_are_each_read_to_their_end() -> None:
    other = SETTINGS.replace("totalRecord:5", "totalRecord:2").replace("'55'", "'66'")
    page = read_hanweb_list(
        ListAnswer.of(
            column_page(store(record(1), record(2)), SETTINGS) + column_page(store(record(8)), other), COLUMN
        )
    )
    assert page.declared == 7
    assert len(page.rows) == 3
    asked_for = [(one.address.partition("?")[2], "unitid=66" in (one.body or "")) for one in page.pages]
    assert asked_for == [
        ("startrecord=3&endrecord=4&perpage=1", False),
        ("startrecord=5&endrecord=6&perpage=1", False),
        ("startrecord=2&endrecord=2&perpage=1", True),
    ]


def test_without_a_total_a_full_group_is_followed_by_another_until_one_is_not_full() -> None:
    untold = SETTINGS.replace("totalRecord:5,", "")
    page = read_hanweb_list(ListAnswer.of(column_page(store(record(1), record(2)), untold), COLUMN))
    assert page.declared is None
    assert [one.address for one in page.pages] == [f"{PROXY}?startrecord=3&endrecord=4&perpage=1"]
    full = read_hanweb_list(asked(store(record(3), record(4)), page.pages[0]))
    assert [one.address for one in full.pages] == [f"{PROXY}?startrecord=5&endrecord=6&perpage=1"]
    assert read_hanweb_list(asked(store(record(5)), full.pages[0])).pages == ()
    few = read_hanweb_list(ListAnswer.of(column_page(store(record(1)), untold), COLUMN))
    assert few.pages == ()
    # Where the first page told the total, answers name nothing.
    told = ListAnswer(store(record(3), record(4)), page.pages[0].address, page.pages[0], declared=5)
    assert read_hanweb_list(told).pages == ()


def test_an_answer_holds_records_and_names_how_to_ask_a_server_that_counts_pages() -> None:
    request = PageRequest(f"{PROXY}?startrecord=3&endrecord=4&perpage=1", "col=1", headers=AJAX)
    page = read_hanweb_list(asked(store(record(3), record(4)), request))
    assert page.proof == "rows"
    assert len(page.rows) == 2
    assert page.otherwise == (
        PageRequest(f"{PROXY}?startrecord=3&endrecord=4&perpage=2&page=2", "col=1", headers=AJAX),
    )
    assert read_hanweb_list(asked(store(record(3)), page.otherwise[0])).otherwise == ()


@pytest.mark.parametrize(
    "text",
    [
        "<datastore><recordset></recordset></datastore>",
        "",
        "<html>暂无信息</html>",
        store(head="<totalrecord>0</totalrecord>"),
    ],
)
def test_an_answer_without_records_proves_nothing(text: str) -> None:
    request = PageRequest(f"{PROXY}?startrecord=3&endrecord=4&perpage=1", "col=1", headers=AJAX)
    assert not read_hanweb_list(asked(text, request)).recognised


def test_records_of_all_forms() -> None:
    title = "某局2023年政府信息公开工作年度报告"
    link = f"<a href='/art/2024/1/9/art_5_{{}}.html'>{title}</a>"
    text = (
        "<datastore><recordset>"
        f"<record><![CDATA[<tr><td>·</td><td>{link.format(1)}</td><td>[2024-01-09]</td></tr>]]></record>"
        f"<RECORD><![CDATA[<TABLE><TR><TD>{link.format(2)}</TD><TD>01-09</TD></TR></TABLE>]]></RECORD>"
        f"<record>&lt;li&gt;{link.format(3).replace('<', '&lt;')}&lt;b&gt;2024-01-09&lt;/b&gt;&lt;/li&gt;</record>"
        "<record><![CDATA[<li><a href='/col/col5/index.html'>[年报]</a>"
        f"{link.format(4)}<i>2024-01-09</i></li>]]></record>"
        "<record><![CDATA[<li><a href='javascript:void(0)'>某镇2023年政府信息公开年报</a></li>]]></record>"
        "</recordset></datastore>"
    )
    page = read_hanweb_list(ListAnswer.of(column_page(text), COLUMN))
    assert [row.address.rpartition("_")[2] for row in page.rows] == ["1.html", "2.html", "3.html", "4.html"]
    assert {row.title for row in page.rows} == {title}
    assert [str(row.shown_on) for row in page.rows] == ["2024-01-09"] * 4
    assert page.unaddressed == ("某镇2023年政府信息公开年报",)


def test_links_beside_the_records_are_none_of_the_columns_rows() -> None:
    aside = (
        "<div class='tj'><ul><li><a href='/art/2024/1/9/art_77_9.html'>乙局2023年政府信息公开工作年度报告</a></li>"
        "<li><a href='/art/2024/1/8/art_77_8.html'>新闻</a></li>"
        f"</ul></div><ul><li>置顶 {record(7)}</li></ul>"
    )
    page = read_hanweb_list(ListAnswer.of(column_page(store(record(1)), extra=aside), COLUMN))
    assert [row.address.rpartition("_")[2] for row in page.rows] == ["1.html", "7.html"]


def test_the_older_version_names_one_group_after_another() -> None:
    old = "http://www.example.gov.cn/module/jpage/dataproxy.jsp"
    following = "<nextgroup><![CDATA[<a href='{}'></a>]]></nextgroup>"
    head = following.format("/module/jpage/dataproxy.jsp?page=1&amp;webid=1&amp;columnid=5&amp;unitid=6")
    page = read_hanweb_list(ListAnswer.of(column_page(store(record(1), head=head)), COLUMN))
    assert page.pages == (PageRequest(f"{old}?page=1&webid=1&columnid=5&unitid=6", headers=AJAX),)
    head = following.format("./dataproxy.jsp?page=2&columnid=5")
    further = read_hanweb_list(asked(store(record(2), head=head), page.pages[0]))
    assert further.pages == (PageRequest(f"{old}?page=2&webid=1&columnid=5&unitid=6", headers=AJAX),)
    again = read_hanweb_list(asked(store(record(3), head=head), further.pages[0]))
    assert again.pages == ()


def test_a_frame_of_the_same_host_is_followed_where_the_page_has_no_row() -> None:
    frames = (
        "<iframe src='/col/col1229214366/list.html'></iframe><iframe src='http://weather.example/x.html'></iframe>"
    )
    page = read_hanweb_list(ListAnswer.of(f"<html><body>{frames}</body></html>", COLUMN))
    assert page.shell
    assert not page.recognised
    assert [one.address for one in page.pages] == ["http://www.example.gov.cn/col/col1229214366/list.html"]
    own = f"<html><body>{frames}<ul>{record(1)}{record(2)}</ul></body></html>"
    page = read_hanweb_list(ListAnswer.of(own, COLUMN))
    assert page.pages == ()
    assert len(page.rows) == 2


@pytest.mark.parametrize(
    ("html", "proof"),
    [
        (column_page(store(), SETTINGS.replace("totalRecord:5", "totalRecord:0")), "declared_zero"),
        (column_page(store(), extra="<p>暂无信息</p>"), "says_empty"),
        (column_page(store()), None),
        (column_page(store(), SETTINGS), None),
        ("<html><body><div id='app'></div></body></html>", None),
        ("", None),
    ],
)
def test_emptiness_needs_the_page_to_say_so(html: str, proof: str | None) -> None:
    assert read_hanweb_list(ListAnswer.of(html, COLUMN)).proof == proof


def test_a_box_of_recommendations_proves_no_list() -> None:
    html = (
        "<html><body><div><h4>相关推荐</h4><ul>"
        + record(1, column="7")
        + record(2, "新闻一则", column="8")
        + "</ul></div></body></html>"
    )
    assert not read_hanweb_list(ListAnswer.of(html, COLUMN)).recognised


def test_a_server_that_counts_by_pages_is_read_whole(tmp_path: Path) -> None:
    with served(family_site("hanweb", quirks=[BY_PAGE])) as one:
        log = crawled(one.definition, tmp_path)
        reports = {
            (document.organ.code, document.report_year)
            for capture in log.captures
            if capture.role is CaptureRole.DOCUMENT
            and (document := one.site.document_at(capture.address.partition(one.host)[2]))
            and document.is_report
        }
        assert (log.finished.outcome, log.finished.problem) == (Outcome.COLLECTED, None)
        assert reports == one.site.content.reports


def test_a_server_that_gives_deep_pages_empty_is_partial_and_never_whole(tmp_path: Path) -> None:
    with served(family_site("hanweb", quirks=[DEEP_EMPTY])) as one:
        log = crawled(one.definition, tmp_path)
    towns = log.columns["xz"]
    assert (towns.outcome, towns.whole) == (Outcome.PARTIAL, False)
    assert towns.problem is not None
    assert towns.problem.startswith("pages_failed:layout=")
    # What stands in the page is collected all the same.
    assert [entry for entry in log.entries if entry.column_id == "xz" and entry.kind is EntryKind.REPORT]


def test_a_column_that_shows_its_newest_report_itself(tmp_path: Path) -> None:
    def shown(year: int) -> str:
        title = f"甲镇人民政府{year}年政府信息公开工作年度报告"
        parts = "<p>一、总体情况</p><p>二、主动公开政府信息情况</p>" * 3
        return report_page(title, parts)

    with Website({"/col/col5/index.html": shown(2022)}) as site:
        definition = portal(site, ("/col/col5/index.html",), family="hanweb")
        first = crawled(definition, tmp_path)
        again = crawled(definition, tmp_path, known=first.known())
        site.pages["/col/col5/index.html"] = shown(2023)
        changed = crawled(definition, tmp_path, known=again.known())
    for log, outcome, year in (
        (first, "collected", 2022),
        (again, "unchanged", 2022),
        (changed, "collected", 2023),
    ):
        assert log.finished.outcome == outcome, log.finished
        assert [(entry.title, entry.report_year) for entry in log.entries] == [
            (f"甲镇人民政府{year}年政府信息公开工作年度报告", year)
        ]
        # One request, kept as the list and as the report.
        assert sorted(capture.role for capture in log.captures) == [CaptureRole.DOCUMENT, CaptureRole.LIST]
    assert site.paths() == ["/col/col5/index.html"] * 3


def test_truecms_gives_rows_only_to_who_names_the_page(tmp_path: Path) -> None:
    site = family_site("hanweb_truecms")
    path = "/truecms/messageController/getMessage.do?startrecord=1&endrecord=8&perpage=4&columnId=x&callback=c"
    headers: Mapping[str, str] = {}
    assert site.answer(path, headers).status == 404
    address = "http://www.example.gov.cn/nb/nb.html"
    settings = (
        "proxyUrl:'/truecms/messageController/getMessage.do',perPage:10,groupSize:3,ajaxParam:{columnId:'754f-6d'}"
    )
    page = read_hanweb_list(ListAnswer.of(column_page("", settings), address))
    base = "http://www.example.gov.cn/truecms/messageController/getMessage.do"
    first = f"{base}?startrecord=1&endrecord=30&perpage=10&columnId=754f-6d&callback=callback"
    assert [(one.address, dict(one.headers)["referer"]) for one in page.pages] == [(first, address)]
    # Where only the answer tells how many there are, the answer names the others.
    link = "<li><a href='/nb/content/1f.html'>甲镇2023年政府信息公开工作年度报告</a><span>2024-01-09</span></li>"
    told = store(link, head="<totalrecord>61</totalrecord>").replace('"', '\\"')
    answer = read_hanweb_list(asked(f'callback({{"result":"{told}"}});', page.pages[0]))
    assert answer.proof == "rows"
    assert answer.declared == 61
    assert [one.address.partition("endrecord")[0] for one in answer.pages] == [
        f"{base}?startrecord=31&",
        f"{base}?startrecord=61&",
    ]
