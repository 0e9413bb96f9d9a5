"""When a report is due: rules that are data (due_rules.yaml), the user's own before ours.

The due day counts whole and is never moved because of a holiday: the Regulation has no such rule, and
oversight offices count 31 January itself as in time (domain.md 1.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from monitor.language import N_, spoken_language, translate
from monitor.publication import Due
from monitor.rules.base import OrganKind
from monitor.settings import FIRST_YEAR, LAST_YEAR, SettingsError

_PACKAGED = Path(__file__).parent / "due_rules.yaml"


class DueRuleError(SettingsError):
    """A file of due-date rules cannot be used; one line for each problem, with file, rule and remedy."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DueRule(_Strict):
    """One rule: which organs, where, in which report years, and by which day of the year after.

    ``places`` are beginnings of county codes. ``severity`` is that of being late: ``error`` by statute or rule,
    ``warning`` by practice.
    """

    id: Annotated[str, Field(min_length=1)]
    kinds: tuple[OrganKind, ...] = tuple(OrganKind)
    places: tuple[Annotated[str, BeforeValidator(str), Field(pattern=r"^\d{2,6}$")], ...] = ()
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

    def applies(self, kind: OrganKind, county_code: str, report_year: int) -> bool:
        """Whether the rule is for this kind of organ, county and report year."""
        first, last = self.years
        return (
            kind in self.kinds
            and (first or FIRST_YEAR) <= report_year <= (last or LAST_YEAR)
            and (not self.places or county_code.startswith(self.places))
        )


class _Rules(_Strict):
    rules: tuple[DueRule, ...]


@dataclass(frozen=True, slots=True)
class DueRules:
    """Rules in their order; the first that applies counts."""

    rules: tuple[DueRule, ...]

    def due_for(self, kind: OrganKind, county_code: str, report_year: int) -> Due:
        """When the report of such an organ is due. Raises LookupError for years before the Regulation (2008)."""
        for rule in self.rules:
            if rule.applies(kind, county_code, report_year):
                on = date(report_year + 1, *rule.due) + timedelta(days=rule.grace_days)
                return Due(on, rule.name, rule.source, rule.severity)
        raise LookupError(f"no due date for {kind} {county_code} {report_year}")


def load_due_rules(user_file: Path | None = None) -> DueRules:
    """The packaged rules, after those of ``user_file`` where there is one. Raises DueRuleError."""
    own = _read(user_file) if user_file else ()
    return DueRules((*own, *_packaged()))


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
            N_("读不了期限规则 {file}（{reason}）；请检查路径和权限"), path, reason=problem.strerror
        ) from None
    except UnicodeDecodeError:
        raise _error(N_("期限规则 {file} 不是 UTF-8 文本；请另存为 UTF-8"), path) from None
    except yaml.YAMLError as problem:
        reason = " ".join(str(problem).split())[:160]
        raise _error(N_("期限规则 {file} 不是合法的 YAML（{reason}）；请改正"), path, reason=reason) from None
    try:
        return _Rules.model_validate(data).rules
    except ValidationError as problem:
        raise DueRuleError(*(_explain(path, data, error) for error in problem.errors())) from None


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
