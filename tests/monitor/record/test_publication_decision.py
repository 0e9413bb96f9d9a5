"""What may be said of an obligation: proof before missing, the first version decides, three dates."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.clock import SHANGHAI
from crawler.records import Outcome
from monitor.publication import (
    Appearance,
    ColumnHistory,
    Decision,
    Evidence,
    Patience,
    PublicationState,
    decide,
)

YEAR, DUE = 2023, date(2024, 1, 31)
KEY = ("p", "nb")


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=SHANGHAI)


def column(*whole: datetime, id: str = "nb", last: Outcome | None = Outcome.UNCHANGED) -> ColumnHistory:
    return ColumnHistory("p", id, f"栏目{id}", whole, last)


def seen(first: datetime, day: date | None = None, source: str | None = "shown", **more: Any) -> Appearance:
    fields: dict[str, Any] = {
        "version_id": 1,
        "portal_id": "p",
        "column_id": "nb",
        "address": "http://x.example/1.html",
        "host": "x.example",
        "role": "document",
        "published_on": day,
        "published_from": source if day else None,
        "first_seen_at": first,
    }
    return Appearance(**(fields | more))


def evidence(*appearances: Appearance, columns: tuple[ColumnHistory, ...] = (), **more: Any) -> Evidence:
    histories = {(one.portal_id, one.column_id): one for one in columns}
    return Evidence(appearances, columns, histories=histories, **more)


def state(what: Evidence, as_of: datetime, expected: bool = True) -> Decision:
    return decide(YEAR, DUE, expected, what, as_of)


def test_before_the_due_day_ends_nothing_is_due() -> None:
    assert state(evidence(), at(1, 31, 23, 59)).state is PublicationState.NOT_DUE
    assert state(evidence(), at(2, 1, 0)).state is PublicationState.UNVERIFIED


def test_missing_needs_two_days_of_whole_passes_after_the_due_day() -> None:
    passes = [at(1, 31, 23), at(2, 1), at(2, 1, 20), at(2, 2)]
    for number, expected in ((1, "unverified"), (2, "unverified"), (3, "unverified"), (4, "missing")):
        decision = state(evidence(columns=(column(*passes[:number]),)), at(2, 5))
        assert decision.state.value == expected
        assert bool(decision.reason) == (expected == "unverified")
    assert decision.proof == (at(2, 1), at(2, 2))
    assert [(one.column, one.at) for one in decision.looked_at] == [("栏目nb", decision.proof)]


def test_a_day_is_a_day_in_shanghai() -> None:
    # Both on 1 February in Shanghai, though the first is still 31 January in UTC.
    both = tuple(datetime(2024, 2, 1, hour, tzinfo=SHANGHAI).astimezone(UTC) for hour in (1, 20))
    assert state(evidence(columns=(column(*both),)), at(2, 5)).state is PublicationState.UNVERIFIED
    third = datetime(2024, 2, 1, 16, 30, tzinfo=UTC)
    assert state(evidence(columns=(column(*both, third),)), at(2, 5)).state is PublicationState.MISSING


def test_every_column_must_have_been_seen() -> None:
    whole = column(at(2, 1), at(2, 2))
    for other, word in (
        (column(id="own", last=None), "从未采集"),
        (column(id="own", last=Outcome.BLOCKED), "拦截"),
        (column(at(2, 1), id="own"), "另一天"),
    ):
        decision = state(evidence(columns=(whole, other)), at(2, 5))
        assert decision.state is PublicationState.UNVERIFIED
        assert word in (decision.reason or "")


def test_no_column_and_doubts_keep_from_missing() -> None:
    assert "栏目" in (state(evidence(), at(2, 5)).reason or "")
    whole = column(at(2, 1), at(2, 2))
    decision = state(evidence(columns=(whole,), doubts=("读不了",)), at(2, 5))
    assert (decision.state, decision.reason) == (PublicationState.UNVERIFIED, "读不了")


@pytest.mark.parametrize(
    ("first", "shown", "source", "passes", "expected", "days"),
    [
        (at(1, 20), date(2024, 1, 18), "shown", (), "on_time", None),
        (at(3, 5), date(2024, 1, 31), "shown", (), "on_time", None),
        (at(3, 5), date(2024, 2, 1), "shown", (), "late", 1),
        (at(3, 5), date(2024, 2, 3), "list", (), "late", 3),
        # Seen in time: whatever it shows today.
        (at(1, 31, 23), date(2024, 2, 3), "shown", (), "on_time", None),
        (at(1, 31), None, None, (), "on_time", None),
        # Without a date of its own: only what was proven absent is late.
        (at(2, 10), None, None, (), "unverified", None),
        (at(2, 10), None, None, (at(1, 31, 23),), "unverified", None),
        (at(2, 10), None, None, (at(2, 1),), "late", 10),
        # The address may name the day on which a site was moved.
        (at(3, 5), date(2024, 2, 20), "address", (), "unverified", None),
        (at(3, 5), date(2024, 2, 20), "address", (at(2, 3),), "late", 20),
        (at(3, 5), date(2024, 1, 20), "address", (), "on_time", None),
    ],
)
def test_lateness_names_its_date(
    first: datetime, shown: date | None, source: str, passes: tuple[datetime, ...], expected: str, days: int | None
) -> None:
    decision = state(evidence(seen(first, shown, source), columns=(column(*passes),)), at(3, 10))
    assert (decision.state.value, decision.days_late) == (expected, days)
    assert (decision.published_on is None) is False
    assert ("no_date" in decision.flags) == (shown is None or shown > first.date())


def test_the_first_version_decides_and_a_correction_changes_nothing() -> None:
    late = seen(at(2, 20), date(2024, 2, 19))
    corrected = seen(at(3, 1), date(2024, 1, 19), version_id=2)
    decision = state(evidence(late, corrected), at(3, 10))
    assert (decision.state, decision.days_late, decision.version_id) == (PublicationState.LATE, 19, 2)
    in_time = seen(at(1, 20), date(2024, 1, 19))
    later = seen(at(3, 1), date(2024, 3, 1), version_id=2)
    decision = state(evidence(in_time, later), at(3, 10))
    assert (decision.state, decision.flags) == (PublicationState.ON_TIME, ("changed",))


def test_the_most_trusted_date_of_the_first_version_counts() -> None:
    listed = seen(at(2, 20), date(2024, 2, 3), "list")
    twin = seen(at(2, 20), date(2024, 1, 30), "meta", address="http://x.example/2.html")
    decision = state(evidence(listed, twin), at(3, 10))
    assert (decision.state, decision.published_from) == (PublicationState.ON_TIME, "meta")


def test_back_dated_needs_a_whole_pass_without_the_page() -> None:
    late_page = seen(at(2, 20), date(2024, 1, 25))
    assert state(evidence(late_page, columns=(column(),)), at(3, 10)).flags == ()
    assert state(evidence(late_page, columns=(column(at(1, 28)),)), at(3, 10)).flags == ()
    flagged = state(evidence(late_page, columns=(column(at(2, 2)),)), at(3, 10))
    assert (flagged.state, flagged.flags) == (PublicationState.ON_TIME, ("backdated",))
    assert [(one.column, one.at) for one in flagged.looked_at] == [("栏目nb", (at(2, 2),))]


def test_a_moved_site_back_dates_nothing() -> None:
    late_page = seen(at(2, 20), date(2024, 1, 25))
    moved = evidence(late_page, columns=(column(at(2, 2)),), migrations={("x.example", date(2024, 2, 20))})
    assert state(moved, at(3, 10)).flags == ()


def test_another_columns_passes_say_nothing_of_a_page() -> None:
    late_page = seen(at(2, 20), date(2024, 1, 25), column_id="new")
    found = evidence(late_page, columns=(column(at(2, 2)), column(id="new")))
    assert state(found, at(3, 10)).flags == ()


def test_two_copies_that_always_differed_are_no_change() -> None:
    one = seen(at(1, 20), date(2024, 1, 19))
    other = seen(at(1, 25), date(2024, 1, 19), version_id=2, address="http://x.example/2.html")
    assert state(evidence(one, other), at(3, 10)).flags == ()


def test_a_page_replaced_by_another_is_a_change() -> None:
    gone = seen(at(1, 20), date(2024, 1, 19), gone_at=at(2, 1))
    other = seen(at(2, 1), date(2024, 1, 19), version_id=2, address="http://x.example/2.html")
    decision = state(evidence(gone, other), at(3, 10))
    assert (decision.flags, decision.version_id) == (("changed",), 2)


@pytest.mark.parametrize(
    ("passes", "wanted", "removed"),
    [
        # The pass of 1 February, begun before, missed it; another one in a row has to.
        ((at(1, 25), at(2, 1, 8)), 2, False),
        ((at(1, 25), at(2, 1, 8), at(2, 1, 10)), 2, True),
        ((at(1, 25), at(2, 1, 8), at(2, 2)), 3, False),
        ((at(1, 25), at(2, 1, 8), at(2, 2), at(2, 3)), 3, True),
        ((at(2, 1, 8),), 1, True),
    ],
)
def test_removed_only_after_so_many_passes_without_it(
    passes: tuple[datetime, ...], wanted: int, removed: bool
) -> None:
    gone = seen(at(1, 20), date(2024, 1, 19), gone_at=at(2, 1))
    what = evidence(gone, columns=(column(*passes),))
    decision = decide(YEAR, DUE, True, what, at(3, 10), patience=Patience(removed_passes=wanted))
    assert decision.flags == (("removed",) if removed else ())
    other = evidence(gone, columns=(replace(column(*passes), column_id="elsewhere"),))
    assert state(other, at(3, 10)).flags == (("removed",) if len(passes) > 2 or passes[-1] > at(2, 1) else ())


def test_a_column_out_of_use_confirms_nothing_and_the_others_do() -> None:
    gone = seen(at(1, 20), date(2024, 1, 19), gone_at=at(2, 1), column_id="old")
    old = replace(column(at(1, 20), at(2, 1, 8), id="old"), in_use=False)
    for passes, flags in (((at(2, 1, 8),), ()), ((at(2, 1, 8), at(2, 5)), ("removed",))):
        assert state(evidence(gone, columns=(old, column(*passes))), at(3, 10)).flags == flags


def test_more_days_of_proof_may_be_asked_for() -> None:
    patience = Patience(missing_days=3)
    for days, expected in ((2, "unverified"), (3, "missing")):
        what = evidence(columns=(column(*(at(2, day) for day in range(1, days + 1))),))
        decision = decide(YEAR, DUE, True, what, at(2, 10), patience=patience)
        assert decision.state.value == expected
    assert len(decision.proof) == 3
    one = decide(YEAR, DUE, True, evidence(columns=(column(at(2, 1)),)), at(2, 10), patience=patience)
    assert "只在 1 天完整采集过，还需另外 2 天" in (one.reason or "")


@pytest.mark.parametrize("less", [{"missing_days": 1}, {"removed_passes": 0}])
def test_no_less_proof_than_the_contract_asks_for(less: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="contract"):
        Patience(**less)


def test_removed_only_where_no_address_shows_it_any_more() -> None:
    gone = seen(at(1, 20), date(2024, 1, 19), gone_at=at(2, 1))
    twin = seen(at(1, 20), date(2024, 1, 19), address="http://x.example/2.html")
    assert state(evidence(gone), at(3, 10)).flags == ("removed",), "no column is known in which it could come back"
    assert state(evidence(gone, twin), at(3, 10)).flags == ()
    replaced = replace(gone, gone_at=None, current=False)
    assert state(evidence(replaced), at(3, 10)).flags == ()
    back = seen(at(2, 5), date(2024, 1, 19))
    assert state(evidence(replace(gone, current=False), back), at(3, 10)).flags == ()


def test_published_before_the_year_was_over() -> None:
    assert state(evidence(seen(at(1, 5), date(2023, 12, 27))), at(3, 10)).flags == ("early",)


def test_what_is_not_expected_is_never_missing_or_late() -> None:
    for what in (evidence(columns=(column(at(2, 1), at(2, 2)),)), evidence(seen(at(3, 1), date(2024, 3, 1)))):
        assert state(what, at(3, 10), expected=False).state is PublicationState.NOT_EXPECTED


MOMENTS = st.integers(0, 150 * 24 * 60).map(
    lambda minutes: datetime(2023, 12, 1, tzinfo=SHANGHAI) + timedelta(minutes=minutes)
)
COLUMNS = st.lists(
    st.builds(
        lambda id, whole, last: ColumnHistory(
            "p", id, id, tuple(sorted(whole)), last if not whole else Outcome.UNCHANGED
        ),
        st.sampled_from(["nb", "own", "third"]),
        st.lists(MOMENTS, max_size=5),
        st.sampled_from([None, *Outcome]),
    ),
    max_size=3,
    unique_by=lambda one: one.column_id,
)


@st.composite
def appearances(draw: st.DrawFn) -> list[Appearance]:
    """Sightings as ingest writes them: a date is never after the day it was seen on."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        first = draw(MOMENTS)
        before, after = draw(st.integers(0, 300)), draw(st.integers(1, 5000))
        day = first.date() - timedelta(days=before) if draw(st.booleans()) else None
        source = draw(st.sampled_from(["shown", "meta", "metadata_table", "list", "address"]))
        gone = first + timedelta(minutes=after) if draw(st.booleans()) else None
        found.append(
            seen(
                first,
                day,
                source,
                version_id=draw(st.integers(1, 3)),
                address=f"http://x.example/{draw(st.integers(1, 2))}.html",
                column_id=draw(st.sampled_from(["nb", "own"])),
                gone_at=gone,
                current=draw(st.booleans()),
            )
        )
    return found


