"""Lists of the record for other programs: of the reader's counties, a page at a time.

What a list is asked for outside of the reader's counties is not there: the list is empty. A single thing outside
of them is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from monitor.access.base import Access, NotFound, audiences_of
from monitor.accounts.scope import Scope
from monitor.alerts.outbox import alert_json
from monitor.alerts.states import AlertState
from monitor.alerts.wording import STATE_NAMES, kind_name
from monitor.completeness.columns import count_read
from monitor.decisions.findings import ListedFinding, of_versions
from monitor.language import translate
from monitor.present import LARGEST_STEP_BACK
from monitor.store import crawls, kept_standings, listing, packing, register, versions

Key = tuple[Any, ...]
"""What the place of an item in its list goes by."""
Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a list: after the key that ended the page before it (None: from its beginning), so many."""

    limit: int
    after: Key | None = None


@dataclass(frozen=True, slots=True)
class Listed(Generic[Item]):
    """A page of a list, and the key that the next one comes after (None: there is none)."""

    items: tuple[Item, ...]
    next: Key | None


@dataclass(frozen=True, slots=True)
class County:
    """A county; ``assessed_at``: when it was last assessed."""

    code: str
    name: str
    prefecture: str | None
    province: str | None
    assessed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Organ:
    """A body that must publish a report, as registered."""

    code: str
    name: str
    kind: str
    county_code: str
    county: str
    prefecture: str | None
    province: str | None
    valid_from: date | None
    valid_to: date | None
    aliases: list[str]
    listed_by_county: bool


@dataclass(frozen=True, slots=True)
class Obligation:
    """What an organ owes for a report year, and how it stood at ``assessed_at``.

    ``state`` and the other fields are those of an organ in a completeness report; ``report_id`` is the report that
    the state rests on.
    """

    organ_code: str
    organ: str
    kind: str
    county_code: str
    report_year: int
    state: str
    due: date
    due_rule: str
    published_on: date | None
    published_from: str | None
    first_seen_at: datetime | None
    days_late: int | None
    url: str | None
    report_id: int | None
    errors: int
    warnings: int
    flags: list[str]
    reason: str | None
    assessed_at: datetime


@dataclass(frozen=True, slots=True)
class ReportVersion:
    """One version of a published report. ``stands``: it is the one that the state of its obligation rests on.

    ``organ_code`` and ``report_year`` are null while they are not settled; ``errors``, ``warnings`` and
    ``notices`` while it was not judged.
    """

    id: int
    organ_code: str | None
    organ: str | None
    organ_printed: str | None
    county_code: str
    report_year: int | None
    title: str | None
    form: str | None
    published_on: date | None
    published_from: str | None
    first_seen_at: datetime
    portal_id: str
    column_id: str | None
    url: str
    sha256: str
    stands: bool
    errors: int | None
    warnings: int | None
    notices: int | None


@dataclass(frozen=True, slots=True)
class ReportedCell:
    """One cell of a report, as printed; ``at`` is where it stands in the original."""

    key: str
    value: int | float | None
    raw: str
    state: str
    unit: str | None
    at: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FoundFinding:
    """One rule that failed on a report. ``counts`` is false where staff dismissed it or its rule is switched off.

    ``reference`` is what ``nianbao findings`` calls it. Findings of one ``matter`` are one mistake.
    """

    reference: str
    report_id: int
    organ_code: str | None
    organ: str
    county_code: str
    report_year: int | None
    rule: str
    severity: str
    matter: str
    matter_severity: str
    counts: bool
    cells: list[str]
    sections: list[int]
    message: str
    values: dict[str, Any]
    quote: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Alert:
    """A matter that staff handle."""

    id: int
    kind: str
    severity: str
    state: str
    audience: str
    organ_code: str | None
    organ: str | None
    county_code: str | None
    report_year: int | None
    rule: str | None
    summary: str
    opened_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    muted_until: datetime | None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An alert in a feed, when it last changed, and its kind and state in words."""

    alert: Alert
    updated_at: datetime
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl of one portal; ``outcome`` is null while it lasts."""

    id: str
    portal_id: str
    county_code: str
    started_at: datetime
    finished_at: datetime | None
    full: bool
    outcome: str | None
    problem: str | None
    counts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PortalColumn:
    """A column of a portal. ``covers``: organ kinds or codes whose reports appear here; empty: all organs."""

    id: str
    name: str
    url: str
    organ_code: str | None
    covers: list[str]
    years: list[int]


