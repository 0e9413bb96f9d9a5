"""What is left of the matters of a version after what staff have decided, and what was held back and why.

Pure. It stands between the stored judgement, which no decision changes, and what is counted, listed and told: a
decision takes effect, and is taken back, without anything being judged again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from monitor.alerts.conditions import PrintedCell
from monitor.decisions.dismissals import Dismissal, fingerprint
from monitor.decisions.switches import Switch, Switches
from monitor.rules.base import Finding, Matter, Severity

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
_SUMS = frozenset({"T3-01", "T3-02", "T3-03", "T4-01"})
"""The rules whose findings a likely cause explains."""


@dataclass(frozen=True)
class Decisions:
    """What counts at a moment: the switches, and the dismissals by report key."""

    switches: Switches = field(default_factory=Switches)
    dismissals: Mapping[str, tuple[Dismissal, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.switches or self.dismissals)

    def about(self, county_code: str) -> list[list[str]]:
        """What was decided for a county, as plain data: another list means that other findings count there."""
        return [
            *(
                [one.rule, one.place, one.setting.value, one.at.isoformat(), one.by, one.reason]
                for one in self.switches.switches
                if county_code.startswith(one.place)
            ),
            *self._dismissed.get(county_code, ()),
        ]

    @cached_property
    def _dismissed(self) -> Mapping[str, list[list[str]]]:
        found: dict[str, list[list[str]]] = {}
        for report_key, dismissals in sorted(self.dismissals.items()):
            for one in dismissals:
                said = [report_key, one.rule, one.fingerprint, one.at.isoformat(), one.by, one.reason]
                found.setdefault(one.county_code, []).append(said)
        return found


@dataclass(frozen=True, slots=True)
class Withheld:
    """A finding that does not count, of which matter, and the decision; None for a rule that is off by default."""

    finding: Finding
    matter: str
    because: Switch | Dismissal | None


@dataclass(frozen=True, slots=True)
class Decided:
    """The matters that count; what was held back; and whose dismissal lapsed because its operands changed.

    ``lapsed`` is by matter. ``weighed`` are the switches by which a matter weighs otherwise than it was judged.
    """

    matters: tuple[Matter, ...]
    withheld: tuple[Withheld, ...] = ()
    lapsed: Mapping[str, tuple[Dismissal, ...]] = field(default_factory=dict)
    weighed: Mapping[str, tuple[Switch, ...]] = field(default_factory=dict)

    @property
    def grave(self) -> tuple[Matter, ...]:
        """Those that weigh as error or warning."""
        return tuple(matter for matter in self.matters if matter.severity is not Severity.NOTICE)

    def count(self, severity: Severity) -> int:
        """How many matters weigh that much."""
        return sum(1 for matter in self.matters if matter.severity is severity)


@dataclass(frozen=True, slots=True)
class DecidedVersion:
    """A judged version that a decision may concern: its matters as judged, and what was decided of them."""

    matters: tuple[Matter, ...]
    cells: Mapping[str, PrintedCell]
    decided: Decided

    @property
    def withdrawn(self) -> tuple[Matter, ...]:
        """The matters that weighed as error or warning and by decision do so no more."""
        left = {matter.key for matter in self.decided.grave}
        return tuple(
            matter for matter in self.matters if matter.severity is not Severity.NOTICE and matter.key not in left
        )


def decide(
    matters: tuple[Matter, ...],
    cells: Mapping[str, PrintedCell],
    report_key: str,
    county_code: str,
    decisions: Decisions,
) -> Decided:
    """What the decisions leave of the matters of one version. ``cells`` are at least those that they name."""
    dismissals = decisions.dismissals.get(report_key, ())
    dismissed = _dismissed(matters, cells, dismissals)
    gone = tuple(one for one in dismissals if one not in dismissed.values())
    kept: list[Matter] = []
    withheld: list[Withheld] = []
    lapsed: dict[str, tuple[Dismissal, ...]] = {}
    weighed: dict[str, tuple[Switch, ...]] = {}
    for matter in matters:
        left: list[Finding] = []
        for finding in matter.findings:
            switch = decisions.switches.holding(finding.rule, county_code)
            if decisions.switches.is_off(finding.rule, county_code):
                withheld.append(Withheld(finding, matter.key, switch))
                continue
            if id(finding) in dismissed:
                withheld.append(Withheld(finding, matter.key, dismissed[id(finding)]))
                continue
            severity = decisions.switches.severity(finding.rule, county_code, finding.severity)
            if severity is not finding.severity:
                assert switch is not None
                weighed[matter.key] = (*weighed.get(matter.key, ()), switch)
                finding = replace(finding, severity=severity)
            changed = tuple(one for one in gone if one.about_the_same(finding))
            if changed:
                lapsed[matter.key] = (*lapsed.get(matter.key, ()), *changed)
            left.append(finding)
        if left:
            kept.append(_matter(matter, left))
    order = {matter.key: number for number, matter in enumerate(matters)}
    kept.sort(key=lambda matter: (_WEIGHT[matter.severity], order[matter.key]))
    return Decided(tuple(kept), tuple(withheld), lapsed, weighed)


def _dismissed(
    matters: tuple[Matter, ...], cells: Mapping[str, PrintedCell], dismissals: tuple[Dismissal, ...]
) -> dict[int, Dismissal]:
    """The findings that are dismissed, by identity; a digest is made only for rules that have a dismissal."""
    known = {(one.rule, one.fingerprint): one for one in dismissals}
    rules = {one.rule for one in dismissals}
    found = {}
    for finding in (finding for matter in matters for finding in matter.findings if finding.rule in rules):
        dismissal = known.get((finding.rule, fingerprint(finding, cells)))
        if dismissal is not None:
            found[id(finding)] = dismissal
    return found


def _matter(matter: Matter, left: list[Finding]) -> Matter:
    """The matter with what is left of its findings; as it is where nothing changed."""
    ordered = tuple(sorted(left, key=lambda finding: _WEIGHT[finding.severity]))
    if ordered == matter.findings:
        return matter
    explained = any(finding.rule in _SUMS for finding in ordered)
    return Matter(matter.key, ordered[0].severity, ordered, matter.cause if explained else None)
