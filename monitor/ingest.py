"""From captures to report versions.

First the logs of runs are brought into the database, line by line. Then every address with something new gets its
history told again from its captures: what it showed from when to when, parsed once for each digest, and whose
report it is. All of that follows from the captures alone, so a kill at any point and another run converge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from crawler.address_dates import read_address_date
from crawler.captures import Archive, ArchiveError
from crawler.clock import SHANGHAI
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import Capture, CaptureRole, ColumnPass, Entry, Record, RunFinished, RunStarted
from monitor.parsing import Outcome, ParsePool, Task, parser_version
from monitor.registry.matching import CountyRegister, How, Listed, Match, county_registers, match
from monitor.store import crawls, decisions, register, versions
from monitor.store.crawls import ImportedRun, Listing, PendingAddress, SeenCapture
from monitor.store.database import chunks
from monitor.store.versions import Parsed, SightingRow, VersionRow
from parsers.titles import TitleKind, read_title

if TYPE_CHECKING:
    from monitor.store.database import Database

OnProgress = Callable[[int, int | None], None]

LINES_AT_ONCE = 2000
ADDRESSES_AT_ONCE = 200
_NO_REGISTER = CountyRegister(())


@dataclass(frozen=True, slots=True)
class ImportedLogs:
    """How many runs had new lines, how many lines that were, and what was wrong with damaged logs."""

    runs: int = 0
    lines: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What an ingest did.

    ``documents`` parsed, of which ``reports`` are reports and ``unreadable`` could not be read; ``unchanged``
    addresses that show what they showed before; ``versions`` that are new; ``unmatched`` reports whose organ or
    year is not settled, of all there are. ``lost``: a line for each document that the archive could not give; what
    was read from it before stands.
    """

    documents: int = 0
    reports: int = 0
    unreadable: int = 0
    unchanged: int = 0
    versions: int = 0
    unmatched: int = 0
    lost: tuple[str, ...] = ()

    def after(self, before: IngestResult) -> IngestResult:
        """This result and that of an earlier part of the same work, as one; ``unmatched`` is as it is now."""
        return IngestResult(
            documents=before.documents + self.documents,
            reports=before.reports + self.reports,
            unreadable=before.unreadable + self.unreadable,
            unchanged=before.unchanged + self.unchanged,
            versions=before.versions + self.versions,
            unmatched=self.unmatched,
            lost=tuple(dict.fromkeys((*before.lost, *self.lost))),
        )


def import_logs(database: Database, archive: Archive) -> ImportedLogs:
    """Brings the logs of all runs into the database, as far as they are written.

    May be repeated at any time. A damaged log is told in the result and left where it is damaged; others go on.
    """
    with database.reading() as session:
        known = crawls.imported_runs(session)
    runs = lines = 0
    problems = []
    for run_id in archive.log_ids():
        run = known.get(run_id)
        if run is not None and run.finished:
            continue
        try:
            added = _import_log(database, archive, run_id, run)
        except ArchiveError as problem:
            problems.append(str(problem))
            continue
        runs += added > 0
        lines += added
    return ImportedLogs(runs, lines, tuple(problems))


def _import_log(database: Database, archive: Archive, run_id: str, run: ImportedRun | None) -> int:
    """Brings in what is written of a log; how many lines this was. Others may be doing the same at once."""
    added = 0
    while True:
        before = run
        records, number = _records(archive, run_id, run.lines if run else 0)
        if not records:
            return added
        with database.begin() as session:
            run = crawls.imported_run(session, run_id)
            if run != before:
                continue
            added += number - (run.lines if run else 0)
            if run is None:
                started = records.pop(0)
                if not isinstance(started, RunStarted):
                    raise ArchiveError(
                        f"the log of {run_id} does not begin with its start: restore it from a backup"
                    )
                run = crawls.add_run(session, started)
            run = crawls.add_records(session, run, _without_start(records), number)


