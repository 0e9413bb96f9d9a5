"""Figures of the completeness report, counted from the standings of obligations. Pure: no database, no clock.

What is counted and shown follows what oversight offices publish themselves (应公布、按时公布、逾期、未公布, by
class of organ, with names and a 问题清单); the JSON shape is the contract's part 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.completeness.contents import ContentRate
from monitor.completeness.corrections import Corrections
from monitor.completeness.course import YearStates
from monitor.completeness.pairs import SimilarPair
from monitor.completeness.problem import DismissedProblem as DismissedProblem
from monitor.completeness.problem import Problem as Problem
from monitor.completeness.ranking import Ranking
from monitor.completeness.yearly import TwoYears
from monitor.figures import Figures as Figures
from monitor.figures import count as count
from monitor.language import N_
from monitor.publication import PublicationState, Standing
from monitor.rules.base import OrganKind
from monitor.rules.timeliness import three_dates

STATE_NAMES: Mapping[PublicationState, str] = {
    PublicationState.ON_TIME: N_("按时公布"),
    PublicationState.LATE: N_("逾期公布"),
    PublicationState.MISSING: N_("未公布"),
    PublicationState.UNVERIFIED: N_("无法核实"),
    PublicationState.NOT_DUE: N_("未到期"),
    PublicationState.NOT_EXPECTED: N_("不要求公布"),
}
KIND_NAMES: Mapping[OrganKind, str] = {
    OrganKind.COUNTY: N_("县级政府"),
    OrganKind.DEPARTMENT: N_("部门"),
    OrganKind.TOWNSHIP: N_("乡镇"),
    OrganKind.SUBDISTRICT: N_("街道"),
    OrganKind.ZONE: N_("开发区"),
    OrganKind.PREFECTURE: N_("市级政府"),
    OrganKind.PROVINCE: N_("省级政府"),
}
FLAG_NAMES: Mapping[str, str] = {
    "backdated": N_("疑似倒签"),
    "changed": N_("公布后有改动"),
    "removed": N_("公布后撤下"),
    "early": N_("统计期未满即公布"),
    "no_date": N_("没有公布日期"),
    "misplaced": N_("放错栏目"),
    "after_local_date": N_("晚于本地期限，未过法定期限"),
}
DATE_SOURCE_NAMES: Mapping[str, str] = {
    "shown": N_("页面所示公布日期"),
    "meta": N_("页面元数据"),
    "metadata_table": N_("页面信息表"),
    "list": N_("栏目列表日期"),
    "address": N_("网址中的日期"),
    "first_seen": N_("首次发现日期"),
}


@dataclass(frozen=True, slots=True)
class CountyCompleteness:
    """One county's part. ``columns_whole`` of ``columns`` were crawled whole at their last pass.

    What stands after ``prefecture`` is there in a full report only: rates of content, the states of some years
    (the last is the report's own), the numbers of two years, outliers (findings that are worth a look, notices
    among them), and what became of earlier problems.
    """

    code: str
    name: str
    as_of: datetime
    standings: tuple[Standing, ...]
    columns: int = 0
    columns_whole: int = 0
    problems: tuple[Problem, ...] = ()
    prefecture: str | None = None
    dismissed: tuple[DismissedProblem, ...] = ()
    contents: tuple[ContentRate, ...] = ()
    course: tuple[YearStates, ...] = ()
    two_years: TwoYears | None = None
    outliers: tuple[Problem, ...] = ()
    pairs: tuple[SimilarPair, ...] = ()
    corrections: Corrections | None = None

    @property
    def figures(self) -> Figures:
        """The county's figures."""
        return count(self.standings, self.as_of)

    @property
    def columns_crawled(self) -> float:
        """Share of the county's columns that were crawled whole, 0 to 1; 0 where it has none."""
        return round(self.columns_whole / self.columns, 4) if self.columns else 0.0

    def in_state(self, state: PublicationState) -> tuple[Standing, ...]:
        """The standings in this state, in the order of their codes."""
        return tuple(standing for standing in self.standings if standing.state is state)

    def with_flag(self, flag: str) -> tuple[Standing, ...]:
        """The standings of expected reports that bear a flag, in the order of their codes."""
        return tuple(
            standing
            for standing in self.standings
            if flag in standing.flags and standing.state is not PublicationState.NOT_EXPECTED
        )

    def by_kind(self) -> list[tuple[OrganKind, Figures]]:
        """Figures for each kind of organ that is expected to report."""
        kinds: dict[OrganKind, list[Standing]] = {kind: [] for kind in KIND_NAMES}
        for standing in self.standings:
            kinds[standing.organ.kind].append(standing)
        counted = ((kind, count(standings, self.as_of)) for kind, standings in kinds.items())
        return [(kind, figures) for kind, figures in counted if figures.expected]


