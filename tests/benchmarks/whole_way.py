"""The whole way from pages to versions, timed against a bare spider (run by tests.benchmarks.whole_ratio)."""

from __future__ import annotations

import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crawler.captures import Archive
from crawler.forks import fork_server
from crawler.runner import PRELOADED as CRAWLING
from crawler.sandbox.sandbox import organs_as_csv
from crawler.sandbox.volume import VolumeSite
from monitor.ingest import ingest
from monitor.meanwhile import Meanwhile
from monitor.parsing import PRELOADED as PARSING
from monitor.parsing import ParsePool
from monitor.registry.organs import import_organs
from monitor.store.database import open_database
from tests.benchmarks.crawl_ratio import measure
from tests.benchmarks.crawl_server import portal_of

DATABASE = "sqlite:///nianbao.sqlite"


def prepare(folder: Path, reports: int) -> Path:
    """A database with the portal's organs registered, to begin each round from; gives back its file."""
    register = folder / "organs.csv"
    register.write_text(organs_as_csv(VolumeSite(reports).organs), encoding="utf-8")
    database = open_database(DATABASE, folder)
    database.migrate()
    import_organs(database, register)
    database.close()
    return folder / "nianbao.sqlite"


def whole_ratio(pages: int, rounds: int) -> dict[str, Any]:
    """The comparison as data. Every page must have become a version, or the run means nothing."""
    with tempfile.TemporaryDirectory(prefix="nianbao-whole-") as name:
        prepared = prepare(Path(name), pages)
        fork_server((*CRAWLING, *PARSING))

        before = _peak_mb(resource.RUSAGE_SELF)

        @contextmanager
        def to_versions(archive_root: Path) -> Iterator[None]:
            shutil.copy(prepared, archive_root / prepared.name)
            database = open_database(DATABASE, archive_root)
            archive, portals = Archive(archive_root), (portal_of(80),)
            with ParsePool(archive_root) as pool:
                meanwhile = Meanwhile(database, archive, portals, pool)
                with meanwhile.going_on():
                    yield
                result = ingest(database, archive, portals=portals, pool=pool).after(meanwhile.result)
            database.close()
            assert result.versions >= min(pages, 1000), f"{result.versions} versions of {pages} pages"
            assert result.documents == pages, f"{result.documents} of {pages} documents were parsed"

        measured = measure(pages, rounds, to_versions)
    measured["monitor_peak_mb"] = _peak_mb(resource.RUSAGE_SELF)
    measured["monitor_prepared_mb"] = before
    return measured


def _peak_mb(who: int) -> float:
    return round(resource.getrusage(who).ru_maxrss / 1024, 1)
