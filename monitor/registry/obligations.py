"""Who must publish a report on which year, and by when: from the register and the due-date rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from monitor.publication import Due
from monitor.registry.due import DueRules
from monitor.registry.lineage import Lineage
from monitor.settings import WatchSettings
from monitor.store import register
from monitor.store.register import RegisteredObligation, RegisteredOrgan
from monitor.store.successions import Succession


@dataclass(frozen=True, slots=True)
class Owed:
    """One obligation: whose, of which year, by when. ``expected`` is False for organs the county does not list.

    ``ended`` says how an organ that was there in the year ended before the due day: it owes nothing, but what it
    published stays shown.
    """

    organ: RegisteredOrgan
    report_year: int
    due: Due
    ended: tuple[Succession, ...] = ()

    @property
    def expected(self) -> bool:
        """Whether the report is expected on the county's portal."""
        return self.organ.listed_by_county and not self.ended


def watched_years(watch: WatchSettings, as_of: datetime, recorded: Iterable[int] = ()) -> Years:
    """Which report years are watched, everywhere and in single counties.

    Without a setting: the year before ``as_of``, and whatever was watched before.
    """
    usual = watch.years or {as_of.astimezone(SHANGHAI).year - 1, *recorded}
    return Years(frozenset(usual), {code: frozenset(years) for code, years in watch.counties.items()})


@dataclass(frozen=True, slots=True)
class Years:
    """Report years by county."""

    usual: frozenset[int]
    of_county: Mapping[str, frozenset[int]]

    def of(self, county_code: str) -> frozenset[int]:
        """The years watched in a county."""
        return self.of_county.get(county_code, self.usual)


def obligations_of(
    organs: Iterable[RegisteredOrgan], years: Years, rules: DueRules, lineage: Lineage | None = None
) -> list[Owed]:
    """All obligations of the organs in their watched years; ``lineage`` is among these organs unless it is given.

    An organ owes a report on a year in which it existed, if it still does on the due day; after that its
    successor reports (domain.md 1.2, portals.md part 1 number 8). Of one that passed into others before the due
    day there is an obligation that is not expected.
    """
    organs = tuple(organs)
    lineage = lineage or Lineage(organs)
    owed = []
    for organ in organs:
        for year in sorted(years.of(organ.county_code)):
            due = rules.due_for(organ.kind, organ.county_code, year, organ.code)
            if lineage.owes(organ, year, due.on):
                owed.append(Owed(organ, year, due))
            elif ended := lineage.ended_before_due(organ, year, due.on):
                owed.append(Owed(organ, year, due, ended))
    return owed


def not_owed(organs: Iterable[RegisteredOrgan], years: Years, owed: Iterable[Owed]) -> set[tuple[str, int]]:
    """Organs and watched years of which there is no obligation, because the organ was not there.

    What was said of such a report before is over.
    """
    there = {(one.organ.code, one.report_year) for one in owed}
    return {
        (organ.code, year)
        for organ in organs
        if organ.valid_from is not None or organ.valid_to is not None
        for year in years.of(organ.county_code)
        if (organ.code, year) not in there
    }


def refresh_obligations(session: Session, owed: Iterable[Owed], counties: Collection[str] | None = None) -> None:
    """Brings the recorded obligations in line with these, which are all there are (in these counties)."""
    wanted = {
        (each.organ.code, each.report_year): RegisteredObligation(
            each.organ.code, each.report_year, each.due.on, each.due.rule, each.due.source, each.due.severity
        )
        for each in owed
    }
    known = {(row.organ_code, row.report_year): row for row in register.obligations(session, counties=counties)}
    put = [row for key, row in wanted.items() if known.get(key) != row]
    dropped = [key for key in known if key not in wanted]
    register.change_obligations(session, put, dropped)
