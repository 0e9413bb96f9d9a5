"""Rules switched on or off, or weighed otherwise, in a place: one county, a prefecture, a province, everywhere.

Pure. The rule itself and what it found stay as they are: a switch says what becomes of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from monitor.publication import Standing
from monitor.rules.base import Severity

EVERYWHERE = ""
"""The place of a switch for all counties."""
RULE_OF_FLAG = {"after_local_date": "D-03", "early": "D-04", "backdated": "D-05"}
"""The flags of a standing that a rule on dates sets."""
_STEPS = (Severity.NOTICE, Severity.WARNING, Severity.ERROR)


class Setting(StrEnum):
    """What a switch sets: on or off, or how much a finding weighs (which is on as well)."""

    ON = "on"
    OFF = "off"
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"

    @property
    def severity(self) -> Severity | None:
        """How much a finding weighs, None where that stays as the rule says."""
        return None if self in (Setting.ON, Setting.OFF) else Severity(self.value)


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch, who set it, when and why. ``place``: beginning of county codes, empty for all of them.

    A switch that was taken back, or replaced by a later one, has ``withdrawn_at`` and counts no more from then on.
    """

    rule: str
    place: str
    setting: Setting
    at: datetime
    by: str
    reason: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_reason: str | None = None
    id: int | None = None


@dataclass(frozen=True)
class Switches:
    """The switches that count at a moment; of those for one rule the one for the smallest place holds.

    ``off_by_default`` are rules that are off wherever no switch says otherwise.
    """

    switches: tuple[Switch, ...] = ()
    off_by_default: frozenset[str] = frozenset()
    usual: Mapping[str, Severity] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.switches)

    @cached_property
    def _of_rule(self) -> Mapping[str, tuple[Switch, ...]]:
        found: dict[str, list[Switch]] = {}
        for switch in sorted(self.switches, key=lambda one: -len(one.place)):
            found.setdefault(switch.rule, []).append(switch)
        return {rule: tuple(switches) for rule, switches in found.items()}

    def holding(self, rule: str, county_code: str) -> Switch | None:
        """The switch that holds for a rule in a county, None where the rule is as the catalogue has it."""
        return next((one for one in self._of_rule.get(rule, ()) if county_code.startswith(one.place)), None)

    def is_off(self, rule: str, county_code: str) -> bool:
        """Whether what the rule finds in the county counts for nothing."""
        switch = self.holding(rule, county_code)
        return rule in self.off_by_default if switch is None else switch.setting is Setting.OFF

    def severity(self, rule: str, county_code: str, found: Severity) -> Severity:
        """How much a finding weighs in the county that weighs ``found`` by itself.

        A rule made milder weighs no more than that. In one made graver each finding rises by as many steps as the
        rule does: what is milder than its rule, because a blank or a doubt in the reading is behind it, stays so.
        """
        switch = self.holding(rule, county_code)
        wanted = switch.setting.severity if switch else None
        if wanted is None:
            return found
        steps = _STEPS.index(wanted) - _STEPS.index(self.usual.get(rule, wanted))
        rank = _STEPS.index(found)
        return _STEPS[min(rank + steps, len(_STEPS) - 1)] if steps > 0 else _STEPS[min(rank, _STEPS.index(wanted))]

    def switched_on(self, county_code: str) -> frozenset[str]:
        """The rules that are off by default and on in the county."""
        return frozenset(rule for rule in self.off_by_default if not self.is_off(rule, county_code))

    def rules(self, settings: Iterable[Setting]) -> frozenset[str]:
        """The rules with a switch to one of these settings anywhere."""
        wanted = frozenset(settings)
        return frozenset(one.rule for one in self.switches if one.setting in wanted)


def with_flags_decided(standing: Standing, switches: Switches) -> Standing:
    """A standing without the flags of rules that are off in its county."""
    county = standing.organ.county_code
    left = tuple(
        flag
        for flag in standing.flags
        if flag not in RULE_OF_FLAG or not switches.is_off(RULE_OF_FLAG[flag], county)
    )
    return standing if left == standing.flags else replace(standing, flags=left)
