"""An organ as its page shows it: its years with state, versions and alerts, and its numbers over the years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from monitor.access.base import Access, NotFound
from monitor.access.reports import alerts_of, document, lineage_of, same_body, standing_years
from monitor.registry.lineage import Lineage
from monitor.store import assessments, kept_standings, register, versions
from monitor.store import decisions as decisions_store
from monitor.store.kept_standings import KeptStanding
from monitor.store.register import RegisteredOrgan
from monitor.store.successions import Reorganisation
from monitor.store.versions import ListedVersion
from parsers.schema import Cell

KEY_CELLS = (
    "section_three.new_received.total",
    "section_three.total_results.total",
    "section_three.carried_forward.total",
    "section_four.review.total",
    "section_four.litigation_direct.total",
    "section_four.litigation_after_review.total",
)
"""The numbers that are followed through the years: those that mean the same in both forms."""


@dataclass(frozen=True, slots=True)
class Relative:
    """An organ before or after this one; ``code`` None: nobody. ``seen``: the reader may open its page."""

    code: str | None
    name: str | None
    how: Reorganisation
    day: date
    source: str
    seen: bool


@dataclass(frozen=True, slots=True)
class OrganYear:
    """One report year: how it stands (None: never assessed), all versions of the report, and its alerts."""

    report_year: int
    standing: KeptStanding | None
    versions: tuple[ListedVersion, ...]
    stands: int | None
    alerts: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class NumberOfYear:
    """The cells of :data:`KEY_CELLS` in the report that stands for a year; ``organ`` under whose name."""

    report_year: int
    version_id: int
    form: str | None
    organ: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class ShownOrgan:
    """Everything on the page of an organ, the latest year first; ``numbers`` the oldest first."""

    organ: RegisteredOrgan
    before: tuple[Relative, ...]
    after: tuple[Relative, ...]
    years: tuple[OrganYear, ...]
    other_alerts: tuple[Mapping[str, object], ...]
    numbers: tuple[NumberOfYear, ...]


def show(access: Access, code: str) -> ShownOrgan:
    """The page of an organ. Raises NotFound, StoreError."""
    with access.reading() as session:
        found = register.organs_by_code(session, [code])
        if not found:
            raise NotFound(code)
        organ = found[0]
        access.county(organ.county_code)
        lineage = lineage_of(session, code)
        standings = {one.report_year: one for one in kept_standings.of_organ(session, code)}
        listed = versions.listed_versions(session, organs=[code])
        counted = _as_decided(session, listed)
        stand = standing_years(session, [code])
        told = alerts_of(session, access, organ.county_code, code)
        years = sorted(
            {*standings, *(one.report_year for one in listed if one.report_year is not None)}, reverse=True
        )
        return ShownOrgan(
            organ=organ,
            before=tuple(_before(access, lineage, code)),
            after=tuple(_after(access, lineage, code)),
            years=tuple(
                OrganYear(
                    year,
                    standings.get(year),
                    tuple(one for one in counted if one.report_year == year),
                    stand.get(year),
                    tuple(alert for of, alert in told if of == year),
                )
                for year in years
            ),
            other_alerts=tuple(alert for of, alert in told if of not in years),
            numbers=tuple(_numbers(session, access, lineage, code)),
        )


def _as_decided(session: Session, listed: list[ListedVersion]) -> list[ListedVersion]:
    """The versions with the errors and warnings that decisions leave."""
    decisions = decisions_store.decisions(session, report_keys={one.report_key for one in listed})
    counts = assessments.counts(session, [one.id for one in listed], decisions)
    return [
        replace(one, errors=counts[one.id][0], warnings=counts[one.id][1]) if one.id in counts else one
        for one in listed
    ]


def _before(access: Access, lineage: Lineage, code: str) -> list[Relative]:
    return [
        _relative(access, lineage, one.predecessor, one.how, one.day, one.source)
        for organ in lineage.organs.values()
        for one in organ.successions
        if one.successor == code
    ]


def _after(access: Access, lineage: Lineage, code: str) -> list[Relative]:
    organ = lineage.organs[code]
    return [_relative(access, lineage, one.successor, one.how, one.day, one.source) for one in organ.successions]


def _relative(
    access: Access, lineage: Lineage, code: str | None, how: Reorganisation, day: date, source: str
) -> Relative:
    organ = lineage.organs.get(code) if code is not None else None
    seen = organ is not None and access.scope.covers(organ.county_code)
    return Relative(code, organ.name if organ else None, how, day, source, seen)


def _numbers(session: Session, access: Access, lineage: Lineage, code: str) -> list[NumberOfYear]:
    years = standing_years(session, same_body(access, lineage, code))
    whose = {one.id: one.organ_code for one in versions.listed_versions(session, ids=years.values())}
    found = []
    for year, version_id in sorted(years.items()):
        report = document(session, version_id)
        owner = lineage.organs.get(whose[version_id] or "")
        cells = {key: report.cells[key] for key in KEY_CELLS if key in report.cells}
        found.append(NumberOfYear(year, version_id, report.form, owner.name if owner else "", cells))
    return found
