"""What crawls brought, in the database: runs, captures, listed entries, passes over columns, known addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable, String, Table, case, column, exists, func, insert, or_, select, update
from sqlalchemy import values as rows_of
from sqlalchemy.orm import Session, aliased

from crawler.portals.definition import PortalDefinition
from crawler.records import (
    Capture,
    CaptureRole,
    ColumnPass,
    Entry,
    EntryKind,
    KnownDocument,
    Outcome,
    RunFinished,
    RunStarted,
)
from monitor.store.database import chunks
from monitor.store.engines import insert_into
from monitor.store.marks import Kind, mark
from monitor.store.tables import CaptureRow, ChangeMark, ColumnPassRow, EntryRow, Page, Run, Sighting
from parsers.titles import FIRST_REPORT_YEAR, LAST_REPORT_YEAR

if TYPE_CHECKING:
    from monitor.store.database import Database

GONE = ("gone", "soft_404")
"""Problems of a capture that say the document is not there any more."""


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """How far the log of a run is in the database."""

    run_id: str
    portal_id: str
    started_at: datetime
    lines: int
    finished: bool


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How one run ended."""

    portal_id: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    problem: str | None


@dataclass(frozen=True, slots=True)
class PassSummary:
    """How one column fared in one finished run: ``at`` is the start of the run, ``ended_at`` its end.

    ``address`` is that of the column in the definition of the day, None where it was not kept.
    """

    portal_id: str
    column_id: str
    at: datetime
    ended_at: datetime
    outcome: Outcome
    whole: bool
    address: str | None = None


def imported_runs(session: Session) -> dict[str, ImportedRun]:
    """All runs of which the database knows, by id."""
    statement = select(Run.id, Run.portal_id, Run.started_at, Run.imported_lines, Run.finished_at)
    return {row[0]: ImportedRun(*row[:4], row[4] is not None) for row in session.execute(statement)}


def imported_run(session: Session, run_id: str) -> ImportedRun | None:
    """How far the log of one run is in the database; None where nothing of it is."""
    row = session.get(Run, run_id)
    return (
        ImportedRun(row.id, row.portal_id, row.started_at, row.imported_lines, row.finished_at is not None)
        if row
        else None
    )


def add_run(session: Session, started: RunStarted) -> ImportedRun:
    """The first line of a log."""
    session.execute(
        insert(Run),
        [
            {
                "id": started.run_id,
                "portal_id": started.portal_id,
                "county_code": started.county_code,
                "started_at": started.started_at,
                "finished_at": None,
                "full": started.full,
                "outcome": None,
                "problem": None,
                "counts": {},
                "imported_lines": 1,
            }
        ],
    )
    return ImportedRun(started.run_id, started.portal_id, started.started_at, 1, False)


def add_records(
    session: Session, run: ImportedRun, records: Sequence[Capture | Entry | ColumnPass | RunFinished], lines: int
) -> ImportedRun:
    """Further lines of a log; ``lines`` is how many of them are then in the database."""
    captures = [record for record in records if isinstance(record, Capture)]
    entries = [record for record in records if isinstance(record, Entry)]
    passes = [record for record in records if isinstance(record, ColumnPass)]
    finished = next((record for record in records if isinstance(record, RunFinished)), None)
    _add_captures(session, run, captures)
    _add_entries(session, run, entries)
    _add_passes(session, run, passes)
    values: dict[str, Any] = {"imported_lines": lines}
    if finished is not None:
        values |= {
            "finished_at": finished.finished_at,
            "outcome": finished.outcome.value,
            "problem": finished.problem,
            "counts": dict(finished.counts),
        }
        session.execute(
            update(ColumnPassRow).where(ColumnPassRow.run_id == run.run_id).values(ended_at=finished.finished_at)
        )
    session.execute(update(Run).where(Run.id == run.run_id).values(**values))
    mark(session, Kind.PASSES, [run.portal_id], finished.finished_at if finished else run.started_at)
    return ImportedRun(run.run_id, run.portal_id, run.started_at, lines, finished is not None)


