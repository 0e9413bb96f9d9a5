"""The tables, as SQLAlchemy models. Everything that outlives a process stands here.

Times are aware datetimes in Python (Asia/Shanghai) and UTC in the database. JSON columns hold plain data.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Unicode,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from crawler.clock import SHANGHAI

LONGEST_ADDRESS = 2000
"""In bytes of UTF-8: with portal, column, time and digest beside it, it fits into a row of an index."""
LEAST, MOST = -(2**31), 2**31 - 1
"""What fits into an integer column of PostgreSQL; SQLite would take twice as many digits."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class AwareDateTime(TypeDecorator[datetime]):
    """An aware datetime: stored as UTC, given back in Asia/Shanghai. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC (SQLite drops the zone, so it is always the same one)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone does not go into the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to Asia/Shanghai."""
        if value is None:
            return None
        if value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        return value.astimezone(SHANGHAI)


class PlainText(TypeDecorator[str]):
    """Text as every database keeps it: NUL and lone surrogates, which are no characters, become U+FFFD."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What is kept; also what is looked for, so that it is found."""
        if value is None:
            return None
        if "\0" in value:
            value = value.replace("\0", "\ufffd")
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)


class AddressText(PlainText):
    """An address, which stands in indexes: PostgreSQL takes some 2,700 bytes into a row of one.

    What is longer than :data:`LONGEST_ADDRESS` bytes is cut, and ends with a digest of the whole; the whole stands
    in the archive. No report was ever seen at such an address, but one list with one must not stop a record.
    """

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The address, cut where it is too long."""
        text = super().process_bind_param(value, dialect)
        if text is None or len(text) * 4 <= LONGEST_ADDRESS:
            return text
        data = text.encode()
        if len(data) <= LONGEST_ADDRESS:
            return text
        mark = f"…{hashlib.sha256(data).hexdigest()[:32]}"
        return data[: LONGEST_ADDRESS - len(mark.encode())].decode(errors="ignore") + mark


class BoundedInteger(TypeDecorator[int]):
    """A whole number as every database keeps it, in 32 bits: a larger one becomes the largest, and so below zero.

    What a list says of itself may be any number, and so may what somebody types: it must stop no record.
    """

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """The number, or the bound next to it."""
        return value if value is None or LEAST <= value <= MOST else LEAST if value < LEAST else MOST


class Base(DeclarativeBase):
    """Common base of all tables."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: AwareDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        str: PlainText(),
        int: BoundedInteger(),
    }


class County(Base):
    """A county whose organs are watched. ``code``: first six digits of the official code."""

    __tablename__ = "county"
    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str]
    prefecture: Mapped[str | None]
    province: Mapped[str | None]


