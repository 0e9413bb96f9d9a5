"""The overview and the pages of a county: what they say, to whom, and what can be taken along."""

import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta

import orjson
import pytest
from openpyxl import load_workbook

from monitor.access import evidence, listing
from monitor.access.base import Busy
from monitor.access.counties import next_deadline
from monitor.access.listing import Wanted
from monitor.access.places import Places
from monitor.accounts.roles import Role
from monitor.web import counties as pages
from monitor.web.overview import MOST_LINES, lines_of
from tests.benchmarks.large_store import Given
from tests.browser import CHROMIUM
from tests.monitor.access.test_counties import Ended
from tests.monitor.web.dashboard import access_of, add_user, dashboard, record_of, visitor
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
    add_user(season.database, "early", Role.ADMINISTRATOR, at=season.now - timedelta(days=30))
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
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed on this machine")
def test_a_report_is_printed_by_the_browser(site: Site) -> None:
    pdf = visitor(site.address, "admin").get(f"/counties/{MINE}/report.pdf?year=2023")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")


def test_so_many_browsers_at_a_time_and_everybody_else_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def slowly(html: str) -> bytes:
        asked.append(time.monotonic())
        time.sleep(1.5)
        return b"%PDF-"

    monkeypatch.setattr(pages, "printed", slowly)
    season = site.season
    record = replace(
        record_of(season.database, lambda: season.now, season.folder, season.settings),
        portals=Given(list(season.portals.values())),
        browsers=Places(1, waiting=1, seconds=0.3),
    )
    path = f"/counties/{MINE}/report.pdf?year=2023"
    with dashboard(record) as address, ThreadPoolExecutor(4) as people:
        one = visitor(address, "admin", "en")
        answers = list(people.map(lambda _: one.get(path), range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 503, 503, 503]
        assert len(asked) == 1
        told = next(answer for answer in answers if answer.status_code == 503)
        assert int(told.headers["retry-after"]) > 0
        assert "Busy" in told.text
        assert f'href="{path}"' in told.text
        alert = listing.alerts(access_of(record), Wanted(1, None)).items[0].id
        with record.browsers.taken():
            assert one.get(f"/counties/{MINE}/report.csv?year=2023").status_code == 200, "no browser makes that"
            with pytest.raises(Busy):
                evidence.bundle(access_of(record), alert)
        assert one.get(path).status_code == 200


def test_many_counties_are_shown_by_prefecture_or_province(site: Site) -> None:
    few = [county_line(f"44010{number}") for number in range(3)]
    assert [line.place for line in lines_of(few)] == ["440100", "440101", "440102"]
    many = [county_line(f"44{number:02}01") for number in range(1, MOST_LINES + 2)]
    assert [line.place for line in lines_of([*many, county_line("110101")])] == ["11", "44"]
    assert len(lines_of(many, "44")) == MOST_LINES + 1, "prefectures of a province"
    total = lines_of([*many, county_line("110101")])[1].figures
    assert total.expected == sum(one.figures.expected for one in many)


def test_news_say_which_accusations_are_over(site: Site) -> None:
    early = visitor(site.address, "early")
    pages = [early.get(path).text for path in ("/", "/counties/990303")]
    for page in pages:
        lines = [line for line in page.splitlines() if line.startswith("<li>") and "/alerts/" in line]
        over = [line for line in lines if "已解决" in line]
        assert over
        assert len(over) < len(lines)
        assert all(">未公布</span>" in line for line in over)


def test_what_was_never_judged_is_no_figure_and_no_deadline(site: Site) -> None:
    admin = visitor(site.address, "admin")
    overview = admin.get("/?year=2015").text
    assert '<td class="number">0</td>' not in overview
    assert '<td class="number quiet">—</td>' in overview
    assert "公布期限都已经过了" not in overview
    assert 'class="tiles"' not in overview
    assert "公布期限都已经过了" in admin.get("/?year=2023").text
    county = admin.get(f"/counties/{MINE}?year=2015").text
    assert "没有2015年度的检查结果" in county
    assert 'class="tiles"' not in county


def test_a_deadline_that_has_passed_is_not_the_next() -> None:
    lines = [replace(county_line(f"44010{month}"), next_due=date(2024, month, 31)) for month in (1, 3)]
    assert next_deadline(lines, date(2024, 1, 31)) == date(2024, 1, 31)
    assert next_deadline(lines, date(2024, 2, 1)) == date(2024, 3, 31)
    assert next_deadline(lines, date(2024, 4, 1)) is None


def test_portals_are_told_with_their_last_runs_where_the_clock_was_set_back(site: Site) -> None:
    season = site.season
    earlier = season.now - timedelta(hours=2)
    record = record_of(season.database, lambda: earlier, season.folder, season.settings)
    told = listing.portals(access_of(replace(record, portals=Given(list(season.portals.values())))), Wanted(50))
    assert any(one.last_run_at and one.last_run_at > earlier for one in told.items)
    assert any(one.last_outcome == "blocked" for one in told.items)


def test_the_language_is_chosen_only_where_the_address_can_be_opened_again(site: Site) -> None:
    admin = visitor(site.address, "admin")
    refused = admin.client.post("/log-out", data={})
    assert refused.status_code == 403
    assert "?language=en" not in refused.text
    assert "?language=en" in admin.get("/").text
    assert (
        "?language=en"
        in visitor(site.address, "admin").post("/log-in", page="/log-in", name="x", password="y").text
    )
