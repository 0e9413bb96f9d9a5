"""What was changed in a report after it was published: its versions one after the other. Pure.

Which matters a change ended and which it brought is told from the judgement of both versions; where one of them
was never judged nobody can say, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from monitor.differences.cells import Comparison
from monitor.differences.texts import SectionChange
from monitor.rules.base import Matter


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a report: where it was read, since when it stood there and until when (None: still)."""

    version_id: int
    address: str
    sha256: str
    title: str | None
    published_on: date | None
    published_from: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None
    errors: int | None
    warnings: int | None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "version": self.version_id,
            "address": self.address,
            "sha256": self.sha256,
            "title": self.title,
            "published_on": self.published_on.isoformat() if self.published_on else None,
            "published_from": self.published_from,
            "first_seen_at": self.first_seen_at.isoformat(timespec="seconds"),
            "last_seen_at": self.last_seen_at.isoformat(timespec="seconds"),
            "gone_at": self.gone_at.isoformat(timespec="seconds") if self.gone_at else None,
            "errors": self.errors,
            "warnings": self.warnings,
        }


@dataclass(frozen=True, slots=True)
class MatterOf:
    """A matter that one of two versions has and the other has not, with the alert on it where there is one."""

    matter: Matter
    alert_id: int | None
    alert_state: str | None

    def to_json(self, language: str) -> dict[str, Any]:
        """Plain data."""
        return {
            "matter": self.matter.key,
            "severity": self.matter.severity.value,
            "rules": list(dict.fromkeys(finding.rule for finding in self.matter.findings)),
            "message": self.matter.findings[0].message(language),
            "alert": self.alert_id,
            "alert_state": self.alert_state,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """One version after the other. ``ended`` and ``brought`` are None where one of them was never judged."""

    before: Version
    after: Version
    title: tuple[str | None, str | None] | None
    cells: Comparison
    sections: tuple[SectionChange, ...]
    ended: tuple[MatterOf, ...] | None
    brought: tuple[MatterOf, ...] | None

    def to_json(self, describe: Callable[[str], str], language: str) -> dict[str, Any]:
        """Plain data: what differs only."""

        def told(matters: Sequence[MatterOf] | None) -> list[dict[str, Any]] | None:
            return None if matters is None else [one.to_json(language) for one in matters]

        return {
            "from": self.before.version_id,
            "to": self.after.version_id,
            "seen_at": self.after.first_seen_at.isoformat(timespec="seconds"),
            "title": {"before": self.title[0], "after": self.title[1]} if self.title else None,
            "forms": [self.cells.against_form, self.cells.form],
            "cells": [difference.to_json(describe) for difference in self.cells.changed],
            "text": [section.to_json() for section in self.sections if section.shown or not all(section.there)],
            "ended": told(self.ended),
            "brought": told(self.brought),
        }