class Organ(Base):
    """A body that must publish a report. Key: its official code, never its name."""

    __tablename__ = "organ"
    code: Mapped[str] = mapped_column(String(18), primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    county_code: Mapped[str] = mapped_column(ForeignKey("county.code"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    aliases: Mapped[list[str]]
    listed_by_county: Mapped[bool]


class SearchName(Base):
    """By what people find an organ or a place: see :mod:`monitor.registry.spelling`.

    ``level``: organ, county, prefecture or province. ``code``: the organ's, or the beginning of the county codes.
    ``place``: the county of an organ, else the same as ``code``. Made from the register whenever that changes.
    """

    __tablename__ = "search_name"
    level: Mapped[str] = mapped_column(String(10), primary_key=True)
    code: Mapped[str] = mapped_column(String(18), primary_key=True)
    place: Mapped[str] = mapped_column(String(6))
    names: Mapped[str]
    initials: Mapped[str]
    pinyin: Mapped[str]


class SuccessionRow(Base):
    """That one organ took over from another on a day: see :class:`monitor.store.successions.Succession`."""

    __tablename__ = "succession"
    id: Mapped[int] = mapped_column(primary_key=True)
    predecessor: Mapped[str] = mapped_column(ForeignKey("organ.code"))
    successor: Mapped[str | None] = mapped_column(ForeignKey("organ.code"))
    day: Mapped[date]
    how: Mapped[str] = mapped_column(String(16))
    source: Mapped[str]
    note: Mapped[str]
    __table_args__ = (UniqueConstraint("predecessor", "successor", "day"),)


class NameAnswer(Base):
    """What a person said of a name that reports of a county print: that it is an organ's, or that it is not.

    ``organ_code`` None with ``accepted`` False: no organ of the county bears it. ``reference`` is the short id of
    county and name that people type. An answer that was taken back has ``forgotten_at`` and counts no more; rows
    are never deleted.
    """

    __tablename__ = "name_answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(8), index=True)
    county_code: Mapped[str] = mapped_column(String(6))
    name: Mapped[str]
    organ_code: Mapped[str | None] = mapped_column(ForeignKey("organ.code"))
    accepted: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[str]
    note: Mapped[str]
    forgotten_at: Mapped[datetime | None]
    forgotten_by: Mapped[str | None]
    forgotten_note: Mapped[str | None]


class Obligation(Base):
    """(organ, report year) with its due date and the rule that gave it. ``severity``: of being late or missing.

    ``expected`` False: the county does not list the organ, or it was no more on the due day. ``local_on`` is an
    earlier date of the place. ``held_from``: as of which assessment it was so; None where that was before such
    things were kept (then ``basis`` and ``expected`` are not known either).
    """

    __tablename__ = "obligation"
    __table_args__ = (Index("obligation_report_year", "report_year"),)
    organ_code: Mapped[str] = mapped_column(ForeignKey("organ.code"), primary_key=True)
    report_year: Mapped[int] = mapped_column(primary_key=True)
    due_on: Mapped[date]
    due_rule: Mapped[str]
    due_source: Mapped[str]
    severity: Mapped[str]
    basis: Mapped[str | None] = mapped_column(String(8))
    expected: Mapped[bool | None]
    local_on: Mapped[date | None]
    local_rule: Mapped[str | None]
    local_source: Mapped[str | None]
    held_from: Mapped[datetime | None]


class PastObligation(Base):
    """What an obligation was from one assessment to another: the fields are those of :class:`Obligation`.

    Rows are added, never changed: what was said at any moment can be said again.
    """

    __tablename__ = "past_obligation"
    id: Mapped[int] = mapped_column(primary_key=True)
    organ_code: Mapped[str] = mapped_column(ForeignKey("organ.code"))
    report_year: Mapped[int]
    due_on: Mapped[date]
    due_rule: Mapped[str]
    due_source: Mapped[str]
    severity: Mapped[str]
    basis: Mapped[str | None] = mapped_column(String(8))
    expected: Mapped[bool | None]
    local_on: Mapped[date | None]
    local_rule: Mapped[str | None]
    local_source: Mapped[str | None]
    held_from: Mapped[datetime | None]
    held_to: Mapped[datetime]
    __table_args__ = (Index("past_obligation_organ", "organ_code", "held_to"),)


class Run(Base):
    """One crawl of one portal; ``outcome`` None while it lasts."""

    __tablename__ = "run"
    id: Mapped[str] = mapped_column(primary_key=True)
    portal_id: Mapped[str]
    county_code: Mapped[str] = mapped_column(String(6), index=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    full: Mapped[bool]
    outcome: Mapped[str | None]
    problem: Mapped[str | None]
    counts: Mapped[dict[str, Any]]
    imported_lines: Mapped[int]
    __table_args__ = (Index("run_portal", "portal_id", "started_at"),)


class CaptureRow(Base):
    """One fetched document of a run (crawler.records.Capture). Rows are added, never changed.

    ``ingested``: what follows from it stands in the record. True from the start where nothing can follow.
    """

    __tablename__ = "capture"
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    portal_id: Mapped[str]
    sequence: Mapped[int]
    role: Mapped[str]
    address: Mapped[str] = mapped_column(AddressText)
    final_address: Mapped[str]
    fetched_at: Mapped[datetime]
    status: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int]
    media_type: Mapped[str | None]
    headers: Mapped[dict[str, Any]]
    column_id: Mapped[str | None]
    parent_address: Mapped[str | None] = mapped_column(AddressText)
    problem: Mapped[str | None]
    ingested: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        UniqueConstraint("run_id", "sequence"),
        Index("capture_address", "portal_id", "address", "fetched_at"),
        Index("capture_to_ingest", "ingested", sqlite_where=Column("ingested").is_(False)),
        Index(
            "capture_parent",
            "portal_id",
            "parent_address",
            sqlite_where=text("role = 'attachment'"),
            postgresql_where=text("role = 'attachment'"),
        ),
    )


class Page(Base):
    """What is known of one address of a portal: its last good answer, with the validators to ask again.

    ``sha256`` is of the last body that was received without a problem.
    """

    __tablename__ = "page"
    portal_id: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(AddressText, primary_key=True)
    role: Mapped[str]
    column_id: Mapped[str | None]
    sha256: Mapped[str] = mapped_column(String(64))
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    seen_at: Mapped[datetime]


class EntryRow(Base):
    """One row of a column's list: address, title and date as listed, and the runs that first and last read it so.

    ``organ``, ``organ_code`` and ``report_year`` are what the list says outside the title, where it does.
    A row of which any of that changed is another row. Daily passes over an unchanged list add no rows.
    """

    __tablename__ = "entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    portal_id: Mapped[str]
    column_id: Mapped[str]
    address: Mapped[str] = mapped_column(AddressText)
    title: Mapped[str]
    kind: Mapped[str]
    shown_on: Mapped[date | None]
    list_address: Mapped[str]
    first_run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    first_listed_at: Mapped[datetime]
    last_run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    last_listed_at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(32))
    organ: Mapped[str | None]
    organ_code: Mapped[str | None]
    report_year: Mapped[int | None]
    __table_args__ = (
        UniqueConstraint("portal_id", "column_id", "address", "digest"),
        Index("entry_kind", "kind", "portal_id"),
    )


class ColumnPassRow(Base):
    """How one column of a portal fared in one run (crawler.records.ColumnPass): the proof behind `missing`.

    ``at`` is the start of the run: the list may have been read as early as that, so a pass that begins before
    the due day ends proves nothing about the time after it. ``ended_at`` is the run's end. ``address`` is the
    column's in the definition of the day, None in records of before it was kept.
    """

    __tablename__ = "column_pass"
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id"))
    sequence: Mapped[int]
    portal_id: Mapped[str]
    column_id: Mapped[str]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str]
    whole: Mapped[bool]
    pages: Mapped[int]
    entries: Mapped[int]
    declared: Mapped[int | None]
    problem: Mapped[str | None]
    address: Mapped[str | None] = mapped_column(AddressText)
    __table_args__ = (
        UniqueConstraint("run_id", "sequence"),
        Index("column_pass_column", "portal_id", "column_id", "at"),
    )


