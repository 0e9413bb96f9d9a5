"""Running a crawl in a test and reading what it left."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from crawler.captures import Archive, Place
from crawler.clock import Clock
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import Capture, CaptureRole, ColumnPass, Entry, KnownDocument, Record, RunFinished
from crawler.runner import CrawlJob, CrawlOptions, crawl, new_run_id
from tests.crawler.website import Website

OneRecord = TypeVar("OneRecord", bound=Record)


def portal(site: Website, columns: tuple[str, ...] = ("/nb/",), **fields: Any) -> PortalDefinition:
    """The definition of a site's portal, its columns at these paths or addresses."""
    given: dict[str, Any] = {
        "id": "test",
        "name": "测试",
        "county_code": "990101",
        "family": "trs",
        "hosts": (site.host,),
        "request_interval": 0,
        "columns": tuple(
            ColumnDefinition(id=f"c{number}", name="年报", address=path if "://" in path else site.address + path)
            for number, path in enumerate(columns, start=1)
        ),
    }
    return PortalDefinition(**{**given, **fields})


def options(**fields: Any) -> CrawlOptions:
    """Options for a portal on this machine: nothing waits long."""
    given: dict[str, Any] = {
        "allow_private_addresses": True,
        "retry_pause": 0.01,
        "retries": 1,
        "request_seconds": 5.0,
        "grace_seconds": 5.0,
    }
    return CrawlOptions(**{**given, **fields})


def job(
    definition: PortalDefinition, root: Place | Path, chosen: CrawlOptions | None = None, **fields: Any
) -> CrawlJob:
    """A job for this portal."""
    clock = fields.pop("clock", Clock())
    return CrawlJob(
        definition,
        new_run_id(clock.now(), definition.id),
        root,
        options=chosen or options(),
        clock=clock,
        **fields,
    )


def crawled(
    definition: PortalDefinition, root: Place | Path, chosen: CrawlOptions | None = None, **fields: Any
) -> Log:
    """Crawl one portal and return what was recorded."""
    one = job(definition, root, chosen, **fields)
    finished = crawl([one])[0]
    return Log(root, one.run_id, finished)


class Log:
    """What a run recorded."""

    def __init__(self, root: Place | Path, run_id: str, finished: RunFinished) -> None:
        self.archive = Archive(root)
        self.finished = finished
        self.records = [record for _, record in self.archive.read_log(run_id)]

    def of(self, kind: type[OneRecord]) -> list[OneRecord]:
        """The records of one kind."""
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def captures(self) -> list[Capture]:
        """All captures."""
        return self.of(Capture)

    @property
    def entries(self) -> list[Entry]:
        """All listed entries."""
        return self.of(Entry)

    @property
    def columns(self) -> dict[str, ColumnPass]:
        """How each column fared."""
        return {column.column_id: column for column in self.of(ColumnPass)}

    def capture(self, ending: str) -> Capture:
        """The one capture whose address ends so."""
        (found,) = [capture for capture in self.captures if capture.address.endswith(ending)]
        return found

    def known(self) -> dict[str, KnownDocument]:
        """What the next run is told: what this one captured."""
        return {
            capture.address: KnownDocument(
                capture.sha256,
                capture.headers.get("etag"),
                capture.headers.get("last-modified"),
                capture.column_id,
                CaptureRole(capture.role),
            )
            for capture in self.captures
            if capture.sha256 and not capture.problem
        }


def assert_apart(times: list[float], interval: float) -> None:
    """Requests came at least an interval apart. A busy server notes one late, so a single gap may look shorter."""
    assert times[-1] - times[0] > 0.92 * interval * (len(times) - 1)
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.5 * interval
