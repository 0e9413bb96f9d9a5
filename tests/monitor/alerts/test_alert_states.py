"""The life of an alert: single steps by name, then any sequence of passes and of steps by hand."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monitor.alerts.states import (
    AlertState,
    Change,
    ImpossibleStep,
    Life,
    Seen,
    Step,
    acknowledge,
    mute,
    observe,
    resolve,
)
from tests.monitor.alerts.support import MORNING

MILD = Seen("warning", "digest 1", "facts 1")
GRAVE = Seen("error", "digest 2", "facts 1")
DAY = timedelta(days=1)


def after(change: Change | None) -> Life:
    assert change is not None
    return change.life


def opened(seen: Seen = MILD) -> Life:
    return after(observe(None, seen, True, MORNING))


def test_it_opens_once_and_is_told_once() -> None:
    change = observe(None, MILD, True, MORNING)
    assert change is not None
    assert (change.step, change.told) == (Step.OPENED, True)
    assert observe(change.life, MILD, True, MORNING + DAY) is None


def test_an_update_is_silent_and_worsening_is_told() -> None:
    update = observe(opened(), Seen("warning", "digest 9", "facts 1"), True, MORNING)
    assert update is not None
    assert (update.step, update.told) == (Step.UPDATED, False)
    worse = observe(opened(), GRAVE, True, MORNING)
    assert worse is not None
    assert (worse.step, worse.told) == (Step.WORSENED, True)


def test_worsening_is_told_once_however_often_it_swings() -> None:
    milder = after(observe(opened(GRAVE), MILD, True, MORNING))
    again = observe(milder, GRAVE, True, MORNING)
    assert again is not None
    assert (again.step, again.told) == (Step.UPDATED, False)


def test_what_could_not_be_judged_is_held() -> None:
    assert observe(opened(), None, False, MORNING) is None


def test_it_resolves_and_reopens() -> None:
    over = observe(opened(), None, True, MORNING + DAY)
    assert over is not None
    assert (over.step, over.told, over.life.resolved_at) == (Step.RESOLVED, True, MORNING + DAY)
    back = observe(over.life, MILD, True, MORNING + 2 * DAY)
    assert back is not None
    assert (back.step, back.told, back.life.resolved_at) == (Step.REOPENED, True, None)


def test_acknowledged_stays_acknowledged_through_updates() -> None:
    taken = acknowledge(opened(), MORNING).life
    worse = after(observe(taken, GRAVE, True, MORNING))
    assert worse.state is AlertState.ACKNOWLEDGED
    assert worse.acknowledged_at == MORNING


def test_a_mute_is_silent_until_its_end_and_then_tells_what_remains() -> None:
    quiet = mute(opened(), MORNING + 3 * DAY, MORNING).life
    worse = observe(quiet, GRAVE, True, MORNING + DAY)
    assert worse is not None
    assert not worse.told
    ended = observe(quiet, MILD, True, MORNING + 3 * DAY)
    assert ended is not None
    assert (ended.step, ended.told, ended.life.muted_until) == (Step.REOPENED, True, None)
    over = observe(quiet, None, True, MORNING + DAY)
    assert over is not None
    assert (over.step, over.told) == (Step.RESOLVED, False)


def test_a_mute_without_an_end_lasts_until_the_matter_is_over() -> None:
    quiet = mute(opened(), None, MORNING).life
    assert observe(quiet, MILD, True, MORNING + 1000 * DAY) is None


def test_resolved_by_hand_stays_so_until_the_facts_change() -> None:
    settled = resolve(opened(), MORNING).life
    assert observe(settled, MILD, True, MORNING + DAY) is None
    assert observe(settled, Seen("warning", "other words", "facts 1"), True, MORNING + DAY) is None
    other = observe(settled, Seen("warning", "digest 1", "facts 2"), True, MORNING + DAY)
    assert other is not None
    assert (other.step, other.told) == (Step.REOPENED, True)
    graver = observe(settled, GRAVE, True, MORNING + DAY)
    assert graver is not None
    assert graver.step is Step.REOPENED


def test_resolved_by_hand_then_over_then_back_is_news() -> None:
    settled = resolve(opened(), MORNING).life
    over = observe(settled, None, True, MORNING + DAY)
    assert over is not None
    assert not over.told
    assert observe(over.life, None, True, MORNING + DAY) is None
    back = observe(over.life, MILD, True, MORNING + 2 * DAY)
    assert back is not None
    assert (back.step, back.told) == (Step.REOPENED, True)


def test_impossible_steps_are_refused_in_words() -> None:
    settled = resolve(opened(), MORNING).life
    with pytest.raises(ImpossibleStep, match="已经解决"):
        acknowledge(settled, MORNING)
    with pytest.raises(ImpossibleStep, match="已经解决"):
        resolve(settled, MORNING)
    with pytest.raises(ImpossibleStep, match="已过"):
        mute(opened(), MORNING, MORNING)


class AnyLife(RuleBasedStateMachine):
    """Passes and staff in any order; what people were told must always add up."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MORNING
        self.life: Life | None = None
        self.believed_open = False
        self.silenced = False

    def take(self, change: Change | None) -> None:
        """Applies a change and checks what is told against what people believe."""
        if change is None:
            return
        self.life = change.life
        if change.step in (Step.OPENED, Step.REOPENED):
            assert change.told, "an opening is never kept from people"
            assert change.step is Step.REOPENED or not self.believed_open, "an opening is told once"
            self.believed_open, self.silenced = True, False
        if change.step is Step.RESOLVED:
            assert change.told is not self.silenced
            self.believed_open = False
        if change.step is Step.MUTED:
            self.silenced = True
        if change.step is Step.ACKNOWLEDGED:
            self.silenced = False
        if change.step is Step.UPDATED:
            assert not change.told

    @initialize()
    def nothing_yet(self) -> None:
        """There is no alert before the matter is seen."""
        assert observe(None, None, True, self.now) is None

    @rule(
        severity=st.sampled_from(["warning", "error"]),
        digest=st.sampled_from("ab"),
        facts=st.sampled_from("xy"),
        judged=st.booleans(),
    )
    def seen(self, severity: str, digest: str, facts: str, judged: bool) -> None:
        """A pass sees the matter; the same pass again changes nothing."""
        now = Seen(severity, f"{severity}{digest}{facts}", facts)
        before = self.life
        change = observe(self.life, now, judged, self.now)
        self.take(change)
        assert self.life is not None
        assert observe(self.life, now, judged, self.now) is None, "the same input twice changes nothing"
        settled = before is not None and before.by_hand and before.seen.substance == facts
        if settled and before is not None and not (before.gravest == "warning" and severity == "error"):
            assert self.life == before, "what staff settled stays settled"

    @rule()
    def gone(self) -> None:
        """A pass that could judge does not see the matter."""
        self.take(observe(self.life, None, True, self.now))
        assert observe(self.life, None, True, self.now) is None
        assert self.life is None or (self.life.state is AlertState.RESOLVED and not self.life.by_hand)

    @rule()
    def blind(self) -> None:
        """A pass that could not judge changes nothing at all."""
        assert observe(self.life, None, False, self.now) is None

    @rule(days=st.integers(1, 5))
    def wait(self, days: int) -> None:
        """Time goes by."""
        self.now += days * DAY

    @precondition(lambda self: self.life and self.life.state is not AlertState.RESOLVED)
    @rule()
    def take_up(self) -> None:
        """Staff acknowledge."""
        assert self.life is not None
        self.take(acknowledge(self.life, self.now))

    @precondition(lambda self: self.life and self.life.state is not AlertState.RESOLVED)
    @rule(days=st.one_of(st.none(), st.integers(1, 4)))
    def silence(self, days: int | None) -> None:
        """Staff mute."""
        assert self.life is not None
        self.take(mute(self.life, None if days is None else self.now + days * DAY, self.now))

    @precondition(lambda self: self.life and self.life.state is not AlertState.RESOLVED)
    @rule()
    def settle(self) -> None:
        """Staff resolve."""
        assert self.life is not None
        self.take(resolve(self.life, self.now))
        assert self.life is not None
        assert self.life.by_hand

    @invariant()
    def fields_fit_the_state(self) -> None:
        """Times stand exactly where the state has them."""
        if self.life is None:
            return
        assert (self.life.resolved_at is not None) == (self.life.state is AlertState.RESOLVED)
        assert self.life.muted_until is None or self.life.state is AlertState.MUTED
        assert self.life.state is not AlertState.ACKNOWLEDGED or self.life.acknowledged_at is not None
        assert not self.life.by_hand or self.life.state is AlertState.RESOLVED
        assert self.believed_open == (self.life.state is not AlertState.RESOLVED)


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
