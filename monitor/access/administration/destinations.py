"""Where messages go: the channels with their routes and times, without their secrets, and test sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crawler.clock import Clock
from monitor.access.base import Access, NotFound, audit
from monitor.accounts.roles import Right
from monitor.accounts.scope import Scope, common_place
from monitor.alerts.channels import NotDelivered
from monitor.alerts.conditions import AlertKind
from monitor.alerts.wording import KIND_NAMES, SEVERITY_NAMES
from monitor.language import N_, translate
from monitor.refusals import NotPossible
from monitor.settings import ChannelSettings

CHANNEL_KINDS: Mapping[str, str] = {"mail": N_("邮件"), "webhook": N_("Webhook"), "chat": N_("聊天群")}
AUDIENCES: Mapping[str, str] = {"oversight": N_("监督人员"), "operator": N_("值守人员")}
SCHEDULES: Mapping[str, str] = {"at_once": N_("随时"), "daily": N_("每天汇总"), "weekly": N_("每周汇总")}
_DAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
_NOT_TAKEN = N_("渠道 {name} 没有收下测试消息：{problem}")


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel without anything secret: ``recipients`` are addresses of mail; others are counted, not shown."""

    name: str
    kind: str
    audience: str
    recipients: tuple[str, ...]
    counties: tuple[str, ...]
    kinds: tuple[str, ...]
    severities: tuple[str, ...]
    times: str
    language: str


def channels(access: Access) -> list[ChannelLine]:
    """The channels that tell of nothing outside of the reader's counties. Raises NotAllowed."""
    access.require(Right.ADMINISTER)
    return [_line(access, one) for one in access.settings.notify.channels if _is_mine(access, one)]


def send_a_test(access: Access, name: str, clock: Clock) -> None:
    """One message that says it is a test. Raises NotAllowed, NotFound, NotPossible with why it was not taken."""
    access.require(Right.ADMINISTER)
    channel = next(
        (one for one in access.settings.notify.channels if one.name == name and _is_mine(access, one)), None
    )
    if channel is None:
        raise NotFound(name)
    from monitor.alerts.notices import send_test

    problem = ""
    try:
        send_test(access.settings, clock, channel)
    except NotDelivered as refused:
        problem = str(refused)
    with access.changing(Right.ADMINISTER) as session:
        place = common_place(Scope.of(channel.counties)) if channel.counties else None
        audit(session, access, "channel.tested", name, place, taken=not problem)
    if problem:
        raise NotPossible(_NOT_TAKEN, name=name, problem=problem)


def _is_mine(access: Access, channel: ChannelSettings) -> bool:
    return access.scope.contains(Scope.of(channel.counties))


def _line(access: Access, channel: ChannelSettings) -> ChannelLine:
    language = access.language

    def say(text: str) -> str:
        return translate(text, language)

    return ChannelLine(
        name=channel.name,
        kind=say(CHANNEL_KINDS[channel.kind]),
        audience=say(AUDIENCES[channel.audience]),
        recipients=tuple(channel.to) if channel.kind == "mail" else (),
        counties=tuple(channel.counties),
        kinds=tuple(say(KIND_NAMES[AlertKind(kind)]) for kind in channel.kinds),
        severities=tuple(say(SEVERITY_NAMES[severity]) for severity in channel.severities),
        times=_times(channel, language),
        language="中文" if channel.language == "zh" else "English",
    )


def _times(channel: ChannelSettings, language: str) -> str:
    parts = []
    if channel.schedule == "weekly":
        day = translate(_DAYS[channel.weekday - 1], language)
        parts.append(translate(N_("每周汇总：{day} {at:%H:%M}"), language, {"day": day, "at": channel.at}))
    elif channel.schedule == "daily":
        parts.append(translate(N_("每天汇总：{at:%H:%M}"), language, {"at": channel.at}))
    else:
        parts.append(translate(SCHEDULES["at_once"], language))
    if channel.errors_at_once and channel.schedule != "at_once":
        parts.append(translate(N_("错误随时发"), language))
    if channel.quiet_hours:
        parts.append(translate(N_("免打扰 {hours}"), language, {"hours": channel.quiet_hours}))
    if channel.working_days_only:
        parts.append(translate(N_("只在工作日"), language))
    if channel.escalation_after_days is not None:
        parts.append(translate(N_("只收 {days} 天未解决的"), language, {"days": channel.escalation_after_days}))
    return translate(N_("；"), language).join(parts)
