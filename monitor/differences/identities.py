"""What must hold between the reports of two years in a row: the rules that need the year before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from monitor.language import translate
from monitor.rules.base import Fail, Need, NotAssessable, Result, Rule, Subject


@dataclass(frozen=True, slots=True)
class Identity:
    """One rule over two years and what it says: pass, fail, not assessable."""

    rule: Rule
    result: Result

    @property
    def answer(self) -> str:
        """``pass``, ``fail`` or ``not_assessable``."""
        if isinstance(self.result, Fail):
            return "fail"
        return "not_assessable" if isinstance(self.result, NotAssessable) else "pass"

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """Plain data; title, reason and messages in ``zh`` or ``en``."""
        return {
            "rule": self.rule.id,
            "title": translate(self.rule.title, language),
            "basis": self.rule.basis,
            "answer": self.answer,
            "reason": translate(self.result.reason, language) if isinstance(self.result, NotAssessable) else None,
            "findings": [
                {**finding.to_json(), "message": finding.message(language)} for finding in self.result.findings
            ]
            if isinstance(self.result, Fail)
            else [],
        }


def identities(subject: Subject) -> tuple[Identity, ...]:
    """The answers of every rule for this year and form that needs the year before (``subject.previous``)."""
    from monitor.rules.catalogue import OTHER_YEARS, RULES, SWITCHED_OFF, judge

    results = judge(subject).results
    return tuple(
        Identity(rule, results[rule.id])
        for rule in RULES
        if Need.YEAR_BEFORE in rule.needs
        and results[rule.id] not in (OTHER_YEARS, SWITCHED_OFF)
        and (not rule.forms or subject.report.form in rule.forms)
    )
