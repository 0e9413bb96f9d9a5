"""When and why alerts were resolved, from what the record knows of it.

What was noted says it best: what staff wrote who settled a matter or dismissed a finding, that a rule was switched
off, that a due date moved. Else the record is asked, and nothing is said that was seen only after the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from crawler.records import Outcome
from monitor.alerts.conditions import AlertKind
from monitor.alerts.details import link
from monitor.alerts.from_standings import SETTLED_BY, WHOLE
from monitor.alerts.states import BY, AlertState, Step
from monitor.alerts.wording import moment_in_words, say
from monitor.jobs.lines import OUTCOME_NAMES
from monitor.language import N_, translate
from monitor.publication import PublicationState
from monitor.store import matters as store
from monitor.store.alerts import ShownAlert

_BY_HAND = N_("{by} 了结（{note}）")
_FOUND = N_("已见到这份报告，{seen}首次见到：{address}")
_NOT_OWED = N_("名录、监测年度或期限已变，现在不再要求这份报告")
_IN_TIME = N_("按现有依据，这份报告没有逾期")
_ANOTHER_VERSION = N_("{seen}首次见到改动后的报告，其中已没有这个问题")
_JUDGED_ANEW = N_("报告没有变；重新解析或检查后，这个问题不再成立")
_BACK = N_("报告又能看到了：{address}")
_READ_AGAIN = N_("{at}采集这个门户的结果：{outcome}")
_READABLE = N_("最近一次检查时，这个文件已经读出，或不再需要读它")
_GONE = N_("最近一次检查时，这个问题已不存在")
_OF_CONTENT = (AlertKind.INCONSISTENT, AlertKind.WRONG_FORM, AlertKind.MISPLACED)
_OVER_BY: Mapping[AlertKind, frozenset[Outcome]] = {**SETTLED_BY, AlertKind.STALE: WHOLE}
"""The runs that can end an alert on a portal; it may also end because its portal is out of use."""
_Said = tuple[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Ending:
    """When a matter ended and why, in words of the reader's language; ``link``: where the report was found."""

    at: str
    why: str
    link: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """Plain data, for messages."""
        return asdict(self)


def endings(session: Session, alerts: Iterable[ShownAlert], language: str = "zh") -> dict[int, Ending]:
    """How those of the alerts that are resolved ended, by number."""
    over = {one.alert.id: one.alert for one in alerts if one.alert.state == AlertState.RESOLVED}
    if not over:
        return {}
    steps = store.last_steps(session, over, Step.RESOLVED.value)
    reopened = store.last_steps(session, over, Step.REOPENED.value)
    owed = {
        alert.id: (alert.organ_code, alert.report_year)
        for alert in over.values()
        if alert.organ_code is not None and alert.report_year is not None
    }
    standings = store.standings(session, owed.values())
    seen = store.first_seen(session, {one.version_id for one in standings.values() if one.version_id is not None})
    missed = {owed[one.id] for one in over.values() if one.kind == AlertKind.MISSING and one.id in owed}
    found_at = store.found_at(session, missed)
    found = {}
    for alert_id, alert in over.items():
        at = alert.resolved_at or alert.updated_at
        kind = AlertKind(alert.kind)
        why, where = _noted(steps.get(alert_id), language), None
        if why is None and kind in _OVER_BY and alert.portal_id is not None:
            since = reopened[alert_id].at if alert_id in reopened else alert.opened_at
            why = _of_portal(store.last_run(session, alert.portal_id, _OVER_BY[kind], since, at), language)
        if why is None and kind is AlertKind.MISSING and alert_id in owed:
            first = found_at.get(owed[alert_id])
            if first is not None and first[0] <= at:
                why = say(_FOUND, {"seen": _moment(first[0], language), "address": first[1]}, language)
                where = link(first[1])
        if why is None:
            standing = standings.get(owed[alert_id]) if alert_id in owed else None
            version_id = alert.evidence.get("version_id")
            text, values = _of_report(kind, alert_id in owed, version_id, standing, seen, at, language)
            why, where = say(text, values, language), link(values.get("address"))
        found[alert_id] = Ending(_moment(at, language), why, where)
    return found


def _noted(step: store.LastStep | None, language: str) -> str | None:
    if step is None or not step.note:
        return None
    note = translate(step.note, language)
    return note if step.by == BY else say(_BY_HAND, {"by": step.by, "note": note}, language)


def _of_portal(run: tuple[datetime, str] | None, language: str) -> str | None:
    if run is None:
        return None
    values = {"at": _moment(run[0], language), "outcome": translate(OUTCOME_NAMES[Outcome(run[1])], language)}
    return say(_READ_AGAIN, values, language)


def _of_report(
    kind: AlertKind,
    owed: bool,
    version_id: int | None,
    now: store.Now | None,
    seen: Mapping[int, datetime],
    at: datetime,
    language: str,
) -> _Said:
    """Why a matter of a report was over at ``at``; ``now`` is how its obligation stands, which may be later."""
    if kind is AlertKind.PARSE_FAILED:
        return _READABLE, {}
    if now is None or now.state == PublicationState.NOT_EXPECTED:
        return (_NOT_OWED, {}) if owed and kind in (AlertKind.MISSING, AlertKind.LATE) else (_GONE, {})
    known = now.address is not None and now.first_seen_at is not None and now.first_seen_at <= at
    if kind is AlertKind.LATE and now.state == PublicationState.ON_TIME:
        return _IN_TIME, {}
    if kind is AlertKind.REMOVED and known and "removed" not in now.flags:
        return _BACK, {"address": now.address or ""}
    if kind in _OF_CONTENT and version_id is not None and now.version_id is not None:
        if now.version_id == version_id:
            return _JUDGED_ANEW, {}
        since = seen.get(now.version_id)
        if since is not None and since <= at:
            return _ANOTHER_VERSION, {"seen": _moment(since, language)}
    return _GONE, {}


def _moment(at: datetime, language: str) -> str:
    return moment_in_words(at.astimezone(SHANGHAI), language)
