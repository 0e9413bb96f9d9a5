"""A report that was made comes out the same, byte for byte, whatever was read, decided or registered since."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from crawler.records import Outcome
from crawler.sandbox.generator import Misprint, generate
from monitor.assess import assess
from monitor.completeness import keeping
from monitor.decisions.switches import Setting, Switch
from monitor.store import decisions
from monitor.store.database import StoreError
from monitor.store.tables import Assessment, FindingRow, KeptPart, KeptReport, Organ, ReportVersion
from tests.monitor.cli.command import Said, nianbao
from tests.monitor.record.making import COUNTY, HEADER, OTHER_TOWN, TOWN, World, at, column, shown

FORMATS = ("json", "html", "csv", "xlsx")


def misprinted(total: int) -> bytes:
    """A report of the town with a wrong total."""
    report = generate(TOWN, 2023, misprint=Misprint("wrong", {"section_three.total_results.total": total}))
    return f"<html><body><h1>{report.title}</h1><p>发布时间：2024-01-18</p>{report.body}</body></html>".encode()


def right() -> bytes:
    """The same report without the mistake."""
    report = generate(TOWN, 2023)
    return f"<html><body><h1>{report.title}</h1><p>发布时间：2024-01-18</p>{report.body}</body></html>".encode()


class Office:
    """A record over many days, and the reports that were made on the way."""

    def __init__(self, folder: Path, formats: Sequence[str] = ("json",)) -> None:
        self.world = World(folder, years=(2022, 2023))
        self.formats = formats
        self.told: dict[tuple[datetime, str], bytes] = {}

    def day(self, moment: datetime, *pages: object, outcome: Outcome = Outcome.COLLECTED) -> None:
        """One main job, and after it the reports that staff make."""
        self.world.crawl(moment, *pages, outcome=outcome)  # type: ignore[arg-type]
        self.world.ingest()
        after = moment.replace(minute=30)
        assess(self.world.database, [self.world.portal], self.world.settings, after, workers=1)
        self.tell(after)

    def tell(self, moment: datetime) -> None:
        """Make the reports of a moment and keep the bytes."""
        for format in self.formats:
            said = self.ask(moment, "--format", format)
            assert said.status == 0, said.err
            self.told[moment, format] = said.out_bytes

    def ask(self, now: datetime, *options: str, county: str | None = COUNTY) -> Said:
        """`nianbao completeness` with the clock at a moment."""
        file = self.world.configure(now)
        county_options = ("--county", county) if county else ()
        return nianbao("--config", file, "completeness", "--year", "2023", *county_options, *options)

    def again(self, moment: datetime, format: str, now: datetime, *options: str) -> bytes:
        """The report as of an earlier moment, asked for at ``now``."""
        said = self.ask(now, "--as-of", moment.isoformat(), "--format", format, *options)
        assert said.status == 0, said.err
        return said.out_bytes


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.mark.both_databases
def test_every_report_of_a_season_comes_out_the_same_after_all_that_came_later(tmp_path: Path) -> None:
    office = Office(tmp_path, FORMATS)
    world = office.world
    town = replace(shown(TOWN, 2023), data=misprinted(5))
    early = shown(TOWN, 2022, date(2023, 1, 10))
    office.day(at(1, 20), early)
    office.day(at(1, 25), early, town)
    office.day(at(2, 2), early, town, outcome=Outcome.PARTIAL)
    office.day(at(2, 5), early, town)
    office.day(at(2, 6), early, town)
    corrected = replace(town, data=right())
    office.day(at(2, 20), early, corrected, shown(OTHER_TOWN, 2023, date(2024, 2, 18)))
    states = {
        moment: office.ask(moment, "--as-of", moment.isoformat(), "--format", "json").json
        for moment, format in office.told
        if format == "json"
    }
    assert [
        (county["on_time"], county["late"], county["missing"], county["unverified"], county["with_errors"])
        for report in states.values()
        for county in report["counties"]
    ] == [(0, 0, 0, 0, 0), (1, 0, 0, 0, 1), (1, 0, 0, 2, 1), (1, 0, 0, 2, 1), (1, 0, 2, 0, 1), (1, 1, 1, 0, 0)]

    # Later: another version, a document that nobody can find any more, another register, other rules and due
    # dates, another definition of the portal, and findings that are told no more.
    world.crawl(
        at(3, 1), replace(town, data=None), shown(OTHER_TOWN, 2023, date(2024, 1, 2), path="/nb/other.html")
    )
    world.register(HEADER + "990301103,新设镇,township,990301,东岭县,清沅市,模拟省,,,,\n")
    world.ingest(reparse=True)
    rules = world.folder / "due.yaml"
    rules.write_text(
        "rules:\n  - id: local\n    places: ['990301']\n    due: [1, 15]\n    severity: error\n"
        "    name: 本县要求\n    source: 通知\n",
        encoding="utf-8",
    )
    world.settings = world.settings.model_copy(
        update={"watch": world.settings.watch.model_copy(update={"due_rules": rules})}
    )
    assess(world.database, [world.portal], world.settings, at(3, 2), workers=1)
    world.portal = world.portal.model_copy(
        update={"columns": (column("nb"), column("xz")), "name": "东岭县政府网"}
    )
    with world.database.begin() as session:
        session.execute(update(Organ).where(Organ.code == TOWN.code).values(name="云溪街道", kind="subdistrict"))
        session.execute(update(Assessment).values(errors=7, warnings=7))
        session.execute(delete(FindingRow))
        session.execute(update(ReportVersion).values(title="另一个标题"))

    later = at(4, 1)
    for (moment, format), told in office.told.items():
        if format != "xlsx":  # a workbook bears the time at which it was saved
            assert office.again(moment, format, later) == told, (moment, format)
    changed = office.again(at(2, 6).replace(minute=30), "json", later, "--anew")
    assert changed != office.told[at(2, 6).replace(minute=30), "json"]
    assert b'"reconstructed": true' in changed


def test_a_moment_of_which_no_report_was_made_is_reckoned_from_the_record_and_says_so(office: Office) -> None:
    office.day(at(1, 25), replace(shown(TOWN, 2023), data=misprinted(5)))
    office.day(at(2, 20), replace(shown(TOWN, 2023), data=right()))
    then = office.ask(at(3, 1), "--as-of", "2024-01-30T09:00", "--format", "json").json
    assert then["reconstructed"] is True
    assert then["counties"][0]["on_time"] == 1
    page = office.ask(at(3, 1), "--as-of", "2024-01-30T09:00", "--format", "html").out
    assert "按现有记录和现行规则、名录重新计算" in page
    assert "重新计算" not in office.ask(at(3, 1), "--format", "html").out
    # Of a moment after the last look at the portal nothing is told in hindsight.
    assert "reconstructed" not in office.ask(at(3, 2), "--as-of", "2024-03-01T20:00", "--format", "json").json


@pytest.mark.both_databases
def test_corrections_are_told_from_one_report_to_the_next(office: Office) -> None:
    office.day(at(1, 25), replace(shown(TOWN, 2023), data=misprinted(5)))
    office.day(at(2, 20), replace(shown(TOWN, 2023), data=right()))
    (county,) = office.ask(at(2, 21), "--format", "json").json["counties"]
    # Of years that nobody watched nothing is said, though columns were read whole without their reports.
    assert [one["year"] for one in county["years"]] == [2022, 2023]
    changes = county["corrections"]
    assert [problem["code"] for problem in changes["corrected"]] == [TOWN.code]
    assert (changes["remaining"], changes["found"], changes["since"]) == ([], [], "2024-01-22T09:00:00+08:00")
    assert [(one["code"], one["repaired"]) for one in changes["versions"]] == [(TOWN.code, 1)]
    (county,) = office.ask(at(2, 21), "--since", "2024-02-20T12:00", "--format", "json").json["counties"]
    assert county["corrections"]["corrected"] == []
    assert "已更正1个问题" in office.ask(at(2, 21), "--format", "html").out
    wrong = office.ask(at(2, 21), "--since", "2024-03-20")
    assert (wrong.status, "--since" in wrong.problem) == (2, True)


@pytest.mark.both_databases
def test_a_county_comes_out_of_a_report_on_all_and_what_did_not_change_is_kept_once(office: Office) -> None:
    office.day(at(1, 25), shown(TOWN, 2023, date(2024, 1, 20)))
    moment = at(1, 26)
    told = office.ask(moment, "--format", "json", county=None).json
    with office.world.database.begin() as session:
        session.execute(update(Organ).values(name="改名"))
    again = office.ask(at(2, 1), "--as-of", moment.isoformat(), "--format", "json").json
    assert again["counties"] == told["counties"]
    with office.world.database.reading() as session:
        reports = session.scalar(select(func.count()).select_from(KeptReport))
        parts = session.scalar(select(func.count()).select_from(KeptPart))
    assert reports == 2
    assert parts == 2  # no rankings, and one county that was told twice with the same figures


def test_a_moment_nobody_reported_on_is_reckoned_as_a_copy_of_that_day_tells_it(tmp_path: Path) -> None:
    office = Office(tmp_path / "office")
    world, copies = office.world, {}

    def day(moment: datetime, *pages: object) -> None:
        world.crawl(moment, *pages)  # type: ignore[arg-type]
        world.ingest()
        assess(world.database, [world.portal], world.settings, moment.replace(minute=30), workers=1)
        copies[moment.replace(minute=40)] = shutil.copytree(world.folder, tmp_path / f"{moment:%m%d}")

    town = replace(shown(TOWN, 2023), data=misprinted(5))
    day(at(1, 25), town)
    day(at(2, 5), town)
    day(at(2, 6), town)
    # Later: a correction, an organ more, another due date, a rule that nobody asks any more.
    world.register(HEADER + "990301103,新设镇,township,990301,东岭县,清沅市,模拟省,,,,\n")
    rules = world.folder / "due.yaml"
    rules.write_text(
        "rules:\n  - id: local\n    places: ['990301']\n    due: [1, 15]\n    severity: error\n"
        "    basis: local\n    name: 本县要求\n    source: 通知\n",
        encoding="utf-8",
    )
    watch = world.settings.watch.model_copy(update={"due_rules": rules})
    world.settings = world.settings.model_copy(update={"watch": watch})
    switch = Switch("T3-01", COUNTY, Setting.OFF, at(2, 10), "张三", "本县不查")
    with world.database.begin() as session:
        decisions.add_switch(session, switch)
    day(at(2, 20), replace(town, data=right()), shown(OTHER_TOWN, 2023, date(2024, 2, 18)))
    assert len(copies) == 4

    for moment, folder in copies.items():
        there = World.__new__(World)
        there.__dict__.update(world.__dict__, folder=folder)
        told = nianbao(
            "--config", there.configure(moment), "completeness", "--year", "2023", "--format", "json"
        ).json
        again = office.ask(at(4, 1), "--as-of", moment.isoformat(), "--format", "json", county=None).json
        assert again.pop("reconstructed", False) is (moment < at(2, 20))
        assert again == told, moment


def test_who_may_not_write_gets_the_report_and_is_told_that_it_is_not_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.day(at(1, 25), shown(TOWN, 2023, date(2024, 1, 20)))

    def refuse(*_: object, **__: object) -> None:
        raise StoreError("数据库只读")

    monkeypatch.setattr(keeping, "keep", refuse)
    said = office.ask(at(1, 26), "--format", "json")
    assert (said.status, said.json["counties"][0]["on_time"]) == (0, 1)
    assert said.problem == "报告没有存档，以后不能按此时刻原样再现：数据库只读"


def test_many_counties_at_once_have_no_blocks_that_are_read_county_by_county(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.day(at(1, 25), shown(TOWN, 2023, date(2024, 1, 20)))
    monkeypatch.setattr(keeping, "MANY", 0)
    every = office.ask(at(1, 26), "--format", "json", county=None)
    assert "contents" not in every.json["counties"][0]
    assert "contents" in office.ask(at(1, 27), "--format", "json").json["counties"][0]
    moment = at(1, 26).isoformat()
    assert office.ask(at(2, 1), "--as-of", moment, "--format", "json", county=None).out == every.out
    # The county's own part with all blocks was not made then, and is reckoned now.
    assert "contents" in office.ask(at(2, 1), "--as-of", moment, "--format", "json").json["counties"][0]
