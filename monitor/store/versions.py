"""Report versions in the database: how bytes parsed, what stood where and when, and the reports themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, case, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from monitor.publication import newest_first
from monitor.store import packing
from monitor.store.database import chunks
from monitor.store.marks import Kind, mark, mark_counties_of
from monitor.store.tables import (
    Assessment,
    CaptureRow,
    ComparedText,
    FindingRow,
    Organ,
    ParsedDocument,
    ReportVersion,
    Sighting,
    SuccessionRow,
)
from parsers.schema import CellState, Number, Report, number_from_json

if TYPE_CHECKING:
    from monitor.store.database import Database


@dataclass(frozen=True, slots=True)
class Parsed:
    """How the bytes of one digest parsed; ``kind`` is ``report``, ``other`` or ``unreadable``."""

    sha256: str
    parser: str
    kind: str
    error: str | None = None
    title: str | None = None
    organ_printed: str | None = None
    report_year: int | None = None
    form: str | None = None
    published_on: date | None = None
    published_from: str | None = None
    publisher: str | None = None
    content_digest: str | None = None


@dataclass(frozen=True, slots=True)
class SightingRow:
    """One stretch of time in which an address showed the same content: see :class:`tables.Sighting`."""

    portal_id: str
    address: str
    column_id: str | None
    role: str
    parent_address: str | None
    sha256: str
    kind: str
    version_id: int | None
    listed_title: str | None
    listed_on: date | None
    published_on: date | None
    published_from: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None
    current: bool
    listed_organ: str | None = None
    listed_organ_code: str | None = None
    listed_year: int | None = None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a report without its document: see :class:`tables.ReportVersion`."""

    report_key: str
    content_digest: str
    organ_code: str | None
    report_year: int | None
    county_code: str
    portal_id: str
    column_id: str | None
    address: str
    sha256: str
    title: str | None
    organ_printed: str | None
    organ_match: str | None
    form: str | None
    published_on: date | None
    published_from: str | None
    parser: str
    first_seen_at: datetime


_PARSED_COLUMNS: tuple[Any, ...] = tuple(getattr(ParsedDocument, name) for name in Parsed.__slots__)
_SIGHTING_COLUMNS: tuple[Any, ...] = (
    Sighting.id,
    *(getattr(Sighting, name) for name in SightingRow.__slots__),
)


def pack(report: Report) -> bytes:
    """A report as it is kept."""
    return packing.pack(report.to_json())


def unpack(document: bytes) -> Report:
    """The reverse of :func:`pack`."""
    return Report.from_json(packing.unpack(document))


def numbers(document: bytes) -> tuple[int | None, str | None, dict[str, Number]]:
    """Report year, form and the numbers of a kept document, for a small part of what :func:`unpack` costs."""
    data = packing.unpack(document)
    found = {
        key: number
        for key, cell in data["cells"].items()
        if (number := number_from_json(cell["value"])) is not None
    }
    return data["report_year"], data["form"], found


@dataclass(frozen=True, slots=True)
class Extract:
    """What is compared of a kept document: some sections' prose, some cells' numbers, the codes of its lints.

    A blank cell is None among the ``numbers``; one that is absent or cannot be read is not among them.
    """

    report_year: int | None
    form: str | None
    texts: tuple[str, ...]
    numbers: Mapping[str, Number | None]
    lints: frozenset[str]


def extract(document: bytes, sections: Iterable[int], cells: Iterable[str]) -> Extract:
    """The prose of some sections and the numbers of some cells, for a small part of what :func:`unpack` costs."""
    data = packing.unpack(document)
    kept = data["sections"]
    found: dict[str, Number | None] = {}
    for key in cells:
        cell = data["cells"].get(key)
        if cell is None:
            continue
        number = number_from_json(cell["value"])
        if number is not None or cell["state"] == CellState.BLANK.value:
            found[key] = number
    return Extract(
        data["report_year"],
        data["form"],
        tuple(
            section["text"]
            for number in sections
            if (section := kept.get(str(number))) is not None and section["present"]
        ),
        found,
        frozenset(lint["code"] for lint in data["lints"]),
    )