class ReportVersion(Base):
    """One version of a report: what was published for one obligation, with its content as parsed.

    ``report_key`` is ``<organ code>/<report year>`` or, while organ or year are not settled,
    ``?<address>``; with ``content_digest`` (of the parsed payload, never of retrieval times or page chrome)
    it makes the version. ``document`` is the zstd-compressed JSON of parsers.schema.Report, ``sha256`` the bytes
    it was read from. ``organ_match`` says how the organ was found: see :class:`monitor.registry.matching.How`.
    """

    __tablename__ = "report_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_key: Mapped[str]
    content_digest: Mapped[str] = mapped_column(String(64))
    organ_code: Mapped[str | None] = mapped_column(ForeignKey("organ.code"))
    report_year: Mapped[int | None]
    county_code: Mapped[str] = mapped_column(String(6), index=True)
    portal_id: Mapped[str]
    column_id: Mapped[str | None]
    address: Mapped[str] = mapped_column(AddressText)
    sha256: Mapped[str] = mapped_column(String(64))
    title: Mapped[str | None]
    organ_printed: Mapped[str | None]
    organ_match: Mapped[str | None]
    form: Mapped[str | None]
    published_on: Mapped[date | None]
    published_from: Mapped[str | None]
    parser: Mapped[str]
    document: Mapped[bytes] = mapped_column(LargeBinary)
    first_seen_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("report_key", "content_digest"),
        Index("report_version_obligation", "organ_code", "report_year"),
        Index("report_version_match", "organ_match"),
        Index(
            "report_version_unsettled",
            "county_code",
            sqlite_where=text("organ_code IS NULL OR report_year IS NULL"),
            postgresql_where=text("organ_code IS NULL OR report_year IS NULL"),
        ),
    )


