"""What is told to whom: messages for the channels, put into the outbox in the transaction of the alert itself.

Mail channels get one mail for each pass with everything that happened; webhooks one message for each step of an
alert. A matter that became graver is new only to webhooks that did not want to hear of the milder one: the
contract has no type for it, and an opening is never told twice. For the same reason only mails tell that a matter
has lasted another step too long.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from monitor.alerts.details import details
from monitor.alerts.states import Step
from monitor.alerts.wording import advice, say
from monitor.language import translate
from monitor.settings import ChannelSettings
from monitor.store.alerts import ShownAlert
from monitor.store.deliveries import Message, add_messages

LARGEST_MAIL = 200
"""So many alerts are told in full in one mail; the rest is counted."""
_TYPES = {Step.OPENED: "alert.opened", Step.REOPENED: "alert.reopened", Step.RESOLVED: "alert.resolved"}
_ORDER = (Step.OPENED, Step.REOPENED, Step.WORSENED, Step.ESCALATED, Step.RESOLVED)


@dataclass(frozen=True, slots=True)
class Told:
    """One step of one alert that people are told of; ``event`` is its number in the history."""

    event: int
    alert_id: int
    step: Step


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def alert_json(shown: ShownAlert, language: str = "zh") -> dict[str, Any]:
    """An alert in the contract's shape (3.3)."""
    alert = shown.alert
    return {
        "id": alert.id,
        "kind": alert.kind,
        "severity": alert.severity,
        "state": alert.state,
        "audience": alert.audience,
        "organ_code": alert.organ_code,
        "organ": shown.organ,
        "county_code": alert.county_code,
        "report_year": alert.report_year,
        "rule": alert.rule,
        "summary": say(alert.template, alert.values, language),
        "opened_at": _moment(alert.opened_at),
        "acknowledged_at": _moment(alert.acknowledged_at),
        "resolved_at": _moment(alert.resolved_at),
        "muted_until": _moment(alert.muted_until),
    }


def enqueue(
    session: Session,
    told: Sequence[Told],
    alerts: Mapping[int, ShownAlert],
    channels: Sequence[ChannelSettings],
    at: datetime,
) -> int:
    """Puts what happened into the outbox for every channel that wants to hear of it; gives the number of messages.

    ``alerts`` are the alerts of ``told`` by number, as they are after the step.
    """
    messages: list[Message] = []
    for channel in channels:
        wanted = [step for step in told if _wants(channel, step, alerts[step.alert_id])]
        if channel.kind == "webhook":
            messages += (_post(channel, step, alerts[step.alert_id], at) for step in wanted)
        elif wanted:
            messages.append(_mail(channel, wanted, alerts, at))
    add_messages(session, messages, at)
    return len(messages)


def _wants(channel: ChannelSettings, step: Told, shown: ShownAlert) -> bool:
    alert = shown.alert
    # A matter of many counties, such as a platform that fails, is of interest to the channels of each of them.
    elsewhere = channel.counties and alert.county_code is not None and alert.county_code not in channel.counties
    if alert.audience != channel.audience or elsewhere:
        return False
    if step.step is Step.ESCALATED and channel.kind == "webhook":
        return False
    if step.step is Step.WORSENED and channel.kind == "webhook":
        return alert.severity in channel.severities and "warning" not in channel.severities
    # Who was told that a matter is grave is told that it is over, whatever it became in between.
    severities = {alert.severity, alert.gravest} if step.step is Step.RESOLVED else {alert.severity}
    return not severities.isdisjoint(channel.severities)


def _new_id() -> str:
    return f"msg_{secrets.token_hex(16)}"


def _post(channel: ChannelSettings, step: Told, shown: ShownAlert, at: datetime) -> Message:
    kind = _TYPES.get(step.step, _TYPES[Step.OPENED])
    return Message(
        id=_new_id(),
        dedup=f"{step.event}/{channel.name}",
        channel=channel.name,
        type=kind,
        payload={"type": kind, "timestamp": at.isoformat(), "data": alert_json(shown, channel.language)},
    )


def _mail(
    channel: ChannelSettings, told: Sequence[Told], alerts: Mapping[int, ShownAlert], at: datetime
) -> Message:
    ordered = sorted(told, key=lambda step: _place_in_mail(step, alerts[step.alert_id]))
    return Message(
        id=_new_id(),
        dedup=f"{min(step.event for step in told)}-{max(step.event for step in told)}/{channel.name}",
        channel=channel.name,
        type="digest",
        payload={
            "as_of": at.isoformat(),
            "counts": dict(Counter(step.step.value for step in told)),
            "counties": list(dict.fromkeys(_items_counties(told, alerts))),
            "items": [_item(step, alerts[step.alert_id], channel.language) for step in ordered[:LARGEST_MAIL]],
            "left_out": max(0, len(ordered) - LARGEST_MAIL),
        },
    )


def _place_in_mail(step: Told, shown: ShownAlert) -> tuple[str, int, str, str, int]:
    """By county; inside it by what happened; then organ by organ, errors first."""
    alert = shown.alert
    return (alert.county_code or "", _ORDER.index(step.step), alert.organ_code or "", alert.severity, alert.id)


def _items_counties(told: Sequence[Told], alerts: Mapping[int, ShownAlert]) -> Iterator[str]:
    for step in told:
        shown = alerts[step.alert_id]
        yield shown.county or shown.alert.county_code or ""


def _item(step: Told, shown: ShownAlert, language: str) -> dict[str, Any]:
    alert = shown.alert
    return {
        "step": step.step.value,
        "county": shown.county or alert.county_code or "",
        "alert": alert_json(shown, language),
        "advice": translate(advice(alert.kind, alert.rule), language),
        "details": details(alert.evidence, language),
    }
