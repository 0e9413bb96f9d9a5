"""What is wrong right now: the input from which alerts are opened, updated, resolved and reopened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class AlertKind(StrEnum):
    """Kinds of alerts (contract, 3.3)."""

    MISSING = "missing"
    LATE = "late"
    INCONSISTENT = "inconsistent"
    WRONG_FORM = "wrong_form"
    CHANGED = "changed"
    REMOVED = "removed"
    BACKDATED = "backdated"
    SIMILAR = "similar"
    MISPLACED = "misplaced"
    PORTAL_UNREACHABLE = "portal_unreachable"
    PORTAL_BLOCKED = "portal_blocked"
    PORTAL_CHANGED = "portal_changed"
    PARSE_FAILED = "parse_failed"
    STALE = "stale"

    @property
    def audience(self) -> str:
        """``oversight`` for what a publisher did, ``operator`` for what we failed to see."""
        operator = (
            AlertKind.PORTAL_UNREACHABLE,
            AlertKind.PORTAL_BLOCKED,
            AlertKind.PORTAL_CHANGED,
            AlertKind.PARSE_FAILED,
            AlertKind.STALE,
        )
        return "operator" if self in operator else "oversight"


@dataclass(frozen=True, slots=True)
class Condition:
    """One matter that holds at the moment of an assessment.

    ``identity`` is the same as long as it is the same matter (kind, organ, year, matter key …) and never
    contains numbers that may change while the matter stays. ``template`` is a Chinese message with
    ``{places}`` filled from ``values``; ``evidence`` is JSON data: addresses, cells, quotes, times, digests.
    """

    identity: str
    kind: AlertKind
    severity: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    organ_code: str | None = None
    county_code: str | None = None
    portal_id: str | None = None
    report_year: int | None = None
    rule: str | None = None
