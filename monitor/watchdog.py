"""Whether everything still happens: by the age of the last success, from outside the main job.

Alerts come from the assessment; when that does not run any more, there is nobody to say so. The watchdog is a
process of its own, started by cron or a timer. It delivers what it has to say itself, for the outbox may be what
stands still, and keeps what it has told in a file, for the record may be what is broken.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.clock import SHANGHAI, Clock
from crawler.portals.definition import PortalDefinition
from monitor.alerts.channels import NotDelivered
from monitor.alerts.conditions import PortalHealth
from monitor.alerts.from_standings import staleness
from monitor.alerts.timetable import Timetable
from monitor.alerts.wording import moment_in_words, say
from monitor.jobs.seasons import usual_interval
from monitor.language import N_, spoken_language
from monitor.present import LARGEST_STEP_BACK
from monitor.settings import ChannelSettings, Settings
from monitor.store import crawls, deliveries, stages
from monitor.store.database import StoreError
from monitor.store.deliveries import Undelivered
from monitor.working_days import WorkingDays, WorkingDaysError, working_days

if TYPE_CHECKING:
    from monitor.store.database import Database

STAGES: Mapping[str, str] = {
    "crawl": N_("采集"),
    "ingest": N_("解析"),
    "assess": N_("检查"),
    "notify": N_("送达"),
}
_LATE_BY = timedelta(hours=12)
"""So much later than usual a stage may end before it counts as silent: a night without power is made good."""
_GIVEN_UP_WITHIN = timedelta(days=14)
"""Messages given up longer ago are a matter of the past."""
MOST_LINES = 40
"""So many lines go into one message."""

_SILENT = N_("{stage}已有 {hours} 小时没有顺利完成：最近一次是{at}。请查看 nianbao serve 或定时任务是否还在运行。")
_NEVER = N_("{stage}还从未顺利完成过。请运行 nianbao run，并安排它定时运行。")
_NO_RECORD = N_("记录打不开：{problem}")
_GIVEN_UP = N_(
    "发往渠道 {channel} 的 {number} 条消息已放弃，没有送到：{problem}。修好后用 nianbao notify --again 重发。"
)
_UNDELIVERED = N_("发往渠道 {channel} 的 {number} 条消息还没有送到，最早的一条已等了 {hours} 小时：{problem}")
_NO_REASON = N_("还没有试过发送")
_TITLE = N_("年报监测自身有 {number} 处停顿")
_MORE = N_("另有 {number} 处没有列出；运行 nianbao watchdog 查看全部。")


@dataclass(frozen=True, slots=True)
class Stale:
    """Something that should have happened and did not. ``key`` is the same as long as it is the same matter.

    ``told_elsewhere``: the assessment tells of it, and it does run.
    """

    key: str
    template: str
    values: Mapping[str, Any]
    told_elsewhere: bool = False

    def message(self, language: str = "zh") -> str:
        """The line for people."""
        return say(self.template, self.values, language)


@dataclass(frozen=True, slots=True)
class Ages:
    """What the record says of the last successes; portals are those in use."""

    successes: Mapping[str, datetime]
    portals: tuple[PortalHealth, ...] = ()
    pending: tuple[Undelivered, ...] = ()
    given_up: tuple[Undelivered, ...] = ()


@dataclass(frozen=True, slots=True)
class Watched:
    """What is stale, how many destinations were told of something new, and why others were not."""

    stale: tuple[Stale, ...] = ()
    told: int = 0
    problems: tuple[str, ...] = ()


def watch(database: Database, settings: Settings, clock: Clock, portals: Sequence[PortalDefinition]) -> Watched:
    """Looks at the ages, and tells operators of what is stale: of each matter once a day."""
    now = clock.now()
    try:
        stale = tuple(find_stale(ages(database, settings, portals, now), settings, now))
    except StoreError as problem:
        stale = (Stale("record", _NO_RECORD, {"problem": str(problem)}),)
    told, problems = _tell_operators(stale, settings, clock)
    return Watched(stale, told, problems)


def ages(database: Database, settings: Settings, portals: Sequence[PortalDefinition], now: datetime) -> Ages:
    """The ages as the record has them. Raises StoreError."""
    today = now.astimezone(SHANGHAI).date()
    runs: dict[str, list[crawls.RunSummary]] = {}
    with database.reading() as session:
        # A run may lie a little ahead: the clock was set back, or a trial clock begins anew with each command.
        for run in crawls.last_runs(session, now + LARGEST_STEP_BACK):
            runs.setdefault(run.portal_id, []).append(run)
        undelivered_since = now - timedelta(hours=settings.watch.undelivered_hours)
        return Ages(
            successes=stages.successes(session),
            portals=tuple(
                _health(portal, runs.get(portal.id, ())) for portal in portals if portal.valid_on(today)
            ),
            pending=tuple(deliveries.pending_since_before(session, undelivered_since)),
            given_up=tuple(deliveries.given_up_since(session, now - _GIVEN_UP_WITHIN)),
        )


def _health(portal: PortalDefinition, runs: Sequence[crawls.RunSummary]) -> PortalHealth:
    whole = [run for run in runs if run.outcome.whole]
    return PortalHealth(
        portal_id=portal.id,
        name=portal.name,
        county_code=portal.county_code,
        last_run_at=runs[-1].finished_at if runs else None,
        last_whole_at=whole[-1].finished_at if whole else None,
        first_run_at=runs[0].started_at if runs else None,
    )


def find_stale(known: Ages, settings: Settings, now: datetime) -> Iterator[Stale]:
    """What should have happened and did not: stages first, then portals, then messages. Pure."""
    # Portals are visited by the season; the other stages have their work every day.
    daily, interval = settings.crawl.interval_in_season, usual_interval(settings, now)
    limits = {stage: _limit(settings, interval if stage == "crawl" else daily) for stage in STAGES}
    assessed = known.successes.get("assess")
    for stage, name in STAGES.items():
        last = known.successes.get(stage)
        values: dict[str, Any] = {"stage": {"text": name, "values": {}}}
        if last is None:
            yield Stale(f"stage/{stage}", _NEVER, values)
        elif now - last > limits[stage]:
            values |= {"hours": _hours(now - last), "at": _moment(last)}
            yield Stale(f"stage/{stage}", _SILENT, values)
    for portal in known.portals:
        condition = staleness(portal, now, interval)
        if condition:
            yield Stale(
                f"portal/{portal.portal_id}",
                condition.template,
                condition.values,
                told_elsewhere=assessed is not None and now - assessed <= limits["assess"],
            )
    for one in known.pending:
        values = {"channel": one.channel, "number": one.number, "hours": _hours(now - one.since)}
        reason = one.problem or {"text": _NO_REASON, "values": {}}
        yield Stale(f"undelivered/{one.channel}", _UNDELIVERED, {**values, "problem": reason})
    for one in known.given_up:
        reason = one.problem or {"text": _NO_REASON, "values": {}}
        values = {"channel": one.channel, "number": one.number, "problem": reason}
        yield Stale(f"given_up/{one.channel}", _GIVEN_UP, values)


def _limit(settings: Settings, interval: timedelta) -> timedelta:
    silent = settings.watch.silent_hours
    return timedelta(hours=silent) if silent is not None else interval + _LATE_BY


def _hours(length: timedelta) -> int:
    return int(length / timedelta(hours=1))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def operators(settings: Settings) -> list[ChannelSettings]:
    """The destinations that are told: those of operators, second addresses left out."""
    return [
        channel
        for channel in settings.notify.channels
        if channel.audience == "operator" and channel.escalation_after_days is None
    ]


def _tell_operators(stale: Iterable[Stale], settings: Settings, clock: Clock) -> tuple[int, tuple[str, ...]]:
    """Tells each destination what it was not told today; gives how many were told, and why others were not.

    Quiet hours and rest days are kept: what is stale then is told when they are over.
    """
    now = clock.now()
    today = now.astimezone(SHANGHAI).date().isoformat()
    file = settings.path(settings.watch.watchdog_file)
    before = _read(file)
    news = [one for one in stale if not one.told_elsewhere]
    problems: list[str] = []
    if news and not operators(settings):
        problems.append(
            _say(N_('没有给运维人员的渠道，只能在这里说；请在 [[notify.channels]] 中设一个 audience = "operator"'))
        )
    try:
        calendar = working_days(settings)
    except (
        WorkingDaysError
    ) as problem:  # it stops the other stages: one more thing to tell, not to be silent about
        calendar = WorkingDays()
        problems.append(str(problem))
    after: dict[str, dict[str, str]] = {}
    told = 0
    for channel in operators(settings):
        known = {key: day for key, day in before.get(channel.name, {}).items() if day == today}
        new = [one for one in news if one.key not in known]
        if new and _may_be_told(channel, now, calendar):
            try:
                _send(settings, clock, channel, new)
            except NotDelivered as problem:
                values = {"channel": channel.name, "problem": str(problem)}
                problems.append(_say(N_("渠道 {channel}：{problem}；下次运行时再试"), **values))
            else:
                known |= {one.key: today for one in new}
                told += 1
        after[channel.name] = known
    if after != before:
        problems += _keep(file, after)
    return told, tuple(problems)


def _may_be_told(channel: ChannelSettings, now: datetime, calendar: WorkingDays) -> bool:
    return Timetable.of(channel).open_from(now, calendar) <= now


def _send(settings: Settings, clock: Clock, channel: ChannelSettings, new: Sequence[Stale]) -> None:
    lines = [one.message(channel.language) for one in new[:MOST_LINES]]
    if len(new) > MOST_LINES:
        lines.append(say(_MORE, {"number": len(new) - MOST_LINES}, channel.language))
    lines.append(moment_in_words(clock.now(), channel.language))
    from monitor.alerts.notices import tell

    tell(settings, clock, channel, say(_TITLE, {"number": len(new)}, channel.language), lines)


def _read(file: Path) -> dict[str, dict[str, str]]:
    """What was told, by destination and matter; nothing where the file is not there or makes no sense."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    told = content.get("told") if isinstance(content, dict) else None
    if not isinstance(told, dict):
        return {}
    return {str(name): dict(known) for name, known in told.items() if isinstance(known, dict)}


def _keep(file: Path, told: Mapping[str, Mapping[str, str]]) -> list[str]:
    draft = file.with_name(file.name + ".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps({"told": told}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        draft.replace(file)
    except OSError as problem:
        text = N_("写不了 {file}（{reason}）；同一件事会重复告知，请检查 [watch] watchdog_file")
        return [_say(text, file=file, reason=problem.strerror or type(problem).__name__)]
    return []


def _say(template: str, **values: Any) -> str:
    return say(template, values, spoken_language())