@dataclass(frozen=True, slots=True)
class Portal:
    """A web site whose columns are read, and how its runs went. ``failing_runs``: since the last whole one."""

    id: str
    name: str
    county_code: str
    family: str
    hosts: list[str]
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    verified: date | None
    in_use: bool
    last_outcome: str | None
    last_run_at: datetime | None
    last_whole_at: datetime | None
    failing_runs: int
    columns: list[PortalColumn]


@dataclass(frozen=True, slots=True)
class CompleteOrgan:
    """How one organ stands in a completeness report."""

    code: str
    name: str
    kind: str
    state: str
    due: date
    due_rule: str
    published_on: date | None
    published_from: str | None
    first_seen_at: datetime | None
    days_late: int | None
    url: str | None
    errors: int
    warnings: int
    flags: list[str]
    reason: str | None


@dataclass(frozen=True, slots=True)
class CompleteCounty:
    """The figures of a county and report year as of its last assessment, and its organs."""

    code: str
    name: str
    as_of: datetime
    expected: int
    on_time: int
    late: int
    missing: int
    unverified: int
    not_due: int
    with_errors: int
    with_warnings: int
    columns_crawled: float
    organs: list[CompleteOrgan]


@dataclass(frozen=True, slots=True)
class Completeness:
    """Counties of a completeness report; ``as_of`` is the last of their assessments, ``next`` the key after which
    the next page comes.
    """

    year: int
    as_of: datetime | None
    counties: tuple[CompleteCounty, ...]
    next: Key | None


def counties(access: Access, wanted: Wanted) -> Listed[County]:
    """Counties in the order of their codes."""
    return _part(access, wanted, listing.counties, County, ("code",))


def organs(access: Access, wanted: Wanted, **only: Any) -> Listed[Organ]:
    """Organs in the order of their codes; ``only``: ``county``, ``kind``."""
    return _part(access, wanted, listing.organs, Organ, ("code",), **only)


def organ(access: Access, code: str) -> Organ:
    """One organ. Raises NotFound."""
    with access.reading() as session:
        rows = listing.organs(session, access.scope, code=code)
    if not rows:
        raise NotFound(code)
    return Organ(**rows[0])


def obligations(access: Access, wanted: Wanted, **only: Any) -> Listed[Obligation]:
    """Obligations by counties, years and organs; ``only``: ``county``, ``organ``, ``year``, ``state``."""
    order = ("county_code", "report_year", "organ_code")
    return _part(access, wanted, listing.obligations, Obligation, order, **only)


def reports(access: Access, wanted: Wanted, **only: Any) -> Listed[ReportVersion]:
    """Versions in the order of their numbers; ``only``: ``county``, ``organ``, ``year``, ``stands``."""
    return _part(access, wanted, listing.reports, ReportVersion, ("id",), **only)


def report(access: Access, report_id: int) -> ReportVersion:
    """One version. Raises NotFound."""
    with access.reading() as session:
        rows = listing.reports(session, access.scope, ids=[report_id])
    if not rows:
        raise NotFound(report_id)
    return ReportVersion(**rows[0])


def document(access: Access, report_id: int) -> dict[str, Any]:
    """A version in the shape that ``nianbao parse`` prints, with the findings that count. Raises NotFound."""
    version = report(access, report_id)
    with access.reading() as session:
        data = _kept(session, report_id)
        found = [one for one in _findings_by_id(access, session, {report_id}).values() if one.counts]
    warnings = data.pop("warnings")
    return {
        "file": version.url,
        "sha256": version.sha256,
        **data,
        "findings": [
            {
                "rule": one.rule,
                "severity": one.severity,
                "cells": one.cells,
                "sections": one.sections,
                "message": one.message,
                "values": one.values,
                "quote": one.quote,
            }
            for one in found
        ],
        "warnings": warnings,
    }


def cells(access: Access, report_id: int) -> list[ReportedCell]:
    """The cells of a version in the order of the form. Raises NotFound."""
    report(access, report_id)
    with access.reading() as session:
        kept = _kept(session, report_id)["cells"]
    return [
        ReportedCell(key, cell["value"], cell["raw"], cell["state"], cell.get("unit"), cell["at"])
        for key, cell in kept.items()
    ]


