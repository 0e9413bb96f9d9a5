"""Discovery on the portals of all families; the table from every entrance is tests/benchmarks/discovery.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

from crawler.discovery.looking import Looker, Seen, is_own
from crawler.discovery.proposing import Confidence, discover
from crawler.discovery.survey import EntranceError, Limits, Stop, survey
from crawler.sandbox.families.portals import FAMILY_SITES, family_site, served
from tests.browser import CHROMIUM
from tests.crawler.crawling import options
from tests.crawler.discovery.finding import CLOCK, compared, discovered, looker
from tests.crawler.website import Answers, Reply, Website, report_page, trs_list

ENTRANCES = ("home", "disclosure", "column", "report")


def _parameters() -> Iterator[Any]:
    """Each portal with one of the entrances in turn; one that is built by script needs a browser."""
    for number, name in enumerate(FAMILY_SITES):
        scripted = "render" in family_site(name).definition("127.0.0.1:1")
        why = "chromium is not installed on this machine"
        marks = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=why)] if scripted else []
        yield pytest.param(name, ENTRANCES[number % 4], marks=marks)
    # Found wrong before: a catalogue that does not call itself a column, a report in a folder of a year.
    yield "gkmlpt", "report"
    yield "trs", "report"


@pytest.mark.parametrize(("name", "entrance"), list(_parameters()))
def test_a_portal_of_every_family_is_found_from_an_entrance(name: str, entrance: str) -> None:
    with served(family_site(name)) as portal:
        proposal = discovered(portal, entrance)
        result = compared(portal, {entry.address for column in proposal.columns for entry in column.reports})
        right = portal.site.definition(portal.host)["family"]
    assert result.same, (result.wanted - result.found, result.found - result.wanted)
    assert proposal.family == right
    assert proposal.confidence is not Confidence.LOW
    assert proposal.sampled > 0
    scripted = "render" in portal.site.definition(portal.host)
    assert all((column.definition.render is not None) == scripted for column in proposal.columns)


def rows(*towns: str) -> str:
    """A column's page with a report of each town."""
    return trs_list(
        [
            (f"./202401/t20240115_{number}.html", f"{town}2023年政府信息公开工作年度报告", "2024-01-15")
            for number, town in enumerate(towns, start=1)
        ]
    )


def test_it_asks_each_page_once_and_stops_at_its_limit() -> None:
    pages: dict[str, Answers] = {}
    for number in range(60):
        links = "".join(f'<li><a href="/xxgk/{other}/">第{other}号信息公开</a></li>' for other in range(60))
        pages[f"/xxgk/{number}/"] = (
            f"<html><head><title>信息公开</title></head><body><ul>{links}</ul></body></html>"
        )
    pages["/"] = pages["/xxgk/0/"]
    with Website(pages) as site:
        proposal = discover(site.address + "/", looker(), Limits(pages=20))
        asked = [path for path in site.paths() if path != "/robots.txt"]
    assert proposal.columns == []
    assert proposal.survey.stop is Stop.PAGES
    assert proposal.survey.left > 0
    assert len(asked) == len(set(asked)) == 20


def test_a_column_on_another_host_is_named_and_never_visited() -> None:
    with Website({"/nb/": rows("甲镇")}) as other, Website() as site:
        site.pages["/"] = (
            "<html><head><title>某县</title></head><body>"
            f"<a href='{other.address}/nb/'>政府信息公开年报</a><a href='/xz/nb/'>乡镇年报</a></body></html>"
        )
        site.pages["/xz/nb/"] = rows("甲镇", "乙镇")
        for number in (1, 2):
            site.pages[f"/xz/nb/202401/t20240115_{number}.html"] = report_page(
                "甲镇2023年政府信息公开工作年度报告"
            )

        proposal = discover(site.address + "/", looker())
        assert other.seen == []
    assert [column.definition.address for column in proposal.columns] == [f"{site.address}/xz/nb/"]
    assert proposal.survey.other_hosts == {other.host: f"{other.address}/nb/"}
    assert proposal.hosts == (site.host,)


def test_robots_rules_bind_a_discovery_as_they_bind_a_crawl() -> None:

    robots = "User-agent: *\nDisallow: /xz/\n"
    with Website({"/robots.txt": robots, "/xz/nb/": rows("甲镇")}) as site:
        site.pages["/"] = (
            "<html><head><title>某县</title></head><body><a href='/xz/nb/'>乡镇年报</a></body></html>"
        )
        proposal = discover(site.address + "/", looker())
        assert "/xz/nb/" not in site.paths()
    assert [one.reason for one in proposal.left_out] == ["robots"]


def test_a_column_that_gives_less_than_it_declares_is_not_sure() -> None:

    page = rows("甲镇", "乙镇").replace("</body>", "<script>var recordCount = 9;</script></body>")
    with Website({"/nb/": page}) as site:
        for number in (1, 2):
            site.pages[f"/nb/202401/t20240115_{number}.html"] = report_page("甲镇2023年政府信息公开工作年度报告")
        proposal = discover(f"{site.address}/nb/", looker())
    assert [column.passed.problem for column in proposal.columns] == ["declared_more:2/9"]
    assert proposal.confidence is Confidence.LOW


