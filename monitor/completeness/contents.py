"""How complete the contents of a county's reports are: for each check how many hold, do not, or cannot be told.

Rates, not accusations: most townships say nothing of fees or of assessments (domain.md 4.6), so that the reports
are counted and not named one by one in the list of problems. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.language import N_
from monitor.rules.base import Fail, NotAssessable, OrganFacts, Pass, Result, Subject
from parsers.schema import Report

CHECKS: Mapping[str, str] = {
    "S-01": N_("六个部分齐全"),
    "S-03": N_("三张表格的行、列齐全"),
    "S-10": N_("表格以文字公开（不只是图片或附件）"),
    "S-06": N_("第六部分说明信息处理费收取情况"),
    "S-08": N_("写明工作考核、社会评议、责任追究结果（各级政府）"),
}
"""The rules that are counted, with what holds where they do."""
AS_PICTURE = "S-10"


@dataclass(frozen=True, slots=True)
class ContentRate:
    """One check over the published reports of a county: of whom it holds, of whom not, of whom nobody can tell."""

    rule: str
    holds: tuple[OrganFacts, ...] = ()
    fails: tuple[OrganFacts, ...] = ()
    not_assessable: tuple[OrganFacts, ...] = ()

    @property
    def assessable(self) -> int:
        """Of how many reports the check can be told."""
        return len(self.holds) + len(self.fails)

    @property
    def share(self) -> float | None:
        """The share of those of which it holds among those of which it can be told; None without any."""
        return len(self.holds) / self.assessable if self.assessable else None

    def to_json(self) -> dict[str, Any]:
        """Plain data: the counts, and the codes of the organs of which it does not hold."""
        return {
            "rule": self.rule,
            "holds": len(self.holds),
            "fails": len(self.fails),
            "not_assessable": len(self.not_assessable),
            "organs_failing": [organ.code for organ in self.fails],
        }


def content_rates(reports: Iterable[tuple[OrganFacts, Report]]) -> tuple[ContentRate, ...]:
    """The checks over these reports, in the order of :data:`CHECKS`; one that concerns none of them is left out.

    S-08 concerns governments only; a report of which a check cannot be told counts in no share.
    """
    from monitor.rules.catalogue import answers

    found: dict[str, dict[type[Result], list[OrganFacts]]] = {
        rule: {Pass: [], Fail: [], NotAssessable: []} for rule in CHECKS
    }
    for organ, report in reports:
        for rule, answer in answers(Subject(report, organ=organ), CHECKS).items():
            found[rule][type(answer)].append(organ)
    return tuple(
        ContentRate(rule, tuple(of[Pass]), tuple(of[Fail]), tuple(of[NotAssessable]))
        for rule, of in found.items()
        if of[Pass] or of[Fail]
    )
