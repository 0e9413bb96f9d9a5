"""Reading list pages: rows, dates, paging, and the proof that a page is the list."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.families import NAMES
from crawler.families.family import ListAnswer
from crawler.families.generic import read_generic_list
from crawler.families.page import MOST_PAGES, kind_of_title, pages_at
from crawler.families.registry import FAMILIES
from crawler.families.trs import read_trs_list
from crawler.records import EntryKind
from tests.crawler.website import trs_list, trs_row
from tests.shared import SHARED, needs_shared

COLUMN = "http://www.example.gov.cn/zwgk/nb/"


def shared_list(name: str) -> str:
    return (SHARED / "real" / "lists" / name).read_text(encoding="utf-8")


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("read", [read_trs_list, read_generic_list])
def test_the_ordos_column_is_read_as_it_stands(read: object) -> None:
    assert callable(read)
    page = read(
        ListAnswer.of(shared_list("list_trs_ordos_engebei_nianbao.html"), "http://egb.example.gov.cn/xxgk/xxgknb/")
    )
    assert page.proof == "rows"
    assert page.declared_pages == 2
    assert page.pages == pages_at(["http://egb.example.gov.cn/xxgk/xxgknb/index_1.html"])
    assert [(row.address.rpartition("/")[2], row.kind.value, row.shown_on.isoformat()) for row in page.rows] == [
        ("t20200903_2748784.html", "report", "2020-09-03"),
        ("t20200506_2633371.html", "other", "2020-05-06"),
        ("t20200311_2593126.html", "report", "2020-03-11"),
        ("t20190614_2389850.html", "other", "2019-06-14"),
        ("t20190530_2380968.html", "report", "2019-05-30"),
        ("t20190530_2380967.html", "report", "2019-05-30"),
        ("t20181102_2290635.html", "other", "2018-03-26"),
        ("t20181102_2290607.html", "other", "2018-01-05"),
        ("t20180525_2166460.html", "look_alike", "2017-03-22"),
        ("t20180205_2082017.html", "other", "2017-01-07"),
    ]
    assert page.rows[2].title == "鄂尔多斯市人民政府办公室2019年政府信息公开工作年度报告"


@needs_shared
@pytest.mark.shared
def test_the_pingtan_column_shows_ten_of_twenty() -> None:
    address = "https://www.example.gov.cn/zwgk/zfxxgk/zfxxgknb/nlist.htm"
    page = read_trs_list(ListAnswer.of(shared_list("list_trs_pingtan_zfxxgknb.html"), address))
    assert page.proof == "rows"
    assert page.declared == 20
    assert [(one.method, one.address, one.body) for one in page.pages] == [
        (
            "POST",
            "https://www.example.gov.cn/fjdzapp/search",
            "channelid=200210&classsql=chnlid%3D1813&sortfield=-docorderpri%2C-docreltime&page=2&prepage=10",
        )
    ]
    assert [row.title for row in page.rows] == [
        f"平潭综合实验区{year}年度政府信息公开工作年度报告" for year in range(2025, 2015, -1)
    ]
    assert page.rows[0].shown_on == date(2026, 3, 10)
    assert {row.kind for row in page.rows} == {EntryKind.REPORT}


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("name", ["list_hanweb_jiangxi_sthjt.html", "list_ucap_gansu_jyt.html"])
def test_lists_that_scripts_fill_are_not_taken_for_empty(name: str) -> None:
    for read in (read_trs_list, read_generic_list):
        page = read(ListAnswer.of(shared_list(name), "http://www.example.gov.cn/c1/list.shtml"))
        assert not page.recognised
        assert page.rows == ()


@pytest.mark.parametrize(
    ("script", "names", "count"),
    [
        ('createPageHTML(3, 0, "index", "html");', ["index_1.html", "index_2.html"], 3),
        ("createPageHTML(2,0,'index','shtml')", ["index_1.shtml"], 2),
        ('createPage(3, 0, "list", "htm");', ["list_1.htm", "list_2.htm"], 3),
        ('var countPage = 3; createPageHTML(countPage, 0, "index", "html");', ["index_1.html", "index_2.html"], 3),
        ("var currentPage = 0; var countPage = 2//共多少页", ["index_1.html"], 2),
        ('createPageHTML(1, 0, "index", "html");', [], 1),
        ('function createPageHTML(a, b, c, d) { x = 7; } createPageHTML(1,0,"index","html")', [], 1),
        ("createPageHTML('page_div',10, 1,'zwgklist','shtml',200);", [], 10),
        ("createPageHTML(Math.ceil(total / 20), 0, 'index', 'html');", [], 2),
        ('// createPageHTML(9, 0, "index", "html");', [], None),
        ("<!-- no paging -->", [], None),
    ],
)
def test_paging_is_read_from_the_source(script: str, names: list[str], count: int | None) -> None:
    html = f"<ul><li><a href='./202401/t20240115_1.html'>甲镇2023年年报</a></li></ul><script>{script}</script>"
    page = read_trs_list(ListAnswer.of(html, COLUMN))
    assert page.pages == pages_at(COLUMN + name for name in names)
    assert page.declared_pages == count


def test_a_later_page_names_those_after_it_and_not_the_first_again() -> None:
    page = read_trs_list(ListAnswer.of(trs_list([trs_row(1)], 4, 1), COLUMN + "index_1.html"))
    assert page.pages == pages_at([COLUMN + "index_2.html", COLUMN + "index_3.html"])
    last = read_trs_list(ListAnswer.of(trs_list([trs_row(1)], 4, 3), COLUMN + "index_3.html"))
    assert last.pages == ()


def test_the_other_product_of_the_same_call_is_one_based() -> None:
    html = (
        "<ul><li><a href='/a/c1/202401/c01_5.shtml'>甲镇2023年政府信息公开年报</a><b>2024-01-15</b></li></ul>"
        "<script>createPageHTML('page_div',3, 1,'list','shtml',50);</script>"
    )
    page = read_generic_list(ListAnswer.of(html, "http://www.example.gov.cn/a/c1/list.shtml"))
    assert page.pages == pages_at(f"http://www.example.gov.cn/a/c1/list_{number}.shtml" for number in (2, 3))
    assert page.declared_pages == 3


def test_rows_of_old_nested_tables_and_dates_of_all_forms() -> None:
    rows = "".join(
        f"<TR><TD><TABLE><TR><TD>·</TD><TD><A href=./202401/t202401{day:02}_{day}.htm title='{title}'>{shown}"
        f"</A></TD><TD>{beside}</TD></TR></TABLE></TD></TR>"
        for day, title, shown, beside in [
            (15, "", "甲镇2023年政府信息公开工作年度报告", "[2024-01-16]"),
            (16, "乙镇人民政府2023年政府信息公开工作年度报告", "乙镇人民政府2023年政府信…", "01-17"),
            (17, "", "丙镇2023年政府信息公开年报", "（2024年1月18日）"),
            (18, "", "丁镇2023年政府信息公开年报 2024/1/19", ""),
            (19, "", "戊镇2023年政府信息公开年报", "12-31"),
            (20, "", "己镇2023年政府信息公开年报", ""),
        ]
    )
    page = read_trs_list(ListAnswer.of(f"<TABLE>{rows}</TABLE>", COLUMN))
    assert [(row.title[:1], row.shown_on) for row in page.rows] == [
        ("甲", date(2024, 1, 16)),
        ("乙", date(2024, 1, 17)),
        ("丙", date(2024, 1, 18)),
        ("丁", date(2024, 1, 19)),
        ("戊", None),
        ("己", None),
    ]
    assert page.rows[1].title == "乙镇人民政府2023年政府信息公开工作年度报告"
    assert page.rows[3].title == "丁镇2023年政府信息公开年报"


def test_a_recommendation_aside_is_no_list() -> None:
    html = (
        "<div id='app'></div><div class='aside'><ul>"
        "<li><a href='/other/202301/t20230115_9.html'>甲县2022年政府信息公开工作年度报告</a></li></ul></div>"
        "<ul><li><a href='/news/1.html'>新闻一则</a></li></ul>"
    )
    page = read_trs_list(ListAnswer.of(html, COLUMN))
    assert [row.title for row in page.rows] == ["甲县2022年政府信息公开工作年度报告"]
    assert not page.recognised


def test_a_menu_of_years_is_no_proof_of_a_list_even_where_it_was_fetched_before() -> None:
    html = (
        "<div class='left'><ul><li><a href='./2024/'>2024年政府信息公开年报</a></li>"
        "<li><a href='./2023/'>2023年政府信息公开年报</a></li></ul></div><div id='app'></div>"
    )
    for known in ((), (COLUMN + "2024/", COLUMN + "2023/")):
        assert not read_trs_list(ListAnswer.of(html, COLUMN, known)).recognised


def test_menus_and_breadcrumbs_are_no_rows() -> None:
    html = trs_list(
        [trs_row(1)],
        extra="<div class='nav'><a href='/zwgk/nb2022/'>2022年政府信息公开年报</a><a href='/x/'>其他</a></div>"
        "<div class='crumb'><a href='/zwgk/nb/'>政府信息公开年报</a><a href='javascript:;'>2024年年报</a></div>",
    )
    page = read_trs_list(ListAnswer.of(html, COLUMN))
    assert [row.address for row in page.rows] == [COLUMN + "202401/t20240115_1.html"]
    assert page.unaddressed == ()


def test_a_row_that_only_a_script_opens_is_told() -> None:
    rows = [trs_row(1), ("javascript:show(7)", "乙镇2023年政府信息公开年报", "2024-01-15"), trs_row(2)]
    for read in (read_trs_list, read_generic_list):
        page = read(ListAnswer.of(trs_list(rows), COLUMN))
        assert page.unaddressed == ("乙镇2023年政府信息公开年报",)


def test_reports_of_another_folder_in_one_list_are_a_list() -> None:
    html = "<ul>" + "".join(
        f"<li><a href='/zwgk/xx/202401/t20240115_{n}.html'>第{n}镇2023年政府信息公开工作年度报告</a></li>"
        for n in (1, 2)
    )
    assert read_trs_list(ListAnswer.of(html, COLUMN)).recognised


@pytest.mark.parametrize(
    ("html", "proof"),
    [
        ("<title>政府信息公开年报</title><ul></ul><p>暂无相关信息</p>", "says_empty"),
        ("<title>政府信息公开年报</title><ul></ul><p>共0条</p>", "declared_zero"),
        ("<title>提示</title><p>没有找到相关内容</p>", None),
        ("<ul></ul><script>listModel({recordCount: '0'})</script>", "declared_zero"),
        ('<ul></ul><script>createPageHTML(0, 0, "index", "html");</script>', "declared_zero"),
        ('<ul></ul><script>createPageHTML(1, 0, "index", "html");</script>', None),
        ("<ul></ul><script>var words = '暂无信息';</script>", None),
        ("<div id='app'></div>", None),
        ("", None),
    ],
)
def test_emptiness_needs_the_page_to_say_so(html: str, proof: str | None) -> None:
    assert read_trs_list(ListAnswer.of(f"<html><body>{html}</body></html>", COLUMN)).proof == proof


def test_the_generic_reader_passes_over_menus_and_news_aside() -> None:
    html = (
        "<html><head><title>政府信息公开年报</title></head><body>"
        "<div class='menu'><ul><li><a href='/zwgk/nb2022/'>2022年政府信息公开年报</a></li></ul></div>"
        "<div class='side'><ol><li><a href='/news/1'>县长调研2024年工作</a></li></ol></div>"
        "<ul class='lb'>"
        "<li><a href='/zwgk/show/1'>甲局2023年政府信息公开工作年度报告</a><span>2024-01-10</span></li>"
        "<li><a href='/zwgk/show/2'>关于报送《乙局2023年政府信息公开年度报告》的函</a><span>2024-01-11</span></li>"
        "<li><a href='/zwgk/show/3'>丙局政府信息公开指南</a><span>2020-05-11</span></li>"
        "</ul></body></html>"
    )
    page = read_generic_list(ListAnswer.of(html, "http://www.example.gov.cn/zwgk/nb/"))
    assert [(row.address.rpartition("/")[2], row.kind) for row in page.rows] == [
        ("1", EntryKind.REPORT),
        ("2", EntryKind.REPORT),
        ("3", EntryKind.LOOK_ALIKE),
    ]
    assert page.proof == "rows"


def test_what_stands_in_a_comment_is_not_shown() -> None:
    html = "<html><title>政府信息公开年报</title><!-- <li>暂无信息</li> 共 20 条 共 2 页 --><ul></ul></html>"
    for family in FAMILIES.values():
        page = family.read(ListAnswer.of(html, "http://www.example.gov.cn/zwgk/nb/"))
        assert (page.proof, page.declared, page.declared_pages) == (None, None, None), family.id


def test_the_generic_reader_needs_the_page_to_name_itself_where_no_report_is_listed() -> None:
    rows = "<ul><li><a href='/zwgk/show/3'>丙局财政预算公开说明</a><span>2020-05-11</span></li></ul>"
    named = f"<html><head><title>政府信息公开年报</title></head><body>{rows}</body></html>"
    other = f"<html><head><title>财政信息</title></head><body>{rows}</body></html>"
    assert read_generic_list(ListAnswer.of(named, "http://www.example.gov.cn/zwgk/nb/")).proof == "rows"
    assert read_generic_list(ListAnswer.of(other, "http://www.example.gov.cn/zwgk/nb/")).proof is None


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("青山镇2022年政府信息公开工作年度报告", EntryKind.REPORT),
        ("关于报送《某局2015年政府信息公开年度报告》的函", EntryKind.REPORT),
        ("2022年政府信息公开工作年度报告", EntryKind.REPORT),
        ("政府信息公开工作年度报告", EntryKind.REPORT),
        ("县政府办2021年政务公开工作年度报告", EntryKind.REPORT),
        ("财金局2019年信息公开年报", EntryKind.REPORT),
        ("2021年度工作年度报告", EntryKind.REPORT),
        ("主动公开年度报告", EntryKind.REPORT),
        ("公开年报（全文）", EntryKind.REPORT),
        ("图解：某县2022年政府信息公开工作年度报告", EntryKind.LOOK_ALIKE),
        ("某镇2022年法治政府建设年度报告", EntryKind.LOOK_ALIKE),
        ("某镇召开年度工作会议", EntryKind.OTHER),
        ("某镇人民政府2023年政府信息公开工作年度...", EntryKind.REPORT),
        ("某镇人民政府2023年政府信…", EntryKind.REPORT),
        ("某镇2023年度政务公开工作……", EntryKind.REPORT),
        ("某镇2023年政府工作会议召开，部署……", EntryKind.OTHER),
        ("某镇2023年政府信息公开工作", EntryKind.OTHER),
    ],
)
def test_whatever_may_be_a_report_is_one(title: str, kind: EntryKind) -> None:
    assert kind_of_title(title) is kind


def test_every_family_has_a_name_and_a_reader() -> None:
    assert list(FAMILIES) == list(NAMES)
    assert all(family.id == name for name, family in FAMILIES.items())


@pytest.mark.parametrize(
    "script",
    [
        'createPageHTML(99999, 0, "index", "html");',
        "createPageHTML('page_div', 99999, 1, 'list', 'shtml', 9999900);",
    ],
)
def test_no_page_names_more_pages_than_are_ever_asked_for(script: str) -> None:
    html = f"<html><body><ul>{trs_list([trs_row(1)])}</ul><script>{script}</script></body></html>"
    for family in FAMILIES.values():
        assert len(family.read(ListAnswer.of(html, COLUMN)).pages) <= MOST_PAGES
