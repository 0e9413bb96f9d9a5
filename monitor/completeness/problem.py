"""One line of the 问题清单, and what staff took out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the 问题清单: what is wrong in whose report, where, the printed number and the one beside it.

    ``place``, ``reported`` and ``expected`` are text for people, empty where a finding has none of it. ``matter``
    is the same as long as it is the same mistake, ``version_id`` the version that it was found in.
    """

    organ_code: str
    organ: str
    report_year: int
    rule: str
    severity: str
    message: str
    place: str = ""
    reported: str = ""
    expected: str = ""
    basis: str = ""
    address: str | None = None
    likely_cause: str | None = None
    matter: str = ""
    version_id: int | None = None

    @property
    def identity(self) -> tuple[str, int, str]:
        """Organ, year and matter: by these the same problem is known again in another report."""
        return self.organ_code, self.report_year, self.matter

    def to_json(self) -> dict[str, Any]:
        """Plain data; texts in the language in which the problem was told."""
        return {
            "code": self.organ_code,
            "organ": self.organ,
            "report_year": self.report_year,
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "place": self.place,
            "reported": self.reported,
            "expected": self.expected,
            "basis": self.basis,
            "url": self.address,
            "likely_cause": self.likely_cause,
        }


@dataclass(frozen=True, slots=True)
class DismissedProblem:
    """A finding that staff dismissed and that is counted nowhere: what it is, and by whom, when and why."""

    reference: str
    organ_code: str
    organ: str
    report_year: int
    rule: str
    message: str
    by: str
    at: datetime
    reason: str
    address: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data; the message in the language in which it was told."""
        return {
            "id": self.reference,
            "code": self.organ_code,
            "organ": self.organ,
            "report_year": self.report_year,
            "rule": self.rule,
            "message": self.message,
            "by": self.by,
            "at": self.at.isoformat(timespec="seconds"),
            "reason": self.reason,
            "url": self.address,
        }
