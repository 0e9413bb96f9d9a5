"""Rules and how they are adjusted in places: what holds in an administrator's counties, and changing it there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from monitor.access.base import Access, audit
from monitor.access.names import written
from monitor.accounts.roles import Right
from monitor.accounts.scope import Scope, WrongPlace
from monitor.decisions import switching
from monitor.decisions.switches import EVERYWHERE, Setting, Switch
from monitor.decisions.wording import SETTING_NAMES, place_in_words
from monitor.language import N_
from monitor.refusals import NotPossible
from monitor.rules.base import Rule, Severity
from monitor.store import decisions, register

SETTINGS = SETTING_NAMES
MOST_PAST = 50
"""So many adjustments that were taken back are listed, the latest first."""
_OUTSIDE = N_("只能调整您的地区以内的；更大范围的调整请找能看到那里的管理员")
_WRONG_PLACE = N_("请写县区代码，或省、市代码的前两位、前四位；留空为所有县区")
_NO_SETTING = N_("请选要怎样调整")


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """One adjustment, where in words, and whether the reader may take it back."""

    switch: Switch
    place: str
    mine: bool


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule; ``title`` and ``basis`` are Chinese texts of ours."""

    id: str
    title: str
    basis: str
    severity: Severity
    on: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, the adjustments that hold somewhere in the reader's counties, and those taken back."""

    rules: tuple[RuleLine, ...]
    switches: tuple[SwitchLine, ...]
    past: tuple[SwitchLine, ...]


def rules(access: Access) -> Rules:
    """All rules, with what is adjusted where the reader sees. Raises NotAllowed."""
    access.require(Right.ADMINISTER)
    with access.reading() as session:
        known = [one for one in decisions.switches(session, withdrawn=True) if access.scope.touches(one.place)]
    lines = [
        SwitchLine(one, place_in_words(one.place, access.language), _is_mine(access, one.place)) for one in known
    ]
    from monitor.rules.catalogue import OFF_BY_DEFAULT, RULES
    from monitor.rules.timeliness import TIMELINESS_RULES, TimelinessRule

    every: tuple[Rule | TimelinessRule, ...] = (*RULES, *TIMELINESS_RULES)
    return Rules(
        tuple(
            RuleLine(rule.id, rule.title, rule.basis, rule.severity, rule.id not in OFF_BY_DEFAULT)
            for rule in every
        ),
        tuple(line for line in lines if line.switch.withdrawn_at is None),
        tuple(line for line in reversed(lines) if line.switch.withdrawn_at is not None)[:MOST_PAST],
    )


def adjust(access: Access, rule: str, place: str, setting: str, reason: str) -> None:
    """Sets a rule in a place, instead of what was set there. Raises NotAllowed, NotPossible."""
    why = written(reason)
    with access.changing(Right.ADMINISTER) as session:
        where = _place(access, session, place)
        try:
            wanted = Setting(setting)
        except ValueError:
            raise NotPossible(_NO_SETTING) from None
        # To the second, so that whoever asks in the same second sees it.
        at = access.now.replace(microsecond=0)
        switching.set_switch(session, Switch(rule, where, wanted, at, access.who, why))
        audit(session, access, "rule.set", rule, where or None, setting=wanted.value, place=where, reason=why)


def take_back(access: Access, rule: str, place: str, reason: str) -> None:
    """Takes back what was set for exactly this place. Raises NotAllowed, NotPossible."""
    why = written(reason)
    with access.changing(Right.ADMINISTER) as session:
        where = _place(access, session, place, known_only=False)
        at = access.now.replace(microsecond=0)
        switching.take_back(session, rule, where, by=access.who, at=at, reason=why, language=access.language)
        audit(session, access, "rule.reset", rule, where or None, place=where, reason=why)


def _place(access: Access, session: Session, text: str, *, known_only: bool = True) -> str:
    place = text.strip()
    try:
        wanted = Scope.of([place]) if place else Scope()
    except WrongPlace:
        raise NotPossible(_WRONG_PLACE) from None
    if not access.scope.contains(wanted):
        raise NotPossible(_OUTSIDE)
    if known_only:
        counties = {*register.counties(session), *(portal.county_code for portal in access.record.portals())}
        switching.check_place(place, counties)
    return place or EVERYWHERE


def _is_mine(access: Access, place: str) -> bool:
    return access.scope.contains(Scope.of([place]) if place else Scope())
