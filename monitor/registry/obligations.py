"""Who must publish a report on which year, and by when: from the register and the due-date rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from monitor.language import N_
from monitor.publication import Due, LocalDate
from monitor.registry.csv_files import say
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
    published stays shown. ``said`` is whether it was expected when it was recorded, None where it follows from the
    register.
    """

    organ: RegisteredOrgan
    report_year: int
    due: Due
    ended: tuple[Succession, ...] = ()
    said: bool | None = None

    @property
    def expected(self) -> bool:
        """Whether the report is expected on the county's portal."""
        return self.organ.listed_by_county and not self.ended if self.said is None else self.said


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

    def elsewhere(self, county_code: str) -> frozenset[int]:
        """The years watched in other counties and not in this one."""
        return self.usual.union(*self.of_county.values()) - self.of(county_code)


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
    due_for, named = cache(rules.due_for), rules.named_organs
    owed = []
    for organ in organs:
        # Organs of a kind have one date in a county, but for those that a rule names: it is looked for once.
        own = organ.code if organ.code in named else None
        for year in sorted(years.of(organ.county_code)):
            due = due_for(organ.kind, organ.county_code, year, own)
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


@dataclass(frozen=True, slots=True)
class MovedDate:
    """That the due date of an obligation is another one than was recorded, and by which rules."""

    organ_code: str
    report_year: int
    before: date
    after: date
    rule_before: str
    rule: str

    def in_words(self) -> str:
        """What moved, for a history."""
        return say(
            N_("期限由{before}改为{after}（规则：{rule}）"), before=self.before, after=self.after, rule=self.rule
        )


def refresh_obligations(
    session: Session, owed: Iterable[Owed], counties: Collection[str] | None, at: datetime
) -> list[MovedDate]:
    """Brings the recorded obligations in line with these, which are all there are (in these counties).

    What held before ``at`` is kept as what was said then. Gives the obligations whose due date moved.
    """
    wanted = {(each.organ.code, each.report_year): _row(each, at) for each in owed}
    known = {row.key: row for row in register.obligations(session, counties=counties)}
    put = [
        # Of what was recorded before such things were kept nothing is said: it was no other obligation.
        replace(row, held_from=None) if _is_bare(known.get(key), row) else row
        for key, row in wanted.items()
        if known.get(key) != row
    ]
    dropped = [key for key in known if key not in wanted]
    over = [
        row
        for key, row in known.items()
        if wanted.get(key) != row
        and not _is_bare(row, wanted.get(key))
        and (row.held_from is None or row.held_from < at)
    ]
    register.change_obligations(session, put, dropped, over, at)
    return [
        MovedDate(*key, known[key].due_on, row.due_on, known[key].due_rule, row.due_rule)
        for key, row in wanted.items()
        if key in known and known[key].due_on != row.due_on
    ]


def as_recorded(rows: Iterable[RegisteredObligation], owed: Iterable[Owed], lineage: Lineage) -> list[Owed]:
    """The obligations as they were recorded; of counties and years of which nothing was, as they are now."""
    recorded = {row.key: row for row in rows}
    settled = {(lineage.organs[code].county_code, year) for code, year in recorded if code in lineage.organs}
    now = [one for one in owed if (one.organ.county_code, one.report_year) not in settled]
    then = []
    for (code, year), row in recorded.items():
        if code not in lineage.organs:
            continue
        organ = lineage.organs[code]
        local = None
        if row.local_on is not None:
            local = LocalDate(row.local_on, row.local_rule or "", row.local_source or "")
        due = Due(row.due_on, row.due_rule, row.due_source, row.severity, row.basis or "statute", local)
        ended = lineage.ended_before_due(organ, year, row.due_on) if row.expected is False else ()
        then.append(Owed(organ, year, due, ended, row.expected))
    return sorted([*now, *then], key=lambda one: (one.organ.code, one.report_year))


def _row(each: Owed, at: datetime) -> RegisteredObligation:
    due, local = each.due, each.due.local
    return RegisteredObligation(
        each.organ.code,
        each.report_year,
        due.on,
        due.rule,
        due.source,
        due.severity,
        due.basis,
        each.expected,
        local.on if local else None,
        local.rule if local else None,
        local.source if local else None,
        at,
    )


def _is_bare(known: RegisteredObligation | None, wanted: RegisteredObligation | None) -> bool:
    """Whether a row was recorded before bases were kept, and says no other date than what is wanted."""
    return (
        known is not None
        and wanted is not None
        and known.basis is None
        and (known.due_on, known.due_rule, known.severity) == (wanted.due_on, wanted.due_rule, wanted.severity)
    )