class Sighting(Base):
    """One unbroken stretch of time in which an address showed the same content.

    ``version_id`` is None where the content is no report or could not be read; ``sha256`` are the bytes last
    seen. A stretch ends when the address shows other content (the next stretch begins) or at ``gone_at``, which
    is set by positive evidence only: the address answers that the document is gone, and its column was crawled
    whole without it. ``published_on`` is the date the page, the list or the address names, and
    ``published_from`` which; ``listed_title`` is the title beside its link, ``listed_organ``,
    ``listed_organ_code`` and ``listed_year`` are what the list says beside that.
    """

    __tablename__ = "sighting"
    id: Mapped[int] = mapped_column(primary_key=True)
    portal_id: Mapped[str]
    address: Mapped[str] = mapped_column(AddressText)
    column_id: Mapped[str | None]
    role: Mapped[str]
    parent_address: Mapped[str | None] = mapped_column(AddressText)
    sha256: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("report_version.id"), index=True)
    listed_title: Mapped[str | None]
    listed_on: Mapped[date | None]
    published_on: Mapped[date | None]
    published_from: Mapped[str | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    current: Mapped[bool]
    listed_organ: Mapped[str | None]
    listed_organ_code: Mapped[str | None]
    listed_year: Mapped[int | None]
    __table_args__ = (
        UniqueConstraint("portal_id", "address", "first_seen_at"),
        Index("sighting_kind", "kind", "portal_id"),
    )


class ParsedDocument(Base):
    """How the bytes of one digest parsed: ``report``, ``other`` or ``unreadable`` with the reason.

    ``report_year``, ``organ_printed`` and ``title`` are kept of every document, so that a look-alike or an
    unreadable file can keep an obligation from being called missing. ``publisher`` is whom the page names as its
    publisher (发布机构).
    """

    __tablename__ = "parsed_document"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    parser: Mapped[str]
    kind: Mapped[str]
    error: Mapped[str | None]
    title: Mapped[str | None]
    organ_printed: Mapped[str | None]
    report_year: Mapped[int | None]
    form: Mapped[str | None]
    published_on: Mapped[date | None]
    published_from: Mapped[str | None]
    publisher: Mapped[str | None]
    content_digest: Mapped[str | None] = mapped_column(String(64))


class ChangeMark(Base):
    """How often something changed that assessments rest on: see :mod:`monitor.store.marks`.

    ``latest`` is the latest moment that its facts tell of.
    """

    __tablename__ = "change_mark"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    latest: Mapped[datetime | None]


class CountyAssessment(Base):
    """What the last assessment of a county rests on, and what it counted: see :mod:`monitor.counties`.

    It need not be done again before ``until`` (None: never by time alone) while ``grounds`` are the same.
    ``beside`` are portals elsewhere on which its reports stand; ``rests_on_passes``: more passes may change it.
    """

    __tablename__ = "county_assessment"
    county_code: Mapped[str] = mapped_column(String(6), primary_key=True)
    grounds: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[datetime]
    until: Mapped[datetime | None]
    rests_on_passes: Mapped[bool]
    beside: Mapped[list[str]]
    counts: Mapped[dict[str, Any]]


class StandingRow(Base):
    """How an obligation stood when its county was last assessed: see :mod:`monitor.store.kept_standings`.

    The fields are those of :class:`monitor.publication.Standing`. ``version_id`` may be of a version that is no
    more.
    """

    __tablename__ = "standing"
    organ_code: Mapped[str] = mapped_column(ForeignKey("organ.code"), primary_key=True)
    report_year: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(12))
    due_on: Mapped[date]
    due_rule: Mapped[str]
    published_on: Mapped[date | None]
    published_from: Mapped[str | None] = mapped_column(String(16))
    first_seen_at: Mapped[datetime | None]
    days_late: Mapped[int | None]
    address: Mapped[str | None] = mapped_column(AddressText)
    version_id: Mapped[int | None]
    errors: Mapped[int]
    warnings: Mapped[int]
    flags: Mapped[list[str]]
    reason: Mapped[str | None]
    __table_args__ = (
        Index("standing_county", "county_code", "report_year"),
        Index("standing_state", "report_year", "state", "county_code", "organ_code"),
    )


class CountyFigures(Base):
    """The figures of a county and report year when it was last assessed (monitor.figures.Figures).

    They are those of its rows in ``standing``, counted once: a page over a thousand counties reads these.
    ``next_due``: the first day on which one of those that are not due yet falls due.
    """

    __tablename__ = "county_figures"
    report_year: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(String(6), primary_key=True)
    expected: Mapped[int]
    on_time: Mapped[int]
    late: Mapped[int]
    missing: Mapped[int]
    unverified: Mapped[int]
    not_due: Mapped[int]
    with_errors: Mapped[int]
    with_warnings: Mapped[int]
    past_due: Mapped[int]
    next_due: Mapped[date | None]


