"""The county's numbers of two years, member by member, and the county government's report beside their sum. Pure.

Only printed numbers are added up. Blank, absent and unreadable are no 0: an organ that reports no number is told
beside the sum, and a change is given over the organs that report both years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from monitor.language import N_
from monitor.rules.base import OrganFacts, OrganKind
from parsers.schema import Number, number_to_json

Plain = int | float


INDICATORS: Mapping[str, tuple[str, ...]] = {
    "new_received": ("section_three.new_received.total",),
    "total_results": ("section_three.total_results.total",),
    "carried_forward": ("section_three.carried_forward.total",),
    "reviews": ("section_four.review.total",),
    "suits": ("section_four.litigation_direct.total", "section_four.litigation_after_review.total"),
    "corrected": (
        "section_four.review.corrected",
        "section_four.litigation_direct.corrected",
        "section_four.litigation_after_review.corrected",
    ),
}
"""The figures of the table over two years, and the cells that are added up for each."""
INDICATOR_NAMES: Mapping[str, str] = {
    "new_received": N_("新收申请"),
    "total_results": N_("办理结果总计"),
    "carried_forward": N_("结转下年"),
    "reviews": N_("行政复议"),
    "suits": N_("行政诉讼"),
    "corrected": N_("被纠正"),
}
COVERAGE = 0.95
"""Below this share of members nobody should hold their sum against the county's report (domain.md 4.5)."""

Figures = Mapping[str, Plain | None]


@dataclass(frozen=True, slots=True)
class Member:
    """One organ's figures in the year before and in the year, by indicator; None where it reports no number."""

    organ: OrganFacts
    before: Figures
    after: Figures

    def change(self, indicator: str) -> Plain | None:
        """Later minus earlier; None where one of them is not reported."""
        before, after = self.before[indicator], self.after[indicator]
        return None if before is None or after is None else _sum([after, -before])

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"code": self.organ.code, "before": dict(self.before), "after": dict(self.after)}


@dataclass(frozen=True, slots=True)
class Total:
    """The sums of one indicator over the members: of each year with the number of organs that report it, and over
    those that report both years (``change`` is only over these)."""

    before: Plain
    before_from: int
    after: Plain
    after_from: int
    change: Plain
    compared: int


@dataclass(frozen=True, slots=True)
class TwoYears:
    """Report year ``year`` beside the one before: the members, the county government's own report, and how many
    members are expected to report on ``year``."""

    year: int
    members: tuple[Member, ...]
    county: Member | None
    expected: int

    def total(self, indicator: str) -> Total:
        """The sums over the members."""
        before = [value for one in self.members if (value := one.before[indicator]) is not None]
        after = [value for one in self.members if (value := one.after[indicator]) is not None]
        changes = [change for one in self.members if (change := one.change(indicator)) is not None]
        return Total(_sum(before), len(before), _sum(after), len(after), _sum(changes), len(changes))

    def difference(self, indicator: str) -> Plain | None:
        """The county's figure minus the sum of its members; None where the county reports none."""
        county = self.county.after[indicator] if self.county else None
        return None if county is None else _sum([county, -self.total(indicator).after])

    @property
    def covered(self) -> bool:
        """Whether so many members report every figure that their sum may be held against the county's report."""
        fewest = min((self.total(indicator).after_from for indicator in INDICATORS), default=0)
        return self.expected > 0 and fewest / self.expected >= COVERAGE

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        totals = {indicator: self.total(indicator) for indicator in INDICATORS}
        return {
            "against": self.year - 1,
            "members_expected": self.expected,
            "members": [member.to_json() for member in self.members],
            "totals": {
                indicator: {
                    "before": total.before,
                    "before_from": total.before_from,
                    "after": total.after,
                    "after_from": total.after_from,
                    "change": total.change if total.compared else None,
                    "compared": total.compared,
                }
                for indicator, total in totals.items()
            },
            "county": self.county.to_json() if self.county else None,
            "covered": self.covered,
        }


def two_years(
    year: int,
    organs: Sequence[OrganFacts],
    before: Mapping[str, Mapping[str, Number]],
    after: Mapping[str, Mapping[str, Number]],
) -> TwoYears | None:
    """The table from the printed numbers of both years, by organ code and cell key; None without any report.

    ``organs`` are all that are expected to report on ``year``, the county government among them.
    """
    rows = [
        Member(organ, _figures(before.get(organ.code, {})), _figures(after.get(organ.code, {})))
        for organ in organs
        if organ.code in before or organ.code in after
    ]
    if not rows:
        return None
    members = tuple(row for row in rows if row.organ.kind is not OrganKind.COUNTY)
    county = next((row for row in rows if row.organ.kind is OrganKind.COUNTY), None)
    expected = sum(1 for organ in organs if organ.kind is not OrganKind.COUNTY)
    return TwoYears(year, members, county, expected)


def _figures(numbers: Mapping[str, Number]) -> Figures:
    return {
        indicator: _sum([numbers[cell] for cell in cells]) if all(cell in numbers for cell in cells) else None
        for indicator, cells in INDICATORS.items()
    }


def _sum(numbers: Sequence[Number | float]) -> Plain:
    """The exact sum, as it would be printed."""
    total = sum((Decimal(str(number)) for number in numbers), Decimal(0))
    whole = total.to_integral_value()
    return int(whole) if total == whole else number_to_json(total) or 0
