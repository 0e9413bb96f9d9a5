"""The shape of a check: one rule, one small unit, three answers (pass, fail, not assessable).

A rule reads a :class:`Subject` and changes nothing. Its id is that of domain.md part 4, its severity data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from monitor.language import translate
from parsers.schema import OrganKind as OrganKind
from parsers.schema import Report


class Severity(StrEnum):
    """How much a finding weighs. Notices never become alerts."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class OrganFacts:
    """What rules may know of the organ a report belongs to, from the register; never from the page."""

    code: str
    name: str
    kind: OrganKind
    county_code: str
    county: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule judges: a report, whose it is (None when read from a bare file), and last year's report.

    ``previous`` is the current version of the year before by the same organ, None where there is none.
    ``county_organs`` are the names of the registered organs of the county, empty when unknown.
    """

    report: Report
    organ: OrganFacts | None = None
    previous: Report | None = None
    county_organs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that failed: what is wrong, where, and by how much.

    ``template`` is the Chinese message with ``{places}``; ``values`` fill them and are the evidence
    (JSON data only). ``cells`` are cell keys, ``sections`` section numbers, ``quote`` the words concerned.
    """

    rule: str
    severity: Severity
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    cells: tuple[str, ...] = ()
    sections: tuple[int, ...] = ()
    quote: str | None = None

    def message(self, language: str = "zh") -> str:
        """The message for people, in ``zh`` or ``en``."""
        return translate(self.template, language, self.values)

    def to_json(self) -> dict[str, Any]:
        """The contract's shape (3.1), with what is needed to read it back."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "cells": list(self.cells),
            "sections": list(self.sections),
            "message": self.message(),
            "template": self.template,
            "values": dict(self.values),
            "quote": self.quote,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """The reverse of :meth:`to_json`."""
        return cls(
            rule=data["rule"],
            severity=Severity(data["severity"]),
            template=data["template"],
            values=data["values"],
            cells=tuple(data["cells"]),
            sections=tuple(data["sections"]),
            quote=data["quote"],
        )


@dataclass(frozen=True, slots=True)
class Pass:
    """The rule holds; ``note`` where it holds only in a certain reading (blanks read as 0)."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """The rule does not hold: at least one finding."""

    findings: tuple[Finding, ...]

    def __post_init__(self) -> None:
        if not self.findings:
            raise ValueError("a failure without a finding accuses without evidence")


@dataclass(frozen=True, slots=True)
class NotAssessable:
    """The rule cannot be judged here, and why (a cell absent, no report of the year before, …)."""

    reason: str


Result = Pass | Fail | NotAssessable


@dataclass(frozen=True, slots=True)
class Rule:
    """One check of the catalogue.

    ``title`` says in Chinese what must hold; ``basis`` names the law, form or notice; ``years`` are the
    report years it applies to (None: all); ``severity`` is that of its usual finding.
    """

    id: str
    title: str
    basis: str
    severity: Severity
    evaluate: Callable[[Subject], Result]
    years: range | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """Findings that come from one mistake, shown as one.

    ``key`` is stable between assessments of the same mistake (a root cell key, or the rule and its cells).
    ``likely_cause`` is a Chinese sentence or None; findings[0] is the leading one.
    """

    key: str
    severity: Severity
    findings: tuple[Finding, ...]
    likely_cause: str | None = None