def known_documents(database: Database, portal_id: str) -> dict[str, KnownDocument]:
    """What the record knows of a portal's addresses, for conditional requests.

    Those that are gone are left out once a second pass has asked for them: one answer may be a mishap.
    """
    last_begun = select(func.max(Run.started_at)).where(Run.portal_id == portal_id).scalar_subquery()
    gone = exists().where(
        Sighting.portal_id == Page.portal_id,
        Sighting.address == Page.address,
        Sighting.current.is_(True),
        Sighting.gone_at < last_begun,
    )
    statement = select(
        Page.address, Page.sha256, Page.etag, Page.last_modified, Page.column_id, Page.role, Page.seen_at
    ).where(Page.portal_id == portal_id, ~gone)
    shown = select(Sighting.address, Sighting.first_seen_at).where(
        Sighting.portal_id == portal_id, Sighting.current.is_(True), Sighting.gone_at.is_(None)
    )
    had = exists().where(Page.portal_id == CaptureRow.portal_id, Page.address == CaptureRow.address)
    lacking = select(CaptureRow.parent_address).where(
        CaptureRow.portal_id == portal_id,
        CaptureRow.role == CaptureRole.ATTACHMENT.value,
        CaptureRow.problem.is_not(None),
        ~had,
    )
    with database.reading() as session:
        since = {row[0]: row[1] for row in session.execute(shown)}
        unsettled = set(session.scalars(lacking.distinct()))
        return {
            row[0]: KnownDocument(
                row[1], row[2], row[3], row[4], CaptureRole(row[5]), row[6], since.get(row[0]), row[0] in unsettled
            )
            for row in session.execute(statement)
        }


def listed_rows(database: Database, portal_id: str) -> frozenset[tuple[str, str]]:
    """Address and digest (:attr:`crawler.records.Entry.digest`) of the rows of a portal as they last read."""
    statement = (
        select(EntryRow.column_id, EntryRow.address, EntryRow.digest, EntryRow.last_listed_at)
        .where(EntryRow.portal_id == portal_id)
        .order_by(EntryRow.last_listed_at)
    )
    last: dict[tuple[str, str], tuple[datetime, set[str]]] = {}
    with database.reading() as session:
        for column_id, address, digest, at in session.execute(statement):
            known = last.get((column_id, address))
            if known is not None and known[0] == at:
                known[1].add(digest)
            else:
                last[column_id, address] = (at, {digest})
    return frozenset((address, digest) for (_, address), (_, digests) in last.items() for digest in digests)


@dataclass(frozen=True, slots=True)
class PortalRuns:
    """How the finished runs of one portal went: the first, the last and the last whole one, and since then.

    ``failing``: so many runs after the last whole one, none of them whole.
    """

    first_started_at: datetime
    last: RunSummary
    last_whole: RunSummary | None
    failing: int


def portal_runs(session: Session, as_of: datetime) -> dict[str, PortalRuns]:
    """How the runs that had ended by ``as_of`` went, by portal; portals without any are left out."""
    whole = Run.outcome.in_([outcome.value for outcome in Outcome if outcome.whole])
    ended = (Run.finished_at.is_not(None), Run.finished_at <= as_of)
    bounds = (
        select(
            Run.portal_id.label("portal_id"),
            func.min(Run.started_at).label("first"),
            func.max(Run.started_at).label("last"),
            func.max(case((whole, Run.started_at))).label("whole"),
        )
        .where(*ended)
        .group_by(Run.portal_id)
        .subquery()
    )
    since = or_(bounds.c.whole.is_(None), Run.started_at >= bounds.c.whole)
    statement = (
        select(
            Run.portal_id,
            Run.started_at,
            Run.finished_at,
            Run.outcome,
            Run.problem,
            bounds.c.first,
            bounds.c.whole,
        )
        .join(bounds, bounds.c.portal_id == Run.portal_id)
        .where(*ended, since)
        .order_by(Run.portal_id, Run.started_at)
    )
    found: dict[str, PortalRuns] = {}
    for row in session.execute(statement):
        run = RunSummary(row[0], row[1], row[2] or row[1], Outcome(row[3]), row[4])
        before = found.get(run.portal_id)
        found[run.portal_id] = PortalRuns(
            row[5],
            run,
            run if run.outcome.whole else before.last_whole if before else None,
            0 if run.outcome.whole else (before.failing if before else 0) + 1,
        )
    return found


