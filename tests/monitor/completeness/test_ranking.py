"""The counties of a prefecture in order: shared places, small counties, and what nobody could verify."""

from dataclasses import replace
from datetime import date, datetime

from crawler.clock import SHANGHAI
from monitor.completeness.blocks import place_remark, ranking_rows
from monitor.completeness.figures import CountyCompleteness
from monitor.completeness.ranking import rankings
from monitor.publication import Due, PublicationState, Standing
from monitor.rules.base import OrganFacts, OrganKind

AS_OF = datetime(2024, 3, 1, 9, tzinfo=SHANGHAI)
DUE = Due(date(2024, 1, 31), "r", "s", "error")
ON_TIME, LATE, MISSING, UNVERIFIED, NOT_DUE = (
    PublicationState.ON_TIME,
    PublicationState.LATE,
    PublicationState.MISSING,
    PublicationState.UNVERIFIED,
    PublicationState.NOT_DUE,
)


def county(code: str, states: dict[PublicationState, int], errors: int = 0) -> CountyCompleteness:
    """A county with so many organs in each state; the first published reports have an error each."""
    standings: list[Standing] = []
    for state, number in states.items():
        for _ in range(number):
            organ = OrganFacts(
                f"{code}{len(standings):03d}", f"单位{len(standings)}", OrganKind.TOWNSHIP, code, code
            )
            wrong = int(state in (ON_TIME, LATE) and len(standings) < errors)
            standings.append(Standing(organ, 2023, DUE, state, errors=wrong))
    return CountyCompleteness(code, f"县{code}", AS_OF, tuple(standings), prefecture="清沅市")


def test_on_time_first_then_published_then_without_errors_and_equal_ones_share_a_place() -> None:
    counties = [
        county("990301", {ON_TIME: 18, LATE: 2}),
        county("990302", {ON_TIME: 9, MISSING: 1}),
        county("990303", {ON_TIME: 9, LATE: 1}),
        county("990304", {ON_TIME: 10}, errors=1),
        county("990305", {ON_TIME: 9, LATE: 1}, errors=1),
    ]
    (ranking,) = rankings(counties)
    assert [(place.code, place.place) for place in ranking.places] == [
        ("990304", 1),
        ("990301", 2),
        ("990303", 2),
        ("990305", 4),
        ("990302", 5),
    ]
    assert [place_remark(ranking, place) for place in ranking.places] == ["", "并列", "并列", "", ""]


def test_a_small_county_and_one_that_nobody_could_see_are_not_ranked_and_say_why() -> None:
    counties = [
        county("990301", {ON_TIME: 9}),
        county("990302", {ON_TIME: 18, UNVERIFIED: 2}),
        county("990303", {ON_TIME: 19, UNVERIFIED: 1}),
        county("990304", {NOT_DUE: 12}),
    ]
    (ranking,) = rankings(counties)
    assert [(place.code, place.place) for place in ranking.places] == [
        ("990303", 1),
        ("990301", None),
        ("990302", None),
        ("990304", None),
    ]
    assert [row[-1] for row in ranking_rows(ranking)] == [
        None,
        "应公布单位不足10家，不按比率排名",
        "2家无法核实，超过到期数的5%，不排名",
        "尚无到期的报告，不排名",
    ]
    assert ranking.places[0].on_time == 1.0


def test_what_nobody_could_see_neither_helps_nor_harms_a_ranked_county() -> None:
    seen, unseen = (
        county("990301", {ON_TIME: 38, LATE: 2}),
        county("990302", {ON_TIME: 38, LATE: 2, UNVERIFIED: 2}),
    )
    (ranking,) = rankings([seen, unseen])
    assert [place.place for place in ranking.places] == [1, 1]


def test_one_county_alone_or_one_without_a_prefecture_makes_no_ranking() -> None:
    alone = county("990301", {ON_TIME: 10})
    assert rankings([alone]) == ()
    assert rankings([alone, CountyCompleteness("990302", "县", AS_OF, alone.standings)]) == ()


def test_prefectures_of_one_name_in_two_provinces_are_ranked_apart() -> None:
    beijing, shanghai = (
        [replace(county(code, {ON_TIME: 10}), prefecture="市辖区") for code in codes]
        for codes in (("110101", "110102"), ("310101", "310104"))
    )
    assert [{place.code for place in one.places} for one in rankings([*beijing, *shanghai])] == [
        {"110101", "110102"},
        {"310101", "310104"},
    ]