@settings(max_examples=400, deadline=None)
@given(appearances(), COLUMNS, st.lists(st.just("可能"), max_size=1), MOMENTS, st.booleans())
def test_nothing_is_said_without_its_proof(
    found: list[Appearance],
    columns: list[ColumnHistory],
    doubts: list[str],
    as_of: datetime,
    expected: bool,
) -> None:
    known = [one for one in found if one.first_seen_at <= as_of]
    histories = [replace(one, whole=tuple(at for at in one.whole if at <= as_of)) for one in columns]
    what = Evidence(known, histories, doubts, histories={(one.portal_id, one.column_id): one for one in histories})
    decision = state(what, as_of, expected)
    if decision.state is PublicationState.MISSING:
        assert not known
        assert not doubts
        assert expected
        assert as_of.date() > DUE
        assert histories
        for one in histories:
            assert len({moment.date() for moment in one.whole if moment.date() > DUE}) >= 2
        assert decision.proof
        assert all(DUE < moment.date() <= as_of.date() for moment in decision.proof)
    if decision.state is PublicationState.LATE:
        first = min(one.first_seen_at for one in known)
        assert first.date() > DUE
        assert decision.published_on is not None
        assert decision.published_on > DUE
        assert decision.days_late == (decision.published_on - DUE).days
        assert decision.published_on <= first.date()
    if decision.state is PublicationState.NOT_DUE:
        assert as_of.date() <= DUE
    if decision.state is PublicationState.UNVERIFIED:
        assert decision.reason
    if "backdated" in decision.flags:
        first = min(one.first_seen_at for one in known)
        assert any(DUE is not None and at < first for one in histories for at in one.whole)
        assert decision.published_on is not None
        assert decision.published_on <= DUE
    if "changed" in decision.flags:
        assert decision.versions > 1
    if "removed" in decision.flags:
        assert any(one.gone_at for one in known)