@pytest.mark.parametrize(
    ("address", "entrance", "own"),
    [
        ("http://www.x.gov.cn/a", "https://www.x.gov.cn/", True),
        ("http://x.gov.cn/a", "http://www.x.gov.cn/", True),
        ("http://xxgk.x.gov.cn/a", "http://www.x.gov.cn/", True),
        ("http://www.y.gov.cn/a", "http://www.x.gov.cn/", False),
        ("http://www.x.gov.cn.evil.example/", "http://www.x.gov.cn/", False),
        ("http://evilx.gov.cn/", "http://www.x.gov.cn/", False),
        ("http://www.x.gov.cn/", "http://xxgk.x.gov.cn/", False),
        ("http://www.y.gov.cn/", "http://www.gov.cn/", False),
        ("http://127.0.0.1:9/", "http://127.0.0.1:8/", False),
        ("http://10.0.0.1/", "http://www.x.gov.cn/", False),
    ],
)
def test_what_belongs_to_the_site_of_an_entrance(address: str, entrance: str, own: bool) -> None:
    assert is_own(address, entrance) is own


@pytest.mark.parametrize(
    "where", ["http://evil.example:99999/", "http://evil.example:x/", "http://[::1/", "http://"]
)
def test_an_entrance_that_leads_to_no_address_at_all_is_told_as_such(where: str) -> None:
    with Website({"/": Reply(status=302, headers={"Location": where})}) as site, pytest.raises(EntranceError):
        discover(site.address + "/", looker())


def test_a_page_that_leads_to_no_address_at_all_is_passed_over() -> None:
    nowhere = Reply(status=302, headers={"Location": "http://evil.example:99999/"})
    front = "<a href='/nb/'>乡镇年报</a><a href='/xxgk/'>政府信息公开</a><a href='http://[::1/nb/'>政府信息公开年报</a>"
    with Website({"/": front, "/nb/": rows("甲镇", "乙镇"), "/xxgk/": nowhere}) as site:
        proposal = discover(site.address + "/", looker())
    assert [column.definition.address for column in proposal.columns] == [f"{site.address}/nb/"]


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("http://www.x.gov.cn:8080/nb/", True),
        ("http://zwgk.x.gov.cn/nb/", True),
        ("http://www.x.gov.cn:6379/nb/", False),
        ("http://zwgk.x.gov.cn:22/nb/", False),
        ("http://www.x.gov.cn:99999/nb/", False),
    ],
)
def test_a_page_cannot_add_the_port_of_another_service_to_the_hosts(address: str, own: bool) -> None:
    assert is_own(address, "http://www.x.gov.cn/") == own


class Imagined(Looker):
    """Shows a front page that names a thousand hosts of its site, on each of which there is another."""

    def look(self, addresses: Sequence[str], hosts: Iterable[str]) -> dict[str, Seen]:
        self.pages += len(addresses)
        links = "".join(f"<a href='http://h{number}.x.gov.cn/nb/'>政府信息公开年报</a>" for number in range(1000))
        return {one: Seen(one, one, 200, None, f"<html><body>{links}</body></html>") for one in addresses}


def test_a_page_that_names_hosts_without_end_does_not_fill_the_definition() -> None:
    found = survey("http://www.x.gov.cn/", Imagined(options(), CLOCK), Limits(pages=100))
    assert 2 < len(found.hosts) <= 41


def test_the_countys_column_in_the_menu_of_a_bureaus_page_is_not_the_bureaus() -> None:
    def page(crumbs: str, body: str) -> str:
        way = f"<div class='location'>当前位置：<a href='/'>首页</a> &gt; {crumbs}</div>"
        return f"<html><head><title>年报</title></head><body>{way}{body}</body></html>"

    def title_of(year: int) -> str:
        return f"{year}年政府信息公开工作年度报告"

    def column(folder: str) -> str:
        listed = [(2023, 2), (2022, 1)]
        for year, number in listed:
            site.pages[f"{folder}{year + 1}01/t{year + 1}0115_{number}.html"] = report_page(title_of(year))
        items = (
            f"<li><a href='{folder}{year + 1}01/t{year + 1}0115_{number}.html'>{title_of(year)}</a>"
            f"<span>{year + 1}-01-15</span></li>"
            for year, number in listed
        )
        return f"<ul class='list'>{''.join(items)}</ul>"

    menu = "<ul><li><a href='/zwgk/nb/'>政府信息公开年报</a></li></ul>"
    bureau = "<a href='/czj/'>财政局</a>"
    with Website() as site:
        site.pages["/"] = page("政府信息公开", bureau)
        site.pages["/czj/"] = page(bureau, f"{menu}<a href='/czj/nb/'>信息公开年报</a>")
        site.pages["/czj/nb/"] = page(bureau, menu + column("/czj/nb/"))
        site.pages["/zwgk/nb/"] = page("<a href='/zwgk/nb/'>政府信息公开年报</a>", menu + column("/zwgk/nb/"))
        proposal = discover(site.address + "/", looker())
        hints = {one.definition.address.removeprefix(site.address): one.organ_hint for one in proposal.columns}
    assert hints == {"/czj/nb/": "财政局", "/zwgk/nb/": None}


def test_a_page_for_each_year_is_called_by_the_organ_whose_it_is() -> None:
    """From one town's page its software leads to a bureau's: that is not the town's."""
    with served(family_site("hanweb_disclosure")) as portal:
        proposal = discovered(portal, "column")
    hints = {one.organ_hint for one in proposal.columns if "area=11" in one.definition.address}
    assert hints == {"青禾县财政局", "青禾县教育局"}
