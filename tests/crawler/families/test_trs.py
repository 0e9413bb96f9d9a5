"""TRS and what provinces put around it: folders of years and kinds, pagers, searches, JSON, twins."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from crawler.families.family import ListAnswer
from crawler.families.page import PageRequest, pages_at
from crawler.families.registry import FAMILIES
from crawler.families.trs import read_trs_list
from crawler.portals.definition import PortalDefinition
from crawler.records import CaptureRole, EntryKind, Outcome
from crawler.sandbox.loopback import LoopbackServer, Page
from crawler.sandbox.sites import not_found
from tests.crawler.crawling import crawled, portal
from tests.crawler.website import Answers, Website, report_page, trs_list, trs_row
from tests.shared import SHARED, needs_shared

COLUMN = "http://www.example.gov.cn/zwgk/nb/"
TITLE = "甲镇人民政府2023年政府信息公开工作年度报告"


def read(html: str, address: str = COLUMN) -> tuple[object, list[str], bool]:
    """Proof, addresses of further pages, and whether the page is only a shell."""
    page = read_trs_list(ListAnswer.of(html, address))
    return page.proof, [one.address.removeprefix(COLUMN) for one in page.pages], page.shell


def links(*pairs: tuple[str, str], box: str = "div") -> str:
    items = "".join(f"<li><a href='{target}'>{words}</a></li>" for target, words in pairs)
    return f"<html><head><title>政府信息公开年报</title></head><body><{box}><ul>{items}</ul></{box}></body></html>"


# --- folders below the column ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["2023年", "2023", "2023年度", "2023年年报", "2023年政府信息公开年报", " 2023 年 "]
)
def test_a_page_of_year_folders_leads_on_to_them(words: str) -> None:
    html = links(("./2023n/", words), ("./nb2022/index.html", "2022年"), ("/zwgk/zn/", "公开指南"))
    assert read(html) == (None, ["2023n/", "nb2022/"], True)


def test_a_page_of_rows_and_year_folders_is_a_list_and_leads_on() -> None:
    rows = f"<ul><li><a href='./202401/t20240109_1.html'>{TITLE}</a></li></ul>"
    html = links(("./2022n/", "2022年")).replace("</body>", rows + "</body>")
    assert read(html) == ("rows", ["2022n/"], False)


def test_folders_of_kinds_are_followed_in_the_page_and_not_in_its_menu() -> None:
    kinds = (("./xs/", "县级"), ("./bmgknb/", "部门"), ("./xz/", "乡镇街道"), ("./xx/", "学校动态"))
    assert sorted(read(links(*kinds))[1]) == ["bmgknb/", "xs/", "xx/", "xz/"]
    rows = f"<ul><li><a href='./202401/t20240109_1.html'>{TITLE}</a></li></ul>"
    assert read(links(*kinds).replace("</body>", rows + "</body>"))[1] == ["bmgknb/", "xz/"]
    assert read(links(("./xx/", "学校动态")))[1] == []
    assert read(links(*kinds, box="nav"))[1] == []
    other = links(*kinds).replace("政府信息公开年报", "政务公开")
    assert read(other)[1] == []


def test_folders_of_other_columns_are_not_followed() -> None:
    html = links(("../2022n/", "2022年"), ("/zwgk/nb/2021n/list/", "2021年"), ("./2020n/", "2020年甲镇年报目录"))
    assert read(html) == (None, [], False)


def test_years_and_kinds_are_crawled_to_the_reports(tmp_path: Path) -> None:
    def row(number: int) -> list[tuple[str, str, str]]:
        return [trs_row(number), trs_row(number + 1)]

    pages: dict[str, Answers] = {
        "/nb/": links(("./2023n/", "2023年"), ("./2022n/", "2022年")),
        "/nb/2023n/": links(("./bm/", "部门"), ("./xz/", "乡镇")),
        "/nb/2023n/bm/": trs_list(row(1), 2, 0),
        "/nb/2023n/bm/index_1.html": trs_list(row(3), 2, 1),
        "/nb/2023n/xz/": trs_list(row(5)),
        "/nb/2022n/": trs_list(row(7)),
    }
    for folder, numbers in (("2023n/bm/", (1, 2, 3, 4)), ("2023n/xz/", (5, 6)), ("2022n/", (7, 8))):
        for number in numbers:
            pages[f"/nb/{folder}202401/t20240115_{number}.html"] = report_page(trs_row(number)[1])
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
        assert (log.finished.outcome, len(log.entries)) == (Outcome.COLLECTED, 8)
        # A year folder that shows no list makes the column one that was not read whole.
        site.pages["/nb/2022n/"] = "<html><body><div id='app'></div></body></html>"
        log = crawled(portal(site), tmp_path)
        assert (log.finished.outcome, log.finished.problem) == (Outcome.PARTIAL, "pages_failed:layout=1")


def test_a_year_folder_that_is_the_report_itself(tmp_path: Path) -> None:
    text = report_page(TITLE, "<p>一、总体情况</p><p>二、主动公开政府信息情况</p>")
    pages: dict[str, Answers] = {"/nb/": links(("./2023/", "2023年政府信息公开年报")), "/nb/2023/": text}
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED
    assert [(entry.title, entry.report_year) for entry in log.entries] == [(TITLE, 2023)]
    assert site.paths() == ["/nb/", "/nb/2023/"]


@pytest.mark.parametrize(
    ("title", "proof"),
    [
        (TITLE, "rows"),
        ("政府信息公开年报", "rows"),
        ("关于做好2023年政府信息公开工作年度报告编制工作的通知", None),
        ("甲镇2023年政府信息公开工作年度报告解读", None),
        ("政府信息公开指南", None),
    ],
)
def test_only_a_page_that_is_titled_as_a_report_is_one(title: str, proof: str | None) -> None:
    text = "<p>一、总体情况</p><p>二、主动公开政府信息情况</p>"
    head = f"<head><title>{title}_政府信息公开年报_甲县</title></head>"
    html = f"<html>{head}<body><h1>{title}</h1>{text}</body></html>"
    assert read(html)[0] == proof


# --- pages of a list ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "pager", "expected"),
    [
        ("newxxgklist.html", (("newxxgklist_2.html", "2"), ("newxxgklist_9.html", "尾页")),
         ["newxxgklist_2.html", "newxxgklist_9.html"]),
        ("common_list.shtml", (("common_list_2.shtml", "下一页"),), ["common_list_2.shtml"]),
        ("", (("index_2.shtml", "2"),), ["index_2.shtml"]),
        ("", (("newxxgklist_2.html", "2"), ("newxxgklist.html", "1")), ["newxxgklist_2.html"]),
        ("column-index-1.shtml", (("column-index-1.shtml", "首页"), ("column-index-2.shtml", "下页")),
         ["column-index-2.shtml"]),
        ("1.html", (("1.html", "1"), ("2.html", "2"), ("3.html", ">")), ["2.html", "3.html"]),
        ("2.html", (("1.html", "上一页"), ("1.html", "1"), ("3.html", "下一页")), ["3.html"]),
        ("", (("1.html", "[1]"), ("2.html", "[2]")), ["2.html"]),
        ("", (("/other/2.html", "2"), ("./202401/3.html", "3")), []),
        ("", (("2.html", "第二届运动会"),), []),
    ],
)  # fmt: skip
def test_pagers_of_links(address: str, pager: tuple[tuple[str, str], ...], expected: list[str]) -> None:
    row = ("./202401/t20240109_1.html", TITLE)
    rows = f"<ul><li><a href='{row[0]}'>{row[1]}</a></li></ul>"
    turning = "".join(f"<a href='{target}'>{words}</a> " for target, words in pager)
    html = f"<html><body>{rows}<div class='page'>{turning}</div></body></html>"
    assert read(html, COLUMN + address)[1] == expected


def test_a_first_page_that_calls_itself_one_counts_from_one() -> None:
    row = "<ul><li><a href='./202401/t20240109_1.html'>甲镇2023年年报</a></li></ul>"
    html = row + '<script>createPage(3, 1, "list", "htm");</script>'
    page = read_trs_list(ListAnswer.of(html, COLUMN))
    assert page.pages == pages_at([COLUMN + "list_2.htm", COLUMN + "list_3.htm"])


def test_the_call_for_the_pages_of_an_article_is_no_list() -> None:
    html = f"<h1>{TITLE}</h1><script>createPageHTML(3, 0, 't20240109_1', 'html');</script>"
    assert read_trs_list(ListAnswer.of(html, COLUMN + "202401/t20240109_1.html")).proof is None


# --- searches and JSON ----------------------------------------------------------------------------------------


def test_results_of_the_search_server_are_a_list() -> None:
    address = "http://www.example.gov.cn/was5/web/search?channelid=2&classsql=docchannel%3D5"
    rows = "".join(
        f"<li><a href='http://www.example.gov.cn/bm/{n}/202401/t20240109_{n}.html'>第{n}局2023年信息公开年报</a>"
        "<span>2024.01.09</span></li>"
        for n in (1, 2)
    )
    html = (
        f"<div class='outlist'><ul>{rows}</ul></div><div>共12条 "
        "<a href='?channelid=2&classsql=docchannel%3D5&page=2'>下一页</a>"
        "<a href='?channelid=2&classsql=docchannel%3D5&page=1'>首页</a></div>"
    )
    page = read_trs_list(ListAnswer.of(html, address))
    assert page.proof == "rows"
    assert page.declared == 12
    assert [row.shown_on for row in page.rows] == [date(2024, 1, 9)] * 2
    assert [one.address for one in page.pages] == [address + "&page=2"]
    framed = f"<html><body><iframe src='{address}'></iframe></body></html>"
    shell = read_trs_list(ListAnswer.of(framed, COLUMN))
    assert (shell.shell, shell.proof, [one.address for one in shell.pages]) == (True, None, [address])


def test_a_json_file_of_the_column_holds_its_rows() -> None:
    html = "<html><body><div id='list'></div><script>$.getJSON('./wj/nb.json?t=1', show);</script></body></html>"
    shell = read_trs_list(ListAnswer.of(html, COLUMN))
    assert shell.shell
    (request,) = shell.pages
    assert request.address == COLUMN + "wj/nb.json"
    rows = [
        {"FILENAME": TITLE, "URL": "/x/202401/t20240109_1.shtml", "DOCRELTIME": "2024-01-09 10:00:00"},
        {"FILENAME": "一图读懂<b>年报</b>&amp;图解", "URL": "../202401/t20240110_2.shtml", "DOCRELTIME": ""},
        {"FILENAME": "乙镇2023年政府信息公开年报", "URL": ""},
    ]  # fmt: skip
    page = read_trs_list(ListAnswer(json.dumps({"data": rows}), request.address, request))
    assert page.proof == "rows"
    assert [(row.title, row.address.rpartition("/")[2], row.kind, row.shown_on) for row in page.rows] == [
        (TITLE, "t20240109_1.shtml", EntryKind.REPORT, date(2024, 1, 9)),
        ("一图读懂年报&图解", "t20240110_2.shtml", EntryKind.LOOK_ALIKE, None),
    ]
    assert page.unaddressed == ("乙镇2023年政府信息公开年报",)


@pytest.mark.parametrize(
    "text", ['{"data": []}', '{"data": null}', "[]", '{"error": 1}', "{broken", '{"data": [{}, 1]}']
)
def test_json_without_rows_proves_nothing(text: str) -> None:
    request = PageRequest(COLUMN + "nb.json")
    assert not read_trs_list(ListAnswer(text, request.address, request)).recognised


# --- Fujian, on the real page ---------------------------------------------------------------------------------


class Pingtan:
    """The real first page of a column; the other rows by POST as its server gives them."""

    id = "pingtan"

    def __init__(self, page: bytes, posted: int = 10) -> None:
        self.page = page
        self.posted = posted
        self.asked: list[dict[str, list[str]]] = []

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The list, or any article."""
        if path == "/robots.txt":
            return not_found()
        if path.endswith("nlist.htm"):
            return Page(lambda: self.page)
        return Page(lambda: report_page(f"年报{path}").encode())

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        """The second ten."""
        self.asked.append(parse_qs(body.decode()))
        data = [
            {
                "doctitle": f"平潭综合实验区{year}年度政府信息公开工作年度报告",
                "docreltime": f"{year + 1}-03-10 10:00:00",
                "docpuburl": f"/zwgk/zfxxgk/zfxxgknb/{year + 1}03/t{year + 1}0310_{year}.htm",
            }
            for year in range(2015, 2015 - self.posted, -1)
        ]
        text = json.dumps({"data": data, "pageCount": 2})
        return Page(text.encode, media_type="application/json")


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize(
    ("posted", "outcome"), [(10, Outcome.COLLECTED), (9, Outcome.PARTIAL), (0, Outcome.PARTIAL)]
)
def test_the_real_column_is_read_whole_by_its_post(tmp_path: Path, posted: int, outcome: Outcome) -> None:
    site = Pingtan((SHARED / "real/lists/list_trs_pingtan_zfxxgknb.html").read_bytes(), posted)
    with LoopbackServer() as server:
        host = f"127.0.0.1:{server.serve(site)}"
        definition = PortalDefinition.model_validate(
            {
                "id": "test",
                "name": "测试",
                "county_code": "990101",
                "family": "trs",
                "hosts": [host],
                "request_interval": 0,
                "columns": [
                    {"id": "c1", "name": "年报", "address": f"http://{host}/zwgk/zfxxgk/zfxxgknb/nlist.htm"}
                ],
            }
        )
        log = crawled(definition, tmp_path)
    column = log.columns["c1"]
    assert (column.outcome, column.declared, column.entries) == (outcome, 20, 10 + posted)
    assert site.asked == [
        {
            "channelid": ["200210"],
            "classsql": ["chnlid=1813"],
            "sortfield": ["-docorderpri,-docreltime"],
            "page": ["2"],
            "prepage": ["10"],
        }
    ]


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ("classsql: 'chnlid=5,6*siteid=4',", "chnlid%3D5%2C6%2Asiteid%3D4"),
        ('classsql: "" || "chnlid=7",', "chnlid%3D7"),
        ("", "chnlid%3D9"),
    ],
)
def test_the_channel_is_asked_for_as_the_page_says(settings: str, asked: str) -> None:
    html = (
        "<html><head><meta name='ChnlId' content='9'></head><body>"
        f"<ul><li><a href='./202401/t20240109_1.html'>{TITLE}</a></li></ul>"
        f"<script>listModel({{listArgs:{{channelid: 229105,{settings}}}, "
        "pagebar:{prepage:15, recordCount:'31'}})</script></body></html>"
    )
    page = read_trs_list(ListAnswer.of(html, COLUMN))
    sorting = "sortfield=-docorderpri%2C-docreltime"
    assert [one.body for one in page.pages] == [
        f"channelid=229105&classsql={asked}&{sorting}&page={number}&prepage=15" for number in (2, 3)
    ]


