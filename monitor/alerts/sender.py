"""Delivers what is due: every message at least once, under one id at every attempt, given up in plain sight."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crawler.clock import Clock
from monitor.alerts import outbox
from monitor.alerts.channels import NotDelivered, chat, mail, webhook
from monitor.alerts.chat_text import chat_text
from monitor.alerts.digest import Links
from monitor.alerts.links import SecretError, links_for, page_of
from monitor.alerts.subscriptions import destinations
from monitor.alerts.timetable import Timetable
from monitor.alerts.wording import moment_in_words, say
from monitor.language import N_, spoken_language
from monitor.settings import ChannelSettings, NotifySettings, Settings
from monitor.store import deliveries as store
from monitor.store.database import Database
from monitor.store.waiting import undelivered, waiting
from monitor.working_days import WorkingDays, working_days

_logger = logging.getLogger(__name__)
FAILURES_IN_A_ROW = 3
"""After so many a channel is left alone until the next call: a receiver that is down must not hold up the rest."""


@dataclass(frozen=True, slots=True)
class NotifyResult:
    """What became of the messages that were due, and one line for each that was not delivered.

    ``postponed`` were not tried because their channel failed repeatedly just before, or because an earlier message
    on the same matter has not arrived yet; they stay due. ``held`` were
    not tried because their channel has its quiet hours or a rest day. ``waiting`` steps wait for their digest or
    for the end of such a time, the first of them ``waiting_until``.
    """

    sent: int = 0
    retried_later: int = 0
    given_up: int = 0
    postponed: int = 0
    held: int = 0
    waiting: int = 0
    waiting_until: datetime | None = None
    problems: tuple[str, ...] = ()


def pause_before(attempt: int, settings: NotifySettings) -> timedelta:
    """How long to wait after the ``attempt``-th attempt (from 1): doubling from the first to the longest pause."""
    seconds = min(settings.first_pause_seconds * 2.0 ** min(attempt - 1, 60), settings.longest_pause_seconds)
    return timedelta(seconds=seconds)


def notify(
    database: Database, settings: Settings, clock: Clock, calendar: WorkingDays | None = None
) -> NotifyResult:
    """Composes the digests whose time has come, and delivers every message that is due now.

    What fails is kept and tried again later, for as long as is set. ``calendar``: None for that of the settings.
    Raises WorkingDaysError where their year file cannot be used.
    """
    days = calendar or working_days(settings)
    with database.reading() as session:
        everywhere = destinations(session, settings)
        waits = bool(waiting(session))
    channels = {channel.name: channel for channel in everywhere}
    if waits:
        with database.begin() as session:
            outbox.compose(session, everywhere, clock.now(), days, all_channels=True)
    with database.reading() as session:
        due = store.due_ids(session, clock.now())
        still = outbox.still_waiting(session, everywhere, days)
        turns = _Turns(undelivered(session))
    counts: Counter[str] = Counter()
    failing: Counter[str] = Counter()
    problems: list[str] = []
    for delivery_id, channel_name in due:
        if failing[channel_name] >= FAILURES_IN_A_ROW:
            counts["postponed"] += 1
            continue
        channel = channels.get(channel_name)
        if channel is not None and channel.kind != "mail" and turns.must_wait(delivery_id):
            counts["postponed"] += 1
            continue
        now = clock.now()
        open_from = Timetable.of(channel).open_from(now, days) if channel else now
        if open_from > now:
            with database.begin() as session:
                store.hold(session, delivery_id, now, open_from)
            counts["held"] += 1
            continue
        ended = counts["sent"] + counts["given_up"]
        problem = _deliver(database, settings, clock, delivery_id, channel, counts)
        if counts["sent"] + counts["given_up"] > ended:
            turns.ended(delivery_id)
        failing[channel_name] = failing[channel_name] + 1 if problem else 0
        if problem:
            problems.append(problem)
    return NotifyResult(
        sent=counts["sent"],
        retried_later=counts["retried_later"],
        given_up=counts["given_up"],
        postponed=counts["postponed"],
        held=counts["held"],
        waiting=still.number,
        waiting_until=still.until,
        problems=tuple(problems),
    )


class _Turns:
    """That a receiver never hears of an end before the beginning: messages on one matter go in their order.

    Mails do not wait: one address that is refused must not keep the next mail from the others.
    """

    def __init__(self, undelivered: Sequence[tuple[str, str, int]]) -> None:
        self._queues: dict[tuple[str, int], list[str]] = {}
        self._matters: dict[str, list[tuple[str, int]]] = {}
        for message_id, channel, alert_id in undelivered:
            self._queues.setdefault((channel, alert_id), []).append(message_id)
            self._matters.setdefault(message_id, []).append((channel, alert_id))

    def must_wait(self, message_id: str) -> bool:
        """Whether an earlier message on one of its matters is still on its way."""
        return any(self._queues[matter][0] != message_id for matter in self._matters.get(message_id, ()))

    def ended(self, message_id: str) -> None:
        """The message was delivered or given up."""
        for matter in self._matters.pop(message_id, ()):
            self._queues[matter].remove(message_id)


def _deliver(
    database: Database,
    settings: Settings,
    clock: Clock,
    delivery_id: str,
    channel: ChannelSettings | None,
    counts: Counter[str],
) -> str | None:
    """One attempt; gives the problem in one line, None where the message was taken (or is somebody else's now)."""
    now = clock.now()
    with database.begin() as session:
        # The attempt is counted before it is made: dying in between means sending again, under the same id.
        message = store.claim(
            session,
            delivery_id,
            now,
            lambda made: pause_before(made, settings.notify),
            timedelta(hours=settings.notify.give_up_after_hours),
        )
        if message is not None and channel is not None:
            message = replace(message, payload=outbox.fitted(session, channel, message.payload))
    if message is None:
        return None
    references = _thread(database, settings, message, channel)
    try:
        _try_to_send(settings, clock, message, channel, references)
    except NotDelivered as failure:
        most = settings.notify.attempts
        give_up = now >= message.give_up_at or (most is not None and message.attempts >= most)
        counts["given_up" if give_up else "retried_later"] += 1
        payload = {**message.payload, "accepted": list(failure.accepted)} if failure.accepted else None
        with database.begin() as session:
            store.mark_failed(session, delivery_id, str(failure), give_up=give_up, payload=payload)
        return _problem(message, str(failure), give_up)
    with database.begin() as session:
        store.mark_sent(session, delivery_id, clock.now())
    counts["sent"] += 1
    return None


def _try_to_send(
    settings: Settings,
    clock: Clock,
    message: store.ClaimedMessage,
    channel: ChannelSettings | None,
    references: Sequence[str],
) -> None:
    """As :func:`send`; a message that cannot be made keeps no others back and is given up like any other."""
    try:
        send(settings, clock, message, channel, references)
    except NotDelivered:
        raise
    except Exception as problem:
        _logger.info("message %s: %s", message.id, type(problem).__name__, exc_info=problem)
        template = N_("程序出错（{what}），这条消息没有发出；加 --verbose 可看详情")
        raise NotDelivered(say(template, {"what": type(problem).__name__}, spoken_language())) from problem


def _thread(
    database: Database, settings: Settings, message: store.ClaimedMessage, channel: ChannelSettings | None
) -> tuple[str, ...]:
    """The mails that first told this channel of the matters of a mail; for new matters it is the first itself."""
    if channel is None or channel.kind != "mail":
        return ()
    own = mail.message_id(message.id, settings.mail.sender)
    about = list(dict.fromkeys(item["alert"]["id"] for item in message.payload.get("items", ())))
    with database.begin() as session:
        first = store.openings(session, channel.name, about)
        new = [alert_id for alert_id in about if alert_id not in first]
        store.remember_opening(session, channel.name, new, own, message.created_at)
    return tuple(each for each in dict.fromkeys(first.values()) if each != own)


def send(
    settings: Settings,
    clock: Clock,
    message: store.ClaimedMessage,
    channel: ChannelSettings | None,
    references: Sequence[str] = (),
) -> None:
    """Sends one message through its channel, now. Raises NotDelivered with the reason in one line."""
    if channel is None:
        raise NotDelivered(say(N_("配置中已没有这个渠道；请恢复它，否则这条消息会被放弃"), {}, spoken_language()))
    if channel.kind == "webhook":
        payload = _with_pages(message.payload, settings.web.address)
        webhook.post(channel, message.id, payload, clock.now(), user_agent=settings.crawl.user_agent)
    elif channel.kind == "chat":
        links = _links(settings, channel, message.created_at)
        title, text = chat_text(message.payload, channel, message.id, links)
        address = chat.address_of(channel, settings)
        chat.post(address, title, text, allow_private=channel.allow_private_addresses)
    else:
        mail.send(
            channel,
            settings.mail,
            _password(settings),
            message.id,
            message.payload,
            message.created_at,
            links=_links(settings, channel, message.created_at),
            references=references,
        )


def _with_pages(payload: Mapping[str, Any], address: str) -> Mapping[str, Any]:
    """The digest of a webhook with the ``page`` of each alert, where the web pages have an address.

    A message about one alert stays as the contract has it (3.4).
    """
    if not address or payload["type"] != "digest":
        return payload
    alerts = [{**alert, "page": page_of(address, alert["id"])} for alert in payload["data"]["alerts"]]
    return {**payload, "data": {**payload["data"], "alerts": alerts}}


def _links(settings: Settings, channel: ChannelSettings, at: datetime) -> Links | None:
    try:
        return links_for(settings, channel, at)
    except SecretError as error:
        raise NotDelivered(str(error)) from error


def _password(settings: Settings) -> str:
    file = settings.mail.password_file
    if file is None:
        return settings.mail.password
    try:
        return settings.path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        values: Mapping[str, Any] = {"file": file, "reason": getattr(error, "strerror", None) or "UTF-8"}
        template = N_("读不了邮件密码文件 {file}：{reason}；请检查 [mail] password_file")
        raise NotDelivered(say(template, values, spoken_language())) from error


def _problem(message: store.ClaimedMessage, reason: str, give_up: bool) -> str:
    language = spoken_language()
    template = (
        N_("渠道 {channel}：{reason}（第 {attempts} 次，不再重试；消息 {id} 已标为放弃）")
        if give_up
        else N_("渠道 {channel}：{reason}（第 {attempts} 次；已保留，{again} 之后重试）")
    )
    values = {
        "channel": message.channel,
        "reason": reason,
        "attempts": message.attempts,
        "id": message.id,
        "again": moment_in_words(message.again_at, language),
    }
    return say(template, values, language)
