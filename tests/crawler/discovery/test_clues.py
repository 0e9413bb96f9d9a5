"""What pages tell of columns: made-up ones for the forms, and the real ones that are here."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.discovery.clues import Clues, LeadKind, columns_above, is_organ_name
from crawler.families.registry import FAMILIES
from tests.shared import SHARED, needs_shared


def leads(body: str, in_column: bool = False) -> dict[str, tuple[str, str | None, int | None]]:
    """The leads of a page: kind, organ and year by path."""
    page = Clues(f"<html><body>{body}</body></html>", "http://h.example/zwgk/")
    found = page.leads(0, None, in_column)
    return {
        lead.address.removeprefix("http://h.example"): (lead.kind.value, lead.organ, lead.year) for lead in found
    }


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("政府信息公开年报", "column"),
        ("政府信息公开工作年度报告", "column"),
        ("各部门年报", "column"),
        ("镇街年报", "column"),
        ("年报", "column"),
        ("政府信息公开", "way"),
        ("乡镇（街道）", "way"),
        ("县财政局", "organ"),
        ("云溪镇", "organ"),
        ("企业年报公示", None),
        ("2023年部门决算", None),
        ("法治政府建设年度报告", None),
        ("领导之窗", None),
        ("县长主持召开常务会议", None),
    ],
)
def test_a_link_is_followed_for_its_words(words: str, kind: str | None) -> None:
    found = leads(f"<ul><li><a href='/a/b.html'>{words}</a></li><li><a href='/x'>x</a></li></ul>")
    assert found.get("/a/b.html", (None,))[0] == kind


def test_a_column_is_known_by_its_path_and_a_year_is_a_folder_only_in_a_column() -> None:
    assert leads("<a href='/zwgk/zfxxgknb_06879/'>公开</a>") == {"/zwgk/zfxxgknb_06879/": ("column", None, None)}
    years = "<ul><li><a href='/zwgk/2023n/'>2023年</a></li><li><a href='/zwgk/2022n/'>2022年度</a></li></ul>"
    assert leads(years) == {}
    assert leads(years, in_column=True) == {
        "/zwgk/2023n/": ("year", None, 2023),
        "/zwgk/2022n/": ("year", None, 2022),
    }


def test_the_organ_beside_a_link_is_its_organ() -> None:
    found = leads(
        "<ul><li><b>县财政局</b> <a href='/a/'>年报</a></li><li><b>云溪镇</b> <a href='/b/'>年报</a></li></ul>"
    )
    assert {path: organ for path, (_, organ, _) in found.items()} == {"/a/": "县财政局", "/b/": "云溪镇"}


def test_a_frame_and_a_refresh_lead_on() -> None:
    assert leads("<iframe src='/list.jsp'></iframe>") == {"/list.jsp": ("frame", None, None)}
    page = Clues('<meta http-equiv="refresh" content="0; url=/portal/index.html">', "http://h.example/")
    assert page.refresh == "http://h.example/portal/index.html"


@pytest.mark.parametrize(
    ("report", "column"),
    [
        ("http://h/bm/x/zfxxgknb/202301/t20230118_1.html", "http://h/bm/x/zfxxgknb/"),
        ("http://h/art/2024/1/22/art_1229063423_4234584.html", "http://h/col/col1229063423/index.html"),
        ("http://h/hebwcs/c111341/202301/c01_592213.shtml", "http://h/hebwcs/c111341/list.shtml"),
        ("http://h/zwgk/public/nb/2025/01-16/861386.html", "http://h/zwgk/public/nb/"),
    ],
)
def test_the_column_of_a_report_is_guessed_from_its_address(report: str, column: str) -> None:
    assert columns_above(report)[0] == column


def test_what_an_organ_is_called() -> None:
    assert all(is_organ_name(name) for name in ("县财政局", "云溪镇人民政府", "城关街道", "经济开发区管委会"))
    assert not any(is_organ_name(name) for name in ("乡镇", "部门", "服务中心办事", "领导之窗", "年报"))


@needs_shared
@pytest.mark.parametrize(
    ("name", "address", "family", "column"),
    [
        ("list_trs_pingtan_zfxxgknb.html", "https://www.pingtan.gov.cn/zwgk/zfxxgk/zfxxgknb/", "trs", True),
        ("list_ucap_gansu_jyt.html", "http://jyt.gansu.gov.cn/jyt/c107296/xxgknb.shtml", "ucap", False),
        (
            "list_hanweb_jiangxi_sthjt.html",
            "http://sthjt.jiangxi.gov.cn/col/col1/index.html",
            "hanweb_query",
            False,
        ),
    ],
)
def test_real_pages_tell_their_software(name: str, address: str, family: str, column: bool) -> None:
    text = Path(SHARED / "real" / "lists" / name).read_text(encoding="utf-8", errors="replace")
    marks = {each: len(one.marks(text, address)) for each, one in FAMILIES.items()}
    assert max(marks, key=lambda each: marks[each]) == family
    if column:
        assert Clues(text, address).page.is_annual_report_column()


@needs_shared
def test_a_real_menu_of_years_is_followed() -> None:
    text = (SHARED / "real" / "lists" / "list_ucap_gansu_jyt.html").read_text(encoding="utf-8", errors="replace")
    found = list(Clues(text, "http://jyt.gansu.gov.cn/jyt/c107296/xxgknb.shtml").leads(0, None, in_column=True))
    years = {lead.year for lead in found if lead.kind is LeadKind.YEAR}
    assert len(years) >= 5
