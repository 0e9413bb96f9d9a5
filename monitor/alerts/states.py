"""The life of one alert as a pure state machine: no database, no clock.

An alert is opened once; while its matter stays it is updated in silence; it is resolved when the matter is over
and that could be seen, and reopened when the matter comes back. Staff may acknowledge, mute or resolve it by hand.

What is told to people: opening, reopening and resolving (of what was not muted), that an open matter became graver
(warning to error), and a reminder for each step that it has lasted too long (``level``), as long as nobody took it
up. Whom a matter that stands for long is told besides is a question of routing (monitor.alerts.routing).
Any other update is silent: nobody needs a second mail about the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from monitor.language import N_

BY = "nianbao"
"""Who stands in the history for steps that no person took."""


class AlertState(StrEnum):
    """States of an alert (contract, 3.3)."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    RESOLVED = "resolved"


class Step(StrEnum):
    """What may happen in the life of an alert, as written into its history."""

    OPENED = "opened"
    UPDATED = "updated"
    WORSENED = "worsened"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    ASSIGNED = "assigned"
    """Staff gave it to one of them, or took it from him: the alert stays as it is."""
    NOTED = "noted"
    """Staff wrote something down: the alert stays as it is."""


class ImpossibleStep(ValueError):
    """Staff asked for a step that the alert's state does not allow; the message (Chinese) says why."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The matter as it stands now: its severity, a digest of all that is shown, and the facts it rests on.

    ``level`` grows with every step by which it has lasted longer than it should (domain.md D-01: days overdue).
    """

    severity: str
    digest: str
    substance: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Life:
    """Where an alert stands. ``by_hand``: resolved by staff, who settled the facts in ``seen.substance``.

    ``muted_until`` None while muted means: until the matter is over. ``acknowledged_at`` outlives a mute.
    ``gravest`` is the gravest severity since the alert was opened or reopened.
    """

    state: AlertState
    seen: Seen
    gravest: str
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    muted_until: datetime | None = None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The alert after a step, what happened, whether people are told, and a note (Chinese) for the history."""

    life: Life
    step: Step
    told: bool
    note: str | None = None


MUTE_IS_OVER = N_("静音期已过，问题仍在")
OTHER_FACTS = N_("人工解决之后，情况又有变化")
OVER_AFTER_ALL = N_("人工解决之后，问题已不存在")


def observe(life: Life | None, seen: Seen | None, judged: bool, as_of: datetime) -> Change | None:
    """What an assessment at ``as_of`` does to an alert; None when nothing changes.

    ``life`` is None where there is no alert yet, ``seen`` is None where the matter does not hold (any more), and
    ``judged`` says whether the assessment had the ground to see that. Without it everything stays as it is.
    """
    if life is None:
        return None if seen is None else Change(_open(seen), Step.OPENED, told=True)
    if seen is None:
        return _over(life, as_of) if judged else None
    if life.state is AlertState.RESOLVED:
        return _back(life, seen)
    if life.state is AlertState.MUTED and life.muted_until is not None and life.muted_until <= as_of:
        return _reopened(seen, MUTE_IS_OVER)
    if seen.digest == life.seen.digest:
        return None
    graver = _graver(life, seen)
    # Who took a matter up knows that it stands.
    reminder = seen.level > life.seen.level and life.state is AlertState.OPEN
    step = Step.WORSENED if graver else Step.REMINDED if reminder else Step.UPDATED
    return Change(
        replace(life, seen=seen, gravest=seen.severity if graver else life.gravest),
        step,
        told=step is not Step.UPDATED and life.state is not AlertState.MUTED,
    )


def _over(life: Life, as_of: datetime) -> Change | None:
    if life.state is not AlertState.RESOLVED:
        ended = replace(life, state=AlertState.RESOLVED, resolved_at=as_of, muted_until=None, by_hand=False)
        return Change(ended, Step.RESOLVED, told=life.state is not AlertState.MUTED)
    if life.by_hand:  # from now on it is over in fact, so its coming back is news
        return Change(replace(life, by_hand=False), Step.UPDATED, told=False, note=OVER_AFTER_ALL)
    return None


def _back(life: Life, seen: Seen) -> Change | None:
    if not life.by_hand:
        return _reopened(seen, None)
    if seen.substance != life.seen.substance or _graver(life, seen):
        return _reopened(seen, OTHER_FACTS)
    return None


def _graver(life: Life, now: Seen) -> bool:
    return life.gravest == "warning" and now.severity == "error"


def _open(seen: Seen) -> Life:
    return Life(AlertState.OPEN, seen, gravest=seen.severity)


def _reopened(seen: Seen, note: str | None) -> Change:
    return Change(_open(seen), Step.REOPENED, told=True, note=note)


def acknowledge(life: Life, at: datetime) -> Change:
    """Staff have taken the matter up. Raises ImpossibleStep when it is resolved already."""
    must_be_unresolved(life)
    taken = replace(life, state=AlertState.ACKNOWLEDGED, acknowledged_at=at, muted_until=None)
    return Change(taken, Step.ACKNOWLEDGED, told=False)


def mute(life: Life, until: datetime | None, at: datetime) -> Change:
    """No message about it until ``until`` (None: until it is over). Raises ImpossibleStep if resolved or past."""
    must_be_unresolved(life)
    if until is not None and until <= at:
        raise ImpossibleStep(N_("静音的截止时间已过；请给出将来的日期"))
    return Change(replace(life, state=AlertState.MUTED, muted_until=until), Step.MUTED, told=False)


def resolve(life: Life, at: datetime) -> Change:
    """Staff have settled the matter. It stays so until its facts change. Raises ImpossibleStep when resolved."""
    must_be_unresolved(life)
    ended = replace(life, state=AlertState.RESOLVED, resolved_at=at, muted_until=None, by_hand=True)
    return Change(ended, Step.RESOLVED, told=life.state is not AlertState.MUTED)


def must_be_unresolved(life: Life) -> None:
    """Raises ImpossibleStep when there is nothing left to do."""
    if life.state is AlertState.RESOLVED:
        raise ImpossibleStep(N_("这条提醒已经解决，无需再处理"))
