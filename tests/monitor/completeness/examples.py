"""A handmade county with every state, for the tests of figures and formats."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from crawler.clock import SHANGHAI
from monitor.completeness.contents import ContentRate
from monitor.completeness.corrections import Corrections, VersionChange
from monitor.completeness.course import OrganState, YearStates, year_states
from monitor.completeness.figures import Completeness, Problem, gather
from monitor.completeness.pairs import Side, SimilarPair
from monitor.completeness.ranking import rankings
from monitor.completeness.yearly import INDICATORS, two_years
from monitor.publication import Due, LookedAt, PublicationState, Standing
from monitor.rules.base import OrganFacts, OrganKind

AS_OF = datetime(2024, 2, 5, 9, 0, tzinfo=SHANGHAI)
PRACTICE = Due(date(2024, 1, 31), "practice-township", "参照部门期限（地方惯例）", "warning")
STATUTE = Due(date(2024, 1, 31), "statute-department", "《政府信息公开条例》第四十九条第一款", "error")
COUNTY = Due(date(2024, 3, 31), "statute-county", "《政府信息公开条例》第四十九条第二款", "error")


def organ(code: str, name: str, kind: OrganKind, county: str = "滑县") -> OrganFacts:
    """An organ of the county that its code begins with."""
    return OrganFacts(code, name, kind, code[:6], county)


def seen(day: int) -> datetime:
    """A moment of February 2024 (day 0 is 31 January)."""
    return datetime(2024, 2, day, 7, 30, tzinfo=SHANGHAI) if day else datetime(2024, 1, 31, 7, 30, tzinfo=SHANGHAI)


STANDINGS = (
    Standing(
        organ("410526111", "焦虎镇", OrganKind.TOWNSHIP),
        2023,
        PRACTICE,
        PublicationState.LATE,
        published_on=date(2024, 2, 3),
        published_from="shown",
        first_seen_at=seen(4),
        days_late=3,
        address="https://huaxian.example/a/1.html",
        version_id=1,
        versions=1,
        errors=1,
        warnings=2,
        flags=("backdated",),
    ),
    Standing(
        organ("410526100", "道口镇", OrganKind.TOWNSHIP),
        2023,
        PRACTICE,
        PublicationState.ON_TIME,
        published_on=date(2024, 1, 20),
        published_from="list",
        first_seen_at=seen(0),
        address="https://huaxian.example/a/2.html",
        version_id=2,
        versions=2,
        flags=("changed",),
    ),
    Standing(
        organ("410526102", "白道口镇", OrganKind.TOWNSHIP),
        2023,
        PRACTICE,
        PublicationState.MISSING,
        proof=(seen(1), seen(3)),
        looked_at=(LookedAt("滑县门户", "乡镇年报", "https://huaxian.example/a/", (seen(1), seen(3))),),
    ),
    Standing(
        organ("410526201", "=半坡店乡", OrganKind.TOWNSHIP),
        2023,
        PRACTICE,
        PublicationState.UNVERIFIED,
        reason="栏目所在网站拒绝访问",
    ),
    Standing(
        organ("4105260A1", "滑县财政局", OrganKind.DEPARTMENT),
        2023,
        STATUTE,
        PublicationState.ON_TIME,
        published_on=date(2024, 1, 31),
        published_from="first_seen",
        first_seen_at=seen(0),
        address="javascript:alert(1)",
        warnings=1,
        flags=("no_date",),
    ),
    Standing(organ("410526000", "滑县人民政府", OrganKind.COUNTY), 2023, COUNTY, PublicationState.NOT_DUE),
    Standing(organ("4105260B1", "滑县税务局", OrganKind.DEPARTMENT), 2023, STATUTE, PublicationState.NOT_EXPECTED),
    Standing(
        organ("120102001", "大王庄街道", OrganKind.SUBDISTRICT, "河东区"),
        2023,
        PRACTICE,
        PublicationState.ON_TIME,
        published_on=date(2024, 1, 16),
        published_from="shown",
        first_seen_at=seen(0),
        address="https://hedong.example/1.html",
    ),
)
PROBLEM = Problem(
    organ_code="410526111",
    organ="焦虎镇",
    report_year=2023,
    rule="T3-01",
    severity="error",
    message="（七）总计与各项之和不符，相差1件",
    place="表三 （七）总计 · 自然人",
    reported="0",
    expected="1",
    basis="政府信息公开工作年度报告格式",
    address="https://huaxian.example/a/1.html",
    likely_cause="很可能是（七）总计漏填",
)


def example() -> Completeness:
    """The report over all of the above, as of 5 February 2024."""
    return gather(
        2023,
        AS_OF,
        STANDINGS,
        columns={"410526": (11, 10), "120102": (2, 2)},
        problems=[PROBLEM],
        prefectures={"410526": "安阳市"},
    )


def full_example(organs: int = 3) -> Completeness:
    """The same with all blocks; more organs of 滑县 than its own make its tables longer."""
    report = example()
    small, county = report.counties
    more = tuple(
        replace(STANDINGS[4], organ=organ(f"4105260C{number:02d}", f"滑县第{number}局", OrganKind.DEPARTMENT))
        for number in range(organs - 3)
    )
    standings = (*county.standings, *more)
    facts = [one.organ for one in standings if one.state is not PublicationState.NOT_EXPECTED]
    numbers = {cell: 2 for cells in INDICATORS.values() for cell in cells}
    late = STANDINGS[0]
    new = replace(PROBLEM, rule="T4-01", matter="T4-01", message="行政复议各项之和与总计不符")
    full = replace(
        county,
        standings=standings,
        contents=(
            ContentRate("S-01", holds=(facts[0], facts[1]), fails=(facts[2],)),
            ContentRate("S-10", holds=(facts[0],), fails=(late.organ,), not_assessable=(facts[2],)),
        ),
        course=(
            YearStates(2022, tuple(replace(each, due_on=date(2023, 1, 31)) for each in _states(standings)[:2])),
            YearStates(2023, _states(standings)),
        ),
        two_years=two_years(
            2023,
            facts,
            {late.organ.code: numbers},
            {one.code: {**numbers, "section_three.new_received.total": 5} for one in facts},
        ),
        outliers=(
            replace(PROBLEM, rule="P-01", severity="warning", message="制发规范性文件455件，远多于同类单位"),
        ),
        pairs=(
            SimilarPair(
                Side("410526111", "焦虎镇", "滑县", "https://huaxian.example/a/1.html", date(2024, 2, 3)),
                Side("120102001", "大王庄街道", "河东区", "https://hedong.example/1.html", None),
                0.9871,
                1234,
            ),
        ),
        corrections=Corrections(
            since=datetime(2024, 1, 6, 9, tzinfo=SHANGHAI),
            corrected=(replace(PROBLEM, organ_code="410526100", organ="道口镇", matter="T3-02"),),
            remaining=(PROBLEM,),
            found=(new,),
            caught_up=(late,),
            versions=(VersionChange(STANDINGS[1].organ, seen(0), seen(4), differences=3, repaired=1),),
        ),
    )
    counties = (replace(small, code="410523", prefecture="安阳市"), full)
    return replace(report, counties=counties, rankings=rankings(counties), full=True)


def _states(standings: Sequence[Standing]) -> tuple[OrganState, ...]:
    return year_states(2023, standings).organs