class RuleSet(Base):
    """The rules in the versions by which reports were judged: see :mod:`monitor.rules.revisions`."""

    __tablename__ = "rule_set"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    versions: Mapped[dict[str, Any]]


class Assessment(Base):
    """That a version was judged, by which rules and beside which version of the year before.

    ``assessed_at``: since which assessment the same is said of it.
    """

    __tablename__ = "assessment"
    version_id: Mapped[int] = mapped_column(ForeignKey("report_version.id"), primary_key=True)
    previous_version_id: Mapped[int | None]
    rules_digest: Mapped[str]
    register_digest: Mapped[str]
    assessed_at: Mapped[datetime]
    errors: Mapped[int]
    warnings: Mapped[int]
    notices: Mapped[int]


class ComparedText(Base):
    """What a current version of a report is compared with others by: its masked prose and its key numbers.

    ``made_by`` is a digest over how it was made and the names that were masked. ``sentences`` are the keys of its
    masked sentences (32 bits each), ``characters`` how many are its own once the county's template and stock
    phrases are out, ``signature`` that of these (None: too few); ``figures`` the numbers of
    monitor.rules.hierarchy.KEY_CELLS in that order, null for a blank and false for no number, then whether their
    reading is in doubt. ``grounds`` is a digest of all that the judgement rests on of its county, ``twins`` one of
    the texts like it, empty where there are none. ``compared``: it was held against all others since it was made.
    """

    __tablename__ = "compared_text"
    version_id: Mapped[int] = mapped_column(ForeignKey("report_version.id"), primary_key=True)
    organ_code: Mapped[str] = mapped_column(String(18))
    report_year: Mapped[int]
    county_code: Mapped[str] = mapped_column(String(6), index=True)
    made_by: Mapped[str] = mapped_column(String(16))
    sentences: Mapped[bytes] = mapped_column(LargeBinary)
    characters: Mapped[int]
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    figures: Mapped[list[Any]] = mapped_column(JSON)
    form: Mapped[str | None]
    grounds: Mapped[str] = mapped_column(String(16))
    twins: Mapped[str] = mapped_column(String(16))
    compared: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index(
            "compared_text_to_do",
            "compared",
            sqlite_where=text("compared = 0"),
            postgresql_where=text("NOT compared"),
        ),
    )


class CountyTemplate(Base):
    """The sentences that most organs of a county share in a report year, and of how many ``texts`` and ``organs``.

    ``sentences`` are keys of 32 bits each.
    """

    __tablename__ = "county_template"
    county_code: Mapped[str] = mapped_column(String(6), primary_key=True)
    report_year: Mapped[int] = mapped_column(primary_key=True)
    texts: Mapped[int]
    organs: Mapped[int]
    sentences: Mapped[bytes] = mapped_column(LargeBinary)


class SimilarPair(Base):
    """Two versions of different organs with the same text; ``first_id`` is the lower id."""

    __tablename__ = "similar_pair"
    first_id: Mapped[int] = mapped_column(primary_key=True)
    second_id: Mapped[int] = mapped_column(primary_key=True)
    similarity: Mapped[float] = mapped_column(Float)
    characters: Mapped[int]
    __table_args__ = (Index("similar_pair_second", "second_id"),)


class FindingRow(Base):
    """One finding on one version; ``matter`` joins those of one mistake, ``leading`` marks the first of them.

    ``evidence`` is the finding as JSON with ``printed``: the cells it names as they stand in the report.
    ``matter_severity`` is that of the whole matter.
    """

    __tablename__ = "finding"
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("report_version.id"), index=True)
    rule: Mapped[str]
    severity: Mapped[str]
    matter: Mapped[str]
    matter_severity: Mapped[str]
    leading: Mapped[bool]
    likely_cause: Mapped[str | None]
    evidence: Mapped[dict[str, Any]]


class PastJudgement(Base):
    """What was said of a version until ``held_to``, the assessment that said it otherwise.

    Rows are added, never changed. ``document`` are its findings as compressed JSON: see
    :mod:`monitor.store.past_judgements`. ``version_id`` may be of a version that is no more.
    """

    __tablename__ = "past_judgement"
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int]
    held_to: Mapped[datetime]
    document: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (Index("past_judgement_version", "version_id", "held_to"),)