def parsed_documents(session: Session, digests: Collection[str]) -> dict[str, Parsed]:
    """How these bytes parsed, as far as they did."""
    found = {}
    for part in chunks(sorted(digests)):
        rows = session.execute(select(*_PARSED_COLUMNS).where(ParsedDocument.sha256.in_(part)))
        found.update({row[0]: Parsed(*_values(row)) for row in rows})
    return found


def put_parsed(session: Session, documents: Iterable[Parsed]) -> None:
    """Keeps how bytes parsed, replacing what an earlier parser made of them."""
    documents = list(documents)
    rows = [_as_values(document) for document in documents]
    if not rows:
        return
    known = parsed_documents(session, [document.sha256 for document in documents])
    if any(_reads_otherwise(document, known.get(document.sha256)) for document in documents):
        mark(session, Kind.PARSED, [""])
    for part in chunks([row["sha256"] for row in rows]):
        session.execute(
            delete(ParsedDocument).where(ParsedDocument.sha256.in_(part)),
            execution_options={"synchronize_session": False},
        )
    session.execute(insert(ParsedDocument), rows)


def _reads_otherwise(document: Parsed, before: Parsed | None) -> bool:
    return before is not None and replace(document, parser=before.parser) != before


NO_PARSER = ""
"""Stands for the parser of what no parser has seen, because the archive could not give it."""


