"""Two reports beside each other: two years, two versions, or two organs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from monitor.access.base import Access
from monitor.access.reports import (
    Judged,
    ShownMatter,
    document,
    judged,
    lineage_of,
    organ_name,
    standing_years,
    version_in_scope,
)
from monitor.differences.cells import Comparison, compare
from monitor.differences.identities import Identity, identities
from monitor.differences.summary import Told, summary
from monitor.differences.texts import SectionChange, compare_sections
from monitor.language import N_
from monitor.rules.base import Severity, Subject
from monitor.store import register, versions
from monitor.store.register import RegisteredOrgan
from monitor.store.versions import ListedVersion
from parsers.schema import Report

MOST_NAMED = 20
_NO_ORGAN = N_("没有找到单位“{text}”；请写单位代码，或名称的一部分。")
_SEVERAL = N_("有不止一个单位的名称含“{text}”；请从下面选一个，或写单位代码。")
_NO_YEAR = N_("请写要对照的报告年度；{organ}有报告的年度：{years}。")
_NO_REPORT = N_("{organ}没有 {year} 年度的报告；有报告的年度：{years}。")
_NOTHING = N_("{organ}还没有采集到任何年度的报告。")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants on one side: a version by its number, or what stands for an organ and a year.

    ``organ`` is a code or a name as typed.
    """

    version_id: int | None = None
    organ: str = ""
    year: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was asked for."""
        return self.version_id is None and not self.organ and self.year is None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a side could not be found: a Chinese text with places; ``organs`` are those it may be."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    organs: tuple[RegisteredOrgan, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two reports; ``choices`` are all versions of it that there are."""

    version: ListedVersion
    organ: str | None
    report: Report
    judged: Judged
    choices: tuple[ListedVersion, ...]


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """The two reports and what differs. ``summary`` and ``in_a_row`` are of two years of one organ alone.

    ``ended`` and ``brought`` are the mistakes that only the first and only the second of two versions has; None
    where they are no versions of one report, or one was never judged.
    """

    first: Side
    second: Side
    cells: Comparison
    sections: tuple[SectionChange, ...]
    summary: str | None
    in_a_row: tuple[Identity, ...] | None
    ended: tuple[ShownMatter, ...] | None
    brought: tuple[ShownMatter, ...] | None


def show(access: Access, first: Wish, second: Wish) -> ShownComparison | tuple[Problem | None, Problem | None]:
    """The comparison, or what is missing on either side. Raises NotFound for versions out of sight, StoreError."""
    with access.reading() as session:
        one = _side(session, access, first, None)
        organ = one.version.organ_code if isinstance(one, Side) else first.organ
        other = _side(session, access, second, organ)
        if isinstance(one, Problem) or isinstance(other, Problem):
            return (
                one if isinstance(one, Problem) else None,
                other if isinstance(other, Problem) else None,
            )
        return _compared(session, access, one, other)


def _side(session: Session, access: Access, wish: Wish, of: str | None) -> Side | Problem:
    if wish.version_id is not None:
        version = version_in_scope(session, access, wish.version_id)
        # A form that was filled in anew still holds the version of what stood there before.
        if wish.organ in ("", version.organ_code) and wish.year in (None, version.report_year):
            return _of_version(session, version)
    text = wish.organ or of or ""
    organs = _organs(session, access, text)
    if len(organs) != 1:
        return Problem(_SEVERAL if organs else _NO_ORGAN, {"text": text}, tuple(organs))
    (organ,) = organs
    years = standing_years(session, [organ.code])
    told: dict[str, object] = {"organ": organ.name, "years": "、".join(map(str, sorted(years)))}
    if not years:
        return Problem(_NOTHING, told)
    if wish.year is None:
        return Problem(_NO_YEAR, told)
    if wish.year not in years:
        return Problem(_NO_REPORT, {**told, "year": wish.year})
    return _of_version(session, version_in_scope(session, access, years[wish.year]))


def _organs(session: Session, access: Access, text: str) -> list[RegisteredOrgan]:
    """The organ of a code or name; several where a name fits several and none of them just so."""
    if not text:
        return []
    by_code = [one for one in register.organs_by_code(session, [text]) if access.scope.covers(one.county_code)]
    if by_code:
        return by_code
    codes = register.organs_named(session, text, access.scope.places, most=MOST_NAMED)
    found = {one.code: one for one in register.organs_by_code(session, codes)}
    exact = [found[code] for code in codes if found[code].name == text]
    return exact if len(exact) == 1 else [found[code] for code in codes]


def _of_version(session: Session, version: ListedVersion) -> Side:
    choices = [version]
    if version.organ_code is not None and version.report_year is not None:
        ids = versions.versions_of_key(session, version.report_key)
        choices = versions.listed_versions(session, ids=ids)
    return Side(
        version,
        organ_name(session, version.organ_code),
        document(session, version.id),
        judged(session, version),
        tuple(choices),
    )


def _compared(session: Session, access: Access, one: Side, other: Side) -> ShownComparison:
    comparison = compare(other.report, one.report)
    sections = compare_sections(one.report, other.report)
    told = in_a_row = None
    code, year, before = other.version.organ_code, other.version.report_year, one.version.report_year
    if code is not None and code == one.version.organ_code and year and before and before < year:
        lineage = lineage_of(session, code)
        organ = lineage.organs[code]
        if before == year - 1:
            came = lineage.reorganised(code, year)
            in_a_row = identities(Subject(other.report, organ=organ.facts, previous=one.report, reorganised=came))
        told = summary(Told(organ.name, year, before, comparison, sections, in_a_row), access.language)
    ended = brought = None
    if one.version.report_key == other.version.report_key and one.judged.done and other.judged.done:
        ended, brought = _only_in(one.judged, other.judged), _only_in(other.judged, one.judged)
    return ShownComparison(one, other, comparison, sections, told, in_a_row, ended, brought)


def _only_in(one: Judged, other: Judged) -> tuple[ShownMatter, ...]:
    left = {matter.key for matter in other.matters}
    return tuple(
        matter for matter in one.matters if matter.key not in left and matter.severity is not Severity.NOTICE
    )
