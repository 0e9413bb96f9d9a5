"""The overview and the pages of a county: what they say, to whom, and what can be taken along."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import orjson
import pytest
from openpyxl import load_workbook

from monitor.accounts.roles import Role
from monitor.web.overview import MOST_LINES, lines_of
from tests.benchmarks.large_store import Given
from tests.browser import chromium
from tests.monitor.access.test_counties import Ended
from tests.monitor.web.dashboard import add_user, dashboard, record_of, visitor
from tests.monitor.web.lines import county_line

MINE, OTHER = "990301", "990302"


@dataclass(frozen=True)
class Site:
    """A season behind a dashboard: ``admin`` sees everything, ``local`` one county."""

    season: Ended
    address: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    season = Ended(tmp_path_factory.mktemp("season"))
    add_user(season.database, "admin", Role.ADMINISTRATOR, at=season.now)
    add_user(season.database, "local", Role.VIEWER, MINE, at=season.now)
    record = record_of(season.database, lambda: season.now, season.folder, season.settings)
    with dashboard(replace(record, portals=Given(list(season.portals.values())))) as address:
        yield Site(season, address)
    season.database.close()


def test_the_overview_shows_the_readers_counties_alone(site: Site) -> None:
    everything = visitor(site.address, "admin").get("/?place=9903").text
    assert f'href="/counties/{MINE}' in everything
    assert f'href="/counties/{OTHER}' in everything
    mine = visitor(site.address, "local").get("/").text
    assert f'href="/counties/{MINE}' in mine
    assert OTHER not in mine


@pytest.mark.parametrize("path", ["", "/report", "/report.xlsx", "/report.csv", "/report.json"])
def test_another_county_is_not_found(site: Site, path: str) -> None:
    local = visitor(site.address, "local")
    assert local.get(f"/counties/{MINE}{path}").status_code == 200
    for code in (OTHER, "000000", "9903%25"):
        refused = local.get(f"/counties/{code}{path}")
        assert refused.status_code == 404
        assert "没有找到" in refused.text
    assert local.get("/?place=11").status_code == 404


def test_the_county_page_and_its_report_say_the_same(site: Site) -> None:
    admin = visitor(site.address, "admin")
    shown = admin.get(f"/counties/{MINE}?year=2023").text
    figures = orjson.loads(admin.get(f"/counties/{MINE}/report.json?year=2023").content)["counties"][0]
    for state, name in (("on_time", "按时公布"), ("late", "逾期公布"), ("missing", "未公布")):
        assert f'<li class="state-{state}"><strong>{figures[state]}</strong>{name}</li>' in shown
    late = [one["name"] for one in figures["organs"] if one["state"] == "missing"]
    assert late
    assert all(name in shown.partition('id="list-missing"')[2].partition("</section>")[0] for name in late)


def test_files_open_and_are_named_after_the_county(site: Site) -> None:
    admin = visitor(site.address, "admin")
    answer = admin.get(f"/counties/{MINE}/report.xlsx?year=2023")
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert "UTF-8''%E4%B8%9C%E5%B2%AD" in answer.headers["content-disposition"]
    assert load_workbook(io.BytesIO(answer.content)).sheetnames
    assert admin.get(f"/counties/{MINE}/report.exe").status_code == 404
    assert admin.get(f"/counties/{MINE}?year=20x3").status_code == 404


@pytest.mark.browser
def test_a_report_is_printed_by_the_browser(site: Site) -> None:
    with chromium():
        pdf = visitor(site.address, "admin").get(f"/counties/{MINE}/report.pdf?year=2023")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")


def test_many_counties_are_shown_by_prefecture_or_province(site: Site) -> None:
    few = [county_line(f"44010{number}") for number in range(3)]
    assert [line.place for line in lines_of(few)] == ["440100", "440101", "440102"]
    many = [county_line(f"44{number:02}01") for number in range(1, MOST_LINES + 2)]
    assert [line.place for line in lines_of([*many, county_line("110101")])] == ["11", "44"]
    assert len(lines_of(many, "44")) == MOST_LINES + 1, "prefectures of a province"
    total = lines_of([*many, county_line("110101")])[1].figures
    assert total.expected == sum(one.figures.expected for one in many)