def findings(access: Access, wanted: Wanted, **only: Any) -> Listed[FoundFinding]:
    """Findings of the reports that stand, in the order of counties, years and organs.

    ``only``: ``county``, ``organ``, ``year``, ``rule``.
    """
    with access.reading() as session:
        rows = listing.found_in(session, access.scope, **only, after=wanted.after, limit=wanted.limit + 1)
        shown = rows[: wanted.limit]
        by_id = _findings_by_id(access, session, {row["version_id"] for row in shown})
    return _listed(
        rows,
        wanted,
        lambda row: by_id[row["id"]],
        lambda row: (row["county_code"], row["report_year"], row["organ_code"], row["id"]),
    )


def findings_of(access: Access, report_id: int) -> list[FoundFinding]:
    """All findings of one version. Raises NotFound."""
    report(access, report_id)
    with access.reading() as session:
        return list(_findings_by_id(access, session, {report_id}).values())


def alerts(access: Access, wanted: Wanted, **only: Any) -> Listed[Alert]:
    """Alerts, the newest first.

    ``only``: ``county``, ``organ``, ``year``, ``state``, ``kind``, ``severity``, ``audience``, ``updated_since``.
    """
    with access.reading() as session:
        audiences = audiences_of(access, only.pop("audience", None))
        shown = listing.alerts(
            session, access.scope, **only, audiences=audiences, after=wanted.after, limit=wanted.limit + 1
        )
        rows = [alert_json(one, access.language) for one in shown]
    return _listed(rows, wanted, _alert, lambda row: (row["id"],))


def alert(access: Access, alert_id: int) -> Alert:
    """One alert. Raises NotFound."""
    with access.reading() as session:
        shown = listing.alerts(session, access.scope, ids=[alert_id], audiences=audiences_of(access))
        if not shown:
            raise NotFound(alert_id)
        return _alert(alert_json(shown[0], access.language))


def feed(access: Access, county: str, most: int, audience: str | None = None) -> tuple[County, list[FeedEntry]]:
    """A county and its alerts, what changed last first. Raises NotFound."""
    access.county(county)
    with access.reading() as session:
        known = listing.counties(session, Scope.of([county]), after=None, limit=1)
        if not known:
            raise NotFound(county)
        entries = [
            FeedEntry(
                _alert(alert_json(one, access.language)),
                one.alert.updated_at,
                translate(kind_name(one.alert.kind, one.alert.rule), access.language),
                translate(STATE_NAMES[AlertState(one.alert.state)], access.language),
            )
            for one in listing.latest_alerts(session, county, audiences_of(access, audience), most)
        ]
    return County(**known[0]), entries


def runs(access: Access, wanted: Wanted, **only: Any) -> Listed[Run]:
    """Crawl runs, the newest first; ``only``: ``county``, ``portal``, ``outcome``."""
    return _part(access, wanted, listing.runs, Run, ("id",), **only)


def portals(access: Access, wanted: Wanted, *, county: str | None = None) -> Listed[Portal]:
    """Portals in the order of their ids."""
    after = wanted.after[0] if wanted.after else ""
    found = [one for one in access.portals() if one.id > after and county in (None, one.county_code)]
    with access.reading() as session:
        runs_of = crawls.portal_runs(session, access.now + LARGEST_STEP_BACK)
    return _listed(
        found[: wanted.limit + 1],
        wanted,
        lambda one: _portal(access, one, runs_of.get(one.id)),
        lambda one: (one.id,),
    )