def test_without_a_search_channel_the_rows_that_are_missing_are_told() -> None:
    html = (
        f"<ul><li><a href='./202401/t20240109_1.html'>{TITLE}</a></li></ul>"
        "<script>listModel({maxStaticIndex:1, pagebar:{prepage:10, recordCount:'20'}})</script>"
    )
    page = read_trs_list(ListAnswer.of(html, COLUMN))
    assert (page.pages, page.declared, len(page.rows)) == ((), 20, 1)


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize(("family", "least"), [("trs", 110), ("hanweb", 33)])
def test_real_addresses_of_reports_are_known_by_their_form(family: str, least: int) -> None:
    with (SHARED / "real/addresses.csv").open(encoding="utf-8") as file:
        addresses = [row["address"] for row in csv.DictReader(file) if row["kind_of_page"] == "report"]
    found = {name: {one for one in addresses if FAMILIES[name].marks("", one)} for name in FAMILIES}
    assert len(found[family]) >= least
    for name, others in found.items():
        assert name == family or not found[family] & others, name


# --- twins ----------------------------------------------------------------------------------------------------


def test_a_page_for_telephones_is_fetched_only_where_it_has_no_twin_in_the_whole_list(tmp_path: Path) -> None:
    link, title, day = trs_row(1)
    rows = [
        (link.replace(".html", "_wap.html"), title, day),
        ("./202401/t20240115_2.html?isMobile=true", trs_row(2)[1], day),
        ("./202401/t20240115_3_wap.html", trs_row(3)[1], day),
        ("./202401/t20240115_4.html?isMobile=true", trs_row(4)[1], day),
    ]
    later = [(link, title, day), ("./202401/t20240115_2.html", trs_row(2)[1], day)]
    pages: dict[str, Answers] = {"/nb/": trs_list(rows, 2, 0), "/nb/index_1.html": trs_list(later, 2, 1)}
    for target, name, _ in (*rows, *later):
        pages["/nb/" + target[2:]] = report_page(name)
    with Website(pages) as site:
        log = crawled(portal(site), tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED
    fetched = [capture.address for capture in log.captures if capture.role is CaptureRole.DOCUMENT]
    assert sorted(address.rpartition("/")[2] for address in fetched) == [
        "t20240115_1.html",
        "t20240115_2.html",
        "t20240115_3_wap.html",
        "t20240115_4.html?isMobile=true",
    ]


def test_a_box_of_recommendations_proves_no_list() -> None:
    html = (
        "<html><body><div id='app'></div><div class='tj'><h4>热点推荐</h4><ul>"
        "<li><a href='/xw/202401/t20240109_8.html'>新闻一则</a></li>"
        f"<li><a href='/bm/nb/202401/t20240109_9.html'>{TITLE}</a></li></ul></div></body></html>"
    )
    assert not read_trs_list(ListAnswer.of(html, COLUMN)).recognised
