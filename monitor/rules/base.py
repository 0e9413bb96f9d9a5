"""The shape of a check: one rule, one small unit, three answers (pass, fail, not assessable).

A rule reads a :class:`Subject` and changes nothing. Its id is that of domain.md part 4, its severity data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from monitor.language import N_, translate
from parsers.schema import Number, Report
from parsers.schema import OrganKind as OrganKind

LAST_LEGACY_YEAR = 2018
"""Up to this report year the Regulation of 2007 (国务院令第492号) and its statistics table held."""


class Severity(StrEnum):
    """How much a finding weighs. Notices never become alerts."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class OrganFacts:
    """What rules may know of the organ a report belongs to, from the register; never from the page.

    ``aliases`` hold the names of those before and after it too. ``valid_from`` and ``valid_to`` are its first and
    last day where they are known.
    """

    code: str
    name: str
    kind: OrganKind
    county_code: str
    county: str
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    def whole_year(self, report_year: int) -> bool:
        """Whether it was there from the first to the last day of a year, as far as is known."""
        return (self.valid_from is None or self.valid_from <= date(report_year, 1, 1)) and (
            self.valid_to is None or self.valid_to >= date(report_year, 12, 31)
        )


@dataclass(frozen=True, slots=True)
class EarlierYear:
    """The numbers of an earlier report of the organ: year, form, and the cells that hold a number."""

    year: int
    form: str | None
    numbers: Mapping[str, Number]


class Came(StrEnum):
    """How the organ came to be what it is since its report of the year before.

    ``renamed``: the same body bears another name or is of another kind. ``joined``: others went into it, or it was
    made of them. ``parted``: it was split off, or a part left it or came to it.
    """

    RENAMED = "renamed"
    JOINED = "joined"
    PARTED = "parted"


