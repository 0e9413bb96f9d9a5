"""The captures that bear on one obligation: its report at every address, its files, and the lists around it.

Of the lists those passes are taken that prove something: the last without the report, the first with it, those in
which a version came or went, those on which "missing", "late" or "back-dated" rest, and the latest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from crawler.captures import Archive, ArchiveError
from crawler.portals.definition import PortalDefinition
from crawler.records import Capture
from crawler.warc import LoggedCapture
from monitor.rules.timeliness import ThreeDates
from monitor.settings import Settings
from monitor.standings import columns_of, gather, stand
from monitor.store import evidence as store
from monitor.store import register
from monitor.store.evidence import KeptCapture, Passed, Stood

if TYPE_CHECKING:
    from monitor.store.database import Database

ColumnKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """Captures for one obligation: ``documents`` (pages and their files) and ``lists``, oldest first.

    ``passes`` are the passes over its columns that are among ``lists``, ``watched`` all there were.
    ``dates`` are those of the report, where it was found and is owed.
    """

    stood: tuple[Stood, ...]
    documents: tuple[KeptCapture, ...]
    lists: tuple[KeptCapture, ...]
    passes: tuple[Passed, ...]
    watched: tuple[Passed, ...]
    dates: ThreeDates | None = None

    @property
    def captures(self) -> tuple[KeptCapture, ...]:
        """All, each once."""
        return tuple({one.key: one for one in (*self.lists, *self.documents)}.values())


def select_captures(
    session: Session,
    stood: Sequence[Stood],
    columns: Collection[ColumnKey],
    as_of: datetime,
    *,
    proof: Collection[datetime] = (),
    all_lists: bool = False,
) -> Selection:
    """The captures around the places where a report ``stood`` and the columns in which it may appear.

    ``proof`` are the beginnings of the passes that a finding rests on. ``all_lists``: the lists of every pass.
    """
    columns = {*columns, *((one.portal_id, one.column_id) for one in stood if one.column_id)}
    documents: dict[tuple[str, int], KeptCapture] = {}
    by_portal: dict[str, set[str]] = {}
    for place in stood:
        by_portal.setdefault(place.portal_id, set()).update(filter(None, (place.address, place.parent_address)))
    for portal_id, addresses in by_portal.items():
        for one in store.documents_at(session, portal_id, addresses):
            if one.capture.fetched_at <= as_of:
                documents[one.key] = one
    passes = store.passes_over(session, columns, as_of)
    chosen = passes if all_lists else _chosen(passes, stood, documents.values(), proof)
    lists: dict[tuple[str, int], KeptCapture] = {}
    for portal_id, column_id in sorted({(one.portal_id, one.column_id) for one in chosen}):
        runs = {one.run_id for one in chosen if (one.portal_id, one.column_id) == (portal_id, column_id)}
        lists |= {one.key: one for one in store.lists_of(session, portal_id, column_id, runs)}
    unchanged = [one for one in (*lists.values(), *documents.values()) if one.capture.status == 304]
    for one in store.originals_of(session, unchanged):
        (lists if one.capture.role.value == "list" else documents).setdefault(one.key, one)
    return Selection(
        tuple(stood), _in_order(documents.values()), _in_order(lists.values()), tuple(chosen), tuple(passes)
    )


def _chosen(
    passes: Sequence[Passed], stood: Sequence[Stood], documents: Iterable[KeptCapture], proof: Collection[datetime]
) -> list[Passed]:
    by_column: dict[ColumnKey, list[Passed]] = {}
    for one in passes:
        by_column.setdefault((one.portal_id, one.column_id), []).append(one)
    run_of = {(one.portal_id, one.capture.fetched_at): one.run_id for one in documents}
    wanted: set[tuple[str, ColumnKey]] = set()
    for key, of_column in by_column.items():
        wanted |= {(one.run_id, key) for one in of_column if one.whole and one.at in proof}
        wanted.add((of_column[-1].run_id, key))
    for place in stood:
        key = (place.portal_id, place.column_id or "")
        for moment in filter(None, (place.first_seen_at, place.gone_at)):
            run_id = run_of.get((place.portal_id, moment))
            if run_id:
                wanted.add((run_id, key))
            before = [
                one for one in by_column.get(key, ()) if one.whole and one.ended_at and one.ended_at <= moment
            ]
            if before:
                wanted.add((before[-1].run_id, key))
    return [one for one in passes if (one.run_id, (one.portal_id, one.column_id)) in wanted]


def _in_order(captures: Iterable[KeptCapture]) -> tuple[KeptCapture, ...]:
    return tuple(sorted(captures, key=lambda one: (one.capture.fetched_at, one.key)))


def from_logs(archive: Archive, captures: Iterable[KeptCapture]) -> list[LoggedCapture]:
    """The captures as the logs of their runs tell them, with what was asked; as the database has them where a log
    is gone or damaged."""
    by_run: dict[str, dict[int, KeptCapture]] = {}
    for one in captures:
        by_run.setdefault(one.run_id, {})[one.capture.sequence] = one
    found = []
    for run_id, wanted in sorted(by_run.items()):
        logged = _logged(archive, run_id, wanted)
        found += [LoggedCapture(run_id, logged.get(number, one.capture)) for number, one in sorted(wanted.items())]
    return found


def _logged(archive: Archive, run_id: str, wanted: Collection[int]) -> dict[int, Capture]:
    found: dict[int, Capture] = {}
    try:
        for _, record in archive.read_log(run_id):
            if isinstance(record, Capture) and record.sequence in wanted:
                found[record.sequence] = record
                if len(found) == len(wanted):
                    break
    except ArchiveError:
        return found
    return found


def of_obligation(
    database: Database,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    organ_code: str,
    report_year: int,
    as_of: datetime,
    *,
    all_lists: bool = False,
    proof: Collection[datetime] = (),
) -> Selection:
    """The captures that bear on an organ's report on a year, as of a moment (aware).

    ``proof`` are beginnings of passes that something rests on beside what it rests on now.
    """
    with database.reading() as session:
        county = register.county_by_organ(session, [organ_code]).values()
        record = gather(session, portals, settings, as_of, year=report_year, counties=set(county))
        columns = {(one.portal_id, one.column_id) for one in columns_of(record, organ_code, report_year)}
        standing = next((one for one in stand(record, {}) if one.organ.code == organ_code), None)
        looked_at = standing.looked_at if standing else ()
        resting = {at for one in looked_at for at in (*one.at, *filter(None, (one.latest,)))}
        stood = [
            one for one in store.where_it_stood(session, organ_code, report_year) if one.first_seen_at <= as_of
        ]
        chosen = select_captures(session, stood, columns, as_of, proof={*proof, *resting}, all_lists=all_lists)
        return replace(chosen, dates=standing.dates if standing else None)