def completeness(access: Access, wanted: Wanted, year: int, county: str | None = None) -> Completeness:
    """A report year county by county, as of the last assessment of each, in the order of codes."""
    if county is not None and not access.scope.covers(county):
        return Completeness(year, None, (), None)
    scope = Scope.of([county]) if county is not None else access.scope
    today = access.now.astimezone(SHANGHAI).date()
    with access.reading() as session:
        figures = kept_standings.by_county(session, year, scope)
        after = wanted.after[0] if wanted.after else ""
        codes = [code for code in figures if code > after]
        page = codes[: wanted.limit]
        names = register.names_of_counties(session, page)
        standings = {code: kept_standings.of_county(session, code, [year]) for code in page}
        portals = [one for one in access.portals() if one.county_code in names]
        columns = count_read(crawls.last_read_whole(session, portals), portals, year, today)
    made = []
    for code in page:
        one, (all_columns, whole) = figures[code].figures, columns.get(code, (0, 0))
        made.append(
            CompleteCounty(
                code,
                names[code],
                figures[code].assessed_at,
                one.expected,
                one.on_time,
                one.late,
                one.missing,
                one.unverified,
                one.not_due,
                one.with_errors,
                one.with_warnings,
                round(whole / all_columns, 4) if all_columns else 0.0,
                [
                    CompleteOrgan(
                        each.organ_code,
                        each.name,
                        each.kind.value,
                        each.state.value,
                        each.due_on,
                        each.due_rule,
                        each.published_on,
                        each.published_from,
                        each.first_seen_at,
                        each.days_late,
                        each.address,
                        each.errors,
                        each.warnings,
                        list(each.flags),
                        each.reason,
                    )
                    for each in standings[code]
                ],
            )
        )
    as_of = max((one.as_of for one in made), default=None)
    return Completeness(year, as_of, tuple(made), (page[-1],) if len(codes) > len(page) else None)


def _part(
    access: Access,
    wanted: Wanted,
    read: Callable[..., list[listing.Row]],
    kind: Callable[..., Item],
    order: Sequence[str],
    /,
    **only: Any,
) -> Listed[Item]:
    """A page of what ``read`` gives in this order, one row more than the page to know whether another follows."""
    with access.reading() as session:
        rows = read(session, access.scope, **only, after=wanted.after, limit=wanted.limit + 1)
    return _listed(rows, wanted, lambda row: kind(**row), lambda row: tuple(row[name] for name in order))


def _listed(
    rows: Sequence[Made], wanted: Wanted, make: Callable[[Made], Item], key: Callable[[Made], Key]
) -> Listed[Item]:
    shown = rows[: wanted.limit]
    return Listed(tuple(make(row) for row in shown), key(shown[-1]) if len(rows) > len(shown) and shown else None)


def _kept(session: Session, report_id: int) -> dict[str, Any]:
    data: dict[str, Any] = packing.unpack(versions.documents(session, [report_id])[report_id])
    return data


def _findings_by_id(access: Access, session: Session, version_ids: set[int]) -> dict[int, FoundFinding]:
    """Findings of versions by their numbers in the record, as decisions leave them."""
    ids = {version_id: iter(of_one) for version_id, of_one in listing.finding_ids(session, version_ids).items()}
    found: dict[int, FoundFinding] = {}
    for one in of_versions(session, version_ids):
        version_id = int(one.reference.partition("-")[0])
        found[next(ids[version_id])] = _finding(one, version_id, access.language)
    return found


def _finding(one: ListedFinding, report_id: int, language: str) -> FoundFinding:
    return FoundFinding(
        one.reference,
        report_id,
        one.organ_code,
        one.organ,
        one.county_code,
        one.report_year,
        one.finding.rule,
        one.severity.value,
        one.matter,
        one.weighs.value,
        one.counts,
        list(one.finding.cells),
        list(one.finding.sections),
        one.finding.message(language),
        dict(one.finding.values),
        one.finding.quote,
        one.address,
    )


def _alert(row: Mapping[str, Any]) -> Alert:
    times = ("opened_at", "acknowledged_at", "resolved_at", "muted_until")
    moments = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in times}
    return Alert(**{**row, **moments})


def _portal(access: Access, one: PortalDefinition, runs_of: crawls.PortalRuns | None) -> Portal:
    last = runs_of.last if runs_of else None
    whole = runs_of.last_whole if runs_of else None
    return Portal(
        one.id,
        one.name,
        one.county_code,
        one.family,
        list(one.hosts),
        one.valid_from,
        one.valid_to,
        one.successor,
        one.verified,
        one.valid_on(access.now.astimezone(SHANGHAI).date()),
        last.outcome.value if last else None,
        last.finished_at if last else None,
        whole.finished_at if whole else None,
        runs_of.failing if runs_of else 0,
        [
            PortalColumn(
                column.id, column.name, column.address, column.organ, list(column.covers), list(column.years)
            )
            for column in one.columns
        ],
    )
