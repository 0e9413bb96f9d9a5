"""What a second assessment costs when nothing has changed, against the first of the same reports.

``python -m tests.benchmarks.assess_ratio --reports 10000`` prints one JSON object: seconds of both and their ratio
(the issue's limit: 0.05). The reports are generated, captured into an archive and ingested; between the two
assessments another crawl pass is recorded in which every document was unchanged.
"""

from __future__ import annotations

import argparse
import json
import tempfile
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
from crawler.sandbox.generator import report_title
from crawler.sandbox.sandbox import organs_as_csv
from crawler.sandbox.volume import COUNTY_CODE, YEARS, VolumeSite, volume_organ
from monitor.assess import assess
from monitor.ingest import ingest
from monitor.registry.organs import import_organs
from monitor.settings import Settings
from monitor.store.database import Database, open_database

LIMIT = 0.05
HOST = "volume.example"
PORTAL = PortalDefinition(
    id="volume",
    name="万页县人民政府",
    county_code=COUNTY_CODE,
    family="trs",
    hosts=(HOST,),
    columns=(ColumnDefinition(id="nb", name="政府信息公开年报", address=f"http://{HOST}/zwgk/nb/"),),
)
FIRST_PASS = datetime(2024, 2, 2, 6, 30, tzinfo=SHANGHAI)
SECOND_PASS = FIRST_PASS + timedelta(days=1)


def address_of(number: int) -> str:
    """Where report ``number`` of the site stands."""
    year = YEARS[number % len(YEARS)] + 1
    return f"http://{HOST}/zwgk/nb/{year}01/t{year}0110_{1_000_000 + number}.html"


def record_pass(archive: Archive, site: VolumeSite, at: datetime, digests: dict[int, str]) -> None:
    """Writes the log of a crawl pass over the whole site; documents in ``digests`` were unchanged."""
    run_id = f"{at:%Y%m%dT%H%M%S}-volume-000000"
    with archive.start_run(RunStarted(run_id, PORTAL.id, COUNTY_CODE, at, False)) as log:
        sequence = 0
        for number in range(site.reports):
            organ, year = volume_organ(number // len(YEARS)), YEARS[number % len(YEARS)]
            address = address_of(number)
            known = number in digests
            if not known:
                path = address.removeprefix(f"http://{HOST}")
                digests[number] = archive.put(site.answer(path, {}).render())
            title = report_title(organ, year)
            sequence += 2
            log.write(Entry(sequence - 1, "nb", address, title, EntryKind.REPORT, None, PORTAL.columns[0].address))
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
        outcome = Outcome.UNCHANGED if digests else Outcome.COLLECTED
        log.write(ColumnPass(sequence + 1, "nb", outcome, True, 1, site.reports))
        log.finish(RunFinished(run_id, at + timedelta(minutes=1), outcome))


def measure(folder: Path, reports: int) -> dict[str, Any]:
    """Seconds of both assessments of ``reports`` reports, in a new database in ``folder``."""
    site = VolumeSite(reports)
    database: Database = open_database("sqlite:///nianbao.sqlite", folder)
    database.migrate()
    register = folder / "organs.csv"
    register.write_text(organs_as_csv(site.organs), encoding="utf-8")
    import_organs(database, register)
    settings = Settings.model_validate({"watch": {"years": list(YEARS)}})
    archive = Archive(folder / "captures")
    digests: dict[int, str] = {}
    record_pass(archive, site, FIRST_PASS, digests)
    started = perf_counter()
    ingested = ingest(database, archive, portals=[PORTAL])
    ingesting = perf_counter() - started
    started = perf_counter()
    first = assess(database, [PORTAL], settings, FIRST_PASS + timedelta(hours=1))
    first_seconds = perf_counter() - started
    record_pass(archive, site, SECOND_PASS, digests)
    started = perf_counter()
    ingest(database, archive, portals=[PORTAL])
    reingesting = perf_counter() - started
    started = perf_counter()
    second = assess(database, [PORTAL], settings, SECOND_PASS + timedelta(hours=1))
    second_seconds = perf_counter() - started
    database.close()
    return {
        "reports": reports,
        "versions": ingested.versions,
        "ingest_seconds": round(ingesting, 2),
        "second_ingest_seconds": round(reingesting, 2),
        "first_assess_seconds": round(first_seconds, 2),
        "second_assess_seconds": round(second_seconds, 3),
        "judged": [first.judged, second.judged],
        "conditions": [first.conditions, second.conditions],
        "ratio": round(second_seconds / first_seconds, 4),
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
