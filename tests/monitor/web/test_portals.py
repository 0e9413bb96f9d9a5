"""The pages of portals: who sees which, what they say, and how long the list takes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.records import Outcome
from monitor.access import portals as access_portals
from monitor.access.base import KnownPortals, NotFound
from monitor.access.portals import Health
from monitor.settings import Settings
from tests.databases import opened_in, statements
from tests.monitor.web.dashboard import access_of, record_of
from tests.monitor.web.portal_office import HERE, HOSTILE, NOW, Office, add_run, definition, office_in

pytestmark = pytest.mark.both_databases


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Office]:
    with office_in(tmp_path_factory.mktemp("portals")) as one:
        yield one


def test_the_list_tells_how_each_portal_fares_the_worst_first(office: Office) -> None:
    found = access_portals.portal_list(access_of(office.record))
    assert [(line.id, line.health) for line in found.lines] == [
        ("blocked", Health.FAILING),
        ("never", Health.NEVER),
        ("good", Health.GOOD),
        ("elsewhere", Health.GOOD),
    ]
    assert [one.file for one in found.broken] == ["broken-here.yaml", "broken-there.yaml"]
    page = office.visit("viewer").get("/portals").text
    assert "被拦截或拒绝" in page
    assert "broken-here.yaml" in page
    assert str(office.folder) not in page, "errors name the file, not where it lies on this machine"


def test_filters_leave_what_they_say(office: Office) -> None:
    access = access_of(office.record)

    def left(text: str = "", county: str = "", health: str = "") -> set[str]:
        found = access_portals.portal_list(access, text=text, county=county, health=health)
        return {line.id for line in found.lines}

    assert left(text="LSEWHE") == {"elsewhere"}
    assert left(text="滑县") == {"good"}
    assert left(county=HERE) == {"good", "blocked", "never"}
    assert left(health="good") == {"good", "elsewhere"}
    assert left(health="good", county="999999") == set()
    assert "没有符合条件的门户" in office.visit("viewer").get("/portals?text=nothing").text


def test_a_portal_shows_what_was_read_against_what_was_declared(office: Office) -> None:
    page = office.visit("viewer").get("/portals/blocked").text
    assert "从未抓全" in page
    assert 'class="number suspect">5</td>' in page
    assert "family: generic" in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    good = access_portals.portal_page(access_of(office.record), "good")
    (column,) = good.columns
    assert column.last is not None
    assert (column.last.outcome, column.last.entries, column.last.declared) == (Outcome.UNCHANGED, 5, 5)
    assert [one.run.outcome for one in good.runs] == [Outcome.UNCHANGED, Outcome.COLLECTED]
    assert good.failing_runs == 0
    assert access_portals.portal_page(access_of(office.record), "blocked").failing_runs == 1


def test_a_run_shows_what_it_fetched_page_by_page(office: Office) -> None:
    run_id = access_portals.portal_page(access_of(office.record), "good").runs[-1].run.id
    viewer = office.visit("viewer")
    first = viewer.get(f"/portals/good/runs/{run_id}").text
    assert HOSTILE not in first
    assert "?after=50" in first
    second = viewer.get(f"/portals/good/runs/{run_id}?after=50").text
    assert second.count("/captures/") == 10
    assert viewer.get(f"/portals/blocked/runs/{run_id}").status_code == 404


def test_outside_of_the_scope_nothing_is_found(office: Office) -> None:
    here = office.visit("clerk-here")
    shown = here.get("/portals").text
    assert "good.example" in shown
    assert "broken-here.yaml" in shown
    for hidden in ("elsewhere", "荔湾", "broken-there"):
        assert hidden not in shown
    run_id = access_portals.portal_page(access_of(office.record), "elsewhere").runs[0].run.id
    for path in ("/portals/elsewhere", f"/portals/elsewhere/runs/{run_id}", f"/portals/good/runs/{run_id}"):
        assert here.get(path).status_code == 404, path
    assert here.get("/portals/nothing").status_code == 404
    with pytest.raises(NotFound):
        access_portals.portal_page(access_of(office.record, HERE), "elsewhere")


def test_odd_questions_get_a_page(office: Office) -> None:
    viewer = office.visit("viewer")
    for path in (
        "/portals?page=0",
        "/portals?page=-1",
        "/portals?page=99999999999",
        "/portals?health=x",
        "/portals/good?before=yesterday",
        "/portals/good?before=2026-01-01",
        "/portals/good/runs/x?after=-5",
    ):
        assert viewer.get(path).status_code in (200, 404), path


def test_a_thousand_portals_are_listed_in_time(tmp_path: Path) -> None:
    folder = tmp_path / "portals"
    folder.mkdir()
    for number in range(3):
        (folder / f"p{number}.yaml").write_text(definition(f"p{number}", HERE, f"h{number}.example"), "utf-8")
    database = opened_in(tmp_path)
    record = record_of(database, lambda: NOW, folder, Settings())
    portals = record.portals()
    many = tuple(
        portals[0].model_copy(update={"id": f"q{number}", "name": f"门户{number}"}) for number in range(1000)
    )
    for number in (0, 500):
        add_run(database, f"q{number}", HERE, NOW - timedelta(days=1), Outcome.UNCHANGED)

    class Known(KnownPortals):
        def __call__(self):  # type: ignore[no-untyped-def]
            return many

    record = record_of(database, lambda: NOW, folder, Settings())
    object.__setattr__(record, "portals", Known(folder))
    with statements(database.engine) as sent:
        found = access_portals.portal_list(access_of(record), page=2)
    assert 0 < len(sent) < 20, "whatever the number of portals"
    assert found.found == 1000
    assert len(found.lines) == access_portals.ON_A_PAGE
    assert found.counts == {Health.GOOD: 2, Health.NEVER: 998}
    database.close()
