"""What a large store costs: its size, what is read from it, and assessments of what changed.

``python -m tests.benchmarks.large_store --counties 1000`` fills a store with 200 reports a county (40 organs, five
years, one portal with a host of its own), assesses it, and prints one JSON object. Every report is a page of the
generator as it was parsed, with all cells, their raw texts and places; part of its prose is its own. One in ten
has a slip.
``--keep FOLDER`` keeps the store there, or measures one that is there already. ``--postgresql`` measures a
database of a PostgreSQL server of its own, which is gone afterwards.

Beside the time on the clock stands that of the processor, of this process and of those it started: the machine may
be busy with other work.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import text

from crawler.clock import SHANGHAI
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import ColumnPass, Outcome, RunFinished, RunStarted
from crawler.sandbox.generator import Misprint, SandboxOrgan, generate
from crawler.sandbox.sandbox import organs_as_csv
from crawler.sandbox.volume import volume_organ
from monitor.access.base import Access, KnownPortals, Record
from monitor.access.counties import county, in_state, overview
from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.assess import assess
from monitor.completeness.record import from_record
from monitor.parsing import outcome_of
from monitor.publication import PublicationState
from monitor.registry.organs import import_organs
from monitor.settings import Settings
from monitor.store import crawls, packing, versions
from monitor.store.database import Database, open_database
from monitor.store.versions import Parsed, SightingRow, VersionRow
from parsers.reading import parse
from tests.databases import server

SQLITE = "sqlite:///nianbao.sqlite"
YEARS = (2019, 2020, 2021, 2022, 2023)
ORGANS = 40
REPORTS_A_COUNTY = ORGANS * len(YEARS)
COUNTIES_A_PREFECTURE = 15
CHANGED = 100
FIRST_PASS = datetime(2024, 1, 25, 6, 30, tzinfo=SHANGHAI)
SECOND_PASS = datetime(2024, 1, 26, 6, 30, tzinfo=SHANGHAI)
"""Before the due day, so that time alone changes nothing until the last assessment."""
AFTER_THE_DUE_DAY = timedelta(days=7)
SLIP = Misprint("one total is wrong", {"section_three.total_results.total": 3})
WORDS = (
    "公开政务信息依法主动工作群众平台服务建设制度规范要求落实责任审核发布渠道加强培训监督考核推进完善解读回应关切"
)


def portal_of(place: int) -> PortalDefinition:
    """The portal of a county."""
    host = f"x{place}.example.org"
    return PortalDefinition(
        id=f"x{place}",
        name=f"第{place}县人民政府",
        county_code=county_of(place),
        family="trs",
        hosts=(host,),
        columns=(ColumnDefinition(id="nb", name="政府信息公开年报", address=f"http://{host}/nb/"),),
    )


def county_of(place: int) -> str:
    """The code of a county: fifteen of them to a prefecture."""
    return (
        f"{10 + place // 1485}{place // COUNTIES_A_PREFECTURE % 99 + 1:02}{place % COUNTIES_A_PREFECTURE + 1:02}"
    )


def organ_of(place: int, number: int) -> SandboxOrgan:
    """An organ of a county."""
    return replace(
        volume_organ(number),
        code=f"{county_of(place)}{100 + number}",
        county_code=county_of(place),
        county=f"第{place}县",
        prefecture=f"第{place // COUNTIES_A_PREFECTURE}市",
    )


@cache
def _read(number: int, year: int, slip: bool, seed: int) -> tuple[Parsed, dict[str, Any]]:
    """A generated report as it was parsed, as plain data."""
    report = generate(volume_organ(number), year, seed=seed, misprint=SLIP if slip else None)
    page = f"<html><body><h1>{report.title}</h1><div>{report.body}</div></body></html>".encode()
    outcome = outcome_of(f"{number}-{year}-{slip}-{seed}", parse(page))
    assert outcome.document is not None, f"{report.title} was not read as a report"
    return outcome.parsed, packing.unpack(outcome.document)


def document_of(chance: random.Random, number: int, year: int, seed: int) -> tuple[Parsed, bytes]:
    """A report with prose of its own, as it is kept."""
    parsed, data = _read(number, year, chance.random() < 0.1, seed)
    # Most of every text is its own: the generator's prose in hundreds of counties would make them all look copied.
    first = data["sections"]["1"]
    told = [sentence for sentence in first["text"].split("。") if re.search(r"\d", sentence)]
    sections = data["sections"] | {"1": first | {"text": "。".join([*told, _prose(chance)])}}
    digest = f"{chance.getrandbits(256):064x}"
    return replace(parsed, sha256=digest, content_digest=digest), packing.pack(data | {"sections": sections})


def _prose(chance: random.Random) -> str:
    """Some twenty sentences of chance."""
    return "".join(
        "".join(chance.choices(WORDS, k=chance.randrange(12, 30))) + "。" for _ in range(chance.randrange(18, 28))
    )


def fill(database: Database, counties: int, folder: Path) -> None:
    """Organs, runs, documents, versions and sightings, by the functions of the store."""
    register = folder / "organs.csv"
    organs = [organ_of(place, number) for place in range(counties) for number in range(ORGANS)]
    register.write_text(organs_as_csv(organs), encoding="utf-8")
    assert not import_organs(database, register).rejected
    for place in range(counties):
        chance = random.Random(place)
        with database.begin() as session:
            record_pass(session, place, FIRST_PASS)
            rows = []
            parsed_documents = []
            for number in range(ORGANS):
                organ = organ_of(place, number)
                for year in YEARS:
                    parsed, document = document_of(chance, number, year, place % 3)
                    row, seen = version_of(place, organ, year, parsed, FIRST_PASS)
                    parsed_documents.append(parsed)
                    rows.append(replace(seen, version_id=versions.add_version(session, row, document)))
            versions.put_parsed(session, parsed_documents)
            versions.put_sightings(session, rows, (), ())


def version_of(
    place: int, organ: SandboxOrgan, year: int, parsed: Parsed, at: datetime
) -> tuple[VersionRow, SightingRow]:
    """A version and its sighting as ingest would write them."""
    portal = portal_of(place)
    address = f"http://{portal.hosts[0]}/nb/{year}01/t{year}0110_{organ.code}.html"
    published_on = date(year + 1, 1, 10)
    row = VersionRow(
        report_key=f"{organ.code}/{year}",
        content_digest=parsed.content_digest or "",
        organ_code=organ.code,
        report_year=year,
        county_code=portal.county_code,
        portal_id=portal.id,
        column_id="nb",
        address=address,
        sha256=parsed.sha256,
        title=parsed.title,
        organ_printed=parsed.organ_printed,
        organ_match="name",
        form=parsed.form,
        published_on=published_on,
        published_from="shown",
        parser=parsed.parser,
        first_seen_at=at,
    )
    seen = SightingRow(
        portal_id=portal.id,
        address=address,
        column_id="nb",
        role="document",
        parent_address=None,
        sha256=parsed.sha256,
        kind="report",
        version_id=None,
        listed_title=parsed.title,
        listed_on=published_on,
        published_on=published_on,
        published_from="shown",
        first_seen_at=at,
        last_seen_at=at,
        gone_at=None,
        current=True,
    )
    return row, seen


def record_pass(session: Any, place: int, at: datetime) -> None:
    """The log of a pass over a county's portal that found its column whole."""
    portal = portal_of(place)
    run_id = f"{at:%Y%m%dT%H%M%S}-{portal.id}-000000"
    run = crawls.add_run(session, RunStarted(run_id, portal.id, portal.county_code, at, False))
    passed = ColumnPass(1, "nb", Outcome.COLLECTED, True, 1, REPORTS_A_COUNTY, address=portal.columns[0].address)
    crawls.add_records(
        session, run, [passed, RunFinished(run_id, at + timedelta(minutes=1), Outcome.COLLECTED)], 3
    )


