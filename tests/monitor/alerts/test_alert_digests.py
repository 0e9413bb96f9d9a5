"""What waits for its time: digests, quiet hours, second addresses; each composed once, with what is still so."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from monitor.alerts import listing, outbox
from monitor.alerts.conditions import AlertKind, Condition
from monitor.alerts.engine import reconcile
from monitor.alerts.sender import NotifyResult, notify
from monitor.publication import PublicationState
from monitor.settings import ChannelSettings, NotifySettings, Settings
from monitor.store.waiting import waiting
from monitor.working_days import WorkingDays
from tests.clocks import SetClock
from tests.monitor.alerts.receivers import Endpoint, webhook_endpoint
from tests.monitor.alerts.support import (
    MORNING,
    OTHER_TOWN,
    TrialDatabase,
    condition,
    conditions,
    grounds,
    mail_channel,
    missing,
    portal,
    standing,
    webhook_channel,
)

pytestmark = pytest.mark.both_databases

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.both_databases

DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Movable(SetClock):
    """A clock that stands where it is put."""

    moment = MORNING


class Office:
    """A database, its destinations (posts to loopback) and a clock."""

    def __init__(self, folder: Path, endpoint: Endpoint) -> None:
        self.database = TrialDatabase(folder)
        self.endpoint = endpoint
        self.channels: list[ChannelSettings] = []
        self.clock = Movable()

    def digests(self, name: str = "staff", **known: Any) -> None:
        """Adds a destination that gets digests."""
        fields = {"schedule": "daily"} | known
        self.channels.append(webhook_channel(name=name, address=f"{self.endpoint.address}/{name}", **fields))

    def assess(self, when: str, *found: Condition) -> int:
        """One assessment; gives the number of messages composed in it."""
        Movable.moment = at(when)
        with self.database.begin() as session:
            return reconcile(session, found, at(when), channels=self.channels).messages

    def notify(self, when: str) -> NotifyResult:
        """One delivery."""
        Movable.moment = at(when)
        settings = Settings(notify=NotifySettings(channels=self.channels))
        return notify(self.database, settings, self.clock)

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """(channel, data) of all messages, in their order."""
        found = []
        for each in self.database.deliveries():
            payload = each.payload
            found.append((each.channel, payload.get("data", payload)))
        return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with webhook_endpoint() as endpoint:
        endpoint.answers = [200]
        yield Office(tmp_path, endpoint)


def test_a_daily_digest_tells_all_of_a_day_at_its_time_and_once(office: Office) -> None:
    office.digests()
    assert office.assess("2024-02-03T09:00", condition(1), condition(2)) == 0
    assert office.assess("2024-02-03T15:00", condition(1), condition(2), condition(3)) == 0
    early = office.notify("2024-02-04T08:29")
    assert (early.sent, early.waiting, early.waiting_until) == (0, 3, at("2024-02-04T08:30"))
    assert office.notify("2024-02-04T08:30").sent == 1
    assert office.notify("2024-02-05T08:30") == NotifyResult()
    ((_, data),) = office.told()
    assert data["counts"] == {"opened": 3}
    assert [each["id"] for each in data["alerts"]] == [1, 2, 3]
    assert [each["step"] for each in data["alerts"]] == ["opened"] * 3


def test_what_came_and_went_before_the_digest_is_one_number_in_it(office: Office) -> None:
    office.digests()
    office.assess("2024-02-03T09:00", condition(1), condition(2))
    office.assess("2024-02-03T12:00", condition(1))
    office.notify("2024-02-04T08:30")
    ((_, data),) = office.told()
    assert ([each["id"] for each in data["alerts"]], data["settled"]) == ([1], 1)
    office.assess("2024-02-05T12:00", condition(1), condition(2))
    office.notify("2024-02-06T08:30")
    assert office.told()[-1][1]["counts"] == {"reopened": 1}, "and when it comes back it is told"


def test_where_all_came_and_went_there_is_no_message_at_all(office: Office) -> None:
    office.digests()
    office.assess("2024-02-03T09:00", condition(1))
    office.assess("2024-02-03T12:00")
    assert office.notify("2024-02-04T08:30") == NotifyResult()
    assert office.told() == []


def test_what_staff_settled_before_the_digest_is_not_told(office: Office) -> None:
    office.channels.append(mail_channel(schedule="daily"))
    office.assess("2024-02-03T09:00", condition(1), condition(2))
    listing.resolve(
        office.database, 1, note="核实无误", by="x", at=at("2024-02-03T10:00"), channels=office.channels
    )
    office.notify("2024-02-04T08:30")
    ((_, data),) = office.told()
    assert ([each["alert"]["id"] for each in data["items"]], data["settled"]) == ([2], 1)


def test_what_is_muted_waits_on_and_is_told_when_it_is_over(office: Office) -> None:
    office.digests()
    office.assess("2024-02-03T09:00", condition(1))
    until = at("2024-02-06T00:00")
    listing.mute(office.database, 1, until=until, note="在办", by="x", at=at("2024-02-03T10:00"))
    assert office.notify("2024-02-04T08:30") == NotifyResult()
    office.assess("2024-02-06T07:00", condition(1))
    assert office.notify("2024-02-06T08:30").sent == 1
    assert office.told()[-1][1]["counts"] == {"opened": 1}, "the first that this office hears of it"
    assert office.notify("2024-02-07T08:30") == NotifyResult()


def test_errors_go_at_once_and_take_along_what_waits_of_the_same_matter(office: Office) -> None:
    office.digests(errors_at_once=True)
    office.assess("2024-02-03T09:00", condition(1), condition(2), condition(3, "error"))
    assert [data["alerts"][0]["id"] for _, data in office.told()] == [3]
    office.assess("2024-02-03T10:00", condition(1, "error"), condition(2), condition(3, "error"))
    assert [each["step"] for each in office.told()[-1][1]["alerts"]] == ["opened"]
    assert office.told()[-1][1]["alerts"][0]["severity"] == "error"
    office.assess("2024-02-03T11:00", condition(1, "error"), condition(2))
    assert len(office.told()) == 2, "that it is over waits for the digest"
    office.notify("2024-02-04T08:30")
    assert office.told()[-1][1]["counts"] == {"opened": 1, "resolved": 1}


def test_quiet_hours_hold_until_their_end(office: Office) -> None:
    office.digests(schedule="at_once", quiet_hours="22:00-07:00")
    assert office.assess("2024-02-03T23:00", condition(1)) == 0
    assert office.notify("2024-02-04T06:59").sent == 0
    assert office.endpoint.posts == []
    assert office.notify("2024-02-04T07:00").sent == 1


def test_a_retry_is_held_in_quiet_hours_and_given_up_no_sooner_for_that(office: Office) -> None:
    office.digests(schedule="at_once", quiet_hours="22:00-07:00")
    office.endpoint.answers = [500]
    office.assess("2024-02-03T21:58", condition(1))
    assert office.notify("2024-02-03T21:59").retried_later == 1
    held = office.notify("2024-02-03T22:00")
    assert (held.held, len(office.endpoint.posts)) == (1, 1)
    (delivery,) = office.database.deliveries()
    assert delivery.next_attempt_at == at("2024-02-04T07:00")
    assert delivery.give_up_at == at("2024-02-03T21:59") + 72 * HOUR + 9 * HOUR
    office.endpoint.answers = [200]
    assert office.notify("2024-02-04T07:00").sent == 1
    assert len({headers["webhook-id"] for headers, _ in office.endpoint.posts}) == 1


def test_three_days_of_growing_pauses_and_then_given_up_in_plain_sight(office: Office) -> None:
    office.digests(schedule="at_once")
    office.endpoint.answers = [503]
    office.assess("2024-02-03T09:00", condition(1))
    tries: list[datetime] = []
    while office.database.deliveries()[0].state == "pending":
        tries.append(office.database.deliveries()[0].next_attempt_at)
        office.notify(tries[-1].replace(tzinfo=None).isoformat())
        assert len(office.endpoint.posts) == len(tries)
    assert office.database.deliveries()[0].state == "given_up"
    assert tries[-1] - tries[0] == timedelta(hours=72)
    pauses = [later - one for one, later in pairwise(tries[:-1])]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(minutes=1), timedelta(hours=6))
    assert len({headers["webhook-id"] for headers, _ in office.endpoint.posts}) == 1


def test_a_weekly_digest_on_working_days(office: Office) -> None:
    office.digests(schedule="weekly", weekday=1, working_days_only=True, at="09:00")
    office.assess("2024-02-06T07:00", condition(1))
    assert office.notify("2024-02-12T12:00").sent == 0, "the Monday of the Spring Festival"
    assert office.notify("2024-02-18T08:59").sent == 0
    assert office.notify("2024-02-18T09:00").sent == 1, "a Sunday that was worked"


def test_a_cap_and_how_many_more(office: Office) -> None:
    office.digests(most_items=3)
    office.assess(
        "2024-02-03T09:00", *(condition(number, "warning") for number in range(1, 6)), condition(9, "error")
    )
    office.notify("2024-02-04T08:30")
    ((_, data),) = office.told()
    assert (len(data["alerts"]), data["left_out"], data["counts"]) == (3, 3, {"opened": 6})
    assert "error" in {each["severity"] for each in data["alerts"]}, "the grave ones are never among the others"


def test_one_message_for_a_report_or_for_a_county(office: Office) -> None:
    office.digests("reports", schedule="daily", group_by="report")
    office.digests("counties", schedule="daily", group_by="county")
    one = {"identity": "inconsistent/a", "kind": AlertKind.INCONSISTENT, "report_year": 2023}
    two = {"identity": "inconsistent/b", "kind": AlertKind.INCONSISTENT, "report_year": 2023}
    other = {"identity": "late/c", "organ_code": OTHER_TOWN.code, "report_year": 2023}
    far = {
        "identity": "stale/p",
        "kind": AlertKind.LATE,
        "county_code": "888801",
        "organ_code": None,
        "portal_id": "p",
    }
    office.assess("2024-02-03T09:00", *(condition(1, **known) for known in (one, two, other, far)))
    office.notify("2024-02-04T08:30")
    counted = [(channel, sorted(each["id"] for each in data["alerts"])) for channel, data in office.told()]
    assert sorted(counted) == [
        ("counties", [1, 2, 3]),
        ("counties", [4]),
        ("reports", [1, 2]),
        ("reports", [3]),
        ("reports", [4]),
    ]


@pytest.mark.parametrize(
    ("known", "hears"),
    [
        ({}, True),
        ({"counties": ["99"]}, True),
        ({"counties": ["9999"]}, True),
        ({"counties": ["999901"]}, True),
        ({"counties": ["41", "9999"]}, True),
        ({"counties": ["41"]}, False),
        ({"counties": ["9998"]}, False),
        ({"kinds": ["late"]}, True),
        ({"kinds": ["missing", "late"]}, True),
        ({"kinds": ["missing"]}, False),
        ({"severities": ["error"]}, False),
        ({"audience": "operator"}, False),
    ],
)
def test_routes(office: Office, known: dict[str, Any], hears: bool) -> None:
    office.digests(schedule="at_once", **known)
    assert office.assess("2024-02-03T09:00", condition(1)) == int(hears)


def pass_over(office: Office, when: str, *, blind: bool = False) -> None:
    """A whole assessment of one town that has not published."""
    moment = at(when)
    one = standing(PublicationState.UNVERIFIED) if blind else missing()
    health = [portal(last_run_at=moment, last_whole_at=moment)]
    with office.database.begin() as session:
        reconcile(
            session,
            conditions([one], [], health, moment),
            moment,
            grounds=grounds([one], [], health),
            channels=office.channels,
        )


def test_a_second_address_hears_once_after_its_days_and_that_it_is_over(office: Office) -> None:
    office.channels.append(mail_channel(name="staff"))
    office.channels.append(mail_channel(name="chief", escalation_after_days=30))
    pass_over(office, "2024-02-03T06:30")
    for day in ("2024-02-20", "2024-03-03"):
        pass_over(office, f"{day}T06:30")
    assert [channel for channel, _ in office.told()] == ["staff", "staff", "staff"], "opened, after 7 and 30 days"
    listing.acknowledge(office.database, 1, note="已催", by="x", at=at("2024-03-03T10:00"))
    for day in ("2024-03-04", "2024-03-05", "2024-03-06"):
        pass_over(office, f"{day}T06:30")
    told = [(channel, data["counts"]) for channel, data in office.told()]
    assert told[3:] == [("chief", {"escalated": 1})], "also where somebody took it up, and once"
    office.assess("2024-03-07T06:30")
    assert sorted((channel, data["counts"]) for channel, data in office.told()[4:]) == [
        ("chief", {"resolved": 1}),
        ("staff", {"resolved": 1}),
    ]


def test_a_second_address_that_heard_nothing_hears_of_no_end(office: Office) -> None:
    office.channels.append(mail_channel(name="chief", escalation_after_days=30))
    pass_over(office, "2024-02-03T06:30")
    office.assess("2024-02-10T06:30")
    assert office.told() == []


def test_a_second_address_hears_nothing_of_what_is_muted_or_cannot_be_seen(office: Office) -> None:
    office.channels.append(mail_channel(name="chief", escalation_after_days=7))
    pass_over(office, "2024-02-03T06:30")
    pass_over(office, "2024-02-10T06:30", blind=True)
    assert office.told() == []
    listing.mute(office.database, 1, until=at("2024-02-12T00:00"), note="在办", by="x", at=at("2024-02-10T10:00"))
    pass_over(office, "2024-02-11T06:30")
    assert office.told() == []
    pass_over(office, "2024-02-12T06:30")
    pass_over(office, "2024-02-18T06:30")
    assert office.told() == [], "a mute that ends begins the days anew"
    pass_over(office, "2024-02-19T06:30")
    assert [channel for channel, _ in office.told()] == ["chief"]


def test_what_waited_for_a_second_address_is_void_when_a_mute_ends(office: Office) -> None:
    office.channels.append(mail_channel(name="chief", escalation_after_days=7, schedule="daily"))
    pass_over(office, "2024-02-03T09:00")
    pass_over(office, "2024-02-10T09:00")
    listing.mute(office.database, 1, until=at("2024-02-12T00:00"), note="在办", by="x", at=at("2024-02-10T10:00"))
    pass_over(office, "2024-02-12T09:00")
    office.notify("2024-02-13T09:00")
    assert office.told() == [], "the days begin anew"
    pass_over(office, "2024-02-19T09:00")
    office.notify("2024-02-20T09:00")
    assert [(channel, data["counts"]) for channel, data in office.told()] == [("chief", {"escalated": 1})]


def test_a_second_address_hears_of_no_end_of_what_has_come_back(office: Office) -> None:
    office.channels.append(mail_channel(name="chief", escalation_after_days=7, schedule="weekly", weekday=1))
    pass_over(office, "2024-02-03T09:00")
    pass_over(office, "2024-02-10T09:00")
    office.notify("2024-02-12T09:00")
    assert [data["counts"] for _, data in office.told()] == [{"escalated": 1}]
    office.assess("2024-02-13T09:00")
    pass_over(office, "2024-02-14T09:00")
    office.notify("2024-02-19T09:00")
    assert len(office.told()) == 1, "it stands again, as they believe"
    office.assess("2024-02-20T09:00")
    office.notify("2024-02-26T09:00")
    assert [data["counts"] for _, data in office.told()[1:]] == [{"resolved": 1}]


def test_who_hears_of_errors_alone_hears_of_no_end_of_an_error_that_was_not_told(office: Office) -> None:
    office.digests(severities=["error"])
    office.digests("all")
    office.assess("2024-02-03T08:00", condition(1, "warning"))
    office.notify("2024-02-03T08:30")
    office.assess("2024-02-03T10:00", condition(1, "error"))
    office.assess("2024-02-03T14:00")
    office.notify("2024-02-04T08:30")
    told = [(channel, data["counts"]) for channel, data in office.told()]
    assert told == [("all", {"opened": 1}), ("all", {"resolved": 1})]


def test_who_took_a_matter_up_is_not_reminded(office: Office) -> None:
    office.channels.append(mail_channel(name="staff"))
    pass_over(office, "2024-02-03T06:30")
    listing.acknowledge(office.database, 1, note="已催", by="x", at=at("2024-02-03T10:00"))
    pass_over(office, "2024-02-20T06:30")
    pass_over(office, "2024-03-20T06:30")
    assert len(office.told()) == 1


def test_a_reminder_that_waits_is_dropped_when_somebody_takes_the_matter_up(office: Office) -> None:
    office.channels.append(mail_channel(name="staff", schedule="daily"))
    pass_over(office, "2024-02-03T06:30")
    office.notify("2024-02-03T08:30")
    pass_over(office, "2024-02-20T09:30")
    listing.acknowledge(office.database, 1, note="已催", by="x", at=at("2024-02-20T10:00"))
    office.notify("2024-02-21T08:30")
    assert len(office.told()) == 1


def test_what_waits_for_a_destination_that_is_gone_fails_in_plain_sight(office: Office) -> None:
    office.digests()
    office.assess("2024-02-03T09:00", condition(1))
    office.channels.clear()
    (problem,) = office.notify("2024-02-03T10:00").problems
    assert "渠道 staff：配置中已没有这个渠道" in problem


def test_a_digest_is_in_one_message_or_in_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.digests()
    office.assess("2024-02-03T09:00", condition(1))
    monkeypatch.setattr(outbox, "add_messages", lambda *given: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        office.notify("2024-02-04T08:30")
    monkeypatch.undo()
    assert office.told() == []
    assert office.notify("2024-02-04T08:40").sent == 1


def test_two_processes_compose_one_digest(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.digests()
    office.assess("2024-02-03T09:00", condition(1), condition(2))
    begin = office.database.begin
    others: list[int] = []

    @contextmanager
    def while_another_was_faster() -> Iterator[Session]:
        if not others:
            others.append(0)
            with begin() as session:
                others.append(outbox.compose(session, office.channels, at("2024-02-04T08:30"), WorkingDays()))
        with begin() as session:
            yield session

    monkeypatch.setattr(office.database, "begin", while_another_was_faster)
    assert office.notify("2024-02-04T08:30").sent == 1
    assert others == [0, 1]
    assert len(office.told()) == 1


def test_steps_that_another_process_took_are_not_told_again(office: Office) -> None:
    """As on PostgreSQL, where two processes read the same waiting steps before one of them takes them."""
    office.digests()
    office.assess("2024-02-03T09:00", condition(1), condition(2))
    now = at("2024-02-04T08:30")
    with office.database.begin() as session:
        read = waiting(session)
    with office.database.begin() as session:
        assert outbox.compose(session, office.channels, now, WorkingDays()) == 1
    with office.database.begin() as session:
        assert outbox._composed(session, office.channels[0], read, now) == []


def test_an_end_is_not_told_before_the_beginning_arrived(office: Office) -> None:
    office.digests(schedule="at_once")
    office.endpoint.answers = [500]
    office.assess("2024-02-03T09:00", condition(1), condition(2))
    office.notify("2024-02-03T09:00")
    office.assess("2024-02-03T09:00:30", condition(2))
    office.endpoint.answers = [200]
    assert office.notify("2024-02-03T09:00:40").postponed == 1
    assert office.notify("2024-02-03T09:02").sent == 3
    posted = [json.loads(body) for _, body in office.endpoint.posts[2:]]
    assert [one["type"] for one in posted if one["data"]["id"] == 1] == ["alert.opened", "alert.resolved"]


def test_what_was_given_up_holds_up_nothing(office: Office) -> None:
    office.digests(schedule="at_once")
    office.endpoint.answers = [500]
    office.assess("2024-02-03T09:00", condition(1))
    office.notify("2024-02-03T09:00")
    office.notify("2024-02-07T09:00")
    assert office.database.deliveries()[0].state == "given_up"
    office.endpoint.answers = [200]
    office.assess("2024-02-07T10:00")
    assert office.notify("2024-02-07T10:00").sent == 1


def test_who_heard_of_a_matter_before_it_was_muted_hears_of_its_end(office: Office) -> None:
    office.digests()
    office.assess("2024-02-03T07:00", condition(1))
    office.notify("2024-02-03T08:30")
    until = at("2024-02-05T00:00")
    listing.mute(office.database, 1, until=until, note="在办", by="x", at=at("2024-02-03T10:00"))
    office.assess("2024-02-05T09:00", condition(1))
    office.assess("2024-02-05T10:00")
    office.notify("2024-02-06T08:30")
    assert [data["counts"] for _, data in office.told()] == [{"opened": 1}, {"resolved": 1}]
