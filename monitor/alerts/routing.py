"""Which destination hears of which step, and what is left of several steps once its time has come.

Pure. A destination that names ``escalation_after_days`` is a second address: it hears only of matters that have
stood for so many days, and that these are over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crawler.clock import SHANGHAI
from monitor.alerts.states import AlertState, Step
from monitor.settings import ChannelSettings

ORDER = (Step.OPENED, Step.REOPENED, Step.ESCALATED, Step.WORSENED, Step.REMINDED, Step.RESOLVED)
"""What says most about a matter, first."""


class LeftOut(StrEnum):
    """Why a matter is not told when its time has come: it is over already, or staff took it up."""

    SETTLED = "settled"
    TAKEN_UP = "taken_up"


@dataclass(frozen=True, slots=True)
class Matter:
    """What routing goes by. ``gravest`` is the gravest severity since the matter was (re)opened."""

    kind: str
    audience: str
    county_code: str | None
    severity: str
    gravest: str


def posts_each_alert(channel: ChannelSettings) -> bool:
    """Whether the destination gets one message for each alert (contract, 3.4) and not one for all of a time."""
    return channel.kind == "webhook" and channel.schedule == "at_once"


def concerns(channel: ChannelSettings, matter: Matter) -> bool:
    """Whether the destination is for this audience, kind and county.

    ``counties`` are codes, or their first two or four digits for a province or prefecture. A matter of many
    counties, such as a platform that fails, is of interest to the destinations of each of them.
    """
    return (
        matter.audience == channel.audience
        and (not channel.kinds or matter.kind in channel.kinds)
        and (
            not channel.counties
            or matter.county_code is None
            or matter.county_code.startswith(tuple(channel.counties))
        )
    )


def wants(channel: ChannelSettings, step: Step, matter: Matter, *, heard: bool = True) -> bool:
    """Whether the destination hears of the step. ``heard``: a second address was told of this matter before."""
    if not concerns(channel, matter):
        return False
    # Who was told that a matter is grave is told that it is over, whatever it became in between.
    severities = {matter.severity, matter.gravest} if step is Step.RESOLVED else {matter.severity}
    if severities.isdisjoint(channel.severities):
        return False
    if channel.escalation_after_days is not None:
        return heard if step is Step.RESOLVED else step is Step.ESCALATED
    if posts_each_alert(channel):
        # The contract has no type for these; an opening is told only to whom it is one.
        return step is not Step.REMINDED and (step is not Step.WORSENED or "warning" not in channel.severities)
    return step is not Step.ESCALATED


def is_escalated(channel: ChannelSettings, since: datetime, as_of: datetime) -> bool:
    """Whether a matter that was (re)opened at ``since`` has stood long enough for this second address."""
    days = (as_of.astimezone(SHANGHAI).date() - since.astimezone(SHANGHAI).date()).days
    return channel.escalation_after_days is not None and days >= channel.escalation_after_days


def waits_for_no_digest(channel: ChannelSettings, step: Step, severity: str) -> bool:
    """Whether the step is told at once although the destination otherwise gets digests."""
    return channel.errors_at_once and severity == "error" and step is not Step.RESOLVED


_BEGINNINGS = frozenset({Step.OPENED, Step.REOPENED, Step.ESCALATED})


def begins_with(channel: ChannelSettings) -> frozenset[Step]:
    """The steps by which a destination first hears of a matter: for errors alone, also that it became one."""
    return _BEGINNINGS if "warning" in channel.severities else _BEGINNINGS | {Step.WORSENED}


def net(
    steps: Sequence[Step], state: AlertState, news: Collection[Step] = _BEGINNINGS, *, heard: bool = False
) -> Step | LeftOut:
    """What is told of an alert that took ``steps`` (oldest first, at least one) and now stands in ``state``.

    A muted one is not asked about: what waits of it goes on waiting. ``news``: see :func:`begins_with`.
    ``heard``: the destination was told of the matter before these steps, and not that it was over (it was muted
    in between).

    What opened and was over before its time came is not told: nobody has to do anything. The clerk sees how many
    there were.
    """
    first = steps[0]
    if state is AlertState.RESOLVED:
        told_before = heard or first not in news
        return Step.RESOLVED if told_before and Step.RESOLVED in steps else LeftOut.SETTLED
    strongest = min(steps, key=ORDER.index)
    if strongest is Step.REMINDED and state is AlertState.ACKNOWLEDGED:
        return LeftOut.TAKEN_UP
    return strongest