def crawled_ever(session: Session) -> bool:
    """Whether any portal was ever visited."""
    return session.scalar(select(Run.id).limit(1)) is not None


def last_runs(session: Session, as_of: datetime, since: datetime | None = None) -> list[RunSummary]:
    """All runs that had ended by ``as_of``, oldest first; with ``since`` only those that began then or later."""
    statement = (
        select(Run.portal_id, Run.started_at, Run.finished_at, Run.outcome, Run.problem)
        .where(Run.finished_at.is_not(None), Run.finished_at <= as_of)
        .order_by(Run.started_at, Run.id)
    )
    if since is not None:
        statement = statement.where(Run.started_at >= since)
    rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(statement)]
    return [RunSummary(row[0], row[1], row[2], Outcome(row[3]), row[4]) for row in rows]


def column_passes(session: Session, as_of: datetime, portals: Collection[str] | None = None) -> list[PassSummary]:
    """All passes over columns in runs that had ended by ``as_of``, oldest first; ``portals``: of these alone."""
    statement = (
        select(*_PASS)
        .where(ColumnPassRow.ended_at.is_not(None), ColumnPassRow.ended_at <= as_of)
        .order_by(ColumnPassRow.at, ColumnPassRow.id)
    )
    if portals is not None:
        statement = statement.where(ColumnPassRow.portal_id.in_(sorted(portals)))
    return _passes(session, statement)