class KeptReport(Base):
    """A completeness report as it was made: see :mod:`monitor.store.kept_reports`.

    ``county_code`` is empty where it is on all counties. ``second`` is its moment as it is printed, ``since`` that
    from which corrections are told, where somebody said one. ``parts`` are the digests of its parts in order.
    """

    __tablename__ = "kept_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(String(6))
    report_year: Mapped[int]
    second: Mapped[datetime]
    as_of: Mapped[datetime]
    language: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime | None]
    parts: Mapped[list[str]]
    __table_args__ = (Index("kept_report_moment", "county_code", "report_year", "second"),)


class KeptPart(Base):
    """A part of kept reports (a county, or the rankings): JSON, compressed; never changed."""

    __tablename__ = "kept_part"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[bytes] = mapped_column(LargeBinary)


class RuleSwitch(Base):
    """That a rule is switched on or off or weighs otherwise in a place (beginning of county codes, empty: all).

    One that was taken back or replaced has ``withdrawn_at`` and counts no more; rows are never deleted.
    """

    __tablename__ = "rule_switch"
    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str]
    place: Mapped[str] = mapped_column(String(6))
    setting: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_reason: Mapped[str | None]


class DismissalRow(Base):
    """That staff dismissed a finding: see :class:`monitor.decisions.dismissals.Dismissal`.

    One that was taken back has ``restored_at`` and counts no more; rows are never deleted.
    """

    __tablename__ = "dismissal"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str]
    report_key: Mapped[str] = mapped_column(index=True)
    county_code: Mapped[str] = mapped_column(String(6))
    rule: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(String(64))
    finding: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str]
    restored_at: Mapped[datetime | None]
    restored_by: Mapped[str | None]
    restored_reason: Mapped[str | None]


class Alert(Base):
    """The stateful matter that staff handle. ``identity`` is unique: a matter is opened once and reopened.

    ``digest`` is of text, severity and evidence (whether anything changed); ``substance`` stands for the facts
    that staff have settled when they resolve it by hand; ``gravest`` is the gravest severity since it was
    (re)opened, and whoever was told of that is told when the matter is over. ``assigned_to``: the user who has it.
    """

    __tablename__ = "alert"
    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    audience: Mapped[str]
    organ_code: Mapped[str | None]
    county_code: Mapped[str | None] = mapped_column(String(6), index=True)
    portal_id: Mapped[str | None]
    report_year: Mapped[int | None]
    rule: Mapped[str | None]
    template: Mapped[str] = mapped_column(Text)
    values: Mapped[dict[str, Any]]
    evidence: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    muted_until: Mapped[datetime | None]
    digest: Mapped[str] = mapped_column(String(64))
    substance: Mapped[str] = mapped_column(Text)
    gravest: Mapped[str]
    resolved_by_hand: Mapped[bool] = mapped_column(default=False)
    assigned_to: Mapped[str | None]


INBOX = Index(
    "alert_inbox",
    Alert.state,
    Alert.severity,
    Alert.id.desc(),
    Alert.county_code,
    Alert.audience,
    Alert.kind,
    Alert.report_year,
    Alert.rule,
    Alert.assigned_to,
)
"""Lists of alerts are read from this index alone, in its order; rows are read of those that are shown."""


class AlertEvent(Base):
    """One step in the life of an alert: opened, updated, acknowledged, muted, resolved, reopened, assigned, noted.

    ``assigned_to``: the user it was given to, where the step is that (None: taken from whoever had it).
    """

    __tablename__ = "alert_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    what: Mapped[str]
    note: Mapped[str | None]
    by: Mapped[str]
    assigned_to: Mapped[str | None]


class WaitingStep(Base):
    """One step of one alert that one channel is to be told of, from the moment it happened.

    ``taken_at`` is when it was told or left out for good; ``message_id`` the message that tells of it, None where
    it was left out (over, or muted, before its time came).
    """

    __tablename__ = "waiting_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("alert_event.id"))
    channel: Mapped[str]
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), index=True)
    what: Mapped[str]
    severity: Mapped[str]
    at: Mapped[datetime]
    taken_at: Mapped[datetime | None] = mapped_column(index=True)
    message_id: Mapped[str | None]
    __table_args__ = (UniqueConstraint("event_id", "channel"),)


class Delivery(Base):
    """The outbox: one message to one channel. ``id`` is the delivery id, the same at every attempt.

    ``state``: ``pending``, ``sent``, ``given_up``. ``dedup`` makes telling the same thing twice impossible.
    ``give_up_at`` is when it is given up, set by the first attempt.
    """

    __tablename__ = "delivery"
    id: Mapped[str] = mapped_column(primary_key=True)
    dedup: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    type: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(index=True)
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    give_up_at: Mapped[datetime | None]


