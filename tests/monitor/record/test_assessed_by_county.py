"""A county that is left out has come to what it would come to now: incremental and full assessments compared."""

import random
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from crawler.captures import Archive
from crawler.clock import SHANGHAI
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import Capture, CaptureRole, ColumnPass, Entry, EntryKind, Outcome, RunFinished, RunStarted
from crawler.sandbox.generator import Misprint, SandboxOrgan, generate, report_title
from monitor.alerts import states
from monitor.assess import AssessResult, assess
from monitor.ingest import ingest
from monitor.parsing import Outcome as ParseOutcome
from monitor.parsing import ParsePool, Task, read_document
from monitor.registry.organs import import_organs
from monitor.settings import Settings
from monitor.standings import standings
from monitor.store import alerts as alerts_store
from monitor.store import names
from monitor.store.database import Database, open_database
from monitor.store.tables import Alert, AlertEvent, Assessment, CountyFigures, FindingRow, Obligation, StandingRow
from tests.monitor.record.kept import kept, live

HEADER = "code,name,kind,county_code,county,prefecture,province,valid_from,valid_to,aliases,listed_by_county\n"
BEGIN = datetime(2024, 1, 10, 9, tzinfo=SHANGHAI)
YEARS = (2022, 2023)


def organ(code: str, name: str, county: str, county_name: str, kind: str = "township") -> SandboxOrgan:
    """An organ that reports can be written for."""
    printed = f"{name}人民政府" if kind == "township" else name
    return SandboxOrgan(code, name, kind, county, county_name, "清沅市", "模拟省", printed, "我镇")


# Two counties stand on one host, a third has its own; a portal of the city has a column for one of its towns.
ORGANS = (
    organ("990301101", "云溪镇", "990301", "东岭县"),
    organ("990301102", "石桥乡", "990301", "东岭县"),
    organ("990302101", "白沙镇", "990302", "西岭县"),
    organ("990302102", "柳林乡", "990302", "西岭县"),
    organ("990303101", "河口镇", "990303", "南岭县"),
    organ("990303102", "松岗乡", "990303", "南岭县"),
)


def portal(id: str, county: str, host: str, *columns: ColumnDefinition) -> PortalDefinition:
    """A portal."""
    return PortalDefinition(
        id=id, name=f"{id}门户", county_code=county, family="trs", hosts=(host,), columns=columns
    )


def column(host: str, id: str, **more: Any) -> ColumnDefinition:
    """A column of a portal."""
    return ColumnDefinition(id=id, name=f"栏目{id}", address=f"http://{host}/{id}/", **more)


PORTALS = (
    portal("dong", "990301", "shared.example.org", column("shared.example.org", "dong")),
    portal("xi", "990302", "shared.example.org", column("shared.example.org", "xi")),
    portal("nan", "990303", "nan.example.org", column("nan.example.org", "nan", covers=("township",))),
    portal("shi", "990300", "shi.example.org", column("shi.example.org", "shi", organ="990303102")),
)
HOME = {"990301": "dong", "990302": "xi", "990303": "nan"}