@settings(max_examples=200, deadline=None)
@given(appearances(), COLUMNS, MOMENTS, st.integers(1, 60))
def test_what_comes_later_never_changes_whether_the_first_was_late(
    found: list[Appearance], columns: list[ColumnHistory], as_of: datetime, days: int
) -> None:
    known = [one for one in found if one.first_seen_at <= as_of]
    if not known:
        return
    later = as_of + timedelta(days=days)
    more = seen(later, date(2024, 1, 1), version_id=9, address="http://x.example/9.html")
    histories = {(one.portal_id, one.column_id): one for one in columns}
    before = state(Evidence(known, columns, histories=histories), as_of)
    after = state(Evidence([*known, more], columns, histories=histories), later)
    assert (before.state, before.published_on, before.days_late) == (
        after.state,
        after.published_on,
        after.days_late,
    )


def test_an_earlier_date_of_the_place_is_shown_and_makes_nobody_late() -> None:
    def flags(shown: date | None, local: date | None, day: int = 34) -> tuple[str, tuple[str, ...]]:
        found = decide(
            YEAR, DUE, True, evidence(seen(at(1, 1) + timedelta(days=day - 1), shown)), at(2, 5), local_on=local
        )
        return found.state.value, found.flags

    local = date(2024, 1, 20)
    assert flags(date(2024, 1, 25), local) == ("on_time", ("after_local_date",))
    assert flags(date(2024, 1, 20), local) == ("on_time", ())
    assert flags(date(2024, 1, 25), None) == ("on_time", ())
    assert flags(date(2024, 1, 25), local, day=19) == ("on_time", ("no_date",)), "it was there"
    assert flags(date(2024, 2, 2), local) == ("late", ())
    early = decide(YEAR, DUE, True, evidence(columns=(column(at(1, 21), at(1, 22)),)), at(1, 23), local_on=local)
    assert early.state is PublicationState.NOT_DUE