def _records(archive: Archive, run_id: str, begun: int) -> tuple[list[Record], int]:
    """The next records of a log behind so many lines, and how many lines that makes."""
    records: list[Record] = []
    number = begun
    for number, record in islice(archive.read_log(run_id, begun), LINES_AT_ONCE):  # noqa: B007 - needed behind it
        records.append(record)
    return records, number


def _without_start(records: Iterable[object]) -> list[Capture | Entry | ColumnPass | RunFinished]:
    return [record for record in records if isinstance(record, Capture | Entry | ColumnPass | RunFinished)]


def ingest(
    database: Database,
    archive: Archive,
    *,
    portals: Sequence[PortalDefinition] = (),
    reparse: bool = False,
    lost_too: bool = True,
    on_progress: OnProgress | None = None,
    pool: ParsePool | None = None,
) -> IngestResult:
    """Parses what was captured and not yet parsed, and settles what follows from every capture.

    ``portals`` tell which columns belong to one organ or year. ``reparse`` parses everything again, which changes
    no version that reads as before. ``lost_too``: asks the archive again for what it could not give. ``pool``: the
    processes that parse (None: as many as there are processors, for this ingest alone). May be called while a
    crawl goes on; only one ingest may go on at a time.
    Raises StoreSilent where the store of the bodies does not answer: what is not parsed then waits for the next.
    """
    import_logs(database, archive)
    with database.begin() as session:
        unchanged = 0 if reparse else crawls.extend_sightings(session)
    with database.reading() as session:
        context = _Context(
            registers=county_registers(register.all_organs(session)),
            columns={(portal.id, column.id): column for portal in portals for column in portal.columns},
            parser=parser_version(),
            reparse=reparse,
        )
        pending = crawls.pending_addresses(session, everything=reparse)
        if not reparse:
            again = _to_look_at_again(session, context, lost_too=lost_too)
            context = replace(context, again=frozenset((one.portal_id, one.address) for one in again))
            pending = _with(pending, again)
    course = _Course(database, archive, context, on_progress, len(pending))
    pages = [one for one in pending if one.role is not CaptureRole.ATTACHMENT]
    attachments = [one for one in pending if one.role is CaptureRole.ATTACHMENT]
    with database.reading() as session:
        # A picture that has come or changed may be the report of its page.
        pages = _with(pages, crawls.parents_of(session, attachments))
    with nullcontext(pool) if pool else ParsePool(archive.place) as parsing:
        course.go(parsing, pages)
        course.go(parsing, _with(attachments, course.attachments))
    with database.reading() as session:
        unmatched = sum(
            one.organ_match != How.ACCEPTED or one.report_year is None
            for one in versions.unsettled_sightings(session)
        )
    return replace(course.result, unchanged=unchanged, unmatched=unmatched)


