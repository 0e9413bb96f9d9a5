"""Portals that fail together open one alert of their platform, not one each, through the real engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.records import Outcome
from monitor.alerts.conditions import AlertKind, FailedRequest, PortalHealth
from monitor.alerts.engine import ReconcileResult, reconcile
from monitor.alerts.listing import list_alerts
from monitor.alerts.platforms import failing_platforms, keys_of
from monitor.settings import ChannelSettings
from tests.monitor.alerts.support import MORNING, TrialDatabase, conditions, grounds, portal, webhook_channel

pytestmark = pytest.mark.both_databases

DAY = timedelta(days=1)
WELL, DOWN, BLOCKED, CHANGED = Outcome.UNCHANGED, Outcome.UNREACHABLE, Outcome.BLOCKED, Outcome.LAYOUT_CHANGED


@pytest.fixture
def database(tmp_path: Path) -> TrialDatabase:
    return TrialDatabase(tmp_path)


def health(number: int, outcome: Outcome, host: str, *, day: int = 0, failing: int = 1) -> PortalHealth:
    """Portal ``number`` on a host, with a run on this day."""
    well = outcome.whole
    return portal(
        outcome,
        portal_id=f"p{number}",
        name=f"第{number}县",
        county_code=f"9999{number % 90:02d}",
        hosts=(host,),
        last_problem=None if well else "无法连接",
        last_run_at=MORNING + day * DAY,
        last_whole_at=MORNING + (day if well else -1) * DAY,
        failing_runs=0 if well else failing,
        failed_request=None if well else FailedRequest(f"http://{host}/nb/", None, MORNING + day * DAY),
    )


def on_platform(
    outcome: Outcome, *, number: int = 100, day: int = 0, failing: int = 1, others: int = 40
) -> list[PortalHealth]:
    """So many portals on one host and others that are well, each on its own."""
    return [health(one, outcome, "www.yunshan.gov.cn", day=day, failing=failing) for one in range(number)] + [
        health(1000 + one, WELL, f"www.county{one}.gov.cn", day=day) for one in range(others)
    ]


def pass_over(
    database: TrialDatabase,
    portals: Sequence[PortalHealth],
    *,
    day: int = 0,
    channels: tuple[ChannelSettings, ...] = (),
) -> ReconcileResult:
    """A whole assessment on this day."""
    at = MORNING + day * DAY
    with database.begin() as session:
        found = conditions([], [], portals, at)
        return reconcile(session, found, at, grounds=grounds([], [], portals), channels=channels)


def test_a_shared_platform_that_fails_opens_one_alert_and_not_a_hundred(database: TrialDatabase) -> None:
    channel = webhook_channel(audience="operator", counties=["999901"])
    first = pass_over(database, on_platform(DOWN), channels=(channel,))
    assert (len(first.opened), first.messages) == (1, 1)
    (alert,) = database.alerts()
    assert (alert.kind, alert.severity, alert.county_code) == ("portal_unreachable", "warning", None)
    assert len(alert.evidence["portals"]) == 100
    (told,) = list_alerts(database)
    assert told["audience"] == "operator"
    assert told["summary"].startswith("www.yunshan.gov.cn上的 100 个门户都无法访问：第0县、第1县")
    # It stays down: no portal is told to be stale one by one, and the one alert grows graver.
    for day in (1, 2, 3, 4):
        later = pass_over(database, on_platform(DOWN, day=day, failing=day + 1), day=day)
        assert later.opened == later.resolved == ()
    assert database.alerts()[0].severity == "error"
    back = pass_over(database, on_platform(WELL, day=5), day=5)
    assert (back.opened, back.resolved) == ((), first.opened)
    assert pass_over(database, on_platform(DOWN, day=6), day=6).reopened == first.opened


def test_when_most_are_back_the_others_are_told_one_by_one(database: TrialDatabase) -> None:
    pass_over(database, on_platform(DOWN, number=4))
    portals = on_platform(WELL, number=4, day=1)
    portals[0] = health(0, DOWN, "www.yunshan.gov.cn", day=1, failing=2)
    after = pass_over(database, portals, day=1)
    assert (len(after.opened), len(after.resolved)) == (1, 1)
    assert {alert.state: alert.portal_id for alert in database.alerts()} == {
        "resolved": "@www.yunshan.gov.cn",
        "open": "p0",
    }


def test_what_nobody_saw_resolves_no_platform(database: TrialDatabase) -> None:
    pass_over(database, on_platform(DOWN, number=10))
    blind = pass_over(database, on_platform(Outcome.CRASHED, number=10, day=1), day=1)
    assert (blind.resolved, blind.held) == ((), 1)


def test_an_alert_of_one_portal_is_held_while_its_platform_fails(database: TrialDatabase) -> None:
    alone = on_platform(WELL, number=4)
    alone[0] = health(0, DOWN, "www.yunshan.gov.cn")
    single = pass_over(database, alone).opened
    together = pass_over(database, on_platform(DOWN, number=4, day=1), day=1)
    assert (len(together.opened), together.resolved, together.held) == (1, (), 1)
    assert set(pass_over(database, on_platform(WELL, number=4, day=2), day=2).resolved) == {
        *single,
        *together.opened,
    }


@pytest.mark.parametrize(
    ("portals", "keys"),
    [
        ([health(1, DOWN, "a.gov.cn"), health(2, WELL, "b.gov.cn")], []),
        ([health(1, DOWN, "www.a.gov.cn"), health(2, DOWN, "www.a.gov.cn")], ["www.a.gov.cn"]),
        ([health(1, DOWN, "www.a.gov.cn"), health(2, BLOCKED, "www.a.gov.cn")], []),
        ([health(1, CHANGED, "www.a.gov.cn"), health(2, CHANGED, "www.a.gov.cn")], []),
        ([health(1, DOWN, "www.a.gov.cn"), health(2, DOWN, "www.b.gov.cn"), health(3, DOWN, "www.c.gov.cn")], []),
        ([health(one, BLOCKED, f"{one}.city.gov.cn") for one in range(3)], ["*.city.gov.cn"]),
        (
            [health(one, BLOCKED, f"{one}.city.gov.cn") for one in range(3)]
            + [health(10 + one, WELL, f"x{one}.city.gov.cn") for one in range(9)],
            [],
        ),
        ([health(one, DOWN, f"www.c{one}.gov.cn") for one in range(6)], ["*"]),
        ([health(one, DOWN, f"127.0.0.1:{one}") for one in range(4)], []),
        ([health(1, DOWN, "127.0.0.1:80"), health(2, DOWN, "127.0.0.1:80")], ["127.0.0.1:80"]),
    ],
)
def test_platforms_are_hosts_domains_or_everything(portals: list[PortalHealth], keys: list[str]) -> None:
    assert [platform.key for platform in failing_platforms(portals)] == keys


def test_a_portal_belongs_to_its_host_and_domain() -> None:
    assert keys_of(health(1, DOWN, "zwgk.yunshan.gov.cn:8080")) == {
        "*",
        "zwgk.yunshan.gov.cn:8080",
        "*.yunshan.gov.cn",
    }
    assert AlertKind.PORTAL_UNREACHABLE.audience == "operator"