@dataclass(frozen=True, slots=True)
class Completeness:
    """The completeness report: one report year, as of one moment (aware), county by county.

    ``full``: with all blocks, and the ``rankings`` of the prefectures among them. ``reconstructed``: made after
    the moment it is of, from what the record holds now.
    """

    year: int
    as_of: datetime
    counties: tuple[CountyCompleteness, ...] = field(default=())
    rankings: tuple[Ranking, ...] = ()
    full: bool = False
    reconstructed: bool = False

    def to_json(self) -> dict[str, Any]:
        """The contract's shape (3.2), with what the date and the state rest on beside it."""
        return {
            "year": self.year,
            "as_of": self.as_of.isoformat(timespec="seconds"),
            **({"reconstructed": True} if self.reconstructed else {}),
            "counties": [_county_to_json(county, self.full) for county in self.counties],
            **({"rankings": [ranking.to_json() for ranking in self.rankings]} if self.full else {}),
        }


def gather(
    year: int,
    as_of: datetime,
    standings: Sequence[Standing],
    *,
    columns: Mapping[str, tuple[int, int]],
    problems: Iterable[Problem] = (),
    prefectures: Mapping[str, str | None] | None = None,
    dismissed: Iterable[DismissedProblem] = (),
) -> Completeness:
    """The report over ``standings`` of report year ``year``.

    ``columns`` gives for each county code how many columns it has and how many of them were crawled whole.
    Counties and organs stand in the order of their codes.
    """
    counties: dict[str, list[Standing]] = {}
    for standing in sorted(standings, key=lambda each: (each.organ.county_code, each.organ.code)):
        if standing.report_year == year:
            counties.setdefault(standing.organ.county_code, []).append(standing)
    problems_of: dict[str, list[Problem]] = {}
    dismissed_in: dict[str, list[DismissedProblem]] = {}
    county_of = {standing.organ.code: standing.organ.county_code for standing in standings}
    for problem in problems:
        problems_of.setdefault(county_of.get(problem.organ_code, ""), []).append(problem)
    for one in dismissed:
        dismissed_in.setdefault(county_of.get(one.organ_code, ""), []).append(one)
    return Completeness(
        year=year,
        as_of=as_of,
        counties=tuple(
            CountyCompleteness(
                code=code,
                name=of_county[0].organ.county,
                as_of=as_of,
                standings=tuple(of_county),
                columns=columns.get(code, (0, 0))[0],
                columns_whole=columns.get(code, (0, 0))[1],
                problems=tuple(problems_of.get(code, ())),
                prefecture=(prefectures or {}).get(code),
                dismissed=tuple(dismissed_in.get(code, ())),
            )
            for code, of_county in counties.items()
        ),
    )


def _county_to_json(county: CountyCompleteness, full: bool) -> dict[str, Any]:
    figures = county.figures
    blocks = {
        "problems": [problem.to_json() for problem in county.problems],
        "dismissed": [one.to_json() for one in county.dismissed],
        "contents": [rate.to_json() for rate in county.contents],
        "years": [states.to_json() for states in county.course],
        "two_years": county.two_years.to_json() if county.two_years else None,
        "similar": [pair.to_json() for pair in county.pairs],
        "outliers": [problem.to_json() for problem in county.outliers],
        "corrections": county.corrections.to_json() if county.corrections else None,
    }
    return {
        "code": county.code,
        "name": county.name,
        "expected": figures.expected,
        "on_time": figures.on_time,
        "late": figures.late,
        "missing": figures.missing,
        "unverified": figures.unverified,
        "not_due": figures.not_due,
        "with_errors": figures.with_errors,
        "with_warnings": figures.with_warnings,
        "columns_crawled": county.columns_crawled,
        "organs": [_organ_to_json(standing) for standing in county.standings],
        **(blocks if full else {}),
    }


def _organ_to_json(standing: Standing) -> dict[str, Any]:
    return {
        "code": standing.organ.code,
        "name": standing.organ.name,
        "kind": standing.organ.kind.value,
        "state": standing.state.value,
        "due": standing.due.on.isoformat(),
        "due_rule": standing.due.rule,
        "published_on": standing.published_on.isoformat() if standing.published_on else None,
        "published_from": standing.published_from,
        "first_seen_at": standing.first_seen_at.isoformat(timespec="seconds") if standing.first_seen_at else None,
        **three_dates(standing.dates),
        "days_late": standing.days_late,
        "url": standing.address,
        "errors": standing.errors,
        "warnings": standing.warnings,
        "flags": list(standing.flags),
        "reason": standing.reason,
    }