@dataclass(frozen=True)
class _Context:
    """What settles whose report something is; ``again``: portal and address of what may be settled otherwise."""

    registers: Mapping[str, CountyRegister]
    columns: Mapping[tuple[str, str], ColumnDefinition]
    parser: str
    reparse: bool
    again: frozenset[tuple[str, str]] = frozenset()

    def register(self, county_code: str) -> CountyRegister:
        return self.registers.get(county_code, _NO_REGISTER)

    def column(self, portal_id: str, column_id: str | None) -> ColumnDefinition | None:
        return self.columns.get((portal_id, column_id)) if column_id else None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Captures with the same content in one unbroken stretch: the first, the last, and whether it ended gone."""

    first: SeenCapture
    last: SeenCapture
    parsed: Parsed
    gone: SeenCapture | None = None


@dataclass(frozen=True, slots=True)
class _Settled:
    """Whose report a stretch is."""

    organ: Match | None
    year: int | None

    def key(self, address: str) -> str:
        """The report key."""
        return f"{self.organ.organ_code}/{self.year}" if self.organ and self.year else f"?{address}"


class _Plan(NamedTuple):
    """One stretch, whose report it is (None: no report of its own), how it was listed, the page it hangs on."""

    stretch: _Stretch
    settled: _Settled | None
    listing: Listing | None
    frame: Parsed | None


class _Course:
    """One ingest as it goes on: addresses in parts, each parsed and then written in one transaction."""

    def __init__(
        self,
        database: Database,
        archive: Archive,
        context: _Context,
        on_progress: OnProgress | None,
        expected: int,
    ) -> None:
        self.database = database
        self.archive = archive
        self.context = context
        self.on_progress = on_progress
        self.expected = expected
        self.done = 0
        self.result = IngestResult()
        self.attachments: list[PendingAddress] = []
        self.reread: set[str] = set()

    def go(self, pool: ParsePool, pending: Sequence[PendingAddress]) -> None:
        """Settle some addresses: while one part is written, the next is parsed."""
        by_portal = sorted(pending, key=lambda one: one.portal_id)
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="nianbao write") as writing:
            written: Future[None] | None = None
            for portal_id, group in groupby(by_portal, key=lambda one: one.portal_id):
                for part in chunks([one.address for one in group], ADDRESSES_AT_ONCE):
                    write = self._read(pool, portal_id, part)
                    if written:
                        written.result()
                    written = writing.submit(write)
            if written:
                written.result()

    def _read(self, pool: ParsePool, portal_id: str, addresses: Sequence[str]) -> Callable[[], None]:
        """Parse what is new at some addresses; gives back what writes it into the database."""
        with self.database.reading() as session:
            history = crawls.captures_of(session, portal_id, addresses)
            by_digest = {
                capture.sha256: capture for captures in history.values() for capture in captures if capture.sha256
            }
            known = versions.parsed_documents(session, by_digest)
            attached = crawls.attached_to(session, portal_id, addresses)
        wanted = [
            task_of(capture, attached.get(capture.address, ()))
            for digest, capture in by_digest.items()
            if capture.address in attached or self._is_new(known.get(digest))
        ]
        fresh = {outcome.parsed.sha256: outcome.certain() for outcome in pool.run(wanted)}
        if self.context.reparse:
            self.reread.update(fresh)
        self._tell_lost(fresh.values())
        # The archive's failure says nothing of a document that was read before.
        fresh = {digest: outcome for digest, outcome in fresh.items() if not (outcome.lost and digest in known)}
        parsed = known | {digest: outcome.parsed for digest, outcome in fresh.items()}
        return partial(self._write, portal_id, addresses, history, parsed, fresh)

    def _write(
        self,
        portal_id: str,
        addresses: Sequence[str],
        history: Mapping[str, Sequence[SeenCapture]],
        parsed: Mapping[str, Parsed],
        fresh: Mapping[str, Outcome],
    ) -> None:
        with self.database.begin() as session:
            versions.put_parsed(session, (outcome.parsed for outcome in fresh.values()))
            writer = _Writer(session, self.archive, self.context, portal_id, parsed, fresh)
            writer.write(addresses, history)
            crawls.mark_ingested(session, portal_id, addresses)
        self.attachments += [
            PendingAddress(portal_id, address, CaptureRole.ATTACHMENT) for address in writer.attachments
        ]
        self._count(fresh.values(), writer.added)
        self._tell(len(addresses))

    def _is_new(self, parsed: Parsed | None) -> bool:
        if parsed is None:
            return True
        if parsed.sha256 in self.reread:
            return False
        # Contents are compared as one parser reads them: what an earlier one made of the same address counts anew.
        return self.context.reparse or parsed.parser != self.context.parser

    def _count(self, outcomes: Iterable[Outcome], added: int) -> None:
        kinds = [outcome.parsed.kind for outcome in outcomes]
        self.result = replace(
            self.result,
            documents=self.result.documents + len(kinds),
            reports=self.result.reports + kinds.count("report"),
            unreadable=self.result.unreadable + kinds.count("unreadable"),
            versions=self.result.versions + added,
        )

    def _tell_lost(self, outcomes: Iterable[Outcome]) -> None:
        lost = tuple(outcome.lost for outcome in outcomes if outcome.lost)
        self.result = replace(self.result, lost=tuple(dict.fromkeys((*self.result.lost, *lost))))

    def _tell(self, addresses: int) -> None:
        self.done += addresses
        if self.on_progress:
            self.on_progress(self.done, max(self.expected, self.done))


def task_of(capture: SeenCapture, attached: tuple[tuple[str, str], ...] = ()) -> Task:
    """The captured document, with the digests of what hangs on it, as a task for the parser."""
    assert capture.sha256 is not None
    name = urlsplit(capture.address).path.rpartition("/")[2] or None
    charset = re.search(r"charset=[\"']?([\w.:-]+)", capture.content_type or "", re.IGNORECASE)
    return Task(
        capture.sha256,
        name,
        capture.media_type,
        charset[1] if charset else None,
        capture.address,
        attached,
        alone=capture.role is not CaptureRole.ATTACHMENT,
    )


class _Writer:
    """Writes what follows from the captures of some addresses, in one transaction."""

    def __init__(
        self,
        session: Session,
        archive: Archive,
        context: _Context,
        portal_id: str,
        parsed: Mapping[str, Parsed],
        fresh: Mapping[str, Outcome],
    ) -> None:
        self.session = session
        self.archive = archive
        self.context = context
        self.portal_id = portal_id
        self.parsed = parsed
        self.fresh = fresh
        self.added = 0
        self.kept: set[int] = set()
        self.attachments: list[str] = []

    def write(self, addresses: Sequence[str], history: Mapping[str, Sequence[SeenCapture]]) -> None:
        """Bring versions and sightings of the addresses in line with their captures."""
        parents = _parents(history)
        listings = crawls.listings_of(self.session, self.portal_id, [*addresses, *set(parents.values())])
        before = versions.sightings_of(self.session, self.portal_id, addresses)
        copies = self._copies(parents)
        frames = self._frames(parents)
        plans = {
            address: [
                self._plan(
                    stretch,
                    listings.get(address) or listings.get(parents.get(address, ""), []),
                    frames.get(address),
                    address in copies,
                )
                for stretch in _stretches(history.get(address, ()), self.parsed)
            ]
            for address in addresses
        }
        keys = {
            settled.key(address)
            for address, plan in plans.items()
            for _, settled, _, _ in plan
            if settled is not None
        }
        known = versions.versions_by_key(self.session, keys)
        self.kept = {
            known[key]
            for address, plan in plans.items()
            for stretch, settled, _, _ in plan
            if settled is not None
            and (key := (settled.key(address), stretch.parsed.content_digest or "")) in known
        }
        added: list[SightingRow] = []
        changed: list[tuple[int, SightingRow]] = []
        dropped: list[int] = []
        touched: set[int] = {
            row.version_id for rows in before.values() for _, row in rows if row.version_id is not None
        }
        flipped: list[str] = []
        for address, plan in plans.items():
            old = {row.first_seen_at: (sighting_id, row) for sighting_id, row in before.get(address, ())}
            new = []
            for number, one in enumerate(plan):
                previous = old.get(one.stretch.first.fetched_at)
                version_id = None
                if one.settled is not None:
                    version_id = self._version(one, one.settled, known, previous[1] if previous else None)
                    touched.add(version_id)
                new.append(self._sighting(one, version_id, current=number == len(plan) - 1))
            for row in new:
                there = old.pop(row.first_seen_at, None)
                if there is None:
                    added.append(row)
                elif there[1] != row:
                    changed.append((there[0], row))
            dropped += [sighting_id for sighting_id, _ in old.values()]
            had = any(row.version_id is not None for _, row in before.get(address, ()))
            if had != any(row.version_id is not None for row in new):
                flipped.append(address)
        versions.put_sightings(self.session, added, changed, dropped)
        versions.drop_unseen_versions(self.session, touched)
        versions.refresh_versions(self.session, touched)
        if flipped:
            self.attachments = versions.attachments_of(self.session, self.portal_id, flipped)

    def _copies(self, parents: Mapping[str, str]) -> set[str]:
        """Attachments of pages that are reports with their tables: the page counts, the attachment is its copy."""
        reports = versions.report_addresses(self.session, self.portal_id, set(parents.values()), with_tables=True)
        return {address for address, parent in parents.items() if parent in reports}

    def _frames(self, parents: Mapping[str, str]) -> dict[str, Parsed]:
        """By attachment, what the page that it hangs on says: its title, dates and publisher."""
        pages = versions.sightings_of(self.session, self.portal_id, sorted(set(parents.values())))
        digests = {parent: rows[-1][1].sha256 for parent, rows in pages.items() if rows}
        read = versions.parsed_documents(self.session, set(digests.values()))
        return {
            address: read[digests[parent]]
            for address, parent in parents.items()
            if parent in digests and digests[parent] in read
        }

    def _plan(self, stretch: _Stretch, listings: Sequence[Listing], frame: Parsed | None, is_copy: bool) -> _Plan:
        listing = _listing_of(stretch, listings)
        settled = None
        if stretch.parsed.kind == "report" and not is_copy:
            column = self.context.column(self.portal_id, stretch.first.column_id)
            listed = _as_listed(listing) if listing else None
            register = self.context.register(stretch.first.county_code)
            settled = settle(stretch.parsed, listed, column, register, frame)
        return _Plan(stretch, settled, listing, frame)

    def _version(
        self,
        plan: _Plan,
        settled: _Settled,
        known: dict[tuple[str, str], int],
        previous: SightingRow | None,
    ) -> int:
        """Id of the version of a stretch, which is added where it is new.

        Where the same bytes were read or settled otherwise before, their version keeps its id.
        """
        stretch = plan.stretch
        digest = stretch.parsed.content_digest
        assert digest is not None
        key = settled.key(stretch.first.address)
        row = self._row(plan, settled, key)
        found = known.get((key, digest))
        outcome = self.fresh.get(stretch.parsed.sha256)
        if found is not None:
            if outcome is not None and outcome.document is not None and found in self.kept:
                self._renew(found, row, outcome.document)
            elif (self.portal_id, row.address) in self.context.again:
                versions.put_organ_match(self.session, found, row.organ_match)
            return found
        if previous is not None and previous.version_id is not None:
            source = versions.version_source(self.session, previous.version_id)
            if source == stretch.parsed.sha256 and previous.version_id not in self.kept:
                before = versions.key_of(self.session, previous.version_id)
                versions.replace_version(
                    self.session, previous.version_id, row, outcome.document if outcome else None
                )
                if before != key:
                    decisions.follow(self.session, before, key)
                known[key, digest] = previous.version_id
                self.kept.add(previous.version_id)
                return previous.version_id
        version_id = versions.add_version(self.session, row, self._document(stretch, outcome))
        known[key, digest] = version_id
        self.added += 1
        return version_id

    def _renew(self, version_id: int, row: VersionRow, document: bytes) -> None:
        """A better reading of the bytes that a version was read from: facts and places may differ."""
        if versions.version_source(self.session, version_id) == row.sha256:
            versions.replace_version(self.session, version_id, row, document)

    def _document(self, stretch: _Stretch, outcome: Outcome | None) -> bytes:
        if outcome is not None and outcome.document is not None:
            return outcome.document
        assert stretch.parsed.content_digest is not None
        kept = versions.document_with(self.session, stretch.parsed.content_digest)
        if kept is not None:
            return kept
        from monitor.parsing import read_document

        attached = crawls.attached_to(self.session, self.portal_id, [stretch.first.address])
        task = task_of(stretch.first, attached.get(stretch.first.address, ()))
        again = read_document(self.archive.place, task).certain()
        if again.document is None:
            raise ArchiveError(f"{stretch.first.sha256}: {again.parsed.error}: restore the archive from a backup")
        return again.document

    def _row(self, plan: _Plan, settled: _Settled, key: str) -> VersionRow:
        parsed, first, listing = plan.stretch.parsed, plan.stretch.first, plan.listing
        published_on, published_from = published(parsed, listing, settled.year, first, plan.frame)
        return VersionRow(
            report_key=key,
            content_digest=parsed.content_digest or "",
            organ_code=settled.organ.organ_code if settled.organ else None,
            report_year=settled.year,
            county_code=first.county_code,
            portal_id=first.portal_id,
            column_id=first.column_id,
            address=first.address,
            sha256=parsed.sha256,
            title=parsed.title or (listing.title if listing else None),
            organ_printed=parsed.organ_printed,
            organ_match=settled.organ.how.value if settled.organ else None,
            form=parsed.form,
            published_on=published_on,
            published_from=published_from,
            parser=parsed.parser,
            first_seen_at=first.fetched_at,
        )

    def _sighting(
        self,
        plan: _Plan,
        version_id: int | None,
        *,
        current: bool,
    ) -> SightingRow:
        stretch, listing, first = plan.stretch, plan.listing, plan.stretch.first
        year = plan.settled.year if plan.settled else None
        published_on, published_from = published(stretch.parsed, listing, year, first, plan.frame)
        kind = stretch.parsed.kind if version_id is not None or stretch.parsed.kind != "report" else "copy"
        return SightingRow(
            portal_id=first.portal_id,
            address=first.address,
            column_id=first.column_id,
            role=first.role.value,
            parent_address=first.parent_address,
            sha256=stretch.last.sha256 or stretch.parsed.sha256,
            kind=kind,
            version_id=version_id,
            listed_title=listing.title if listing else None,
            listed_on=listing.shown_on if listing else None,
            published_on=published_on,
            published_from=published_from,
            first_seen_at=first.fetched_at,
            last_seen_at=stretch.last.fetched_at,
            gone_at=stretch.gone.fetched_at if stretch.gone else None,
            current=current,
            listed_organ=listing.organ if listing else None,
            listed_organ_code=listing.organ_code if listing else None,
            listed_year=listing.report_year if listing else None,
        )


def settle(
    parsed: Parsed,
    listed: Listed | None,
    column: ColumnDefinition | None,
    register: CountyRegister,
    frame: Parsed | None = None,
) -> _Settled:
    """Whose report it is, of which year: by its title, the title in the list, what the list says, its column.

    The document's own word comes before that of the list. ``frame`` is the page that an attachment hangs on; it
    speaks where the attachment itself says nothing.
    """
    title = read_title(listed.title) if listed and listed.title else None
    year = parsed.report_year or (title.year if title else None) or (frame.report_year if frame else None)
    year = year or (listed.year if listed else None)
    if year is None and column is not None and len(column.years) == 1:
        year = column.years[0]
    named = title.organ if title and title.kind is not TitleKind.LOOK_ALIKE else None
    organ = match(
        register,
        column_organ=column.organ if column else None,
        printed=(parsed.organ_printed, named, frame.organ_printed if frame else None),
        listed=listed,
        publisher=parsed.publisher or (frame.publisher if frame else None),
        on=date(year + 1, 1, 31) if year else None,
    )
    return _Settled(register.of_year(organ, year), year)


def published(
    parsed: Parsed,
    listing: Listing | None,
    report_year: int | None,
    first: SeenCapture,
    frame: Parsed | None = None,
) -> tuple[date | None, str | None]:
    """The date of publication and what names it: the page, else the list, else the address (domain.md 1.4).

    An attachment's page is ``frame``: what it shows comes before a date inside the attachment.

    A date before the report year began, or after the day on which we saw the document, is none.
    """
    seen = first.fetched_at.astimezone(SHANGHAI).date()
    in_address = read_address_date(first.address)
    earliest = date(report_year, 1, 1) if report_year else date.min
    named = (
        (frame.published_on, frame.published_from) if frame else (None, None),
        (parsed.published_on, parsed.published_from),
        (listing.shown_on if listing else None, "list"),
        (in_address.day if in_address else None, "address"),
    )
    return next(((day, source) for day, source in named if day and earliest <= day <= seen), (None, None))


def _stretches(captures: Sequence[SeenCapture], parsed: Mapping[str, Parsed]) -> Iterator[_Stretch]:
    """The captures of one address, oldest first, as stretches of the same content."""
    stretch: _Stretch | None = None
    for capture in captures:
        if capture.gone:
            if stretch is not None:
                yield replace(stretch, gone=capture)
                stretch = None
            continue
        read = parsed[capture.sha256 or ""]
        if stretch is not None and _content(stretch.parsed) == _content(read):
            stretch = replace(stretch, last=capture)
            continue
        if stretch is not None:
            yield stretch
        stretch = _Stretch(capture, capture, read)
    if stretch is not None:
        yield stretch


def _parents(history: Mapping[str, Sequence[SeenCapture]]) -> dict[str, str]:
    """By address of an attachment, the page it hangs on."""
    return {
        address: captures[-1].parent_address
        for address, captures in history.items()
        if captures and captures[-1].role is CaptureRole.ATTACHMENT and captures[-1].parent_address
    }


def _content(parsed: Parsed) -> tuple[str, str | None]:
    """What makes two captures the same content; pages that are no report are all the same to us."""
    if parsed.kind == "report":
        return parsed.kind, parsed.content_digest
    return parsed.kind, parsed.sha256 if parsed.kind == "unreadable" else None


def _listing_of(stretch: _Stretch, listings: Sequence[Listing]) -> Listing | None:
    """How the document was listed when the stretch began: in its own column first, with a date if there is one."""
    known = [one for one in listings if one.first_listed_at <= stretch.first.fetched_at] or list(listings)
    if not known:
        return None
    first = min(
        known,
        key=lambda one: (
            one.column_id != stretch.first.column_id,
            one.shown_on is None,
            -one.first_listed_at.timestamp(),
        ),
    )
    return _with_what_was_said_later(first, listings)


def _as_listed(listing: Listing) -> Listed:
    return Listed(listing.title, listing.organ, listing.organ_code, listing.report_year)


def _says_more(listing: Listing) -> bool:
    return bool(listing.organ or listing.organ_code or listing.report_year)


def _with_what_was_said_later(listing: Listing, listings: Sequence[Listing]) -> Listing:
    """The listing with what only a later reading of the list says beside the title: it is of the same document."""
    later = [one for one in listings if _says_more(one)]
    if _says_more(listing) or not later:
        return listing
    last = max(later, key=lambda one: (one.column_id == listing.column_id, one.last_listed_at))
    return replace(listing, organ=last.organ, organ_code=last.organ_code, report_year=last.report_year)


def _to_look_at_again(session: Session, context: _Context, *, lost_too: bool) -> list[PendingAddress]:
    """What a new parser may read, and reports of which register or columns now say better whose they are."""
    again = versions.addresses_to_reread(session, context.parser, lost_too=lost_too)
    unsettled = versions.unsettled_sightings(session)
    listings = {
        portal_id: crawls.listings_of(
            session, portal_id, [one.address for one in unsettled if one.portal_id == portal_id]
        )
        for portal_id in {one.portal_id for one in unsettled}
    }
    for one in unsettled:
        column = context.column(one.portal_id, one.column_id)
        listed = Listed(one.listed_title, one.listed_organ, one.listed_organ_code, one.listed_year)
        if not (listed.organ or listed.code or listed.year):
            for later in listings[one.portal_id].get(one.address, ()):
                listed = replace(_as_listed(later), title=listed.title) if _says_more(later) else listed
        settled = settle(one.parsed, listed, column, context.register(one.county_code))
        organ = (settled.organ.organ_code, settled.organ.how.value) if settled.organ else (None, None)
        if (*organ, settled.year) != (one.organ_code, one.organ_match, one.report_year):
            again.append((one.portal_id, one.address, one.role))
    return [PendingAddress(portal, address, CaptureRole(role)) for portal, address, role in again]


def _with(pending: Sequence[PendingAddress], more: Iterable[PendingAddress]) -> list[PendingAddress]:
    """Both, each address once."""
    found = {(one.portal_id, one.address): one for one in pending}
    for one in more:
        found.setdefault((one.portal_id, one.address), one)
    return list(found.values())
