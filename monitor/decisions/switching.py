"""Rules switched in a place, and switched back: what may be set, and what it takes the place of.

The command line and the pages both go through here.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.decisions.switches import EVERYWHERE, Setting, Switch
from monitor.decisions.wording import place_in_words
from monitor.language import N_
from monitor.refusals import NotPossible
from monitor.store import decisions

MISREAD = "L-06"
"""It tells operators which numbers we could not read: our own matter, and nobody's to be silent about."""
_NO_RULE = N_("没有规则 {rule}；全部规则见 nianbao rules list")
_MISREAD = N_("{rule} 告诉值守人员哪些数字没有读准，不能停用或改变")
_NEVER_GRAVER = N_("{rule} 不说明单位有问题，不能加重，只能停用")
_NO_PLACE = N_("名录和门户定义中没有代码以 {code} 开头的县区；请核对")
_NOT_SET = N_("{place}没有对规则 {rule} 单独调整；各处的调整见 nianbao rules list --history")


def check_rule(rule: str) -> None:
    """Raises NotPossible unless there is such a rule."""
    from monitor.rules.catalogue import USUAL_SEVERITIES

    if rule not in USUAL_SEVERITIES:
        raise NotPossible(_NO_RULE, rule=rule[:20])


def check_setting(rule: str, setting: Setting) -> None:
    """Raises NotPossible where a rule may not be set so."""
    from monitor.rules.catalogue import NEVER_GRAVER

    check_rule(rule)
    if setting.severity is not None and setting is not Setting.NOTICE and rule in NEVER_GRAVER:
        raise NotPossible(_NEVER_GRAVER, rule=rule)
    if rule == MISREAD:
        raise NotPossible(_MISREAD, rule=rule)


def check_place(place: str, counties: Collection[str]) -> None:
    """Raises NotPossible where none of the counties begins with ``place``."""
    if place != EVERYWHERE and not any(code.startswith(place) for code in counties):
        raise NotPossible(_NO_PLACE, code=place)


def set_switch(session: Session, switch: Switch) -> None:
    """Keeps a switch in place of the one that there was for the same place. Raises NotPossible."""
    check_setting(switch.rule, switch.setting)
    decisions.withdraw(
        session,
        _holding(session, switch.rule, switch.place),
        by=switch.by,
        at=switch.at,
        reason=switch.reason,
    )
    decisions.add_switch(session, switch)


def take_back(
    session: Session, rule: str, place: str, *, by: str, at: datetime, reason: str, language: str = "zh"
) -> None:
    """Takes back what was set for exactly this place; it stays in the history. Raises NotPossible."""
    ids = _holding(session, rule, place)
    if not ids:
        raise NotPossible(_NOT_SET, rule=rule, place=place_in_words(place, language))
    decisions.withdraw(session, ids, by=by, at=at, reason=reason)


def _holding(session: Session, rule: str, place: str) -> list[int]:
    return [
        one.id
        for one in decisions.switches(session)
        if (one.rule, one.place) == (rule, place) and one.id is not None
    ]