def last_read_whole(session: Session, portals: Iterable[PortalDefinition]) -> dict[tuple[str, str], bool]:
    """Whether the last pass of a finished run over a column was whole, by portal and column of these portals.

    Columns that were never crawled are not in it. What it costs goes with the number of portals, however many
    passes there were.
    """
    declared = {portal.id: {column.id for column in portal.columns} for portal in portals}
    read = (ColumnPassRow.portal_id, ColumnPassRow.column_id, ColumnPassRow.whole)
    # Where anything was recorded of a portal it bears a mark: a list of all portals that the database has.
    last_run = (
        select(Run.id)
        .where(Run.portal_id == ChangeMark.key, Run.finished_at.is_not(None))
        .order_by(Run.started_at.desc(), Run.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    in_last_run = (
        select(*read)
        .select_from(ChangeMark)
        .join(ColumnPassRow, ColumnPassRow.run_id == last_run)
        .where(ChangeMark.kind == Kind.PASSES.value)
        .order_by(ColumnPassRow.id)
    )
    if len(declared) <= _FEW:
        in_last_run = in_last_run.where(ChangeMark.key.in_(sorted(declared)))
    found = {
        (portal_id, column_id): whole
        for portal_id, column_id, whole in session.execute(in_last_run)
        if column_id in declared.get(portal_id, ())
    }
    # A run that broke off, or one over some columns, says nothing of the others.
    others = [
        (portal_id, column_id)
        for portal_id, columns in declared.items()
        for column_id in sorted(columns)
        if (portal_id, column_id) not in found
    ]
    for keys in chunks(others, 1000):
        asked = rows_of(column("portal_id", String), column("column_id", String), name="asked").data(keys).cte()
        one = aliased(ColumnPassRow)
        newest = (
            select(one.id)
            .where(
                one.portal_id == asked.c.portal_id,
                one.column_id == asked.c.column_id,
                one.ended_at.is_not(None),
            )
            .order_by(one.at.desc(), one.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        earlier = select(*read).select_from(asked).join(ColumnPassRow, ColumnPassRow.id == newest)
        found |= {(row[0], row[1]): row[2] for row in session.execute(earlier)}
    return found


_FEW = 100
"""So many portals are named in a statement."""
_PASS = (
    ColumnPassRow.portal_id,
    ColumnPassRow.column_id,
    ColumnPassRow.at,
    ColumnPassRow.ended_at,
    ColumnPassRow.outcome,
    ColumnPassRow.whole,
    ColumnPassRow.address,
)


def _passes(session: Session, statement: Executable) -> list[PassSummary]:
    rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(statement)]
    return [PassSummary(row[0], row[1], row[2], row[3], Outcome(row[4]), row[5], row[6]) for row in rows]


def _add_captures(session: Session, run: ImportedRun, captures: Sequence[Capture]) -> None:
    if not captures:
        return
    session.execute(
        insert(CaptureRow),
        [
            {
                "run_id": run.run_id,
                "portal_id": run.portal_id,
                "sequence": capture.sequence,
                "role": capture.role.value,
                "address": capture.address,
                "final_address": capture.final_address,
                "fetched_at": capture.fetched_at,
                "status": capture.status,
                "sha256": capture.sha256,
                "size": capture.size,
                "media_type": capture.media_type,
                "headers": dict(capture.headers),
                "column_id": capture.column_id,
                "parent_address": capture.parent_address,
                "problem": capture.problem,
                "ingested": not _matters(capture),
            }
            for capture in captures
        ],
    )
    pages = {
        capture.address: {
            "portal_id": run.portal_id,
            "address": capture.address,
            "role": capture.role.value,
            "column_id": capture.column_id,
            "sha256": capture.sha256,
            "etag": capture.headers.get("etag"),
            "last_modified": capture.headers.get("last-modified"),
            "seen_at": capture.fetched_at,
        }
        for capture in captures
        # What a form was answered says nothing of the page that the same address shows.
        if capture.sha256 is not None and capture.problem is None and capture.method == "GET"
    }
    _upsert(session, Page, list(pages.values()), ("portal_id", "address"), tuple(_PAGE_VALUES))


_PAGE_VALUES = ("role", "column_id", "sha256", "etag", "last_modified", "seen_at")


def _matters(capture: Capture) -> bool:
    """Whether something may follow from a capture: a body that may be a report, or word that it is gone."""
    if capture.role is CaptureRole.LIST:
        return False
    return capture.problem in GONE or (capture.problem is None and capture.sha256 is not None)


def _add_entries(session: Session, run: ImportedRun, entries: Sequence[Entry]) -> None:
    rows = {}
    for entry in entries:
        rows[entry.column_id, entry.address, entry.digest] = {
            "portal_id": run.portal_id,
            "column_id": entry.column_id,
            "address": entry.address,
            "title": entry.title,
            "kind": entry.kind.value,
            "shown_on": entry.shown_on,
            "list_address": entry.list_address,
            "first_run_id": run.run_id,
            "first_listed_at": run.started_at,
            "last_run_id": run.run_id,
            "last_listed_at": run.started_at,
            "digest": entry.digest,
            "organ": entry.organ,
            "organ_code": entry.organ_code,
            "report_year": _year(entry.report_year),
        }
    keys = ("portal_id", "column_id", "address", "digest")
    _upsert(session, EntryRow, list(rows.values()), keys, ("last_run_id", "last_listed_at", "list_address"))


def _year(said: int | None) -> int | None:
    """A report year that a list says; None for a number that is none."""
    return said if said is not None and FIRST_REPORT_YEAR <= said <= LAST_REPORT_YEAR else None


def _add_passes(session: Session, run: ImportedRun, passes: Iterable[ColumnPass]) -> None:
    rows = [
        {
            "run_id": run.run_id,
            "sequence": one.sequence,
            "portal_id": run.portal_id,
            "column_id": one.column_id,
            "at": run.started_at,
            "ended_at": None,
            "outcome": one.outcome.value,
            "whole": one.whole,
            "pages": one.pages,
            "entries": one.entries,
            "declared": one.declared,
            "problem": one.problem,
            "address": one.address,
        }
        for one in passes
    ]
    if rows:
        session.execute(insert(ColumnPassRow), rows)


def _upsert(
    session: Session, model: Any, rows: list[dict[str, Any]], keys: Sequence[str], values: Sequence[str]
) -> None:
    """Inserts rows; where one with the same keys is there, its ``values`` are replaced."""
    if not rows:
        return
    table: Table = model.__table__
    statement: Any = insert_into(session, table)
    statement = statement.on_conflict_do_update(
        index_elements=list(keys), set_={name: statement.excluded[name] for name in values}
    )
    session.connection().execute(statement, rows)


@dataclass(frozen=True, slots=True)
class PendingAddress:
    """An address with captures from which nothing has followed yet."""

    portal_id: str
    address: str
    role: CaptureRole


@dataclass(frozen=True, slots=True)
class SeenCapture:
    """One capture of an address, as far as the history of its content needs it.

    ``gone`` is True only with the proof of it: the run has ended, and the column was read whole without the
    address. (A column that lists a page which is not there was not crawled whole.)
    """

    portal_id: str
    county_code: str
    address: str
    role: CaptureRole
    column_id: str | None
    parent_address: str | None
    fetched_at: datetime
    sha256: str | None
    media_type: str | None
    content_type: str | None
    gone: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One row of a list for an address, and when it was first and last read so.

    ``organ``, ``organ_code`` and ``report_year`` are what the list says outside the title.
    """

    column_id: str
    title: str
    kind: str
    shown_on: Any
    first_listed_at: datetime
    last_listed_at: datetime
    organ: str | None = None
    organ_code: str | None = None
    report_year: int | None = None


def extend_sightings(session: Session) -> int:
    """Settles the captures of documents that are still what they were; gives how many addresses that were.

    An address that shows the bytes of its current sighting, and nothing else since, needs no second look.
    """
    waiting = (
        select(
            CaptureRow.portal_id.label("portal_id"),
            CaptureRow.address.label("address"),
            func.max(CaptureRow.sha256).label("sha256"),
            func.max(CaptureRow.fetched_at).label("at"),
        )
        .where(CaptureRow.ingested.is_(False))
        .group_by(CaptureRow.portal_id, CaptureRow.address)
        .having(
            func.min(CaptureRow.sha256) == func.max(CaptureRow.sha256),
            func.count(CaptureRow.problem) == 0,
            func.count(CaptureRow.sha256) == func.count(),
        )
        .subquery()
    )
    extended = session.connection().execute(
        update(Sighting)
        .values(last_seen_at=waiting.c.at)
        .where(
            Sighting.portal_id == waiting.c.portal_id,
            Sighting.address == waiting.c.address,
            Sighting.sha256 == waiting.c.sha256,
            Sighting.current.is_(True),
            Sighting.gone_at.is_(None),
            Sighting.last_seen_at <= waiting.c.at,
        )
    )
    settled = exists().where(
        Sighting.portal_id == CaptureRow.portal_id,
        Sighting.address == CaptureRow.address,
        Sighting.sha256 == CaptureRow.sha256,
        Sighting.current.is_(True),
        Sighting.gone_at.is_(None),
        Sighting.last_seen_at >= CaptureRow.fetched_at,
        Sighting.first_seen_at <= CaptureRow.fetched_at,
    )
    session.connection().execute(
        update(CaptureRow)
        .values(ingested=True)
        .where(CaptureRow.ingested.is_(False), CaptureRow.problem.is_(None), settled)
    )
    return extended.rowcount


def pending_addresses(session: Session, *, everything: bool = False) -> list[PendingAddress]:
    """Addresses with captures that are not settled (or all addresses of documents), documents before attachments.

    Word that a document is gone waits for the end of its run: only then is it known whether the list was whole.
    """
    statement = select(
        CaptureRow.portal_id, CaptureRow.address, func.max(CaptureRow.role), func.min(CaptureRow.id)
    ).where(CaptureRow.role != CaptureRole.LIST.value)
    if not everything:
        over = exists().where(Run.id == CaptureRow.run_id, Run.finished_at.is_not(None))
        statement = statement.where(CaptureRow.ingested.is_(False), CaptureRow.problem.is_(None) | over)
    statement = statement.group_by(CaptureRow.portal_id, CaptureRow.address)
    rows = sorted(session.execute(statement), key=lambda row: (row[2] == CaptureRole.ATTACHMENT.value, row[3]))
    return [PendingAddress(row[0], row[1], CaptureRole(row[2])) for row in rows]


def parents_of(session: Session, attachments: Sequence[PendingAddress]) -> list[PendingAddress]:
    """The pages that some attachments hang on."""
    found: dict[PendingAddress, None] = {}
    for portal_id in sorted({one.portal_id for one in attachments}):
        for part in chunks([one.address for one in attachments if one.portal_id == portal_id]):
            statement = (
                select(CaptureRow.parent_address)
                .where(
                    CaptureRow.portal_id == portal_id,
                    CaptureRow.address.in_(part),
                    CaptureRow.parent_address.is_not(None),
                )
                .distinct()
            )
            for parent in session.scalars(statement):
                found[PendingAddress(portal_id, parent or "", CaptureRole.DOCUMENT)] = None
    return list(found)


def attached_to(session: Session, portal_id: str, pages: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """By page, its attachments that were captured: the address and the latest digest of each."""
    latest: dict[str, dict[str, str]] = {}
    for part in chunks(pages):
        statement = (
            select(CaptureRow.parent_address, CaptureRow.address, CaptureRow.sha256)
            .where(
                CaptureRow.portal_id == portal_id,
                CaptureRow.role == CaptureRole.ATTACHMENT.value,
                CaptureRow.parent_address.in_(part),
                CaptureRow.problem.is_(None),
                CaptureRow.sha256.is_not(None),
            )
            .order_by(CaptureRow.fetched_at, CaptureRow.id)
        )
        for parent, address, sha256 in session.execute(statement):
            latest.setdefault(parent or "", {})[address] = sha256 or ""
    return {parent: tuple(sorted(found.items())) for parent, found in latest.items()}


def captures_of(session: Session, portal_id: str, addresses: Sequence[str]) -> dict[str, list[SeenCapture]]:
    """All captures of some addresses from which something may follow, oldest first, by address."""
    found: dict[str, list[SeenCapture]] = {address: [] for address in addresses}
    listed = aliased(EntryRow)
    is_listed = (
        exists()
        .where(
            listed.portal_id == CaptureRow.portal_id,
            listed.address == CaptureRow.address,
            listed.column_id == CaptureRow.column_id,
            (listed.first_run_id == CaptureRow.run_id) | (listed.last_run_id == CaptureRow.run_id),
        )
        .correlate(CaptureRow)
    )
    was_whole = (
        exists()
        .where(
            ColumnPassRow.run_id == CaptureRow.run_id,
            ColumnPassRow.column_id == CaptureRow.column_id,
            ColumnPassRow.whole.is_(True),
        )
        .correlate(CaptureRow)
    )
    for part in chunks(addresses):
        statement = (
            select(
                CaptureRow.portal_id,
                Run.county_code,
                CaptureRow.address,
                CaptureRow.role,
                CaptureRow.column_id,
                CaptureRow.parent_address,
                CaptureRow.fetched_at,
                CaptureRow.sha256,
                CaptureRow.media_type,
                CaptureRow.headers,
                CaptureRow.problem,
                (Run.finished_at.is_not(None) & was_whole & ~is_listed),
            )
            .join(Run, Run.id == CaptureRow.run_id)
            .where(
                CaptureRow.portal_id == portal_id,
                CaptureRow.address.in_(part),
                CaptureRow.role != CaptureRole.LIST.value,
                CaptureRow.problem.is_(None) | CaptureRow.problem.in_(GONE),
            )
            .order_by(CaptureRow.fetched_at, CaptureRow.id)
        )
        for row in session.execute(statement):
            gone = row[10] is not None
            if (gone and not row[11]) or (not gone and row[7] is None):
                continue
            found[row[2]].append(
                SeenCapture(
                    portal_id=row[0],
                    county_code=row[1],
                    address=row[2],
                    role=CaptureRole(row[3]),
                    column_id=row[4],
                    parent_address=row[5],
                    fetched_at=row[6],
                    sha256=None if gone else row[7],
                    media_type=row[8],
                    content_type=row[9].get("content-type"),
                    gone=gone,
                )
            )
    return found


def listings_of(session: Session, portal_id: str, addresses: Sequence[str]) -> dict[str, list[Listing]]:
    """How some addresses were listed, oldest first, by address."""
    found: dict[str, list[Listing]] = {}
    for part in chunks(addresses):
        statement = (
            select(
                EntryRow.address,
                EntryRow.column_id,
                EntryRow.title,
                EntryRow.kind,
                EntryRow.shown_on,
                EntryRow.first_listed_at,
                EntryRow.last_listed_at,
                EntryRow.organ,
                EntryRow.organ_code,
                EntryRow.report_year,
            )
            .where(EntryRow.portal_id == portal_id, EntryRow.address.in_(part))
            .order_by(EntryRow.first_listed_at, EntryRow.id)
        )
        rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(statement)]
        for row in rows:
            found.setdefault(row[0], []).append(Listing(*row[1:]))
    return found


def mark_ingested(session: Session, portal_id: str, addresses: Sequence[str]) -> None:
    """What follows from the captures of these addresses stands in the record now.

    Word that a document is gone stays open while its run goes on.
    """
    over = exists().where(Run.id == CaptureRow.run_id, Run.finished_at.is_not(None))
    for part in chunks(addresses):
        session.connection().execute(
            update(CaptureRow)
            .values(ingested=True)
            .where(
                CaptureRow.portal_id == portal_id,
                CaptureRow.address.in_(part),
                CaptureRow.ingested.is_(False),
                CaptureRow.problem.is_(None) | over,
            )
        )


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """A row of a list that was not taken for a report, as it was last listed."""

    portal_id: str
    column_id: str
    address: str
    title: str
    shown_on: Any
    last_listed_at: datetime


def other_entries(session: Session, as_of: datetime, portals: Collection[str] | None = None) -> list[ListedEntry]:
    """Rows that were listed by ``as_of`` and neither taken for a report nor for a page about reports.

    ``portals``: those of these alone.
    """
    statement = select(
        EntryRow.portal_id,
        EntryRow.column_id,
        EntryRow.address,
        EntryRow.title,
        EntryRow.shown_on,
        EntryRow.last_listed_at,
    ).where(EntryRow.kind == EntryKind.OTHER.value, EntryRow.first_listed_at <= as_of)
    if portals is not None:
        statement = statement.where(EntryRow.portal_id.in_(sorted(portals)))
    statement = statement.order_by(EntryRow.id)
    rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(statement)]
    return [ListedEntry(*row) for row in rows]


def columns_with_unsettled_captures(session: Session, as_of: datetime) -> set[tuple[str, str]]:
    """Portals and columns with documents that were captured by ``as_of`` and have not been looked into yet."""
    statement = (
        select(CaptureRow.portal_id, CaptureRow.column_id)
        .where(CaptureRow.ingested.is_(False), CaptureRow.problem.is_(None), CaptureRow.fetched_at <= as_of)
        .distinct()
    )
    return {(row[0], row[1] or "") for row in session.execute(statement)}
