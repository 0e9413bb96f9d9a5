"""The 问题清单: one line for one mistake, with its place and its two numbers."""

from datetime import date

from monitor.alerts.conditions import JudgedVersion, PrintedCell
from monitor.completeness.problems import problems_of
from monitor.rules.base import Cause, Finding, Matter, OrganFacts, OrganKind, Severity, ShouldRead

SUM = Finding(
    "T3-01",
    Severity.ERROR,
    "表三{columns}列不符",
    {
        "columns": "“自然人”",
        "natural_person": {"sum": 1, "total_results": 0},
        "total": {"sum": 1, "total_results": 0},
    },
    ("section_three.granted.natural_person", "section_three.total_results.natural_person"),
    (3,),
)
FLOW = Finding("T3-02", Severity.ERROR, "勾稽关系不符", {"natural_person": {"left": 1, "right": 0}})
FEE = Finding("T2-06", Severity.WARNING, "采购", {}, ("section_two.central_procurement.project_count",), (2,))
PROSE = Finding("N-01", Severity.WARNING, "正文与表不符", {}, (), (1,))
SMALL = Finding("T2-00", Severity.NOTICE, "未填", {}, (), (2,))


def version(*matters: Matter, organ: bool = True) -> JudgedVersion:
    """A judged version of the form of 2019 with these matters."""
    return JudgedVersion(
        version_id=1,
        organ=OrganFacts("410526111", "焦虎镇", OrganKind.TOWNSHIP, "410526", "滑县") if organ else None,
        report_year=2019,
        county_code="410526",
        portal_id="huaxian",
        address="https://huaxian.example/1.html",
        sha256="0" * 64,
        form="2019",
        published_on=date(2020, 1, 20),
        matters=matters,
        cells={
            "section_two.central_procurement.project_count": PrintedCell(
                "section_two.central_procurement.project_count", "", "blank"
            )
        },
    )


def test_one_mistake_is_one_line_with_all_its_rules() -> None:
    (line,) = problems_of(version(Matter("root", Severity.ERROR, (SUM, FLOW), Cause("很可能是总计漏填"))))
    assert line.rule == "T3-01、T3-02"
    assert line.place == "表三 （七）总计 · 自然人；表三 （七）总计 · 总计"
    assert (line.reported, line.expected) == ("0；0", "1；1")
    assert line.likely_cause == "很可能是总计漏填"
    assert line.basis
    assert line.address == "https://huaxian.example/1.html"


def test_two_sums_against_each_other_are_told_as_sums() -> None:
    (line,) = problems_of(version(Matter("flow", Severity.ERROR, (FLOW,))))
    assert line.place == "表三 第三项加第四项（对照第一项加第二项） · 自然人"
    assert (line.reported, line.expected) == ("0", "1")


def test_a_blank_is_told_as_blank_and_prose_by_its_section() -> None:
    fee, prose = problems_of(
        version(Matter("fee", Severity.WARNING, (FEE,)), Matter("prose", Severity.WARNING, (PROSE,)))
    )
    assert fee.reported == "空白"
    assert "政府集中采购" in fee.place
    assert (prose.place, prose.reported, prose.expected) == ("第1部分", "", "")


def test_notices_and_reports_of_nobody_are_not_forwarded() -> None:
    assert not list(problems_of(version(Matter("small", Severity.NOTICE, (SMALL,)))))
    assert not list(problems_of(version(Matter("root", Severity.ERROR, (SUM,)), organ=False)))


def test_where_the_mistake_is_known_the_wrong_cells_stand_in_the_list_and_not_the_sum_that_tells_of_them() -> None:
    wrong = (
        ShouldRead("section_three.granted.natural_person", "表三 （一）予以公开 · 自然人", 3, 0),
        ShouldRead("section_three.carried_forward.total", "表三 四、结转下年度继续办理 · 总计", None, 2),
    )
    (line,) = problems_of(
        version(Matter("section_three", Severity.ERROR, (SUM,), Cause("很可能误填", {}, (wrong,))))
    )
    assert line.place == "表三 （一）予以公开 · 自然人；表三 四、结转下年度继续办理 · 总计"
    assert (line.reported, line.expected) == ("3；空白", "0；2")


def test_where_several_answers_are_as_likely_the_sum_stands_in_the_list() -> None:
    ways = tuple((ShouldRead(key, key, 1, 0),) for key in ("one", "other"))
    (line,) = problems_of(version(Matter("section_three", Severity.ERROR, (SUM,), Cause("不能断定", {}, ways))))
    assert (line.reported, line.expected) == ("0；0", "1；1")
