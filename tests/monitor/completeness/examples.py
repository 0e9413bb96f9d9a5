"""A handmade county with every state, for the tests of figures and formats."""

from datetime import date, datetime

from crawler.clock import SHANGHAI
from monitor.completeness.figures import Completeness, Problem, gather
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