def test_of_two_pages_that_came_together_the_later_published_stands() -> None:
    # A list shows its newest page first, so that the older one is fetched after it.
    corrected = seen(at(1, 20), date(2024, 1, 16), version_id=1, address="http://x.example/2.html")
    first = seen(at(1, 20, 9, 1), date(2024, 1, 15), version_id=2)
    assert state(evidence(first, corrected), at(3, 10)).version_id == 1
    undated = seen(at(1, 20, 9, 2), version_id=3, address="http://x.example/3.html")
    assert state(evidence(first, corrected, undated), at(3, 10)).version_id == 1
    later = seen(at(1, 21), date(2024, 1, 10), version_id=4, address="http://x.example/4.html")
    assert state(evidence(first, corrected, later), at(3, 10)).version_id == 4


def test_a_correction_that_came_with_the_first_page_makes_nobody_late() -> None:
    # The first pass is made in March, and the list shows the correction of February before the report of January.
    correction = seen(at(3, 1), date(2024, 2, 20), version_id=1, address="http://x.example/2.html")
    report = seen(at(3, 1, 9, 1), date(2024, 1, 15), version_id=2)
    decision = state(evidence(report, correction, columns=(column(at(3, 1)),)), at(3, 10))
    assert decision.state is PublicationState.ON_TIME
    assert decision.published_on == date(2024, 1, 15)
    assert decision.version_id == 1
    assert decision.dated_at == (report.address, 2), "the date is to be seen on the earlier page"
    gone = replace(report, gone_at=at(3, 5))
    assert state(evidence(gone, correction, columns=(column(at(3, 1)),)), at(3, 10)).dated_at is None
    # Whoever bears no date may have been there in time.
    undated = seen(at(3, 1, 9, 1), version_id=2)
    decision = state(evidence(undated, correction, columns=(column(at(3, 1)),)), at(3, 10))
    assert decision.state is PublicationState.UNVERIFIED
    # What hangs on the page without a date of its own takes nothing from the date of the page.
    attached = replace(
        undated, role="attachment", address="http://x.example/2.docx", parent_address=correction.address
    )
    decision = state(evidence(attached, correction, columns=(column(at(3, 1)),)), at(3, 10))
    assert (decision.state, decision.days_late) == (PublicationState.LATE, 20)
    # Two late ones: the earlier counts.
    report = seen(at(3, 1, 9, 1), date(2024, 2, 3), version_id=2)
    decision = state(evidence(report, correction, columns=(column(at(3, 1)),)), at(3, 10))
    assert (decision.state, decision.days_late) == (PublicationState.LATE, 3)


