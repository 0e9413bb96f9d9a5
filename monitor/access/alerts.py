"""The inbox of alerts, one alert with all that is known of it, and what staff do with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from monitor.access.base import OPERATOR, OVERSIGHT, Access, NotFound, audiences_of, audit
from monitor.accounts.roles import Right
from monitor.alerts import listing, outbox, states
from monitor.alerts.conditions import AlertKind
from monitor.alerts.details import details
from monitor.alerts.endings import Ending, endings
from monitor.alerts.latest import evidence_now
from monitor.alerts.states import BY, AlertState, Change, Life, Step
from monitor.alerts.subscriptions import destinations
from monitor.alerts.wording import (
    KIND_NAMES,
    SEVERITY_NAMES,
    STATE_NAMES,
    STEP_NAMES,
    advice,
    kind_name,
    moment_in_words,
)
from monitor.language import N_, translate
from monitor.refusals import too_long
from monitor.store import accounts, inbox, register, waiting
from monitor.store import alerts as store
from monitor.store.alerts import Event, ShownAlert
from monitor.store.deliveries import DeliveryState
from monitor.store.evidence import capture_of_bytes
from monitor.store.inbox import Wanted
from monitor.store.versions import listed_versions
from monitor.store.waiting import Telling
from monitor.working_days import working_days

PAGE = 50
MOST_AT_ONCE = 200
LONGEST_NOTE = 500
IN_HAND = "in_hand"
"""The state of a filter that means: to be dealt with, so open or taken up."""
EVERY = "every"
_FILTER_STATES: Mapping[str, tuple[AlertState, ...]] = {
    IN_HAND: (AlertState.OPEN, AlertState.ACKNOWLEDGED),
    **{state.value: (state,) for state in AlertState},
    EVERY: tuple(AlertState),
}
_UNRESOLVED = (AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.MUTED)
ME, NOBODY = "me", "nobody"
_PLACE = re.compile(r"\d{2}(?:\d{2}(?:\d{2})?)?")
_MOST_PLACES = 200
_BY_PAGE = N_("在网页上接手")
_SYSTEM = N_("系统")
_CONFLICTING = frozenset(
    {
        Step.ACKNOWLEDGED,
        Step.MUTED,
        Step.RESOLVED,
        Step.REOPENED,
        Step.WORSENED,
        Step.ASSIGNED,
    }
)
"""Who did not see one of these should look again before he acts."""
_MEANWHILE = N_("在您打开页面之后，{by}已于 {at} 处理过（{step}{note}）；您的操作没有执行，请核对后再做。")
_NOTE_PART = N_("：{note}")
_NO_NOTE = N_("请写明理由，它会记入经过。")
_NO_DAY = N_("静音的日期看不懂；请写成 2024-02-29 这样。")
_NOT_THEIRS = N_("{who} 没有这个账户，或者不能经办这条提醒；请另选一位。")
_NO_PLACE = N_("没有名为“{place}”的地区，或者不在您可以查看的范围；请写地区名称或代码。")
_TELLING: Mapping[DeliveryState | None, str] = {
    DeliveryState.PENDING: N_("正在投递"),
    DeliveryState.SENT: N_("已送达"),
    DeliveryState.GIVEN_UP: N_("多次没有送到，已放弃"),
    None: N_("已发出，投递记录已过保存期"),
}
_WAITS, _LEFT_OUT, _AGAIN = (
    N_("等到发送时间再发"),
    N_("没有发：发送前已了结或已静音"),
    N_("投递 {number} 次未成，还会再试"),
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the reader wants to see, as it was typed; unknown words mean: whichever."""

    state: str = IN_HAND
    kind: str = ""
    severity: str = ""
    county: str = ""
    year: str = ""
    rule: str = ""
    assigned: str = ""
    audience: str = ""
    after: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Filter:
        """The filter that fields of an address or a form say."""
        return cls(**{name: fields[name].strip()[:64] for name in cls.__slots__ if fields.get(name, "").strip()})

    def fields(self) -> dict[str, str]:
        """The fields that say the same; what is as usual is left out."""
        usual = Filter()
        return {
            name: getattr(self, name) for name in self.__slots__ if getattr(self, name) != getattr(usual, name)
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several to choose from."""

    value: str
    name: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An alert as a list shows it; everything in words."""

    id: int
    severity: str
    severity_name: str
    kind: str
    state: str
    state_name: str
    county_code: str | None
    county: str
    organ_code: str | None
    organ: str | None
    year: int | None
    rule: str | None
    summary: str
    opened_at: datetime
    muted_until: datetime | None
    assigned_to: str | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """A part of a list of alerts. ``after``: where the next part begins, empty at the end.

    ``counts``: how many unresolved alerts there are that the filter asks for, whatever its state says. ``seen``
    stands for what the reader knows of them: forms bring it back. ``problem``: what the filter asks in vain.
    """

    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    after: str
    seen: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a filter and a step can be chosen from."""

    states: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    severities: tuple[Choice, ...]
    years: tuple[Choice, ...]
    assigned: tuple[Choice, ...]
    audiences: tuple[Choice, ...]
    counties: tuple[Choice, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """That a destination was told of a step, or is going to be: in words; never an address."""

    channel: str
    step: str
    what: str
    at: datetime | None
    failed: bool


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step in the history of an alert, in words."""

    at: datetime
    step: str
    by: str
    note: str
    assigned_to: str | None
    taken_away: bool


@dataclass(frozen=True, slots=True)
class OneAlert:
    """An alert with its evidence in words (:func:`monitor.alerts.details.details`) and its whole history.

    ``places``: province, prefecture and county, as far as they are known. ``version_id``: the version of the
    report that it rests on. ``people``: who may be given it. ``ended``: when and why it was resolved.
    ``kept``: the capture of a report that was taken down.
    """

    row: Row
    details: Mapping[str, Any]
    advice: str
    ended: Ending | None
    kept: int | None
    places: tuple[str, ...]
    portal_id: str | None
    version_id: int | None
    audience: str
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    history: tuple[HistoryLine, ...]
    told: tuple[Told, ...]
    people: tuple[str, ...]
    seen: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that somebody asks for. ``seen``: the last thing of the history that he knows of."""

    step: Step
    note: str = ""
    until: str = ""
    to: str = ""
    seen: int = 0

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Asked | None:
        """The step that a form asks for; None where it asks for none that staff can take."""
        try:
            step = Step(fields.get("step", ""))
        except ValueError:
            return None
        if step not in STEPS:
            return None
        note = " ".join("".join(one if one.isprintable() else " " for one in fields.get("note", "")).split())
        seen = fields.get("seen", "")
        return cls(
            step,
            note,
            fields.get("until", "").strip()[:32],
            fields.get("to", "").strip()[:64],
            int(seen) if seen.isdecimal() and len(seen) < 16 else 0,
        )


STEPS = (Step.ACKNOWLEDGED, Step.MUTED, Step.ASSIGNED, Step.NOTED, Step.RESOLVED)
"""What staff can do with an alert."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a step: the alerts it was taken with, and why it was not with others; or why with none."""

    done: tuple[int, ...] = ()
    refused: Mapping[int, str] = field(default_factory=dict)
    problem: str = ""


def inbox_of(access: Access, wanted: Filter) -> Inbox:
    """A part of the list of alerts that the reader wants to see and may."""
    with access.reading() as session:
        asked, problem = _wanted(session, access, wanted)
        seen = inbox.last_event(session)
        if asked is None:
            return Inbox((), {state.value: 0 for state in _UNRESOLVED}, "", seen, problem)
        counts = inbox.counts(session, replace(asked, states=_UNRESOLVED))
        found = inbox.numbers(session, asked, _place_after(wanted.after), PAGE + 1)
        shown = store.alerts_by_id(session, [number for _, number in found[:PAGE]])
        rows = tuple(_row(shown[number], access.language) for _, number in found[:PAGE])
    after = "{}-{}".format(*found[PAGE - 1]) if len(found) > PAGE else ""
    return Inbox(rows, {state.value: number for state, number in counts.items()}, after, seen)


def choices(access: Access, wanted: Filter) -> Choices:
    """What the reader can choose from, with what is chosen now."""

    def of(names: Mapping[str, str], chosen: str, every: str = N_("全部")) -> tuple[Choice, ...]:
        first = (Choice("", translate(every, access.language), not chosen),) if "" not in names else ()
        return first + tuple(
            Choice(value, translate(name, access.language), value == chosen) for value, name in names.items()
        )

    with access.reading() as session:
        everything = Wanted(access.scope, _audience(access), _UNRESOLVED)
        with_alerts = inbox.counties(session, everything)
        names = register.counties_named(session, with_alerts)
        years = inbox.years(session, access.scope)
        people = _people(session, access)
    kinds = [kind for kind in AlertKind if access.scope.everything or kind.audience == OVERSIGHT]
    return Choices(
        states=of({IN_HAND: N_("待处理和已接手"), **_state_names(), EVERY: N_("全部")}, wanted.state)[1:],
        kinds=of({kind.value: KIND_NAMES[kind] for kind in kinds}, wanted.kind),
        severities=of(dict(SEVERITY_NAMES), wanted.severity),
        years=of({str(year): str(year) for year in years}, wanted.year),
        assigned=of({ME: N_("我"), NOBODY: N_("没有人")}, wanted.assigned, N_("所有人")),
        audiences=of({OVERSIGHT: N_("监督：单位的问题"), OPERATOR: N_("运行：采集的问题")}, wanted.audience)
        if access.scope.everything
        else (),
        counties=tuple(
            Choice(code, names[code][0] if code in names else code, code == wanted.county) for code in with_alerts
        ),
        people=people,
    )


def one_alert(access: Access, alert_id: int) -> OneAlert:
    """One alert. Raises NotFound where there is none or the reader may not see it."""
    language = access.language
    with access.reading() as session:
        shown = visible(session, access, [alert_id]).get(alert_id)
        if shown is None:
            raise NotFound(alert_id)
        alert = shown.alert
        events = store.events_of(session, alert_id)
        names = register.counties_named(session, [alert.county_code or ""]).get(alert.county_code or "")
        evidence = evidence_now(session, [shown])[alert_id]
        version_id = evidence.get("version_id")
        told = details(evidence, language)
        return OneAlert(
            row=_row(shown, language),
            details=told,
            advice=translate(advice(alert.kind, alert.rule), language),
            ended=endings(session, [shown], language).get(alert_id),
            kept=_capture_of(session, told["kept"]),
            places=tuple(filter(None, reversed(names))) if names else (),
            portal_id=alert.portal_id,
            version_id=version_id if isinstance(version_id, int) else None,
            audience=alert.audience,
            acknowledged_at=alert.acknowledged_at,
            resolved_at=alert.resolved_at,
            history=tuple(_history_line(event, language) for event in events),
            told=tuple(_told(one, language) for one in waiting.tellings(session, alert_id)),
            people=_people(session, access, shown) if access.role.may(Right.HANDLE) else (),
            seen=inbox.last_event(session),
        )


def _capture_of(session: Session, version_id: int | None) -> int | None:
    """The capture that a version was read from."""
    versions = listed_versions(session, ids=[version_id]) if version_id is not None else []
    for one in versions:
        kept = capture_of_bytes(session, one.portal_id, one.address, one.sha256)
        return kept.id if kept else None
    return None


def handle(access: Access, alert_ids: Sequence[int], asked: Asked) -> Outcome:
    """Takes a step with alerts, as `nianbao alerts` does; those that the reader may not see are not among them.

    Nothing is done with an alert of which others did something that the reader has not seen; he is told what.
    Raises NotAllowed, NotFound where he may see none of them, StoreError.
    """
    language = access.language
    wanted = list(dict.fromkeys(alert_ids))[:MOST_AT_ONCE]
    problem, until = _checked(asked)
    with access.changing(Right.HANDLE) as session:
        shown = visible(session, access, wanted)
        if not shown:
            raise NotFound(wanted)
        if problem:
            return Outcome(problem=translate(problem, language))
        if long := too_long(asked.note, LONGEST_NOTE, language):
            return Outcome(problem=long)
        refused = {} if asked.step is Step.NOTED else _overtaken(session, shown, asked.seen, language)
        if asked.step is Step.ASSIGNED and asked.to:
            refused |= _not_theirs(session, shown, asked.to, language)
        free = [alert_id for alert_id in wanted if alert_id in shown and alert_id not in refused]
        result = _take(session, access, free, asked, until)
        refused |= {alert_id: translate(why, language) for alert_id, why in result.items() if why is not None}
        done = tuple(alert_id for alert_id in free if result[alert_id] is None)
        values = {"note": asked.note, "until": until.isoformat() if until else None, "to": asked.to or None}
        for alert_id in done:
            audit(
                session,
                access,
                f"alert.{asked.step.value}",
                str(alert_id),
                shown[alert_id].alert.county_code,
                **{name: value for name, value in values.items() if value},
            )
    return Outcome(done, refused)


def _checked(asked: Asked) -> tuple[str, datetime | None]:
    """Why a step cannot be taken at all (Chinese, empty: it can), and until when an alert is muted."""
    if not asked.note and asked.step in (Step.MUTED, Step.RESOLVED, Step.NOTED):
        return _NO_NOTE, None
    if asked.step is not Step.MUTED or not asked.until:
        return "", None
    try:
        return "", listing.end_of_day(date.fromisoformat(asked.until))
    except ValueError:
        return _NO_DAY, None


def _take(
    session: Session, access: Access, alert_ids: Sequence[int], asked: Asked, until: datetime | None
) -> dict[int, str | None]:
    """The step itself, by the functions of the command."""
    now = access.now
    if asked.step is Step.NOTED:
        listing.add_note(session, alert_ids, asked.note, by=access.who, at=now)
        return dict.fromkeys(alert_ids)
    if asked.step is Step.ASSIGNED:
        return listing.assign(session, alert_ids, asked.to or None, note=asked.note or None, by=access.who, at=now)
    steps: Mapping[Step, Callable[[Life], Change]] = {
        Step.ACKNOWLEDGED: lambda life: states.acknowledge(life, now),
        Step.MUTED: lambda life: states.mute(life, until, now),
        Step.RESOLVED: lambda life: states.resolve(life, now),
    }
    ends = asked.step is Step.RESOLVED
    return listing.take_step(
        session,
        alert_ids,
        steps[asked.step],
        note=asked.note or _BY_PAGE,
        by=access.who,
        at=now,
        channels=listing.told_of_end(destinations(session, access.settings)) if ends else (),
        calendar=working_days(access.settings) if ends else None,
    )


def _overtaken(session: Session, shown: Mapping[int, ShownAlert], seen: int, language: str) -> dict[int, str]:
    """Of which alerts something happened that the reader has not seen, in words."""
    found = {}
    for alert_id, events in store.events_after(session, dict.fromkeys(shown, seen)).items():
        last = next((event for event in reversed(events) if event.what in _CONFLICTING), None)
        if last is not None:
            line = _history_line(last, language)
            said = " ".join(filter(None, (f"→ {line.assigned_to}" if line.assigned_to else "", line.note)))
            note = translate(_NOTE_PART, language, {"note": said}) if said else ""
            values = {"by": line.by, "at": moment_in_words(line.at, language), "step": line.step, "note": note}
            found[alert_id] = translate(_MEANWHILE, language, values)
    return found


def _not_theirs(session: Session, shown: Mapping[int, ShownAlert], who: str, language: str) -> dict[int, str]:
    found = accounts.user_named(session, who)
    user = found[0] if found else None
    text = translate(_NOT_THEIRS, language, {"who": who})
    return {alert_id: text for alert_id, one in shown.items() if user is None or not _may_handle(user, one)}


def _may_handle(user: Any, shown: ShownAlert) -> bool:
    return (
        user.closed_at is None
        and user.role.may(Right.HANDLE)
        and user.scope.covers(shown.alert.county_code)
        and (shown.alert.audience == OVERSIGHT or user.scope.everything)
    )


def _people(session: Session, access: Access, shown: ShownAlert | None = None) -> tuple[str, ...]:
    """Who may be given this alert, or some alert that the reader sees."""
    return tuple(
        user.name
        for user in accounts.users(session)
        if (
            _may_handle(user, shown)
            if shown
            else user.role.may(Right.HANDLE) and user.scope.narrowed(access.scope) is not None
        )
    )


def visible(session: Session, access: Access, alert_ids: Iterable[int]) -> dict[int, ShownAlert]:
    """Those of the alerts that the reader may see: operators' alerts are for who sees everything."""
    return {
        alert_id: shown
        for alert_id, shown in store.alerts_by_id(session, alert_ids).items()
        if access.scope.covers(shown.alert.county_code) and shown.alert.audience in audiences_of(access)
    }


def _audience(access: Access) -> str | None:
    """What falls to operators is for those who see everything."""
    return None if access.scope.everything else OVERSIGHT


def _wanted(session: Session, access: Access, wanted: Filter) -> tuple[Wanted | None, str]:
    places: tuple[str, ...] | None = None
    if wanted.county:
        places = _places(session, wanted.county)
        if not any(access.scope.touches(place) for place in places):
            return None, translate(_NO_PLACE, access.language, {"place": wanted.county})
    audience = wanted.audience if wanted.audience in (OVERSIGHT, OPERATOR) else None
    return (
        Wanted(
            scope=access.scope,
            audience=_audience(access) or audience,
            states=_FILTER_STATES.get(wanted.state, _FILTER_STATES[IN_HAND]),
            kind=wanted.kind or None,
            severity=wanted.severity or None,
            places=places,
            year=int(wanted.year) if wanted.year.isdecimal() and len(wanted.year) == 4 else None,
            rule=wanted.rule.upper() or None,
            assigned_to=access.who if wanted.assigned == ME else None,
            unassigned=wanted.assigned == NOBODY,
        ),
        "",
    )


def _places(session: Session, text: str) -> tuple[str, ...]:
    """The beginnings of county codes that a text means: a code, or a name of a county, prefecture or province."""
    if _PLACE.fullmatch(text):
        return (text,)
    exact: dict[str, None] = {}
    like: dict[str, None] = {}
    for code, names in register.counties(session).items():
        for name, length in zip(names, (6, 4, 2), strict=True):
            if name == text:
                exact[code[:length]] = None
            elif name and text in name:
                like[code[:length]] = None
    return tuple(exact or like)[:_MOST_PLACES]


def _place_after(text: str) -> tuple[str, int] | None:
    severity, _, number = text.partition("-")
    return (
        (severity, int(number)) if severity in SEVERITY_NAMES and number.isdecimal() and len(number) < 16 else None
    )


def _state_names() -> dict[str, str]:
    return {state.value: name for state, name in STATE_NAMES.items()}


def _row(shown: ShownAlert, language: str) -> Row:
    alert = shown.alert
    told = outbox.alert_json(shown, language)
    return Row(
        id=alert.id,
        severity=alert.severity,
        severity_name=translate(SEVERITY_NAMES[alert.severity], language),
        kind=translate(kind_name(alert.kind, alert.rule), language),
        state=alert.state,
        state_name=translate(STATE_NAMES[AlertState(alert.state)], language),
        county_code=alert.county_code,
        county=shown.county or alert.county_code or "",
        organ_code=alert.organ_code,
        organ=shown.organ,
        year=alert.report_year,
        rule=alert.rule,
        summary=told["summary"],
        opened_at=alert.opened_at,
        muted_until=alert.muted_until,
        assigned_to=alert.assigned_to,
    )


def _history_line(event: Event, language: str) -> HistoryLine:
    return HistoryLine(
        at=event.at,
        step=translate(STEP_NAMES[event.what], language),
        by=translate(_SYSTEM, language) if event.by == BY else event.by,
        note=translate(event.note, language) if event.note else "",
        assigned_to=event.assigned_to,
        taken_away=event.what == Step.ASSIGNED and event.assigned_to is None,
    )


def _told(one: Telling, language: str) -> Told:
    if one.taken_at is None:
        what, at = _WAITS, None
    elif not one.message:
        what, at = _LEFT_OUT, one.taken_at
    elif one.delivery is DeliveryState.PENDING and one.attempts:
        what, at = _AGAIN, None
    else:
        what, at = _TELLING[one.delivery], one.sent_at or one.taken_at
    return Told(
        channel=one.channel,
        step=translate(STEP_NAMES[one.step], language),
        what=translate(what, language, {"number": one.attempts}),
        at=at,
        failed=one.delivery is DeliveryState.GIVEN_UP,
    )