class MailThread(Base):
    """The first mail to a channel that told of an alert: later ones refer to it, so that they stand together."""

    __tablename__ = "mail_thread"
    channel: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), primary_key=True)
    message_id: Mapped[str]
    at: Mapped[datetime]


class StageSuccess(Base):
    """When a stage of the main job last ended well."""

    __tablename__ = "stage_success"
    stage: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class ArchiveMark(Base):
    """The identity of the archive of captures that this record belongs to; at most one row, number 1."""

    __tablename__ = "archive_mark"
    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str]


class UserAccount(Base):
    """Somebody who may log in: see :class:`monitor.accounts.users.User`. ``password``: its hash, None: none set.
    ``sign_on_subject``: digest of whom the provider of single sign-on knows as this user.

    One that was closed stays, for its name stands in histories.
    """

    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    places: Mapped[list[str]]
    password: Mapped[str | None]
    language: Mapped[str | None]
    created_at: Mapped[datetime]
    visited_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    sign_on_subject: Mapped[str | None] = mapped_column(String(64))
    mail: Mapped[str | None]


class UserSession(Base):
    """A user who is logged in, from ``begun_at``; ``digest`` of the secret in the browser's cookie."""

    __tablename__ = "user_session"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class FailedLogIn(Base):
    """One try to log in that failed, by the user's name (the digest of any other) and the address it came from."""

    __tablename__ = "failed_log_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    name: Mapped[str]
    address: Mapped[str]


class UsedSignOn(Base):
    """An attempt at single sign-on that came back, by the digest of its state: none comes back twice."""

    __tablename__ = "used_sign_on"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class RequestCount(Base):
    """How many requests of a caller of the API were given out in a minute (of the epoch): monitor.api.limits."""

    __tablename__ = "request_count"
    caller: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[int]
    taken: Mapped[int]


class ApiTokenRow(Base):
    """What another system shows to be let in: see :class:`monitor.accounts.users.ApiToken`."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    places: Mapped[list[str]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class SubscriptionRow(Base):
    """That a user takes the digest of a county by mail: see :class:`monitor.alerts.subscriptions.Subscription`."""

    __tablename__ = "subscription"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    county_code: Mapped[str] = mapped_column(String(6))
    address: Mapped[str]
    schedule: Mapped[str]
    language: Mapped[str]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AuditRow(Base):
    """That somebody changed something: see :class:`monitor.accounts.users.AuditEntry`. Rows are only added."""

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str]
    county_code: Mapped[str | None] = mapped_column(String(6))
    values: Mapped[dict[str, Any]]


class JobRow(Base):
    """A job: what is to be done, or was. ``subject`` is the portal of a visit, else empty (monitor.jobs.kinds).

    The same job waits once. With PostgreSQL jobs wait in the tables of Procrastinate and have a row here, of the
    same id, from when they were begun.
    """

    __tablename__ = "job"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    queued_at: Mapped[datetime] = mapped_column(index=True)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(index=True)
    line: Mapped[dict[str, Any] | None]
    __table_args__ = (
        Index(
            "job_waits_once",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )


class VisitSlot(Base):
    """The last slot (monitor.jobs.seasons) for which a visit to a portal was asked for."""

    __tablename__ = "visit_slot"
    portal_id: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[datetime]


class TrialRow(Base):
    """A trial pass of a portal, or a discovery from an address: see :class:`monitor.trials.Trial`.

    ``lines`` are what it found in words, by language; ``definition`` what a discovery proposes.
    """

    __tablename__ = "trial"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(AddressText)
    county_code: Mapped[str] = mapped_column(String(6), index=True)
    portal_id: Mapped[str | None]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    works: Mapped[bool | None]
    lines: Mapped[dict[str, Any]]
    definition: Mapped[str | None] = mapped_column(Text)
    written_at: Mapped[datetime | None]


scheduled_jobs = Table(
    "apscheduler_jobs",
    Base.metadata,
    Column("id", Unicode(191), primary_key=True),
    Column("next_run_time", Float(25), index=True),
    Column("job_state", LargeBinary, nullable=False),
)
"""The scheduler's own table, as APScheduler 3.11's SQLAlchemyJobStore expects it."""
