"""When a report is due: rules that are data (due_rules.yaml), the user's own before ours.

The due day counts whole and is never moved because of a holiday: the Regulation has no such rule, and
oversight offices count 31 January itself as in time (domain.md 1.3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from monitor.language import N_, spoken_language, translate
from monitor.publication import Due, LocalDate
from monitor.rules.base import OrganKind
from monitor.settings import FIRST_YEAR, LAST_YEAR, SettingsError
from monitor.system_words import reason_of

BASIS_NAMES = {"statute": N_("法定"), "practice": N_("惯例"), "local": N_("本地规定")}
EARLIER = N_("{name}（{on}）更早：错过而未过法定期限的只作提示，不算逾期")
LATER = N_("{name}（{on}）更晚：不能推迟法定期限")
"""What is said of a date of the place beside that of the law."""
_PACKAGED = Path(__file__).parent / "due_rules.yaml"


class DueRuleError(SettingsError):
    """A file of due-date rules cannot be used; one line for each problem, with file, rule and remedy."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Basis(StrEnum):
    """How binding a date is: it stands in a law, it is what is done, or an authority of the place set it."""

    STATUTE = "statute"
    PRACTICE = "practice"
    LOCAL = "local"


class DueRule(_Strict):
    """One rule: which organs, where, in which report years, and by which day of the year after.

    ``places`` are codes of provinces (2 digits), prefectures (4) and counties (6), ``organs`` codes of single
    organs. ``severity`` is that of being late: ``error`` by statute or rule, ``warning`` by practice.
    """

    id: Annotated[str, Field(min_length=1)]
    basis: Basis = Basis.LOCAL
    kinds: tuple[OrganKind, ...] = ()
    places: tuple[Annotated[str, BeforeValidator(str), Field(pattern=r"^\d{2}(\d{2}(\d{2})?)?$")], ...] = ()
    organs: tuple[Annotated[str, BeforeValidator(str), Field(pattern=r"^[0-9A-Z]{6,18}$")], ...] = ()
    years: tuple[int | None, int | None] = (None, None)
    due: tuple[int, int]
    grace_days: Annotated[int, Field(ge=0, le=60)] = 0
    severity: Literal["error", "warning"]
    name: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]

    @field_validator("due")
    @classmethod
    def _is_a_day(cls, due: tuple[int, int]) -> tuple[int, int]:
        date(2023, *due)
        return due

    @field_validator("years")
    @classmethod
    def _in_order(cls, years: tuple[int | None, int | None]) -> tuple[int | None, int | None]:
        if (years[0] or FIRST_YEAR) > (years[1] or LAST_YEAR):
            raise ValueError("the first year is after the last")
        return years

    def applies(self, who: Whose, report_year: int) -> bool:
        """Whether the rule is for this organ and report year."""
        return (
            (not self.kinds or who.kind in self.kinds)
            and report_year in self.span
            and (not self.places or who.county_code.startswith(self.places))
            and (not self.organs or who.organ_code in self.organs)
        )

    @property
    def span(self) -> range:
        """The report years it is for."""
        first, last = self.years
        return range(first or FIRST_YEAR, (last or LAST_YEAR) + 1)

    def on(self, report_year: int) -> date:
        """The last day on which a report of a year is in time."""
        return date(report_year + 1, *self.due) + timedelta(days=self.grace_days)

    def specificity(self, county_code: str) -> tuple[int, int, int]:
        """The greater, the nearer it is to the organ: single organ, county, prefecture, province; kind; years."""
        place = max((len(place) for place in self.places if county_code.startswith(place)), default=0)
        return (8 if self.organs else place, int(bool(self.kinds)), sum(year is not None for year in self.years))

    def contradicts(self, other: DueRule) -> bool:
        """Whether both hold for some organ in some year, neither being nearer to it, and say something else."""
        if (self.due, self.grace_days, self.severity) == (other.due, other.grace_days, other.severity):
            return False
        if bool(self.kinds) != bool(other.kinds) or bool(self.organs) != bool(other.organs):
            return False
        if sum(year is not None for year in self.years) != sum(year is not None for year in other.years):
            return False
        return (
            (not self.kinds or not set(self.kinds).isdisjoint(other.kinds))
            and (not self.organs or not set(self.organs).isdisjoint(other.organs))
            and (
                self.places == other.places == ()
                or not set(self.places).isdisjoint(other.places)
                or bool(self.organs)
            )
            and max(self.span.start, other.span.start) < min(self.span.stop, other.span.stop)
        )


