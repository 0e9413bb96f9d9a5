"""What the pages of organs, reports and comparisons read, on both databases."""

from pathlib import Path

import pytest

from crawler.sandbox.generator import Misprint, generate
from monitor.access import captures, comparing, evidence, organs, reports
from monitor.access.base import NotAllowed, NotFound
from monitor.access.comparing import Problem, ShownComparison, Wish
from monitor.accounts.roles import Role
from monitor.assess import assess
from monitor.rules.base import Severity
from monitor.settings import load_settings
from monitor.store.successions import Reorganisation, Succession, put_successions
from tests.monitor.record.making import COUNTY, OTHER_TOWN, TOWN, World, at, shown
from tests.monitor.web.dashboard import access_of, record_of

pytestmark = pytest.mark.both_databases
TOTAL = "section_three.total_results.total"
NOW = at(2, 1)


def test_an_organ_and_its_reports_as_their_pages_show_them(tmp_path: Path) -> None:
    world = World(tmp_path, years=(2022, 2023))
    world.settings = load_settings(world.configure(NOW))
    wrong = generate(TOWN, 2023, misprint=Misprint("a wrong total", {TOTAL: 5}))
    page = f"<html><body><h1>{wrong.title}</h1><p>发布时间：2024-01-18</p>{wrong.body}</body></html>".encode()
    world.crawl(at(1, 20), shown(TOWN, 2022), shown(TOWN, 2023, data=page), shown(OTHER_TOWN, 2023))
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(1, 20, 12))
    record = record_of(world.database, lambda: NOW, tmp_path / "portals", world.settings)
    access = access_of(record, COUNTY)
    elsewhere = access_of(record, "11")

    organ = organs.show(access, TOWN.code)
    assert [(one.report_year, len(one.versions)) for one in organ.years] == [(2023, 1), (2022, 1)]
    assert [one.report_year for one in organ.numbers] == [2022, 2023]
    with pytest.raises(NotFound):
        organs.show(elsewhere, TOWN.code)

    version = organ.years[0].stands
    assert version is not None
    report = reports.show(access, version)
    assert report.stands
    assert report.judged.count(Severity.ERROR) == organ.years[0].versions[0].errors == 1
    assert report.judged.marks[TOTAL].suspect
    assert report.capture is not None
    assert captures.original(access, report.capture.id)[1] == page
    assert captures.page(access, report.capture.id, version, TOTAL).marked
    cell = reports.cell(access, version, TOTAL)
    assert [one.report_year for one in cell.years] == [2022, 2023]
    alert = int(str(report.alerts[0]["id"]))
    assert evidence.bundle(access, alert, pictures=False).startswith(b"PK")
    with pytest.raises(NotFound):
        evidence.bundle(elsewhere, alert)

    reference = report.judged.matters[0].findings[0].reference
    reports.dismiss(access, version, reference, "已核实")
    assert reference in {one.reference for one in reports.show(access, version).judged.withheld}
    with pytest.raises(NotFound):
        reports.restore(elsewhere, version, reference, "别处")
    with pytest.raises(NotAllowed):
        reports.restore(access_of(record, COUNTY, role=Role.VIEWER), version, reference, "无权")
    reports.restore(access, version, reference, "收回")
    assert not reports.show(access, version).judged.withheld

    both = comparing.show(access, Wish(organ=TOWN.name, year=2022), Wish(year=2023))
    assert isinstance(both, ShownComparison)
    assert both.in_a_row is not None
    several, _ = comparing.show(access, Wish(organ="镇"), Wish())  # type: ignore[misc]
    assert isinstance(several, Problem)
    world.database.close()


def test_years_under_an_earlier_code_are_shown_with_those_of_the_body(tmp_path: Path) -> None:
    world = World(tmp_path, years=(2022, 2023))
    world.crawl(at(1, 20), shown(TOWN, 2022), shown(OTHER_TOWN, 2023))
    world.ingest()
    with world.database.begin() as session:
        renamed = Succession(
            TOWN.code, OTHER_TOWN.code, at(6, 1, year=2023).date(), Reorganisation.RENAMED, "批复"
        )
        put_successions(session, [renamed])
    record = record_of(world.database, lambda: NOW, tmp_path / "portals", world.settings)
    later = organs.show(access_of(record), OTHER_TOWN.code)
    assert [(one.name, one.how, one.seen) for one in later.before] == [(TOWN.name, Reorganisation.RENAMED, True)]
    assert [(one.report_year, one.organ) for one in later.numbers] == [
        (2022, TOWN.name),
        (2023, OTHER_TOWN.name),
    ]
    assert [one.name for one in organs.show(access_of(record), TOWN.code).after] == [OTHER_TOWN.name]
    world.database.close()
