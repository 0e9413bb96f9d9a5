"""The decision over outcomes: its table, and what must hold whatever happened."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.outcomes import PRECEDENCE, ColumnFacts, Decision, decide_column, decide_run, in_words
from crawler.records import Outcome

PROBLEMS = st.sampled_from(
    [
        "blocked",
        "robots",
        "robots_unavailable",
        "unreachable",
        "certificate",
        "gone",
        "soft_404",
        "off_site",
        "private_address",
        "no_address",
        "too_large",
        "broken",
    ]
)
COUNTS = st.dictionaries(PROBLEMS, st.integers(0, 5), max_size=3)
FACTS = st.builds(
    ColumnFacts,
    first_page=st.none() | PROBLEMS,
    recognised=st.booleans(),
    pages=st.integers(0, 30),
    declared_pages=st.none() | st.integers(0, 40),
    rows=st.integers(0, 300),
    declared=st.none() | st.integers(0, 400),
    reports=st.integers(0, 300),
    changed=st.integers(0, 300),
    known=st.integers(0, 300),
    pages_failed=COUNTS,
    documents_failed=COUNTS,
    others_failed=COUNTS,
    repeated=st.booleans(),
    too_many_pages=st.booleans(),
    stopped=st.none() | st.sampled_from(["interrupted", "timed_out"]),
)
GOOD = ColumnFacts(rows=5, reports=3)


@pytest.mark.parametrize(
    ("facts", "outcome", "problem"),
    [
        (GOOD, Outcome.UNCHANGED, None),
        (replace(GOOD, changed=1), Outcome.COLLECTED, None),
        (replace(GOOD, reports=0), Outcome.EMPTY_PROVEN, None),
        (replace(GOOD, reports=0, known=2), Outcome.LAYOUT_CHANGED, "list_emptied:2"),
        (replace(GOOD, recognised=False), Outcome.LAYOUT_CHANGED, "no_list"),
        (replace(GOOD, first_page="blocked"), Outcome.BLOCKED, "blocked"),
        (replace(GOOD, first_page="robots"), Outcome.BLOCKED, "robots"),
        (replace(GOOD, first_page="certificate"), Outcome.UNREACHABLE, "certificate"),
        (replace(GOOD, first_page="private_address"), Outcome.UNREACHABLE, "private_address"),
        (replace(GOOD, first_page="robots_unavailable"), Outcome.UNREACHABLE, "robots_unavailable"),
        (replace(GOOD, first_page="gone"), Outcome.LAYOUT_CHANGED, "gone"),
        (replace(GOOD, pages_failed={"blocked": 1}), Outcome.BLOCKED, "pages_failed:blocked=1"),
        (replace(GOOD, pages_failed={"gone": 2}), Outcome.PARTIAL, "pages_failed:gone=2"),
        (replace(GOOD, documents_failed={"gone": 1}), Outcome.PARTIAL, "documents_failed:gone=1"),
        (replace(GOOD, others_failed={"broken": 1}), Outcome.PARTIAL, "others_failed:broken=1"),
        (replace(GOOD, declared=20), Outcome.PARTIAL, "declared_more:5/20"),
        (replace(GOOD, declared=5), Outcome.UNCHANGED, None),
        (replace(GOOD, declared=4), Outcome.UNCHANGED, None),
        (replace(GOOD, declared_pages=3), Outcome.PARTIAL, "pages_unread:1/3"),
        (replace(GOOD, repeated=True), Outcome.PARTIAL, "pages_repeat"),
        (replace(GOOD, too_many_pages=True), Outcome.PARTIAL, "too_many_pages"),
        (replace(GOOD, stopped="interrupted"), Outcome.PARTIAL, "interrupted"),
        (replace(GOOD, stopped="timed_out"), Outcome.TIMED_OUT, "timed_out"),
    ],
)
def test_a_column_ends_so(facts: ColumnFacts, outcome: Outcome, problem: str | None) -> None:
    assert decide_column(facts) == Decision(outcome, problem)


@given(FACTS)
def test_whole_means_that_nothing_at_all_failed(facts: ColumnFacts) -> None:
    decision = decide_column(facts)
    if decision.outcome.whole:
        assert facts.first_page is None
        assert facts.recognised
        for counts in (facts.pages_failed, facts.documents_failed, facts.others_failed):
            assert not any(counts.values())
        assert facts.declared is None or facts.rows >= facts.declared
        assert facts.declared_pages is None or facts.pages >= facts.declared_pages
        assert not any((facts.repeated, facts.too_many_pages, facts.stopped))
        assert facts.reports or not facts.known
        assert decision.problem is None
    else:
        assert decision.problem


@given(FACTS)
def test_empty_is_proven_only_where_no_report_was_listed_or_known(facts: ColumnFacts) -> None:
    if decide_column(facts).outcome is Outcome.EMPTY_PROVEN:
        assert facts.reports == 0
        assert facts.known == 0
        assert facts.recognised


@given(FACTS, PROBLEMS)
def test_a_further_failure_never_makes_a_column_whole(facts: ColumnFacts, problem: str) -> None:
    for worse in (
        replace(facts, pages_failed={**facts.pages_failed, problem: 1}),
        replace(facts, documents_failed={**facts.documents_failed, problem: 1}),
        replace(facts, others_failed={**facts.others_failed, problem: 1}),
    ):
        assert not decide_column(worse).outcome.whole


@given(st.lists(FACTS, min_size=1, max_size=5), st.none() | st.sampled_from(["interrupted", "timed_out"]))
def test_a_run_is_as_bad_as_its_worst_column(facts: list[ColumnFacts], stopped: str | None) -> None:
    columns = [decide_column(one) for one in facts]
    run = decide_run(columns, stopped)
    assert run.outcome.whole == (not stopped and all(column.outcome.whole for column in columns))
    if not stopped:
        assert PRECEDENCE.index(run.outcome) == min(PRECEDENCE.index(column.outcome) for column in columns)
    assert (run.problem is None) == run.outcome.whole
    assert decide_run(columns, stopped, "boom").outcome is Outcome.CRASHED


def test_every_outcome_has_its_place_in_the_precedence() -> None:
    assert sorted(PRECEDENCE) == sorted(Outcome)
    assert decide_run([], None).outcome is Outcome.PARTIAL


@given(FACTS)
def test_every_problem_can_be_said_in_chinese(facts: ColumnFacts) -> None:
    problem = decide_column(facts).problem
    if problem:
        words = in_words(problem).replace("[crawl] allow_private_addresses", "")
        assert "出错" not in words
        assert all(
            ord(character) > 127 or character in "0123456789.robtsx" for character in words.replace(" ", "")
        )
