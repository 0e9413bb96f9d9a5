"""The watchdog outside the main job: what stands still is said, and told to operators once a day."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from crawler.clock import SHANGHAI
from monitor.alerts.conditions import PortalHealth
from monitor.settings import ChannelSettings, CrawlSettings, MailSettings, NotifySettings, Settings, WatchSettings
from monitor.store import stages
from monitor.store.database import open_database
from monitor.store.deliveries import Undelivered
from monitor.store.tables import Delivery
from monitor.watchdog import STAGES, Ages, ages, find_stale, watch
from tests.clocks import SetClock
from tests.monitor.alerts.receivers import Mailbox, mail_server, webhook_endpoint
from tests.monitor.alerts.support import MORNING, TrialDatabase, mail_channel, webhook_channel
from tests.monitor.record.making import TOWN, World, at, shown

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ALL_WELL = dict.fromkeys(STAGES, MORNING - HOUR)
FRESH = PortalHealth(
    "dongling",
    "东岭县人民政府",
    "999901",
    last_run_at=MORNING,
    last_whole_at=MORNING,
    first_run_at=MORNING - 9 * DAY,
)
OLD = PortalHealth(
    "old",
    "旧门户",
    "999901",
    last_run_at=MORNING,
    last_whole_at=MORNING - 5 * DAY,
    first_run_at=MORNING - 90 * DAY,
)
NEVER = PortalHealth("never", "新门户", "999901")


class StillClock(SetClock):
    """A clock that stands until it is moved."""

    moment = MORNING


@pytest.fixture(autouse=True)
def morning() -> None:
    StillClock.moment = MORNING


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


def keys(known: Ages, settings: Settings | None = None, now: datetime = MORNING) -> list[str]:
    return [one.key for one in find_stale(known, settings or Settings(), now)]


def test_a_crawl_that_ends_a_little_ahead_of_the_clock_is_no_old_one(tmp_path: Path) -> None:
    """The clock was set back, or a trial clock begins anew with each command: the portal was read all the same."""
    world = World(tmp_path)
    world.crawl(at(2, 1), shown(TOWN, 2023))
    world.crawl(at(2, 9), shown(TOWN, 2023))
    world.ingest()
    (portal,) = ages(world.database, world.settings, [world.portal], at(2, 9)).portals
    assert portal.last_whole_at == at(2, 9) + timedelta(minutes=5)


def test_where_all_happens_nothing_is_stale() -> None:
    assert keys(Ages(ALL_WELL, (FRESH,))) == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_never_succeeded_and_one_that_is_silent(stage: str) -> None:
    never = {name: at for name, at in ALL_WELL.items() if name != stage}
    assert keys(Ages(never)) == [f"stage/{stage}"]
    silent = {**ALL_WELL, stage: MORNING - 37 * HOUR}
    (found,) = find_stale(Ages(silent), Settings(), MORNING)
    assert found.key == f"stage/{stage}"
    assert "37 小时" in found.message()
    assert "2024-02-01 20:00" in found.message()
    assert keys(Ages({**ALL_WELL, stage: MORNING - 36 * HOUR})) == []


def test_the_limit_follows_the_planned_interval_or_is_set() -> None:
    silent = Ages(dict.fromkeys(STAGES, MORNING - 100 * HOUR))
    assert keys(silent, Settings(crawl=CrawlSettings(interval_days=7))) == []
    assert len(keys(silent, Settings(watch=WatchSettings(silent_hours=99)))) == 4
    assert keys(silent, Settings(watch=WatchSettings(silent_hours=101))) == []


def test_portals_never_crawled_count_and_are_the_assessment_s_to_tell_while_it_runs() -> None:
    found = list(find_stale(Ages(ALL_WELL, (FRESH, OLD, NEVER)), Settings(), MORNING))
    assert [one.key for one in found] == ["portal/old", "portal/never"]
    assert [one.message() for one in found] == [
        "门户“旧门户”已超过 3 天没有完整采集：最近一次完整采集是2024年1月29日。",
        "门户“新门户”已登记，但从未采集过。",
    ]
    assert all(one.told_elsewhere for one in found)
    silent = {**ALL_WELL, "assess": MORNING - 3 * DAY}
    found = list(find_stale(Ages(silent, (OLD, NEVER)), Settings(), MORNING))
    assert [(one.key, one.told_elsewhere) for one in found] == [
        ("stage/assess", False),
        ("portal/old", False),
        ("portal/never", False),
    ]


def test_messages_that_nobody_got_are_told_with_the_reason() -> None:
    waiting = Undelivered("office", 3, MORNING - 30 * HOUR, "接收端答复 500")
    lost = Undelivered("desk", 1, MORNING - 4 * DAY, None)
    found = list(find_stale(Ages(ALL_WELL, (), (waiting,), (lost,)), Settings(), MORNING))
    assert [one.key for one in found] == ["undelivered/office", "given_up/desk"]
    assert "3 条消息还没有送到，最早的一条已等了 30 小时：接收端答复 500" in found[0].message()
    assert "1 条消息已放弃" in found[1].message()


def deliver(
    database: TrialDatabase, number: int, state: str, created: datetime, next_at: datetime, made: int
) -> None:
    row = {
        "id": f"msg_{number}",
        "dedup": f"{number}/x",
        "channel": f"channel-{number}",
        "type": "digest",
        "payload": {},
        "state": state,
        "attempts": made,
        "next_attempt_at": next_at,
        "last_error": "refused" if made else None,
        "created_at": created,
    }
    with database.begin() as session:
        session.execute(insert(Delivery).values(**row))


@pytest.mark.both_databases
def test_of_the_outbox_only_what_failed_or_was_forgotten_counts(tmp_path: Path) -> None:
    database = TrialDatabase(tmp_path)
    long_ago, soon = MORNING - 30 * HOUR, MORNING + 8 * DAY
    deliver(database, 1, "pending", long_ago, MORNING + HOUR, 4)  # failed for more than a day
    deliver(database, 2, "pending", long_ago, long_ago, 0)  # due, and nobody tried
    deliver(database, 3, "pending", long_ago, soon, 0)  # held over the Spring Festival
    deliver(database, 4, "pending", MORNING - HOUR, MORNING, 1)  # failed just now
    deliver(database, 5, "sent", long_ago, long_ago, 1)
    deliver(database, 6, "given_up", MORNING - 4 * DAY, MORNING, 12)
    deliver(database, 7, "given_up", MORNING - 15 * DAY, MORNING, 12)  # a matter of the past
    found = ages(database, Settings(), (), MORNING)
    assert [one.channel for one in found.pending] == ["channel-1", "channel-2"]
    assert [one.channel for one in found.given_up] == ["channel-6"]
    assert [one.problem for one in found.pending] == ["refused", None]
    assert [one.since for one in found.pending] == [long_ago, long_ago]


def settings(folder: Path, mailbox: Mailbox, *channels: ChannelSettings, **notifying: Any) -> Settings:
    operator = mail_channel(name="operators", audience="operator", to=["operators@office.example"])
    return Settings(
        notify=NotifySettings(channels=[mail_channel(), operator, *channels], **notifying),
        mail=MailSettings(sender="nianbao@office.example", host="127.0.0.1", port=mailbox.port, seconds=5),
    ).model_copy(update={"folder": folder})


@pytest.mark.both_databases
def test_operators_are_told_once_a_day_and_of_new_matters_at_once(tmp_path: Path, mailbox: Mailbox) -> None:
    database = TrialDatabase(tmp_path)
    configured = settings(tmp_path, mailbox)
    clock = StillClock()
    with database.begin() as session:
        for stage in ("ingest", "assess", "notify"):
            stages.record(session, stage, MORNING)
    first = watch(database, configured, clock, ())
    assert ([one.key for one in first.stale], first.told, first.problems) == (["stage/crawl"], 1, ())
    (mail,) = mailbox.mails
    assert mail["To"] == "operators@office.example", "oversight staff have nothing to do with it"
    assert mail["Subject"] == "年报监测自身有 1 处停顿"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "采集还从未顺利完成过" in body.get_content()

    StillClock.moment = MORNING + 2 * HOUR
    again = watch(database, configured, clock, ())
    assert (len(again.stale), again.told) == (1, 0), "still said by the command, but nobody is mailed again"

    StillClock.moment = MORNING + 14 * HOUR
    with database.begin() as session:
        stages.record(session, "ingest", MORNING - 3 * DAY)
    assert watch(database, configured, clock, ()).told == 1
    body = mailbox.mails[1].get_body(("plain",))
    assert body is not None
    assert "解析已有" in body.get_content()
    assert "采集" not in body.get_content(), "that was told this morning"

    StillClock.moment = MORNING + DAY
    assert watch(database, configured, clock, ()).told == 1
    with database.begin() as session:
        for stage in STAGES:
            stages.record(session, stage, StillClock.moment)
    well = watch(database, configured, clock, ())
    assert (well.stale, well.told, well.problems) == ((), 0, ())
    assert len(mailbox.mails) == 3


def test_a_broken_record_is_told_without_it(tmp_path: Path, mailbox: Mailbox) -> None:
    missing = open_database("sqlite:///nothing.sqlite", tmp_path)
    found = watch(missing, settings(tmp_path, mailbox), StillClock(), ())
    assert [one.key for one in found.stale] == ["record"]
    assert found.told == 1
    body = mailbox.mails[0].get_body(("plain",))
    assert body is not None
    assert "nothing.sqlite 还不存在" in body.get_content()


def test_a_broken_calendar_which_stops_the_rest_does_not_stop_the_watchdog(
    tmp_path: Path, mailbox: Mailbox
) -> None:
    (tmp_path / "days.yaml").write_text("2027: [", encoding="utf-8")
    configured = settings(tmp_path, mailbox, working_days=Path("days.yaml"))
    found = watch(TrialDatabase(tmp_path), configured, StillClock(), ())
    assert (len(found.stale), found.told) == (len(STAGES), 1)
    assert "days.yaml" in found.problems[0]


def test_what_could_not_be_told_is_tried_again(tmp_path: Path, mailbox: Mailbox) -> None:
    database = TrialDatabase(tmp_path)
    configured = settings(tmp_path, mailbox)
    mailbox.refuse["*"] = "451 later"
    failed = watch(database, configured, StillClock(), ())
    assert failed.told == 0
    assert "operators：" in failed.problems[0]
    assert "451" in failed.problems[0]
    mailbox.refuse.clear()
    assert watch(database, configured, StillClock(), ()).told == 1


def test_webhooks_are_told_too_and_quiet_hours_are_kept(tmp_path: Path, mailbox: Mailbox) -> None:
    database = TrialDatabase(tmp_path)
    with webhook_endpoint() as endpoint:
        hook = webhook_channel(
            name="pager", audience="operator", address=endpoint.address, quiet_hours="21:00-08:00"
        )
        configured = settings(tmp_path, mailbox, hook)
        StillClock.moment = datetime(2024, 2, 3, 3, 0, tzinfo=SHANGHAI)
        assert watch(database, configured, StillClock(), ()).told == 1
        assert endpoint.posts == []
        StillClock.moment = MORNING
        assert watch(database, configured, StillClock(), ()).told == 1
        ((_, body),) = endpoint.posts
    posted = json.loads(body)
    assert posted["type"] == "digest"
    assert posted["data"]["alerts"] == []
    assert len(posted["data"]["notice"]["lines"]) == 5


def test_without_a_destination_for_operators_that_is_said(tmp_path: Path) -> None:
    configured = Settings(notify=NotifySettings(channels=[mail_channel()])).model_copy(update={"folder": tmp_path})
    found = watch(TrialDatabase(tmp_path), configured, StillClock(), ())
    assert found.told == 0
    assert "没有给运维人员的渠道" in found.problems[0]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"told": 3}', '{"told": {"operators": 5}}'])
def test_a_spoilt_file_of_what_was_told_only_repeats(tmp_path: Path, mailbox: Mailbox, content: str) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "watchdog.json").write_text(content, encoding="utf-8")
    assert watch(TrialDatabase(tmp_path), settings(tmp_path, mailbox), StillClock(), ()).told == 1
    assert "operators" in (tmp_path / "var" / "watchdog.json").read_text(encoding="utf-8")