def addresses_to_reread(session: Session, parser: str, *, lost_too: bool) -> list[tuple[str, str, str]]:
    """Portal, address and role of what an earlier parser could not read; ``lost_too``: or none came to see."""
    passed_over = (parser,) if lost_too else (parser, NO_PARSER)
    statement = (
        select(Sighting.portal_id, Sighting.address, Sighting.role)
        .join(ParsedDocument, ParsedDocument.sha256 == Sighting.sha256)
        .where(Sighting.kind == "unreadable", ParsedDocument.parser.not_in(passed_over))
        .distinct()
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A sighting of a report without a sure organ and year, and from what they could be told."""

    portal_id: str
    county_code: str
    address: str
    role: str
    column_id: str | None
    listed_title: str | None
    listed_organ: str | None
    listed_organ_code: str | None
    listed_year: int | None
    organ_code: str | None
    organ_match: str | None
    report_year: int | None
    parsed: Parsed


def unsettled_sightings(session: Session) -> list[Unsettled]:
    """Reports without a sure organ and year.

    Those found by a likeness of names, given by a person or by the lineage, and those of organs with a lineage,
    count too: what is known of it may have changed.
    """
    return _unsettled(
        session,
        or_(
            ReportVersion.organ_code.is_(None),
            ReportVersion.report_year.is_(None),
            ReportVersion.organ_match.in_(("similar", "short", "accepted", "formerly", "later")),
            ReportVersion.organ_code.in_(select(SuccessionRow.predecessor)),
            ReportVersion.organ_code.in_(
                select(SuccessionRow.successor).where(SuccessionRow.successor.is_not(None))
            ),
        ),
    )


def doubtful_sightings(session: Session) -> list[Unsettled]:
    """Of these those that are nobody's, or were given by a likeness of names alone; each is found by an index."""
    nobodys = or_(ReportVersion.organ_code.is_(None), ReportVersion.report_year.is_(None))
    guessed = ReportVersion.organ_match.in_(("similar", "short"))
    found = {one for which in (nobodys, guessed) for one in session.scalars(select(ReportVersion.id).where(which))}
    return [one for part in chunks(sorted(found)) for one in _unsettled(session, ReportVersion.id.in_(part))]


def _unsettled(session: Session, which: ColumnElement[bool]) -> list[Unsettled]:
    statement = (
        select(
            Sighting.portal_id,
            ReportVersion.county_code,
            Sighting.address,
            Sighting.role,
            Sighting.column_id,
            Sighting.listed_title,
            Sighting.listed_organ,
            Sighting.listed_organ_code,
            Sighting.listed_year,
            ReportVersion.organ_code,
            ReportVersion.organ_match,
            ReportVersion.report_year,
            *_PARSED_COLUMNS,
        )
        .join(ReportVersion, ReportVersion.id == Sighting.version_id)
        .join(ParsedDocument, ParsedDocument.sha256 == Sighting.sha256)
        .where(which)
        .order_by(Sighting.id)
    )
    rows = (_values(row) for row in session.execute(statement))
    return [Unsettled(*(*row[:12], Parsed(*row[12:]))) for row in rows]


def sightings_of(
    session: Session, portal_id: str, addresses: Sequence[str]
) -> dict[str, list[tuple[int, SightingRow]]]:
    """Id and content of the sightings of some addresses, oldest first, by address."""
    found: dict[str, list[tuple[int, SightingRow]]] = {}
    for part in chunks(addresses):
        statement = (
            select(*_SIGHTING_COLUMNS)
            .where(Sighting.portal_id == portal_id, Sighting.address.in_(part))
            .order_by(Sighting.first_seen_at)
        )
        for row in session.execute(statement):
            found.setdefault(row[2], []).append((row[0], SightingRow(*_values(row)[1:])))
    return found


def report_addresses(
    session: Session, portal_id: str, addresses: Collection[str], *, with_tables: bool = False
) -> set[str]:
    """Those of some addresses that show or showed a report; ``with_tables``: one with tables of a form."""
    found: set[str] = set()
    for part in chunks(sorted(addresses)):
        statement = select(Sighting.address).where(
            Sighting.portal_id == portal_id, Sighting.address.in_(part), Sighting.version_id.is_not(None)
        )
        if with_tables:
            statement = statement.join(ReportVersion, ReportVersion.id == Sighting.version_id).where(
                ReportVersion.form.is_not(None)
            )
        found.update(session.scalars(statement))
    return found


def attachments_of(session: Session, portal_id: str, parents: Collection[str]) -> list[str]:
    """Addresses of the attachments that were captured from some pages."""
    found: list[str] = []
    for part in chunks(sorted(parents)):
        statement = (
            select(Sighting.address)
            .where(
                Sighting.portal_id == portal_id,
                Sighting.parent_address.in_(part),
                Sighting.role == "attachment",
            )
            .distinct()
        )
        found.extend(session.scalars(statement))
    return found


def versions_by_key(session: Session, keys: Collection[str]) -> dict[tuple[str, str], int]:
    """Ids of the versions of some reports by (report key, content digest)."""
    found = {}
    for part in chunks(sorted(keys)):
        statement = select(ReportVersion.report_key, ReportVersion.content_digest, ReportVersion.id).where(
            ReportVersion.report_key.in_(part)
        )
        found.update({(row[0], row[1]): row[2] for row in session.execute(statement)})
    return found


def put_organ_match(session: Session, version_id: int, how: str | None) -> None:
    """Says anew how the organ of a version was found; the organ stays the same."""
    session.execute(
        update(ReportVersion).where(ReportVersion.id == version_id).values(organ_match=how),
        execution_options={"synchronize_session": False},
    )


def version_source(session: Session, version_id: int) -> str | None:
    """Digest of the bytes that a version was read from."""
    return session.scalar(select(ReportVersion.sha256).where(ReportVersion.id == version_id))


def document_with(session: Session, content_digest: str) -> bytes | None:
    """The kept document of some version with this content, None where there is none."""
    return session.scalar(
        select(ReportVersion.document)
        .where(ReportVersion.content_digest == content_digest)
        .order_by(ReportVersion.id)
        .limit(1)
    )


def add_version(session: Session, row: VersionRow, document: bytes) -> int:
    """A new version; gives its id."""
    version = ReportVersion(**_as_values(row), document=document)
    session.add(version)
    session.flush()
    version_id = version.id
    session.expunge(version)
    return version_id


def key_of(session: Session, version_id: int) -> str:
    """The report key of a version."""
    return session.scalars(select(ReportVersion.report_key).where(ReportVersion.id == version_id)).one()


def replace_version(session: Session, version_id: int, row: VersionRow, document: bytes | None) -> None:
    """What a version is after its bytes were read or settled anew; it must be judged anew.

    ``document`` None keeps the one that is there.
    """
    values = _as_values(row)
    if document is not None:
        values["document"] = document
    mark(session, Kind.PORTAL, [row.portal_id], row.first_seen_at)
    mark_counties_of(session, [version_id])
    session.execute(
        update(ReportVersion).where(ReportVersion.id == version_id).values(**values),
        execution_options={"synchronize_session": False},
    )
    mark_counties_of(session, [version_id], row.first_seen_at)
    forget_assessments(session, [version_id])
    forget_comparisons(session, [version_id])


def forget_comparisons(session: Session, version_ids: Sequence[int]) -> None:
    """Takes back what versions are compared with others by; what they were like is found out anew."""
    for part in chunks(version_ids):
        session.execute(
            delete(ComparedText).where(ComparedText.version_id.in_(part)),
            execution_options={"synchronize_session": False},
        )


def forget_assessments(session: Session, version_ids: Sequence[int]) -> None:
    """Takes back how versions were judged."""
    for part in chunks(version_ids):
        for model in (FindingRow, Assessment):
            session.execute(
                delete(model).where(model.version_id.in_(part)),
                execution_options={"synchronize_session": False},
            )


def put_sightings(
    session: Session,
    added: Sequence[SightingRow],
    changed: Sequence[tuple[int, SightingRow]],
    dropped: Sequence[int],
) -> None:
    """Brings the sightings of addresses in line with what their captures say."""
    _mark_sightings(session, added, changed, dropped)
    for part in chunks(dropped):
        session.execute(
            delete(Sighting).where(Sighting.id.in_(part)), execution_options={"synchronize_session": False}
        )
    for sighting_id, row in changed:
        session.execute(
            update(Sighting).where(Sighting.id == sighting_id).values(**_as_values(row)),
            execution_options={"synchronize_session": False},
        )
    if added:
        session.execute(insert(Sighting), [_as_values(row) for row in added])


def _mark_sightings(
    session: Session,
    added: Sequence[SightingRow],
    changed: Sequence[tuple[int, SightingRow]],
    dropped: Sequence[int],
) -> None:
    rows = [*added, *(row for _, row in changed)]
    portals = {row.portal_id for row in rows}
    touched = {row.version_id for row in rows}
    for part in chunks([*dropped, *(sighting_id for sighting_id, _ in changed)]):
        for portal_id, version_id in session.execute(
            select(Sighting.portal_id, Sighting.version_id).where(Sighting.id.in_(part))
        ):
            portals.add(portal_id)
            touched.add(version_id)
    moments = [at for row in rows for at in (row.first_seen_at, row.gone_at) if at is not None]
    latest = max(moments, default=None)
    mark(session, Kind.PORTAL, portals, latest)
    mark_counties_of(session, touched - {None}, latest)  # type: ignore[arg-type]


def drop_unseen_versions(session: Session, version_ids: Collection[int]) -> int:
    """Takes away those of some versions that stand nowhere any more: they were read wrongly."""
    seen = set()
    for part in chunks(sorted(version_ids)):
        seen |= set(session.scalars(select(Sighting.version_id).where(Sighting.version_id.in_(part)).distinct()))
    unseen = sorted(set(version_ids) - seen)
    forget_assessments(session, unseen)
    forget_comparisons(session, unseen)
    for part in chunks(unseen):
        session.execute(
            delete(ReportVersion).where(ReportVersion.id.in_(part)),
            execution_options={"synchronize_session": False},
        )
    return len(unseen)


def refresh_versions(session: Session, version_ids: Collection[int]) -> None:
    """Brings time, place and date of versions in line with their first sighting."""
    for part in chunks(sorted(version_ids)):
        rows = session.execute(
            select(
                Sighting.version_id,
                Sighting.first_seen_at,
                Sighting.portal_id,
                Sighting.column_id,
                Sighting.address,
                Sighting.published_on,
                Sighting.published_from,
            )
            .where(Sighting.version_id.in_(part))
            .order_by(Sighting.first_seen_at.desc(), Sighting.id.desc())
        )
        names = ("first_seen_at", "portal_id", "column_id", "address", "published_on", "published_from")
        first = {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
        if first:
            session.execute(update(ReportVersion), [{"id": key, **values} for key, values in first.items()])


def stretches(session: Session, organ_code: str, report_year: int) -> list[dict[str, Any]]:
    """When which version of an obligation's report stood where: a row a stretch, address by address, oldest first.

    ``errors`` and ``warnings`` are None of a version that was never judged.
    """
    columns = (
        Sighting.version_id,
        Sighting.address,
        Sighting.sha256,
        ReportVersion.title,
        Sighting.published_on,
        Sighting.published_from,
        Sighting.first_seen_at,
        Sighting.last_seen_at,
        Sighting.gone_at,
        Assessment.errors,
        Assessment.warnings,
    )
    statement = (
        select(*columns)
        .join(ReportVersion, ReportVersion.id == Sighting.version_id)
        .outerjoin(Assessment, Assessment.version_id == ReportVersion.id)
        .where(ReportVersion.organ_code == organ_code, ReportVersion.report_year == report_year)
        .order_by(Sighting.portal_id, Sighting.address, Sighting.first_seen_at, Sighting.id)
    )
    return [dict(row._mapping) for row in session.execute(statement)]


def current_report(database: Database, organ_code: str, report_year: int) -> Report | None:
    """The report that stands for an obligation now, None where there is none."""
    with database.reading() as session:
        version_id = current_version_id(session, organ_code, report_year)
        if version_id is None:
            return None
        return unpack(session.scalars(select(ReportVersion.document).where(ReportVersion.id == version_id)).one())


def current_version_id(session: Session, organ_code: str, report_year: int) -> int | None:
    """Id of the version that stands for an obligation now: see :func:`precedence`."""
    statement = (
        select(*_STANDING_COLUMNS)
        .join(ReportVersion, ReportVersion.id == Sighting.version_id)
        .where(ReportVersion.organ_code == organ_code, ReportVersion.report_year == report_year)
    )
    rows = [SeenReport(*_values(row)) for row in session.execute(statement)]
    return min(rows, key=precedence).version_id if rows else None


def standing_versions(
    session: Session, *, county: str | None = None, organ: str | None = None, year: int | None = None
) -> list[int]:
    """Ids of the versions that stand now, one for each organ and year, and those of no organ or year yet.

    ``county``: of an organ of that county, or found on a portal of it while the organ is not settled.
    """
    statement = select(*_STANDING_COLUMNS).join(ReportVersion, ReportVersion.id == Sighting.version_id)
    if county is not None:
        statement = statement.outerjoin(Organ, Organ.code == ReportVersion.organ_code).where(
            func.coalesce(Organ.county_code, ReportVersion.county_code) == county
        )
    if organ is not None:
        statement = statement.where(ReportVersion.organ_code == organ)
    if year is not None:
        statement = statement.where(ReportVersion.report_year == year)
    found: dict[Any, SeenReport] = {}
    for row in session.execute(statement):
        seen = SeenReport(*_values(row))
        settled = seen.organ_code is not None and seen.report_year is not None
        if not settled and (not seen.current or seen.gone_at is not None):
            continue
        key: Any = (seen.organ_code, seen.report_year) if settled else seen.version_id
        if key not in found or precedence(seen) < precedence(found[key]):
            found[key] = seen
    return sorted({seen.version_id for seen in found.values()})


@dataclass(frozen=True, slots=True)
class ListedVersion:
    """One version with all that is told of it beside its document.

    ``county_code`` is that of the organ where it is settled. ``errors`` and ``warnings`` are as judged, before any
    decision; None of a version that was never judged.
    """

    id: int
    report_key: str
    organ_code: str | None
    report_year: int | None
    county_code: str
    portal_id: str
    address: str
    sha256: str
    title: str | None
    organ_printed: str | None
    form: str | None
    published_on: date | None
    published_from: str | None
    first_seen_at: datetime
    errors: int | None
    warnings: int | None


def listed_versions(
    session: Session, *, ids: Collection[int] | None = None, organs: Collection[str] | None = None
) -> list[ListedVersion]:
    """These versions, or all those of some organs, by report year and then as they were first seen."""
    statement = (
        select(
            ReportVersion.id,
            ReportVersion.report_key,
            ReportVersion.organ_code,
            ReportVersion.report_year,
            func.coalesce(Organ.county_code, ReportVersion.county_code),
            *(getattr(ReportVersion, name) for name in ListedVersion.__slots__[5:-2]),
            Assessment.errors,
            Assessment.warnings,
        )
        .outerjoin(Organ, Organ.code == ReportVersion.organ_code)
        .outerjoin(Assessment, Assessment.version_id == ReportVersion.id)
        .order_by(ReportVersion.report_year, ReportVersion.first_seen_at, ReportVersion.id)
    )
    found = []
    wanted: tuple[Any, Collection[Any]] = (
        (ReportVersion.id, ids) if ids is not None else (ReportVersion.organ_code, organs or ())
    )
    for part in chunks(sorted(wanted[1])):
        found += [ListedVersion(*_values(row)) for row in session.execute(statement.where(wanted[0].in_(part)))]
    return found


def versions_of_key(session: Session, report_key: str) -> list[int]:
    """Ids of all versions of one report, the latest first."""
    statement = select(ReportVersion.id).where(ReportVersion.report_key == report_key)
    return list(session.scalars(statement.order_by(ReportVersion.id.desc())))


@dataclass(frozen=True, slots=True)
class SeenReport:
    """One sighting of a report, with what is known of its version."""

    version_id: int
    organ_code: str | None
    report_year: int | None
    portal_id: str
    column_id: str | None
    role: str
    address: str
    published_on: date | None
    published_from: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None
    current: bool
    organ_printed: str | None
    county_code: str
    title: str | None
    form: str | None
    parent_address: str | None = None
    organ_match: str | None = None
    content_digest: str = ""
    parser: str = ""

    @property
    def reading(self) -> tuple[int, str, str]:
        """What tells one reading of a version from another: it keeps its id when its bytes are read anew."""
        return self.version_id, self.content_digest, self.parser


_STANDING_COLUMNS: tuple[Any, ...] = (
    ReportVersion.id,
    ReportVersion.organ_code,
    ReportVersion.report_year,
    Sighting.portal_id,
    Sighting.column_id,
    Sighting.role,
    Sighting.address,
    Sighting.published_on,
    Sighting.published_from,
    Sighting.first_seen_at,
    Sighting.last_seen_at,
    Sighting.gone_at,
    Sighting.current,
    ReportVersion.organ_printed,
    ReportVersion.county_code,
    ReportVersion.title,
    ReportVersion.form,
    Sighting.parent_address,
    ReportVersion.organ_match,
    ReportVersion.content_digest,
    ReportVersion.parser,
)


def precedence(seen: SeenReport) -> tuple[bool, bool, bool, bool, tuple[int, int, float], int]:
    """Which of the sightings of a report stands for it: the lowest.

    What is still there before what is not, what has tables before what has none (a page may leave them to its
    attachment), a page before an attachment, and the newest content first, as :func:`monitor.publication.current`.
    """
    return (
        not seen.current,
        seen.gone_at is not None,
        seen.form is None,
        seen.role == "attachment",
        newest_first(seen.first_seen_at, seen.published_on),
        -seen.version_id,
    )


def seen_reports(session: Session, as_of: datetime, counties: Collection[str] | None = None) -> list[SeenReport]:
    """All sightings that had begun by ``as_of`` of reports whose organ and year are settled.

    What came later is as if it had not been. ``counties``: the reports of their organs alone.
    """
    statement = _sightings_by(as_of).where(
        ReportVersion.organ_code.is_not(None), ReportVersion.report_year.is_not(None)
    )
    if counties is None:
        return [SeenReport(*_values(row)) for row in session.execute(statement)]
    found = []
    for part in chunks(sorted(counties)):
        organs = select(Organ.code).where(Organ.county_code.in_(part))
        found += [
            SeenReport(*_values(row))
            for row in session.execute(statement.where(ReportVersion.organ_code.in_(organs)))
        ]
    return found


def unsettled_reports(
    session: Session, as_of: datetime, counties: Collection[str] | None = None
) -> list[SeenReport]:
    """The same of reports whose organ or year is not settled; ``counties``: those captured for them alone."""
    statement = _sightings_by(as_of).where(
        or_(ReportVersion.organ_code.is_(None), ReportVersion.report_year.is_(None))
    )
    if counties is not None:
        statement = statement.where(ReportVersion.county_code.in_(sorted(counties)))
    return [SeenReport(*_values(row)) for row in session.execute(statement)]


def _sightings_by(as_of: datetime) -> Any:
    then: dict[str, ColumnElement[Any]] = {"gone_at": _gone_by(as_of), "current": _current_at(as_of)}
    return (
        select(*(then.get(column.key, column) for column in _STANDING_COLUMNS))
        .join(ReportVersion, ReportVersion.id == Sighting.version_id)
        .where(Sighting.first_seen_at <= as_of)
        .order_by(Sighting.id)
    )


def version_counties(session: Session) -> set[str]:
    """The counties for whose portals reports were captured."""
    return set(session.scalars(select(ReportVersion.county_code).distinct()))


def gone_answers(
    session: Session, as_of: datetime, portals: Collection[str] | None = None
) -> dict[tuple[str, str, datetime], str]:
    """What addresses answered when they were gone, by portal, address and moment; ``portals``: of these alone.

    The HTTP status (``404``), or the problem word of the capture (``soft_404``) where the status does not say it.
    """
    statement = (
        select(Sighting.portal_id, Sighting.address, Sighting.gone_at, CaptureRow.status, CaptureRow.problem)
        .join(
            CaptureRow,
            (CaptureRow.portal_id == Sighting.portal_id)
            & (CaptureRow.address == Sighting.address)
            & (CaptureRow.fetched_at == Sighting.gone_at),
        )
        .where(Sighting.gone_at <= as_of)
    )
    if portals is not None:
        statement = statement.where(Sighting.portal_id.in_(sorted(portals)))
    return {
        (row[0], row[1], row[2]): str(row[3]) if row[3] is not None and row[3] >= 400 else str(row[4])
        for row in session.execute(statement)
        if row[2] is not None
    }


def _values(row: Any) -> tuple[Any, ...]:
    return tuple(row)


_LATER = aliased(Sighting)
"""Made once: an alias of its own for each statement took longer than running it."""


def _current_at(as_of: datetime) -> ColumnElement[bool]:
    """Whether a sighting was the last one of its address at a moment."""
    return ~exists().where(
        _LATER.portal_id == Sighting.portal_id,
        _LATER.address == Sighting.address,
        _LATER.first_seen_at > Sighting.first_seen_at,
        _LATER.first_seen_at <= as_of,
    )


def _gone_by(as_of: datetime) -> ColumnElement[datetime | None]:
    """When a sighting ended in the document's disappearance, if it had by then."""
    return case((Sighting.gone_at <= as_of, Sighting.gone_at), else_=None)


@dataclass(frozen=True, slots=True)
class UnreadDocument:
    """A document that could not be read or is listed as a report and is none as far as we can read it.

    ``of_a_report``: the page that it hangs on shows a report, or did.
    """

    portal_id: str
    column_id: str | None
    address: str
    parent_address: str | None
    sha256: str
    kind: str
    error: str | None
    title: str | None
    organ_printed: str | None
    report_year: int | None
    listed_title: str | None
    listed_on: date | None
    role: str
    first_seen_at: datetime
    gone_at: datetime | None
    current: bool
    of_a_report: bool = False


def unread_documents(
    session: Session, as_of: datetime, portals: Collection[str] | None = None
) -> list[UnreadDocument]:
    """All sightings by ``as_of`` of documents that are no readable report; ``portals``: on these alone."""
    page = aliased(Sighting)
    of_a_report = exists().where(
        page.portal_id == Sighting.portal_id,
        page.address == Sighting.parent_address,
        page.version_id.is_not(None),
        page.first_seen_at <= as_of,
    )
    statement = (
        select(
            Sighting.portal_id,
            Sighting.column_id,
            Sighting.address,
            Sighting.parent_address,
            Sighting.sha256,
            Sighting.kind,
            ParsedDocument.error,
            ParsedDocument.title,
            ParsedDocument.organ_printed,
            ParsedDocument.report_year,
            Sighting.listed_title,
            Sighting.listed_on,
            Sighting.role,
            Sighting.first_seen_at,
            _gone_by(as_of),
            _current_at(as_of),
            of_a_report,
        )
        .join(ParsedDocument, ParsedDocument.sha256 == Sighting.sha256)
        .where(Sighting.kind.in_(("unreadable", "other")), Sighting.first_seen_at <= as_of)
        .order_by(Sighting.id)
    )
    if portals is not None:
        statement = statement.where(Sighting.portal_id.in_(sorted(portals)))
    return [UnreadDocument(*_values(row)) for row in session.execute(statement)]


def documents(session: Session, version_ids: Sequence[int]) -> Mapping[int, bytes]:
    """The kept documents of some versions."""
    found: dict[int, bytes] = {}
    for part in chunks(version_ids):
        statement = select(ReportVersion.id, ReportVersion.document).where(ReportVersion.id.in_(part))
        found.update({row[0]: row[1] for row in session.execute(statement)})
    return found


def _as_values(row: Parsed | VersionRow | SightingRow) -> dict[str, Any]:
    """The fields of a flat row by name; dataclasses.asdict would copy each value deeply."""
    return {one.name: getattr(row, one.name) for one in fields(row)}