class _Rules(_Strict):
    rules: tuple[DueRule, ...]


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose due date is asked for: a kind of organ in a county, or one organ."""

    kind: OrganKind
    county_code: str
    organ_code: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """Which rule holds and the date that follows from it.

    ``beside`` is the rule that was asked for first and gave way to the statute, because no place may put the
    date of the law off, or because it is earlier and is kept beside it. ``over`` are further rules that would
    apply and are less near.
    """

    due: Due
    rule: DueRule
    beside: DueRule | None = None
    over: tuple[DueRule, ...] = ()


@dataclass(frozen=True, slots=True)
class DueRules:
    """The user's own rules and the packaged ones.

    Of those that apply the user's come first, then the nearest to the organ, then the first. A date of the place
    or of practice never takes that of the statute away: an earlier one stands beside it (domain.md D-03), a later
    one has no force (no article gives a right to extend the date).
    """

    own: tuple[DueRule, ...]
    packaged: tuple[DueRule, ...]

    def holding(self, who: Whose, report_year: int) -> Holding:
        """Which rule holds. Raises LookupError for years before the Regulation (2008)."""
        applying = [*self._nearest(self.own, who, report_year), *self._nearest(self.packaged, who, report_year)]
        if not applying:
            raise LookupError(f"no due date for {who.kind} {who.county_code} {report_year}")
        first = applying[0]
        statute = next((rule for rule in applying if rule.basis is Basis.STATUTE), None)
        on = first.on(report_year)
        if statute is None or first is statute or on == statute.on(report_year):
            severity = statute.severity if statute and statute.severity == "error" else first.severity
            due = Due(on, first.name, first.source, severity, first.basis.value)
            return Holding(due, first, None, tuple(applying[1:]))
        local = LocalDate(on, first.name, first.source) if on < statute.on(report_year) else None
        due = Due(
            statute.on(report_year), statute.name, statute.source, statute.severity, statute.basis.value, local
        )
        return Holding(due, statute, first, tuple(rule for rule in applying if rule not in (first, statute)))

    def due_for(self, kind: OrganKind, county_code: str, report_year: int, organ_code: str | None = None) -> Due:
        """When the report of such an organ is due. Raises LookupError for years before the Regulation (2008)."""
        return self.holding(Whose(kind, county_code, organ_code), report_year).due

    def days_about(self, county_code: str, year: int) -> frozenset[date]:
        """All due dates in a year and in those beside it, for organs of a county of whatever kind."""
        found: set[date] = set()
        for report_year in (year - 2, year - 1, year):
            for kind in OrganKind:
                try:
                    due = self.due_for(kind, county_code, report_year)
                except LookupError:
                    continue
                found |= {due.on} | ({due.local.on} if due.local is not None else set())
        return frozenset(found)

    @property
    def named_organs(self) -> frozenset[str]:
        """The single organs that rules name."""
        return frozenset(code for rule in (*self.own, *self.packaged) for code in rule.organs)

    @staticmethod
    def _nearest(rules: tuple[DueRule, ...], who: Whose, report_year: int) -> list[DueRule]:
        applying = [rule for rule in rules if rule.applies(who, report_year)]
        return sorted(applying, key=lambda rule: rule.specificity(who.county_code), reverse=True)


def load_due_rules(user_file: Path | None = None) -> DueRules:
    """The packaged rules, and those of ``user_file`` where there is one. Raises DueRuleError."""
    return DueRules(_read(user_file) if user_file else (), _packaged())


def due_for(kind: OrganKind, county_code: str, report_year: int, rules: DueRules | None = None) -> Due:
    """When the report of such an organ is due, by ``rules`` (None: the packaged ones). Raises LookupError."""
    return (rules or load_due_rules()).due_for(kind, county_code, report_year)


@cache
def _packaged() -> tuple[DueRule, ...]:
    return _read(_PACKAGED)


def _read(path: Path) -> tuple[DueRule, ...]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise _error(
            N_("读不了期限规则 {file}（{reason}）；请检查路径和权限"), path, reason=reason_of(problem)
        ) from None
    except UnicodeDecodeError:
        raise _error(N_("期限规则 {file} 不是 UTF-8 文本；请另存为 UTF-8"), path) from None
    except yaml.YAMLError as problem:
        reason = " ".join(str(problem).split())[:160]
        raise _error(N_("期限规则 {file} 不是合法的 YAML（{reason}）；请改正"), path, reason=reason) from None
    try:
        rules = _Rules.model_validate(data).rules
    except ValidationError as problem:
        raise DueRuleError(*(_explain(path, data, error) for error in problem.errors())) from None
    if problems := [*_doubled(path, rules), *_contradictions(path, rules)]:
        raise DueRuleError(*problems)
    return rules


def _doubled(path: Path, rules: tuple[DueRule, ...]) -> Iterator[str]:
    for id, times in Counter(rule.id for rule in rules).items():
        if times > 1:
            text = N_("期限规则 {file}：规则“{rule}”出现 {times} 次；id 不能重复")
            yield _say(text, file=path, rule=id, times=times)


def _contradictions(path: Path, rules: tuple[DueRule, ...]) -> Iterator[str]:
    for one, other in combinations(rules, 2):
        if one.contradicts(other):
            text = N_(
                "期限规则 {file}：规则“{first}”和“{second}”同样具体，对同一些单位和年度却给出不同的期限；"
                "请改正其中一条，或写明更具体的地方、类型、单位或年度"
            )
            yield _say(text, file=path, first=one.id, second=other.id)


def _explain(path: Path, data: Any, error: Any) -> str:
    where = [str(part) for part in error["loc"]]
    name = ""
    if len(error["loc"]) > 1 and isinstance(error["loc"][1], int):
        rule = data["rules"][error["loc"][1]]
        name = rule.get("id", where[1]) if isinstance(rule, dict) else where[1]
    text = N_("期限规则 {file}：规则“{rule}”的 {field}：{problem}；请对照 due_rules.yaml 开头的说明改正")
    return _say(text, file=path, rule=name, field=".".join(where[2:]) or ".".join(where), problem=error["msg"])


def _error(text: str, path: Path, /, **values: object) -> DueRuleError:
    return DueRuleError(_say(text, file=path, **values))


def _say(text: str, /, **values: object) -> str:
    return translate(text, spoken_language(), values)