class Inline:
    """Parses in this process."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def run(self, tasks: Iterable[Task]) -> Iterator[ParseOutcome]:
        """Parses documents."""
        return (read_document(self._root, task) for task in tasks)


@dataclass
class Page:
    """What stands at an address, and how it is listed."""

    address: str
    title: str
    data: bytes | None
    shown_on: date | None = None
    kind: EntryKind = EntryKind.REPORT


@dataclass
class Season:
    """Some counties through time, changed at random."""

    folder: Path
    chance: random.Random
    now: datetime = BEGIN
    runs: int = 0
    pages: dict[str, dict[str, Page]] = field(default_factory=lambda: {one.id: {} for one in PORTALS})
    portals: dict[str, PortalDefinition] = field(default_factory=lambda: {one.id: one for one in PORTALS})
    renamed: dict[str, str] = field(default_factory=dict)
    years: tuple[int, ...] = YEARS

    def __post_init__(self) -> None:
        self.database = open_database("sqlite:///nianbao.sqlite", self.folder)
        self.database.migrate()
        self.archive = Archive(self.folder / "captures")
        self.register()
        for one in self.portals:
            self.crawl(one)

    @property
    def settings(self) -> Settings:
        return Settings.model_validate({"watch": {"years": list(self.years)}})

    def register(self, ended: str | None = None) -> None:
        path = self.folder / "organs.csv"
        path.write_text(
            HEADER
            + "".join(
                f"{one.code},{self.renamed.get(one.code, one.name)},{one.kind},{one.county_code},{one.county},"
                f"清沅市,模拟省,,{'2024-01-15' if one.code == ended else ''},,\n"
                for one in ORGANS
            ),
            encoding="utf-8",
        )
        assert not import_organs(self.database, path).rejected

    # ---- what may happen

    def publish(self) -> None:
        """A report comes, dated or not, right or wrong, perhaps of long ago."""
        of, year = self.chance.choice(ORGANS), self.chance.choice(YEARS)
        where = "shi" if of.code == "990303102" and self.chance.random() < 0.5 else HOME[of.county_code]
        shown_on = self.chance.choice((None, self.now.date(), date(year + 1, 1, 5)))
        wrong = Misprint("one total is wrong", {"section_three.total_results.total": 3})
        misprint = self.chance.choice((None, None, wrong))
        self.put(where, of, year, shown_on, misprint, seed=self.chance.randrange(3))

    def put(
        self,
        where: str,
        of: SandboxOrgan,
        year: int,
        shown_on: date | None,
        misprint: Misprint | None = None,
        seed: int = 1,
    ) -> None:
        host = self.portals[where].hosts[0]
        report = generate(of, year, seed=seed, misprint=misprint)
        day = f"<p>发布时间：{shown_on:%Y-%m-%d}</p>" if shown_on else ""
        data = f"<html><body><h1>{report.title}</h1>{day}<div>{report.body}</div></body></html>".encode()
        address = f"http://{host}/{where}/{of.code}_{year}_{seed % 2}.html"
        self.pages[where][address] = Page(address, report_title(of, year), data, shown_on)

    def move_site(self) -> None:
        """Old reports of all organs come at once: the site was moved."""
        for of in ORGANS[:4]:
            for year in YEARS:
                self.put(HOME[of.county_code], of, year, date(year + 1, 1, 5), seed=self.chance.choice((1, 2)))

    def take_away(self) -> None:
        """A page is gone, or what was gone comes back."""
        pages = [page for of in self.pages.values() for page in of.values()]
        if pages:
            page = self.chance.choice(pages)
            page.data = None if page.data else b"<html><body>404</body></html>"

    def damage(self) -> None:
        """A file that cannot be read stands under the title of a report."""
        of, where = self.chance.choice(ORGANS), self.chance.choice(list(HOME.values()))
        address = f"http://{self.portals[where].hosts[0]}/{where}/broken.docx"
        self.pages[where][address] = Page(address, report_title(of, 2023), b"PK\x03\x04 broken")

    def list_oddly(self) -> None:
        """A row of a list that may be a report."""
        where = self.chance.choice(list(HOME.values()))
        address = f"http://{self.portals[where].hosts[0]}/{where}/odd.html"
        self.pages[where][address] = Page(address, "政府信息公开工作年报", None, kind=EntryKind.OTHER)

    def stranger(self) -> None:
        """A report under a name that the register does not have."""
        of = organ("990301999", "远山镇", "990301", "东岭县")
        self.put(self.chance.choice(("dong", "xi")), of, 2023, self.now.date())

    def rename(self) -> None:
        """The register calls an organ otherwise."""
        of = self.chance.choice(ORGANS)
        self.renamed[of.code] = self.chance.choice((of.name, of.name[:-1] + "街道", "远山镇"))
        self.register()

    def end(self) -> None:
        """An organ is no more."""
        self.register(self.chance.choice(ORGANS).code)

    def answer(self) -> None:
        """Somebody says whose a name is."""
        with self.database.begin() as session:
            one = names.Answer("abcdefgh", "990301", "远山镇人民政府", "990301101", True, self.now, "甲", "")
            names.add(session, one)

    def define(self) -> None:
        """A definition changes: its columns, its name, or how long it is in use."""
        id = self.chance.choice(list(self.portals))
        before = self.portals[id]
        last = (self.now + timedelta(days=self.chance.randrange(-3, 5))).date()
        changed = self.chance.choice(
            (
                {"name": before.name + "改"},
                {"valid_to": last},
                {"valid_to": None},
                {"columns": tuple(one.model_copy(update={"name": "改名"}) for one in before.columns)},
            )
        )
        self.portals[id] = before.model_copy(update=changed)

    def watch(self) -> None:
        """Other years are watched."""
        self.years = self.chance.choice(((2022, 2023), (2023,)))

    def handle(self) -> None:
        """Somebody mutes, takes up or settles an alert."""
        with self.database.begin() as session:
            ids = list(session.scalars(select(Alert.id).where(Alert.state != "resolved").order_by(Alert.id)))
            known = alerts_store.known_alert(session, self.chance.choice(ids)) if ids else None
            if known is None:
                return
            change = self.chance.choice(
                (
                    lambda: states.mute(known.life, self.now + timedelta(days=1, hours=1), self.now),
                    lambda: states.acknowledge(known.life, self.now),
                    lambda: states.resolve(known.life, self.now),
                )
            )()
            alerts_store.change_alerts(session, [(known.id, change, None)], self.now)

    def fail(self) -> None:
        """A portal does not answer."""
        self.crawl(
            self.chance.choice(list(self.portals)), self.chance.choice((Outcome.BLOCKED, Outcome.UNREACHABLE))
        )

    def wait(self) -> None:
        """Time goes by, sometimes to the days on which something falls due."""
        days = self.chance.choice((1, 2, 7, 21))
        self.now += timedelta(days=days)

    def crawl_one(self) -> None:
        """One portal is read."""
        self.crawl(self.chance.choice(list(self.portals)))

    def crawl_all(self) -> None:
        """All portals are read."""
        for one in self.portals:
            self.crawl(one)

    def crawl(self, id: str, outcome: Outcome = Outcome.COLLECTED) -> None:
        """A pass over a portal."""
        self.runs += 1
        self.now += timedelta(minutes=20)
        one, moment = self.portals[id], self.now
        run_id = f"{moment:%Y%m%dT%H%M%S}-{id}-{self.runs:06d}"
        log = self.archive.start_run(RunStarted(run_id, id, one.county_code, moment, False))
        column_id, number = one.columns[0].id, 0
        pages = list(self.pages[id].values()) if outcome.whole else []
        for page in pages:
            number += 1
            if page.data is not None or page.kind is EntryKind.OTHER:
                log.write(
                    Entry(
                        number,
                        column_id,
                        page.address,
                        page.title,
                        page.kind,
                        page.shown_on,
                        one.columns[0].address,
                    )
                )
        for page in pages:
            if page.kind is EntryKind.OTHER:
                continue
            number += 1
            digest = self.archive.put(page.data) if page.data is not None else None
            log.write(
                Capture(
                    sequence=number,
                    role=CaptureRole.DOCUMENT,
                    address=page.address,
                    final_address=page.address,
                    fetched_at=moment + timedelta(seconds=number),
                    status=404 if digest is None else 200,
                    sha256=digest,
                    size=len(page.data or b""),
                    media_type="text/html",
                    headers={},
                    column_id=column_id,
                    problem="gone" if digest is None else None,
                )
            )
        passed = ColumnPass(number + 1, column_id, outcome, outcome.whole, 1, len(pages))
        log.write(passed)
        log.finish(RunFinished(run_id, moment + timedelta(minutes=5), outcome))
        self.now += timedelta(minutes=10)

    def ingest(self) -> None:
        """What was captured is parsed."""
        pool = cast(ParsePool, Inline(self.archive.root))
        ingest(self.database, self.archive, portals=list(self.portals.values()), pool=pool)

    # ---- assessed in two ways

    def assessed(self, as_of: datetime) -> tuple[AssessResult, AssessResult, Database]:
        """The assessment of what changed, and a full one of a copy; the copy is given too."""
        self.database.close()
        copy = self.folder / "copy"
        copy.mkdir(exist_ok=True)
        for file in self.folder.glob("nianbao.sqlite*"):
            shutil.copy(file, copy / file.name)
        other = open_database("sqlite:///nianbao.sqlite", copy)
        portals = list(self.portals.values())
        full = assess(other, portals, self.settings, as_of, workers=1, full=True)
        return assess(self.database, portals, self.settings, as_of, workers=1), full, other


HAPPENINGS = (
    *(Season.publish,) * 6,
    *(Season.crawl_one,) * 4,
    *(Season.crawl_all,) * 6,
    *(Season.wait,) * 5,
    *(Season.handle,) * 2,
    Season.move_site,
    *(Season.take_away,) * 2,
    Season.damage,
    Season.list_oddly,
    Season.stranger,
    Season.rename,
    Season.end,
    Season.answer,
    Season.define,
    Season.watch,
    Season.fail,
)


def contents(database: Database) -> dict[str, object]:
    """All that assessments write, without numbers of rows that depend on their order."""
    with database.reading() as session:
        every = list(session.scalars(select(Alert)))
        identities = {one.id: one.identity for one in every}
        left_out = {"id", "version_id", "alert_id", "assessed_at"}

        def rows(model: Any, **more: Any) -> list[Any]:
            found = []
            for one in session.scalars(select(model)):
                values = {
                    name.key: getattr(one, name.key)
                    for name in model.__table__.columns
                    if name.key not in left_out
                }
                values |= {name: make(one) for name, make in more.items()}
                found.append(sorted((name, str(value)) for name, value in values.items()))
            return sorted(found)

        return {
            "alerts": rows(Alert),
            "events": rows(AlertEvent, of=lambda one: identities[one.alert_id]),
            "obligations": rows(Obligation),
            "assessments": rows(Assessment, of=lambda one: one.version_id),
            "findings": rows(FindingRow, of=lambda one: one.version_id),
            "standings": rows(StandingRow, of=lambda one: one.version_id),
            "figures": rows(CountyFigures),
        }


def same(changed: AssessResult, full: AssessResult) -> None:
    """What both tell."""
    assert changed.obligations == full.obligations
    assert changed.states == full.states
    assert changed.conditions == full.conditions
    assert changed.alerts == full.alerts
    assert changed.judged + changed.unchanged == full.judged + full.unchanged


@pytest.mark.parametrize("seed", range(3))
def test_a_county_that_is_left_out_has_come_to_what_it_would_come_to(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    season = Season(tmp_path, chance)
    left_out = 0
    for step in range(20):
        happened = [chance.choice(HAPPENINGS) for _ in range(chance.choice((0, 1, 1, 2)))]
        for happening in happened:
            happening(season)
        if chance.random() < 0.85:
            season.ingest()
        as_of = season.now - chance.choice((timedelta(), timedelta(), timedelta(), timedelta(days=2)))
        changed, full, other = season.assessed(as_of)
        told = f"step {step}: {[one.__name__ for one in happened]}"
        assert contents(season.database) == contents(other), told
        portals = list(season.portals.values())
        assert kept(season.database) == live(season.database, portals, season.settings, as_of), told
        same(changed, full)
        left_out += changed.of_counties - changed.counties
        other.close()
        again = assess(season.database, list(season.portals.values()), season.settings, as_of, workers=1)
        told_again = (again.alerts.opened, again.alerts.updated, again.alerts.resolved, again.alerts.reopened)
        assert told_again == ((), (), (), ())
        assert again.judged == 0
    assert left_out > 20, "hardly any county was left out, so nothing was shown"


def test_one_county_reads_as_it_does_among_all(tmp_path: Path) -> None:
    chance = random.Random(7)
    season = Season(tmp_path, chance)
    for _ in range(12):
        chance.choice(HAPPENINGS)(season)
        season.crawl_all()
    season.ingest()
    portals = list(season.portals.values())
    assess(season.database, portals, season.settings, season.now, workers=1)
    for year in YEARS:
        every = standings(season.database, portals, season.settings, season.now, year=year)
        alone = [
            one
            for county in HOME
            for one in standings(season.database, portals, season.settings, season.now, year=year, county=county)
        ]
        assert alone == every
        assert len({one.state for one in every}) > 1
