"""What became of problems: only a changed report corrects anything."""

from dataclasses import replace
from datetime import date, datetime

from crawler.clock import SHANGHAI
from monitor.completeness.corrections import corrections
from monitor.publication import Due, PublicationState, Standing
from monitor.rules.base import OrganFacts, OrganKind
from tests.monitor.completeness.examples import PROBLEM

SINCE = datetime(2024, 1, 20, tzinfo=SHANGHAI)
TOWN = OrganFacts("410526111", "焦虎镇", OrganKind.TOWNSHIP, "410526", "滑县")
STOOD = Standing(TOWN, 2023, Due(date(2024, 1, 31), "r", "s", "warning"), PublicationState.LATE, version_id=1)
TOLD = replace(PROBLEM, matter="T3-01 total_results", version_id=1)


def test_a_problem_that_is_gone_from_a_changed_report_is_corrected() -> None:
    found = corrections(SINCE, [STOOD], [replace(STOOD, version_id=2)], [TOLD], [])
    assert (found.corrected, found.dropped, found.remaining, found.found) == ((TOLD,), (), (), ())


def test_a_problem_no_longer_told_of_the_same_report_is_nobodys_correction() -> None:
    found = corrections(SINCE, [STOOD], [STOOD], [TOLD], [])
    assert (found.corrected, found.dropped) == ((), (TOLD,))


def test_a_report_taken_down_corrects_nothing() -> None:
    gone = replace(STOOD, version_id=2, flags=("removed",))
    assert corrections(SINCE, [STOOD], [gone], [TOLD], []).corrected == ()


def test_the_same_mistake_in_another_version_is_not_corrected_yet_and_another_one_is_new() -> None:
    again, other = replace(TOLD, version_id=2, reported="3"), replace(TOLD, matter="T4-01", version_id=2)
    found = corrections(SINCE, [STOOD], [replace(STOOD, version_id=2)], [TOLD], [again, other])
    assert (found.remaining, found.found, found.corrected) == ((again,), (other,), ())


def test_who_was_missing_and_published_has_caught_up() -> None:
    missing = replace(STOOD, state=PublicationState.MISSING, version_id=None)
    unseen = replace(STOOD, state=PublicationState.UNVERIFIED, version_id=None)
    assert corrections(SINCE, [missing], [STOOD], [], []).caught_up == (STOOD,)
    assert corrections(SINCE, [unseen], [STOOD], [], []).caught_up == ()