@dataclass(frozen=True, slots=True)
class Reorganised:
    """What became of the organ since the report of the year before: how, when (the last step), and out of whom.

    ``names`` are the organs that reported on the year before. ``reports`` are theirs in the same order where they
    were ``joined``, None where one is not known.
    """

    how: Came
    on: date
    names: tuple[str, ...] = ()
    reports: tuple[Report | None, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherReport:
    """Another report of the same organ and year that stands beside the judged one, and where."""

    address: str
    report: Report


@dataclass(frozen=True, slots=True)
class CountyReport:
    """The key numbers of another organ's current report in a county, by cell; None where a cell is blank.

    Cells that are absent or cannot be read are not among them. ``doubtful``: something was met when its tables
    were read that may have put a number in the wrong place. ``listed``: the organ owes a report in the county.
    """

    organ: OrganFacts
    form: str | None
    numbers: Mapping[str, Number | None]
    doubtful: bool = False
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Members:
    """The reports of a county's organs on one year, without the county government's own.

    ``expected`` are the organs that owe one; ``reports`` their reports that were found, ``before`` those of the
    year before.
    """

    expected: int
    reports: tuple[CountyReport, ...]
    before: tuple[CountyReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """How a number is spread over organs: how many have it, its median, and the median distance from that."""

    organs: int
    median: Number
    deviation: Number


@dataclass(frozen=True, slots=True)
class Peers:
    """The numbers of the organs of one level in a county and year, by cell."""

    spreads: Mapping[str, Spread]


@dataclass(frozen=True, slots=True)
class Twin:
    """Another organ's report whose text is the same as the judged one's, numbers, names and templates aside.

    ``similarity`` is from 0 to 1, ``characters`` how many were compared. ``published_on`` is the date that its
    page or list names, ``earlier`` whether that is before the judged one's; None where a date is missing or both
    are the same. ``templates_known``: the sentences shared by most organs of both counties were left out.
    """

    organ: OrganFacts
    report_year: int
    similarity: float
    characters: int
    published_on: date | None = None
    earlier: bool | None = None
    templates_known: bool = True


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule judges: a report, whose it is (None when read from a bare file), and last year's report.

    ``previous`` is the current version of the year before by the same organ, None where there is none;
    ``earlier`` are the numbers of the years before that one. ``others`` are further reports of the organ and year
    that are published now, None where that is not known.
    ``county_organs`` are the names of the registered organs of the county, empty when unknown.
    ``county_sentences`` are the sentences that most organs of the county share, by
    :func:`monitor.rules.masking.sentence_key`; None where too few were compared to know them. ``members`` are the
    reports that a county government sums up, ``peers`` the numbers of organs of the same level and county, and
    ``twins`` other organs' reports with the same text; None where nobody has compared them.
    ``switched_on`` are rules that are off by default and asked here all the same. ``reorganised`` is what became
    of the organ since the report of the year before, None where it just went on: of a body that was renamed
    ``previous`` and ``earlier`` are its own reports under the former name, else they are missing.
    """

    report: Report
    organ: OrganFacts | None = None
    previous: Report | None = None
    county_organs: tuple[str, ...] = ()
    county_sentences: frozenset[int] | None = None
    earlier: tuple[EarlierYear, ...] = ()
    others: tuple[OtherReport, ...] | None = None
    members: Members | None = None
    peers: Peers | None = None
    twins: tuple[Twin, ...] | None = None
    switched_on: frozenset[str] = frozenset()
    reorganised: Reorganised | None = None


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


class Need(StrEnum):
    """What a rule must be given beside the report itself; without it the answer is "not assessable"."""

    YEAR_BEFORE = "year_before"
    EARLIER_YEARS = "earlier_years"
    OTHER_REPORTS = "other_reports"
    REGISTER = "register"
    MEMBERS = "members"
    PEERS = "peers"
    TWINS = "twins"


NEED_TEXTS = {
    Need.YEAR_BEFORE: N_("同一机关上一年度的报告"),
    Need.EARLIER_YEARS: N_("同一机关两个以上往年的报告"),
    Need.OTHER_REPORTS: N_("同一机关同一年度在网的全部报告"),
    Need.REGISTER: N_("机关名录"),
    Need.MEMBERS: N_("本县各机关的报告"),
    Need.PEERS: N_("同县同级机关的报告"),
    Need.TWINS: N_("与其他机关报告的文字比对"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One check of the catalogue.

    ``title`` says in Chinese what must hold; ``basis`` names the law, form or notice; ``years`` are the
    report years it applies to (None: all), ``forms`` the official forms (empty: whatever the form); ``severity``
    is that of its usual finding; ``needs`` is what it must be given beside the report.
    """

    id: str
    title: str
    basis: str
    severity: Severity
    evaluate: Callable[[Subject], Result]
    years: range | None = None
    forms: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class ShouldRead:
    """A cell that is likely wrong: ``place`` is its name for people, ``printed`` is None where it is blank."""

    cell: str
    place: str
    printed: int | float | None
    value: int

    def in_words(self, language: str = "zh") -> str:
        """What is printed and what it should read."""
        printed = translate(N_("空白"), language) if self.printed is None else self.printed
        template = N_("“{place}”由{printed}改为{value}")
        return translate(template, language, {"place": self.place, "printed": printed, "value": self.value})

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"cell": self.cell, "place": self.place, "printed": self.printed, "value": self.value}


@dataclass(frozen=True, slots=True)
class Cause:
    """What is likely wrong behind the findings of a matter.

    ``sets`` are the smallest sets of cells whose change would repair every sum, the likeliest first. One set is a
    likely cause; of several nobody can say which it is; none at all says that there are too many mistakes to tell.
    ``template`` is a Chinese sentence with ``{places}`` filled from ``values``; ``{details}`` are the first set in
    words, ``{ways}`` all of them.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    sets: tuple[tuple[ShouldRead, ...], ...] = ()

    @property
    def should_read(self) -> tuple[ShouldRead, ...]:
        """The cells that are likely wrong, where there is one answer."""
        return self.sets[0] if len(self.sets) == 1 else ()

    def message(self, language: str = "zh") -> str:
        """The sentence for people, in ``zh`` or ``en``."""
        comma = translate(N_("、"), language)
        ways = [comma.join(cell.in_words(language) for cell in each) for each in self.sets]
        values = {
            **self.values,
            "details": ways[0] if ways else "",
            "ways": "".join(
                translate(N_("（{number}）{way}"), language, {"number": number, "way": way})
                for number, way in enumerate(ways, 1)
            ),
        }
        return translate(self.template, language, values)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "template": self.template,
            "values": dict(self.values),
            "sets": [[cell.to_json() for cell in each] for each in self.sets],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Cause:
        """The reverse of :meth:`to_json`."""
        sets = tuple(tuple(ShouldRead(**cell) for cell in each) for each in data["sets"])
        return cls(data["template"], data["values"], sets)


@dataclass(frozen=True, slots=True)
class Matter:
    """Findings that come from one mistake, shown as one.

    ``key`` is stable between assessments of the same mistake (a root cell key, or the rule and its cells).
    ``findings[0]`` is the leading one; ``cause`` is what is likely wrong, where that can be told.
    """

    key: str
    severity: Severity
    findings: tuple[Finding, ...]
    cause: Cause | None = None

    @property
    def likely_cause(self) -> str | None:
        """The likely cause as a Chinese sentence; None where there is none, or more than one is as likely."""
        return self.cause.message() if self.cause and self.cause.should_read else None

    @property
    def should_read(self) -> tuple[ShouldRead, ...]:
        """The cells that are likely wrong, and what they should read."""
        return self.cause.should_read if self.cause else ()

    def to_json(self, language: str = "zh") -> dict[str, Any]:
        """Plain data: which rules it breaks, what is likely wrong and what those cells should read."""
        cause = self.cause
        return {
            "key": self.key,
            "severity": self.severity.value,
            "rules": list(dict.fromkeys(finding.rule for finding in self.findings)),
            "likely_cause": cause.message(language) if cause and cause.should_read else None,
            "should_read": [cell.to_json() for cell in self.should_read],
            "remark": cause.message(language) if cause and not cause.should_read else None,
            "candidates": [[cell.to_json() for cell in each] for each in cause.sets]
            if cause and not cause.should_read
            else [],
        }
