"""Which destination hears of which step, and what is left of several steps: every rule with its yes and its no."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from crawler.clock import SHANGHAI
from monitor.alerts.routing import LeftOut, Matter, is_escalated, net, waits_for_no_digest, wants
from monitor.alerts.states import AlertState, Step
from monitor.settings import ChannelSettings
from tests.monitor.alerts.support import mail_channel, webhook_channel

WARNING = Matter("missing", "oversight", "410526", "warning", "warning")
ERROR = Matter("missing", "oversight", "410526", "error", "error")
EASED = Matter("missing", "oversight", "410526", "warning", "error")
OF_MANY = Matter("portal_blocked", "operator", None, "error", "error")
OPEN, TAKEN_UP, OVER = AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.RESOLVED


@pytest.mark.parametrize(
    ("channel", "step", "matter", "hears"),
    [
        (mail_channel(), Step.OPENED, WARNING, True),
        (mail_channel(), Step.REMINDED, WARNING, True),
        (mail_channel(), Step.WORSENED, ERROR, True),
        (mail_channel(), Step.ESCALATED, WARNING, False),
        (mail_channel(severities=("error",)), Step.OPENED, WARNING, False),
        (mail_channel(severities=("error",)), Step.RESOLVED, EASED, True),
        (mail_channel(severities=("error",)), Step.RESOLVED, WARNING, False),
        (mail_channel(kinds=["late"]), Step.OPENED, WARNING, False),
        (mail_channel(counties=["41"]), Step.OPENED, WARNING, True),
        (mail_channel(counties=["4105"]), Step.OPENED, WARNING, True),
        (mail_channel(counties=["4106"]), Step.OPENED, WARNING, False),
        (mail_channel(counties=["4106"], audience="operator"), Step.OPENED, OF_MANY, True),
        (mail_channel(audience="operator"), Step.OPENED, WARNING, False),
        (webhook_channel(), Step.OPENED, WARNING, True),
        (webhook_channel(), Step.REMINDED, WARNING, False),
        (webhook_channel(), Step.WORSENED, ERROR, False),
        (webhook_channel(severities=("error",)), Step.WORSENED, ERROR, True),
        (webhook_channel(schedule="daily"), Step.REMINDED, WARNING, True),
        (webhook_channel(schedule="daily"), Step.WORSENED, ERROR, True),
        (mail_channel(escalation_after_days=7), Step.OPENED, WARNING, False),
        (mail_channel(escalation_after_days=7), Step.REMINDED, WARNING, False),
        (mail_channel(escalation_after_days=7), Step.ESCALATED, WARNING, True),
        (mail_channel(escalation_after_days=7, kinds=["late"]), Step.ESCALATED, WARNING, False),
        (webhook_channel(escalation_after_days=7), Step.ESCALATED, WARNING, True),
    ],
)
def test_who_hears(channel: ChannelSettings, step: Step, matter: Matter, hears: bool) -> None:
    assert wants(channel, step, matter) is hears


@pytest.mark.parametrize("heard", [True, False])
def test_a_second_address_hears_of_the_end_where_it_heard_of_the_matter(heard: bool) -> None:
    assert wants(mail_channel(escalation_after_days=7), Step.RESOLVED, WARNING, heard=heard) is heard


@pytest.mark.parametrize(
    ("steps", "state", "told"),
    [
        ([Step.OPENED], OPEN, Step.OPENED),
        ([Step.OPENED], TAKEN_UP, Step.OPENED),
        ([Step.OPENED, Step.WORSENED], OPEN, Step.OPENED),
        ([Step.OPENED, Step.RESOLVED], OVER, LeftOut.SETTLED),
        ([Step.OPENED, Step.RESOLVED, Step.REOPENED], OPEN, Step.OPENED),
        ([Step.OPENED, Step.RESOLVED, Step.REOPENED, Step.RESOLVED], OVER, LeftOut.SETTLED),
        # By hand, of which mails are not told.
        ([Step.OPENED], OVER, LeftOut.SETTLED),
        ([Step.REMINDED], OVER, LeftOut.SETTLED),
        ([Step.REOPENED, Step.RESOLVED], OVER, LeftOut.SETTLED),
        ([Step.ESCALATED, Step.RESOLVED], OVER, LeftOut.SETTLED),
        ([Step.RESOLVED], OVER, Step.RESOLVED),
        ([Step.REMINDED, Step.RESOLVED], OVER, Step.RESOLVED),
        ([Step.RESOLVED, Step.REOPENED], OPEN, Step.REOPENED),
        ([Step.RESOLVED, Step.REOPENED, Step.RESOLVED], OVER, Step.RESOLVED),
        ([Step.REMINDED], OPEN, Step.REMINDED),
        ([Step.REMINDED], TAKEN_UP, LeftOut.TAKEN_UP),
        ([Step.REMINDED, Step.WORSENED], TAKEN_UP, Step.WORSENED),
        ([Step.ESCALATED], TAKEN_UP, Step.ESCALATED),
    ],
)
def test_what_is_left_of_several_steps(steps: list[Step], state: AlertState, told: Step | LeftOut) -> None:
    assert net(steps, state) == told


@pytest.mark.parametrize(("heard", "told"), [(False, LeftOut.SETTLED), (True, Step.RESOLVED)])
def test_who_believes_that_it_holds_is_told_of_its_end(heard: bool, told: Step | LeftOut) -> None:
    assert net([Step.REOPENED, Step.RESOLVED], OVER, heard=heard) == told


@pytest.mark.parametrize(
    ("days", "hours", "escalated"), [(6, 23, False), (7, 0, True), (8, 0, True), (6, 25, True), (0, 0, False)]
)
def test_days_are_days_of_the_calendar(days: int, hours: int, escalated: bool) -> None:
    since = datetime(2024, 2, 3, 0, 30, tzinfo=SHANGHAI)
    later = since + timedelta(days=days, hours=hours)
    assert is_escalated(mail_channel(escalation_after_days=7), since, later) is escalated
    assert not is_escalated(mail_channel(), since, later)


@pytest.mark.parametrize(
    ("known", "step", "severity", "at_once"),
    [
        ({"errors_at_once": True}, Step.OPENED, "error", True),
        ({"errors_at_once": True}, Step.WORSENED, "error", True),
        ({"errors_at_once": True}, Step.OPENED, "warning", False),
        ({"errors_at_once": True}, Step.RESOLVED, "error", False),
        ({}, Step.OPENED, "error", False),
    ],
)
def test_what_waits_for_no_digest(known: dict[str, Any], step: Step, severity: str, at_once: bool) -> None:
    assert waits_for_no_digest(mail_channel(schedule="daily", **known), step, severity) is at_once
