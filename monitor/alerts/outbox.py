"""What is told to whom.

Every step is written down for each destination that wants it, in the transaction of the alert itself, and put
into a message once its time has come. Mails and chats get one message for each time (or one for each county, or
for each report) with everything that happened since the last; webhooks that are told at once get one message for
each alert. A matter that became graver is new only to webhooks that did not want to hear of the milder one: the
contract has no type for it, and an opening is never told twice. For the same reason no such webhook is reminded.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from monitor.alerts.details import details
from monitor.alerts.endings import Ending, endings
from monitor.alerts.latest import evidence_now
from monitor.alerts.routing import (
    ORDER,
    LeftOut,
    Matter,
    begins_with,
    is_escalated,
    net,
    posts_each_alert,
    waits_for_no_digest,
    wants,
)
from monitor.alerts.states import AlertState, Step
from monitor.alerts.timetable import Timetable
from monitor.alerts.wording import advice, say
from monitor.language import translate
from monitor.settings import ChannelSettings
from monitor.store import waiting as store
from monitor.store.alerts import ShownAlert, alerts_by_id
from monitor.store.deliveries import Message, add_messages
from monitor.working_days import WorkingDays

_Told = tuple[Step, ShownAlert, str | None]
"""What happened, to which alert, and why where that is said."""
_TYPES = {Step.OPENED: "alert.opened", Step.REOPENED: "alert.reopened", Step.RESOLVED: "alert.resolved"}


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
    calendar: WorkingDays | None = None,
) -> int:
    """Writes down what happened for every destination that wants to hear of it, and composes what is due at once.

    ``alerts`` are the alerts of ``told`` by number, as they are after the step. Gives the number of messages.
    """
    steps: list[store.NewWaiting] = []
    # For a second address a matter that came back begins anew: neither its days nor its end of before hold.
    second = [channel.name for channel in channels if channel.escalation_after_days is not None]
    back = {step.alert_id for step in told if step.step is Step.REOPENED}
    if second and back:
        store.drop(session, second, back, at)
    for channel in channels:
        heard = _heard(session, channel, told)
        for step in told:
            matter = _matter(alerts[step.alert_id])
            if wants(channel, step.step, matter, heard=step.alert_id in heard):
                steps.append(store.NewWaiting(step.event, channel.name, step.alert_id, step.step, matter.severity))
    store.add(session, steps, at)
    return compose(session, channels, at, calendar or WorkingDays()) if steps else 0


def escalate(session: Session, held: Collection[str], channels: Sequence[ChannelSettings], at: datetime) -> int:
    """Writes down for every second address the matters that have stood too long; gives how many.

    ``held`` are the matters of which it could not be seen whether they hold at ``at``: they accuse nobody again.
    Each address hears of a matter once between its opening and its end.
    """
    steps: list[store.NewWaiting] = []
    for channel in channels:
        if channel.escalation_after_days is None:
            continue
        standing = [
            one
            for one in store.standing_unescalated(session, channel.name)
            if one.identity not in held and is_escalated(channel, one.since, at)
        ]
        alerts = alerts_by_id(session, [one.alert_id for one in standing])
        for one in standing:
            matter = _matter(alerts[one.alert_id])
            if wants(channel, Step.ESCALATED, matter):
                steps.append(
                    store.NewWaiting(one.event, channel.name, one.alert_id, Step.ESCALATED, matter.severity)
                )
    store.add(session, steps, at)
    return len(steps)


def compose(
    session: Session,
    channels: Sequence[ChannelSettings],
    now: datetime,
    calendar: WorkingDays,
    *,
    all_channels: bool = False,
) -> int:
    """Puts what waits into messages, as far as its time has come; gives their number.

    All is done in the transaction of ``session``: a step is in one message or in none. With ``all_channels``,
    what waits for a destination that is not among ``channels`` goes into a message too, which then fails in plain
    sight.
    """
    by_name = {channel.name: channel for channel in channels}
    waiting: dict[str, list[store.Waiting]] = {}
    for row in store.waiting(session):
        # Nobody is told of what is muted; when that is over, it is told with what came after.
        muted = row.state is AlertState.MUTED
        if row.at <= now and not muted and (all_channels or row.channel in by_name):
            waiting.setdefault(row.channel, []).append(row)
    messages: list[Message] = []
    for name, rows in waiting.items():
        channel = by_name.get(name) or ChannelSettings(name=name, kind="mail")
        due = _due(rows, channel, now, calendar)
        if due:
            messages += _composed(session, channel, due, now)
    add_messages(session, messages, now)
    return len(messages)


@dataclass(frozen=True, slots=True)
class StillWaiting:
    """How many steps wait for their time, and when the first of them has come to it."""

    number: int = 0
    until: datetime | None = None


def still_waiting(session: Session, channels: Sequence[ChannelSettings], calendar: WorkingDays) -> StillWaiting:
    """What waits for a digest or for the end of quiet hours."""
    by_name = {channel.name: channel for channel in channels}
    waiting = store.waiting(session)
    rows = [row for row in waiting if row.channel in by_name and row.state is not AlertState.MUTED]
    told = _told_from(calendar)
    return StillWaiting(len(rows), min((told(row, by_name[row.channel]) for row in rows), default=None))


def _told_from(calendar: WorkingDays) -> Callable[[store.Waiting, ChannelSettings], datetime]:
    """When a step may be told; worked out once for all that happened at the same time."""
    known: dict[tuple[str, datetime, bool], datetime] = {}

    def told(row: store.Waiting, channel: ChannelSettings) -> datetime:
        at_once = waits_for_no_digest(channel, row.step, row.severity)
        key = (channel.name, row.at, at_once)
        if key not in known:
            known[key] = Timetable.of(channel).told_from(row.at, calendar, at_once=at_once)
        return known[key]

    return told


def _due(
    rows: Sequence[store.Waiting], channel: ChannelSettings, now: datetime, calendar: WorkingDays
) -> list[store.Waiting]:
    """The steps whose time has come, and with them what else waits of the same alerts: it is told as one."""
    told = _told_from(calendar)
    alerts = {row.alert_id for row in rows if told(row, channel) <= now}
    return [row for row in rows if row.alert_id in alerts]


@dataclass(frozen=True, slots=True)
class _Net:
    """What is told of one alert, why, and the number of the first waiting step that it stands for."""

    shown: ShownAlert
    told: Step | LeftOut
    first: int
    note: str | None = None


def _composed(
    session: Session, channel: ChannelSettings, due: Sequence[store.Waiting], now: datetime
) -> list[Message]:
    """The messages that tell of ``due``, after it was taken: what another process took is told by that one."""
    shown = alerts_by_id(session, {row.alert_id for row in due})
    groups = _groups(channel, due, shown)
    back = {row.alert_id for row in due if row.step is Step.REOPENED and row.state is AlertState.RESOLVED}
    last = store.last_told(session, channel.name, back, taken_only=True)
    heard = {alert_id for alert_id, step in last.items() if step is not Step.RESOLVED}
    ids = [_new_id() if _is_told(_nets(channel, rows, shown, heard)) else None for rows in groups]
    wanted = {row.id: id for id, rows in zip(ids, groups, strict=True) for row in rows}
    mine = store.take(session, wanted, now)
    taken = [_nets(channel, [row for row in rows if row.id in mine], shown, heard) for rows in groups]
    return [
        _message(session, channel, id, nets, now)
        for id, nets in zip(ids, taken, strict=True)
        if id is not None and _is_told(nets)
    ]


def _is_told(nets: Sequence[_Net]) -> bool:
    """Whether there is anything to tell: that matters came and went alone is no message."""
    return any(isinstance(one.told, Step) for one in nets)


def _nets(
    channel: ChannelSettings,
    due: Sequence[store.Waiting],
    shown: Mapping[int, ShownAlert],
    heard: Collection[int],
) -> list[_Net]:
    by_alert: dict[int, list[store.Waiting]] = {}
    for row in due:
        by_alert.setdefault(row.alert_id, []).append(row)
    news = begins_with(channel)
    return [_net(shown[alert_id], rows, news, heard=alert_id in heard) for alert_id, rows in by_alert.items()]


def _net(shown: ShownAlert, rows: Sequence[store.Waiting], news: Collection[Step], *, heard: bool) -> _Net:
    told = net([row.step for row in rows], rows[0].state, news, heard=heard)
    return _Net(shown, told, rows[0].id, next((row.note for row in reversed(rows) if row.step is told), None))


def _groups(
    channel: ChannelSettings, due: Sequence[store.Waiting], shown: Mapping[int, ShownAlert]
) -> list[list[store.Waiting]]:
    """What goes into one message each."""
    groups: dict[object, list[store.Waiting]] = {}
    for row in due:
        alert = shown[row.alert_id].alert
        key: object = None
        if posts_each_alert(channel):
            key = alert.id
        elif channel.group_by == "county":
            key = alert.county_code
        elif channel.group_by == "report":
            key = (alert.county_code, alert.organ_code or alert.portal_id, alert.report_year)
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _heard(session: Session, channel: ChannelSettings, told: Sequence[Told]) -> set[int]:
    """The alerts of which a second address was told, and not yet that they are over."""
    if channel.escalation_after_days is None:
        return set()
    over = [step.alert_id for step in told if step.step is Step.RESOLVED]
    last = store.last_told(session, channel.name, over)
    return {alert_id for alert_id, step in last.items() if step is Step.ESCALATED}


def _matter(shown: ShownAlert) -> Matter:
    alert = shown.alert
    return Matter(alert.kind, alert.audience, alert.county_code, alert.severity, alert.gravest)


def _new_id() -> str:
    return f"msg_{secrets.token_hex(16)}"


def _message(session: Session, channel: ChannelSettings, id: str, group: Sequence[_Net], now: datetime) -> Message:
    told = [(one.told, one.shown, one.note) for one in group if isinstance(one.told, Step)]
    first = min(one.first for one in group)
    dedup = f"{first:012d}/{channel.name}"
    if posts_each_alert(channel):
        ((step, shown, _),) = told
        kind = _TYPES.get(step, _TYPES[Step.OPENED])
        payload = {"type": kind, "timestamp": now.isoformat(), "data": alert_json(shown, channel.language)}
        return Message(id, dedup, channel.name, kind, payload)
    settled = sum(one.told is LeftOut.SETTLED for one in group)
    content = _digest(session, channel, told, settled, now)
    if channel.kind == "webhook":
        content = _digest_json(content)
    return Message(id, dedup, channel.name, "digest", content)


def _digest(
    session: Session, channel: ChannelSettings, told: Sequence[_Told], settled: int, now: datetime
) -> dict[str, Any]:
    """Everything a mail or a chat message is made of; the gravest first where it does not hold all."""
    most = sorted(told, key=_weight)[: channel.cap]
    return {
        "as_of": now.isoformat(),
        "counts": dict(Counter(step.value for step, *_ in told)),
        "counties": list(dict.fromkeys(_counties(told))),
        "items": _items(session, most, channel.language),
        "left_out": len(told) - len(most),
        "settled": settled,
    }


def fitted(session: Session, channel: ChannelSettings, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of a message as the destination takes it now: its ``kind`` may have become another meanwhile.

    What was taken from the configuration and is back was composed as a mail in between.
    """
    posted = "type" in payload
    if channel.kind == "webhook":
        return dict(payload) if posted else _digest_json(payload)
    if not posted:
        return dict(payload)
    data = payload["data"]
    if payload["type"] != "digest":
        step = next(step for step, kind in _TYPES.items() if kind == payload["type"])
        data = {"counts": {step.value: 1}, "alerts": [{"step": step.value, **data}], "left_out": 0}
    shown = alerts_by_id(session, [alert["id"] for alert in data["alerts"]])
    told = [(Step(alert["step"]), shown[alert["id"]], None) for alert in data["alerts"]]
    as_it_was = {alert["id"]: {name: alert[name] for name in alert if name != "step"} for alert in data["alerts"]}
    return {
        "as_of": payload["timestamp"],
        "counts": data["counts"],
        "counties": list(dict.fromkeys(_counties(told))),
        "items": [
            {**item, "alert": as_it_was[item["alert"]["id"]]} for item in _items(session, told, channel.language)
        ],
        "left_out": data["left_out"],
        "settled": data.get("settled", 0),
    }


