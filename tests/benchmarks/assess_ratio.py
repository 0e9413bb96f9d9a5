"""What a second assessment costs when nothing has changed, against the first of the same reports.

``python -m tests.benchmarks.assess_ratio --reports 10000`` prints one JSON object: seconds of both and their ratio
(the issue's limit: 0.05). The reports are generated, captured into an archive and ingested; between the two
assessments another crawl pass is recorded in which every document was unchanged.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from crawler.captures import Archive
from crawler.clock import SHANGHAI
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import (
    Capture,
    CaptureRole,
    ColumnPass,
    Entry,
    EntryKind,
    Outcome,
    RunFinished,
    RunStarted,
)
from crawler.sandbox.generator import SandboxOrgan, report_title
from crawler.sandbox.sandbox import organs_as_csv
from crawler.sandbox.volume import YEARS, VolumeSite, volume_organ
from monitor.assess import assess
from monitor.ingest import ingest
from monitor.registry.organs import import_organs
from monitor.settings import Settings
from monitor.store.database import open_database

LIMIT = 0.05
HOST = "volume.example"
ORGANS_A_COUNTY = 50
FIRST_PASS = datetime(2024, 2, 2, 6, 30, tzinfo=SHANGHAI)
SECOND_PASS = FIRST_PASS + timedelta(days=1)


@dataclass(frozen=True)
class County:
    """A county of usual size: some of the site's organs, its portal, and the numbers of its reports."""

    organs: tuple[SandboxOrgan, ...]
    portal: PortalDefinition
    numbers: range


def counties_of(site: VolumeSite) -> list[County]:
    """The site's organs as counties."""
    found = []
    for place, start in enumerate(range(0, len(site.organs), ORGANS_A_COUNTY)):
        code = f"99{place:04}"
        organs = tuple(
            replace(organ, county_code=code, county=f"第{place}县")
            for organ in site.organs[start : start + ORGANS_A_COUNTY]
        )
        address = f"http://{HOST}/{place}/"
        column = ColumnDefinition(id="nb", name="政府信息公开年报", address=address)
        portal = PortalDefinition(
            id=f"volume-{place}",
            name=f"第{place}县人民政府",
            county_code=code,
            family="trs",
            hosts=(HOST,),
            columns=(column,),
        )
        last = min(site.reports, (start + len(organs)) * len(YEARS))
        found.append(County(organs, portal, range(start * len(YEARS), last)))
    return found


def path_of(number: int) -> str:
    """The path of report ``number`` on the site."""
    year = YEARS[number % len(YEARS)] + 1
    return f"/zwgk/nb/{year}01/t{year}0110_{1_000_000 + number}.html"


def record_pass(archive: Archive, site: VolumeSite, county: County, at: datetime, digests: dict[int, str]) -> None:
    """Writes the log of a crawl pass over one county's portal; documents in ``digests`` were unchanged."""
    portal = county.portal
    run_id = f"{at:%Y%m%dT%H%M%S}-{portal.id}-000000"
    with archive.start_run(RunStarted(run_id, portal.id, portal.county_code, at, False)) as log:
        sequence = 0
        for number in county.numbers:
            organ, year = volume_organ(number // len(YEARS)), YEARS[number % len(YEARS)]
            address = f"http://{HOST}{path_of(number)}"
            known = number in digests
            if not known:
                digests[number] = archive.put(site.answer(path_of(number), {}).render())
            title = report_title(organ, year)
            sequence += 2
            log.write(Entry(sequence - 1, "nb", address, title, EntryKind.REPORT, None, portal.columns[0].address))
            log.write(
                Capture(
                    sequence=sequence,
                    role=CaptureRole.DOCUMENT,
                    address=address,
                    final_address=address,
                    fetched_at=at + timedelta(seconds=1),
                    status=304 if known else 200,
                    sha256=digests[number],
                    size=0,
                    media_type="text/html",
                    headers={"content-type": "text/html; charset=utf-8"},
                    column_id="nb",
                )
            )
        log.write(ColumnPass(sequence + 1, "nb", Outcome.COLLECTED, True, 1, len(county.numbers)))
        log.finish(RunFinished(run_id, at + timedelta(minutes=1), Outcome.COLLECTED))


def measure(folder: Path, reports: int) -> dict[str, Any]:
    """Seconds of both assessments of ``reports`` reports, in a new database in ``folder``."""
    site = VolumeSite(reports)
    counties = counties_of(site)
    portals = [county.portal for county in counties]
    database = open_database("sqlite:///nianbao.sqlite", folder)
    database.migrate()
    register = folder / "organs.csv"
    organs = [organ for county in counties for organ in county.organs]
    register.write_text(organs_as_csv(organs), encoding="utf-8")
    import_organs(database, register)
    settings = Settings.model_validate({"watch": {"years": list(YEARS)}})
    archive = Archive(folder / "captures")
    digests: dict[int, str] = {}
    seconds: dict[str, float] = {}
    judged = []
    for name, moment in (("first", FIRST_PASS), ("second", SECOND_PASS)):
        for county in counties:
            record_pass(archive, site, county, moment, digests)
        started = perf_counter()
        ingest(database, archive, portals=portals)
        seconds[f"{name}_ingest_seconds"] = perf_counter() - started
        started = perf_counter()
        result = assess(database, portals, settings, moment + timedelta(hours=1))
        seconds[f"{name}_assess_seconds"] = perf_counter() - started
        judged.append(result.judged)
    database.close()
    return {
        "reports": reports,
        **{name: round(each, 3) for name, each in seconds.items()},
        "judged": judged,
        "conditions": result.conditions,
        "ratio": round(seconds["second_assess_seconds"] / seconds["first_assess_seconds"], 4),
        "limit": LIMIT,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=10_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nianbao-assess-") as folder:
        print(json.dumps(measure(Path(folder), chosen.reports), ensure_ascii=False))


if __name__ == "__main__":
    main()