def change(database: Database, places: list[int], at: datetime) -> None:
    """A changed report takes the place of another in each of these counties."""
    for turn, place in enumerate(places):
        chance = random.Random(f"{at} {turn}")
        number, year = turn // len(YEARS) % ORGANS, YEARS[turn % len(YEARS)]
        organ = organ_of(place, number)
        with database.begin() as session:
            record_pass(session, place, at + timedelta(seconds=turn))
            parsed, document = document_of(chance, number, year, 2)
            row, seen = version_of(place, organ, year, parsed, at)
            *_, (old_id, old) = versions.sightings_of(session, seen.portal_id, [seen.address])[seen.address]
            versions.put_parsed(session, [parsed])
            new = replace(seen, version_id=versions.add_version(session, row, document))
            versions.put_sightings(session, [new], [(old_id, replace(old, current=False))], ())


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def timed(measured: dict[str, Any], name: str) -> Iterator[None]:
    """Puts seconds on the clock and of the processor under a name."""
    begun, processor = perf_counter(), _processor()
    yield
    measured[name] = {
        "seconds": round(perf_counter() - begun, 3),
        "processor_seconds": round(_processor() - processor, 3),
    }
    print(name, measured[name], file=sys.stderr, flush=True)


def fastest(work: Callable[[int], object], rounds: int = 7) -> dict[str, float]:
    """Milliseconds of a piece of work on different counties: the median and the slowest, and of the processor."""
    seconds, used = [], []
    for turn in range(rounds):
        begun, processor = perf_counter(), _processor()
        work(turn)
        seconds.append(perf_counter() - begun)
        used.append(_processor() - processor)
    ordered = sorted(seconds)
    return {
        "median_ms": round(1000 * ordered[rounds // 2], 1),
        "slowest_ms": round(1000 * ordered[-1], 1),
        "processor_median_ms": round(1000 * sorted(used)[rounds // 2], 1),
    }


def measure(
    folder: Path, counties: int, workers: int | None, *, full: bool, address: str = SQLITE
) -> dict[str, Any]:
    """All figures of a store of so many counties in ``folder``, which is filled where it is not there."""
    measured: dict[str, Any] = {"reports": counties * REPORTS_A_COUNTY, "counties": counties}
    new = address != SQLITE or not (folder / "nianbao.sqlite").exists()
    database = open_database(address, folder)
    database.migrate()
    measured["database"] = database.engine.dialect.name
    settings = Settings.model_validate({"watch": {"years": list(YEARS)}})
    portals = [portal_of(place) for place in range(counties)]
    if new:
        with timed(measured, "fill"):
            fill(database, counties, folder)

    def assessed(name: str, at: datetime, **more: Any) -> None:
        with timed(measured, name):
            result = assess(database, portals, settings, at, workers=workers, **more)
        measured[name] |= {
            "judged": result.judged,
            "counties": result.counties,
            "conditions": result.conditions,
            "opened": len(result.alerts.opened),
        }
        print(measured[name], file=sys.stderr, flush=True)

    if new or full:
        assessed("full", FIRST_PASS + timedelta(hours=1), full=True)
    measured["kilobytes_a_report"] = round(_size(database, folder, address) / 1024 / measured["reports"], 2)
    with database.reading() as session:
        last = max(
            runs.last.started_at for runs in crawls.portal_runs(session, datetime(2099, 1, 1, tzinfo=UTC)).values()
        )
    begun = max(SECOND_PASS, last + timedelta(days=1))
    assessed("nothing_changed", last + timedelta(hours=2))
    few = list(range(0, counties, max(1, counties // 5)))[:5]
    change(database, [few[turn % len(few)] for turn in range(CHANGED)], begun)
    assessed("hundred_changed_in_five_counties", begun + timedelta(hours=1))
    every = [turn * counties // CHANGED % counties for turn in range(CHANGED)]
    change(database, every, begun + timedelta(days=1))
    assessed("hundred_changed_in_as_many_counties", begun + timedelta(days=1, hours=1))
    with timed(measured, "daily_pass_recorded"), database.begin() as session:
        for place in range(counties):
            record_pass(session, place, begun + timedelta(days=2))
    assessed("all_columns_read_nothing_new", begun + timedelta(days=2, hours=1))
    if new or full:
        assessed("due_date_passed", begun + AFTER_THE_DUE_DAY)
    as_of = begun + AFTER_THE_DUE_DAY + timedelta(hours=1)
    measured["completeness_of_a_county"] = fastest(
        lambda turn: from_record(
            database, portals, settings, as_of, year=2023, county=county_of(turn * 131 % counties)
        )
    )
    prefectures = max(1, counties // COUNTIES_A_PREFECTURE)
    measured["completeness_of_a_prefecture"] = fastest(
        lambda turn: from_record(
            database,
            portals,
            settings,
            as_of,
            year=2023,
            counties=[county_of(turn * 7 % prefectures * COUNTIES_A_PREFECTURE + place) for place in range(15)],
        )
    )
    access = Access(Record(database, settings, lambda: as_of, "", Given(portals)), "", Role.VIEWER, Scope())
    measured["overview"] = fastest(lambda _: overview(access, 2023))
    measured["page_of_a_county"] = fastest(lambda turn: county(access, county_of(turn * 131 % counties)))
    missing = PublicationState.MISSING
    measured["list_of_the_missing"] = fastest(lambda turn: in_state(access, YEARS[turn % len(YEARS)], missing))
    measured["peak_megabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    database.close()
    return measured


class Given(KnownPortals):
    """Definitions that stand in no folder."""

    def __init__(self, portals: list[PortalDefinition]) -> None:
        super().__init__(Path())
        self._given = tuple(portals)

    def __call__(self) -> tuple[PortalDefinition, ...]:
        """All of them."""
        return self._given


def _size(database: Database, folder: Path, address: str) -> int:
    """Bytes of the store: on SQLite once everything stands in its one file."""
    if address != SQLITE:
        with database.reading() as session:
            return int(session.scalar(text("SELECT pg_database_size(current_database())")))
    database.close()
    with closing(sqlite3.connect(folder / "nianbao.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "nianbao.sqlite").stat().st_size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=60)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--keep", type=Path, default=None)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--full", action="store_true", help="judge a kept store anew")
    chosen = parser.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="nianbao-large-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        address = SQLITE
        if chosen.postgresql:
            # A large store needs what every server in use does: tables are looked through, and know their size.
            server.start("autovacuum=on", "shared_buffers=128MB")
            server.create("large")
            address = server.url("large").render_as_string()
        print(
            json.dumps(
                measure(folder, chosen.counties, chosen.workers, full=chosen.full, address=address),
                ensure_ascii=False,
            )
        )
    finally:
        server.stop()
        if chosen.keep is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