def _digest_json(content: Mapping[str, Any]) -> dict[str, Any]:
    """The digest of a webhook: alerts in the contract's shape (3.3), each with what happened to it."""
    data = {
        "counts": content["counts"],
        "alerts": [{"step": item["step"], **item["alert"]} for item in content["items"]],
        "left_out": content["left_out"],
        # Messages that were put into the outbox before this was counted do not have it.
        "settled": content.get("settled", 0),
    }
    return {"type": "digest", "timestamp": content["as_of"], "data": data}


def _weight(one: _Told) -> tuple[bool, str, str, int]:
    """What has to be dealt with before what is over, errors before warnings."""
    step, shown, _ = one
    return (step is Step.RESOLVED, shown.alert.severity, shown.alert.county_code or "", shown.alert.id)


def _place_in_mail(one: _Told) -> tuple[str, int, str, str, int]:
    """By county; inside it by what happened; then organ by organ, errors first."""
    step, shown, _ = one
    alert = shown.alert
    return (alert.county_code or "", ORDER.index(step), alert.organ_code or "", alert.severity, alert.id)


def _counties(told: Iterable[_Told]) -> Iterator[str]:
    for _, shown, _ in told:
        yield shown.county or shown.alert.county_code or ""


def _items(session: Session, told: Sequence[_Told], language: str) -> list[dict[str, Any]]:
    alerts = [shown for _, shown, _ in told]
    evidence, ended = evidence_now(session, alerts), endings(session, alerts, language)
    return [
        _item(step, shown, note, evidence[shown.alert.id], ended.get(shown.alert.id), language)
        for step, shown, note in sorted(told, key=_place_in_mail)
    ]


def _item(
    step: Step,
    shown: ShownAlert,
    note: str | None,
    evidence: Mapping[str, Any],
    ended: Ending | None,
    language: str,
) -> dict[str, Any]:
    alert = shown.alert
    return {
        "step": step.value,
        "note": translate(note, language) if note else None,
        "county": shown.county or alert.county_code or "",
        "alert": alert_json(shown, language),
        "advice": translate(advice(alert.kind, alert.rule), language),
        "details": details(evidence, language),
        "ended": ended.to_json() if ended else None,
    }
