"""Told once, whatever happens: events, the clock, crashes and people in any order; real database, real posts.

What must hold: every step that a destination is to hear of is written down once; each is told in one message or
left out for a reason; messages arrive at least once, always under one id; none is early, none comes in quiet hours
or on a rest day; and what a destination heard last is how the matter stands.
"""

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from monitor.alerts import listing
from monitor.alerts.channels import webhook
from monitor.alerts.engine import reconcile
from monitor.alerts.sender import notify
from monitor.alerts.states import AlertState, ImpossibleStep, Step
from monitor.alerts.timetable import Timetable
from monitor.settings import ChannelSettings, NotifySettings, Settings
from monitor.store.database import Database
from monitor.store.tables import Alert, AlertEvent, Delivery, WaitingStep
from monitor.working_days import WorkingDays
from tests.clocks import SetClock
from tests.monitor.alerts.receivers import Endpoint, webhook_endpoint
from tests.monitor.alerts.support import TrialDatabase, condition, webhook_channel

CALENDAR = WorkingDays()
# In memory where there is such a place: no power fails in this test, and waiting for disks takes most of its time.
FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None
# Two days before the Spring Festival, the 10th to the 17th of February.
BEGIN = datetime(2024, 2, 8, 6, 30, tzinfo=SHANGHAI)
MATTERS = (1, 2, 3)
CHANNELS: dict[str, dict[str, Any]] = {
    "once": {},
    "night": {"quiet_hours": "22:00-07:00"},
    "daily": {"schedule": "daily"},
    "grave": {"schedule": "daily", "errors_at_once": True, "quiet_hours": "21:00-08:00", "group_by": "report"},
    "weekly": {"schedule": "weekly", "weekday": 1, "working_days_only": True},
    "chief": {"escalation_after_days": 3, "schedule": "daily"},
}


class Killed(BaseException):
    """The process is gone."""


class Standing(SetClock):
    """A clock that stands where it is put."""

    moment = BEGIN


