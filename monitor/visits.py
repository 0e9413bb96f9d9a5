"""How portals are visited by the settings, and the dry pass that says whether definitions still work."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.captures import Archive
from crawler.clock import Clock
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.recheck import Recheck
from crawler.records import Capture, CaptureRole, ColumnPass, RunFinished
from crawler.runner import CrawlJob, CrawlOptions, Progress, crawl, new_run_id
from monitor.settings import Settings
from monitor.standings import covers
from monitor.store.register import RegisteredOrgan

if TYPE_CHECKING:
    from crawler.discovery.looking import Seen

DRY_PAGES = 4
"""How many pages of a column's list a dry pass reads. Some software lists nothing before the third."""


def crawl_options(settings: Settings) -> CrawlOptions:
    """The crawl settings as the crawler takes them."""
    chosen = settings.crawl
    return CrawlOptions(
        request_interval=chosen.request_interval,
        user_agent=chosen.user_agent,
        contact=chosen.contact,
        run_seconds=chosen.run_seconds,
        request_seconds=chosen.request_seconds,
        largest_document=chosen.largest_document,
        obey_robots=chosen.obey_robots,
        allow_private_addresses=chosen.allow_private_addresses,
        recheck=Recheck(days=chosen.recheck_days),
    )


@dataclass(frozen=True, slots=True)
class PortalCheck:
    """How one portal fared in a dry pass: its run, how each column did, and each column's first page by its id."""

    portal: PortalDefinition
    run: RunFinished
    columns: tuple[ColumnPass, ...]
    first_pages: Mapping[str, Seen] = field(default_factory=dict)

    @property
    def works(self) -> bool:
        """Whether every column was read; that a list is longer than a dry pass reads is no failure."""
        return bool(self.columns) and all(
            column.outcome.whole or column.problem == "too_many_pages" for column in self.columns
        )


def organs_of(
    portal: PortalDefinition, column: ColumnDefinition, organs: Iterable[RegisteredOrgan]
) -> list[RegisteredOrgan]:
    """The organs that a column counts for: an organ whose report is not found there may be told to be missing.

    Those of the portal's county that the column covers, and any that it names by code.
    """
    return [
        organ
        for organ in organs
        if organ.code in (column.organ, *column.covers)
        or (organ.county_code == portal.county_code and covers(column, organ.code, organ.kind.value))
    ]


def stand_in(file: Path, county_code: str, name: str) -> PortalDefinition:
    """A portal in place of a definition in ``file`` that cannot be used. It is never crawled.

    Which organs publish there nobody knows, so its one column counts for all of the county, and none of them is
    told to be missing while nothing was read there.
    """
    column = ColumnDefinition.model_construct(id="unread", name=name, address="", organ=None, covers=(), years=())
    return PortalDefinition.model_construct(
        id=f"!{file.name}/{county_code}",
        name=name,
        county_code=county_code,
        family="generic",
        hosts=(),
        columns=(column,),
        request_interval=None,
    )


def dry_pass(
    settings: Settings, clock: Clock, portals: Sequence[PortalDefinition], on_progress: Progress | None = None
) -> list[PortalCheck]:
    """Visits ``portals`` without keeping anything: into an archive that is thrown away, few pages of each list."""
    options = replace(crawl_options(settings), most_pages=DRY_PAGES)
    with tempfile.TemporaryDirectory(prefix="nianbao-check-") as folder:
        archive = Archive(Path(folder))
        now = clock.now()
        jobs = [
            CrawlJob(portal, new_run_id(now, portal.id), archive.root, known={}, options=options, clock=clock)
            for portal in portals
        ]
        ended = {run.run_id: run for run in crawl(jobs, settings.crawl.portals_at_once, on_progress)}
        return [
            PortalCheck(
                job.portal,
                ended[job.run_id],
                tuple(record for _, record in archive.read_log(job.run_id) if isinstance(record, ColumnPass)),
                _first_pages(archive, job.run_id),
            )
            for job in jobs
        ]


def _first_pages(archive: Archive, run_id: str) -> dict[str, Seen]:
    """The first page of each column as it was answered."""
    from crawler.discovery.looking import seen_of

    found: dict[str, Seen] = {}
    for _, record in archive.read_log(run_id):
        if isinstance(record, Capture) and record.role is CaptureRole.LIST and record.column_id not in found:
            found[record.column_id or ""] = seen_of(record.address, record, archive)
    return found
