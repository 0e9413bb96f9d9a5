"""Due-date rules: files, shown as they are; which of them holds for whom, and what a changed file will move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crawler.clock import SHANGHAI
from monitor.access.base import Access
from monitor.accounts.roles import Right
from monitor.completeness.figures import KIND_NAMES
from monitor.language import translate
from monitor.registry.due import EARLIER, LATER, DueRule, DueRuleError, DueRules, Whose, load_due_rules
from monitor.store import register
from monitor.store.register import RegisteredObligation, RegisteredOrgan


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule; ``own``: it stands in the office's own file."""

    rule: DueRule
    own: bool


@dataclass(frozen=True, slots=True)
class HoldingLine:
    """Which rule holds for a kind of organ, or one organ, in a year; ``beside`` says why in words, or nothing."""

    whose: str
    year: int
    due: date
    basis: str
    name: str
    source: str
    beside: str


@dataclass(frozen=True, slots=True)
class MovedLine:
    """An obligation whose date the next assessment will change."""

    organ: str
    year: int
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class DueDates:
    """The rules that may hold in the reader's counties; of one county, where it was asked for, what holds there.

    ``file`` is the office's own file as the settings name it, empty where there is none; ``problem`` why it cannot
    be used, line by line.
    """

    file: str
    problem: tuple[str, ...]
    rules: tuple[RuleLine, ...]
    county: str
    holding: tuple[HoldingLine, ...]
    moved: tuple[MovedLine, ...]


def due_dates(access: Access, county: str = "") -> DueDates:
    """The rules, and what holds in a county. Raises NotAllowed, NotFound for a county outside."""
    access.require(Right.ADMINISTER)
    if county:
        access.county(county)
    named = access.settings.watch.due_rules
    try:
        rules = load_due_rules(access.settings.path(named) if named else None)
    except DueRuleError as problem:
        return DueDates(str(named or ""), tuple(str(problem).splitlines()), (), county, (), ())
    lines = [
        RuleLine(rule, rule in rules.own)
        for rule in (*rules.own, *rules.packaged)
        if not rule.places or any(access.scope.touches(place) for place in rule.places)
    ]
    holding: tuple[HoldingLine, ...] = ()
    moved: tuple[MovedLine, ...] = ()
    if county:
        with access.reading() as session:
            organs = register.all_organs(session, county)
            owed = register.obligations(session, counties=[county])
        years = sorted(_years(access, owed), reverse=True)
        holding = tuple(line for year in years for line in _holding(access, rules, organs, county, year))
        moved = tuple(_moved(rules, organs, owed))
    return DueDates(str(named or ""), (), tuple(lines), county, holding, moved)


def _years(access: Access, owed: list[RegisteredObligation]) -> set[int]:
    last_year = access.now.astimezone(SHANGHAI).year - 1
    return {one.report_year for one in owed} or set(access.settings.watch.years) or {last_year}


def _holding(
    access: Access, rules: DueRules, organs: list[RegisteredOrgan], county: str, year: int
) -> list[HoldingLine]:
    kinds = [kind for kind in KIND_NAMES if any(organ.kind is kind for organ in organs)]
    asked = [(translate(KIND_NAMES[kind], access.language), Whose(kind, county)) for kind in kinds]
    asked += [
        (organ.name, Whose(organ.kind, county, organ.code)) for organ in organs if organ.code in rules.named_organs
    ]
    lines = []
    for name, whose in asked:
        found = rules.holding(whose, year)
        beside = ""
        if found.beside is not None:
            text = EARLIER if found.due.local is not None else LATER
            values = {"name": found.beside.name, "on": found.beside.on(year)}
            beside = translate(text, access.language, values)
        due = found.due
        lines.append(HoldingLine(name, year, due.on, due.basis, due.rule, due.source, beside))
    return lines


def _moved(rules: DueRules, organs: list[RegisteredOrgan], owed: list[RegisteredObligation]) -> list[MovedLine]:
    by_code = {organ.code: organ for organ in organs}
    found = []
    for one in owed:
        organ = by_code[one.organ_code]
        after = rules.due_for(organ.kind, organ.county_code, one.report_year, organ.code).on
        if after != one.due_on:
            found.append(MovedLine(organ.name, one.report_year, one.due_on, after))
    return found