class Mortal(Database):
    """The database of a process that may die when a transaction begins or just before it ends."""

    lives: int | None = None

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction, if the process lives as long."""
        self._live()
        with super().begin() as session:
            yield session
            self._live()

    def _live(self) -> None:
        if self.lives is not None:
            if self.lives == 0:
                raise Killed
            self.lives -= 1


class ToldOnce(RuleBasedStateMachine):
    """Everything that may happen, in any order."""

    template: Path | None = None

    @initialize()
    def open_office(self) -> None:
        """A database as good as new, and receivers."""
        cls = type(self)
        if cls.template is None:
            cls.template = Path(mkdtemp(dir=FAST))
            TrialDatabase(cls.template)
        self.folder = Path(mkdtemp(dir=FAST))
        for file in cls.template.iterdir():
            shutil.copy(file, self.folder)
        self.database = Mortal(make_url(f"sqlite:///{self.folder / 'alerts.sqlite'}"))
        self.running = webhook_endpoint()
        self.endpoint: Endpoint = self.running.__enter__()
        self.endpoint.answers = [200]
        address = self.endpoint.address.removesuffix("hook")
        self.channels = [
            webhook_channel(name=name, address=address + name, **known) for name, known in CHANNELS.items()
        ]
        self.settings = Settings(notify=NotifySettings(channels=self.channels))
        self.clock = Standing()
        self.moment = BEGIN
        self.present: dict[int, str] = {}
        self.posted: list[tuple[datetime, str, str, dict[str, Any]]] = []
        self.checked = 0

    def teardown(self) -> None:
        """All that waits comes in the end, and then everything must add up."""
        if not hasattr(self, "database"):
            return
        try:
            self.endpoint.answers = [200]
            for _ in range(30):
                self.deliver()
                self.pass_time(timedelta(hours=10))
                self.nothing_is_early_or_at_a_forbidden_time()
            self.deliver()
            self.all_adds_up()
        finally:
            self.running.__exit__(None, None, None)
            self.database.close()
            shutil.rmtree(self.folder)

    def pass_time(self, how_long: timedelta) -> None:
        self.moment += how_long
        Standing.moment = self.moment

    def deliver(self, lives: int | None = None) -> None:
        Standing.moment = self.moment
        before = len(self.endpoint.posts)
        self.database.lives = lives
        try:
            notify(self.database, self.settings, self.clock, CALENDAR)
        except Killed:
            pass
        finally:
            self.database.lives = None
            self.note(before)

    def note(self, before: int) -> None:
        """Remembers what was posted, when, and to whom."""
        with self.database.reading() as session:
            channel_of = {row.id: row.channel for row in session.scalars(select(Delivery))}
        for headers, body in self.endpoint.posts[before:]:
            message = headers["webhook-id"]
            self.posted.append((self.moment, channel_of[message], message, json.loads(body)))

    @rule(
        how_long=st.sampled_from([1, 20, 59, 90, 240, 600, 1440, 2900]).map(lambda each: timedelta(minutes=each))
    )
    def time_passes(self, how_long: timedelta) -> None:
        """Minutes, hours or days."""
        self.pass_time(how_long)

    @rule(
        present=st.dictionaries(st.sampled_from(MATTERS), st.sampled_from(["warning", "error"])),
        lives=st.none() | st.integers(0, 1),
    )
    def assess(self, present: dict[int, str], lives: int | None) -> None:
        """An assessment finds these matters, or dies."""
        self.database.lives = lives
        found = [condition(number, severity, substance=severity) for number, severity in present.items()]
        try:
            with self.database.begin() as session:
                reconcile(session, found, self.moment, channels=self.channels, calendar=CALENDAR)
        except Killed:
            return
        finally:
            self.database.lives = None
        self.present = present

    @rule(lives=st.none() | st.integers(0, 9), mood=st.sampled_from([200, 200, 200, 500]))
    def delivery(self, lives: int | None, mood: int) -> None:
        """A delivery, to receivers that work or do not, by a process that may die."""
        self.endpoint.answers = [mood]
        self.deliver(lives)

    @rule()
    def two_deliveries_at_once(self) -> None:
        """Another process delivers while this one is posting."""
        self.endpoint.answers = [200]
        Standing.moment = self.moment
        before = len(self.endpoint.posts)
        post = webhook.post
        other: list[int] = []

        def while_another_runs(*given: Any, **named: Any) -> None:
            if not other:
                other.append(1)
                notify(self.database, self.settings, self.clock, CALENDAR)
            post(*given, **named)

        webhook.post = while_another_runs
        try:
            notify(self.database, self.settings, self.clock, CALENDAR)
        finally:
            webhook.post = post
        self.note(before)

    @rule(number=st.integers(1, 3), what=st.sampled_from(["acknowledge", "mute", "mute for ever", "resolve"]))
    def by_hand(self, number: int, what: str) -> None:
        """Staff answer."""
        known: dict[str, Any] = {"note": "x", "by": "x", "at": self.moment}
        until = self.moment + timedelta(hours=30)
        try:
            if what == "acknowledge":
                listing.acknowledge(self.database, number, **known)
            elif what == "resolve":
                listing.resolve(self.database, number, channels=self.channels, calendar=CALENDAR, **known)
            else:
                listing.mute(self.database, number, until=None if "ever" in what else until, **known)
        except (listing.NoSuchAlert, ImpossibleStep):
            pass

    @invariant()
    def nothing_is_early_or_at_a_forbidden_time(self) -> None:
        """Every post came at a time at which its destination may be told, and not before the steps it tells of."""
        if not hasattr(self, "posted"):
            return
        by_name = {channel.name: channel for channel in self.channels}
        unchecked, self.checked = self.posted[self.checked :], len(self.posted)
        for moment, name, message, _ in unchecked:
            table = Timetable.of(by_name[name])
            assert table.open_from(moment, CALENDAR) == moment, f"{name} was told at {moment}"
            assert self.earliest(by_name[name], message) <= moment, f"{name} was told early, at {moment}"

    def earliest(self, channel: ChannelSettings, message: str) -> datetime:
        table = Timetable.of(channel)
        by_alert: dict[int, list[datetime]] = defaultdict(list)
        with self.database.reading() as session:
            for row in session.scalars(select(WaitingStep).where(WaitingStep.message_id == message)):
                at_once = channel.errors_at_once and row.severity == "error" and row.what != "resolved"
                by_alert[row.alert_id].append(table.told_from(row.at, CALENDAR, at_once=at_once))
        assert by_alert, "a message tells of something"
        return max(min(moments) for moments in by_alert.values())

    def all_adds_up(self) -> None:
        """After everything was delivered: see the head of this file."""
        with self.database.reading() as session:
            steps = list(session.scalars(select(WaitingStep).order_by(WaitingStep.id)))
            events = list(session.scalars(select(AlertEvent)))
            deliveries = {row.id: row for row in session.scalars(select(Delivery))}
            states = {row.id: AlertState(row.state) for row in session.scalars(select(Alert))}
        assert len({(step.event_id, step.channel) for step in steps}) == len(steps)
        told = {(step.event_id, step.channel) for step in steps}
        for event in events:
            if event.what in (Step.OPENED, Step.REOPENED):
                assert all((event.id, name) in told for name in CHANNELS if name != "chief"), "nobody was left out"
        bodies: dict[str, set[str]] = defaultdict(set)
        for _, _, message, body in self.posted:
            bodies[message].add(json.dumps(body, sort_keys=True))
        assert all(len(each) == 1 for each in bodies.values()), "one id, one message"
        assert bodies.keys() == deliveries.keys(), "everything arrived"
        assert {row.state for row in deliveries.values()} <= {"sent"}
        for step in steps:
            if step.taken_at is None:
                assert states[step.alert_id] is AlertState.MUTED, "only what is muted still waits"
            elif step.message_id is not None:
                assert deliveries[step.message_id].channel == step.channel
        for name in CHANNELS:
            self.what_was_heard_is_so(name, states)

    def what_was_heard_is_so(self, name: str, states: dict[int, AlertState]) -> None:
        heard: dict[int, list[str]] = defaultdict(list)
        known: set[str] = set()
        for _, channel, message, body in self.posted:
            if channel == name and message not in known:
                known.add(message)
                if body["type"] == "digest":
                    for alert in body["data"]["alerts"]:
                        heard[alert["id"]].append(alert["step"])
                else:
                    heard[body["data"]["id"]].append(body["type"].removeprefix("alert."))
        for number, words in heard.items():
            assert words[0] != "resolved", f"{name} heard of an end without a beginning"
            assert all(pair != ("resolved", "resolved") for pair in pairwise(words))
            if states[number] in (AlertState.OPEN, AlertState.ACKNOWLEDGED) and name != "chief":
                assert words[-1] != "resolved", f"{name} believes that {number} is over: {words}"
            if states[number] is AlertState.RESOLVED:
                assert words[-1] == "resolved" or "muted" in self.steps_of(number), f"{name}, {number}: {words}"

    def steps_of(self, number: int) -> set[str]:
        with self.database.reading() as session:
            return set(session.scalars(select(AlertEvent.what).where(AlertEvent.alert_id == number)))


TestToldOnce = ToldOnce.TestCase
# Without shrinking: what fails is printed step by step, and looking for a shorter way takes many minutes.
TestToldOnce.settings = settings(
    max_examples=6,
    phases=(Phase.explicit, Phase.generate),
    stateful_step_count=22,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