FIRST_OF_ALL: dict[str, Any] = {"address": "http://x.example/1.html", "version_id": 2}


@pytest.mark.parametrize("roles", [("document", "attachment"), ("attachment", "document")])
def test_the_report_in_time_may_be_a_file_and_its_correction_a_page_or_the_other_way_round(
    roles: tuple[str, str],
) -> None:
    correction = seen(at(3, 1), date(2024, 2, 20), address="http://x.example/2.html", role=roles[0])
    report = seen(at(3, 1, 9, 1), date(2024, 1, 15), role=roles[1], **FIRST_OF_ALL)
    decision = state(evidence(report, correction, columns=(column(at(3, 1)),)), at(3, 10))
    assert (decision.state, decision.published_on) == (PublicationState.ON_TIME, date(2024, 1, 15))


def test_a_first_pass_that_ends_after_midnight_makes_nobody_late() -> None:
    correction = seen(at(3, 1, 23, 59), date(2024, 2, 20), address="http://x.example/2.html")
    report = seen(at(3, 2, 0, 1), date(2024, 1, 15), **FIRST_OF_ALL)
    whole = replace(column(at(3, 1, 23, 50)), ended=(at(3, 2, 0, 10),))
    decision = state(evidence(report, correction, columns=(whole,)), at(3, 10))
    assert (decision.state, decision.published_on) == (PublicationState.ON_TIME, date(2024, 1, 15))
    # What only the pass after that finds came after it.
    whole = replace(column(at(3, 1, 23, 50), at(3, 2, 0)), ended=(at(3, 1, 23, 59), at(3, 2, 0, 10)))
    correction = replace(correction, first_seen_at=at(3, 1, 23, 51))
    decision = state(evidence(report, correction, columns=(whole,)), at(3, 10))
    assert (decision.state, decision.days_late) == (PublicationState.LATE, 20)


def test_a_file_in_time_counts_though_its_page_shows_the_report_itself_by_now() -> None:
    attached = seen(at(1, 20), role="attachment", parent_address="http://x.example/2.html", **FIRST_OF_ALL)
    page = seen(at(3, 5), date(2024, 3, 4), address="http://x.example/2.html")
    decision = state(evidence(page, attached, columns=(column(at(1, 20), at(3, 5)),)), at(3, 10))
    assert (decision.state, decision.first_seen_at) == (PublicationState.ON_TIME, at(1, 20))
