"""The conventions of domain.md part 4: blank is not zero, absent is not blank, doubt weighs less and is said."""

from dataclasses import replace

import pytest

from monitor.rules.base import Fail, Finding, NotAssessable, Pass, Result, Severity, Subject
from monitor.rules.catalogue import RULES
from monitor.rules.organs import kind_of, same_organ
from parsers.schema import Cell, CellState, Lint, Place
from tests.monitor.rules.building import (
    ABSENT,
    BLANK,
    COUNTY,
    COUNTY_ORGANS,
    DEPARTMENT,
    TOWN,
    Changes,
    build_report,
    one_application,
    subject,
)

EVALUATE = {rule.id: rule.evaluate for rule in RULES}


def answer(rule: str, judged: Subject) -> Result:
    """What one rule says."""
    return EVALUATE[rule](judged)


def finding(rule: str, judged: Subject) -> Finding:
    """The only finding of a rule that must fail."""
    result = answer(rule, judged)
    assert isinstance(result, Fail)
    assert len(result.findings) == 1
    return result.findings[0]


# --- blanks ------------------------------------------------------------------------------------------------


def test_sums_that_agree_with_blanks_as_zero_pass_with_a_note() -> None:
    judged = subject(build_report(changes=one_application(granted__business=BLANK)))
    for rule in ("T3-01", "T3-03"):
        result = answer(rule, judged)
        assert isinstance(result, Pass)
        assert result.note
    assert isinstance(answer("T3-02", judged), Pass)
    assert finding("T3-04", judged).cells == ("section_three.granted.business",)


def test_a_disagreement_with_a_blank_in_it_weighs_less_and_says_so() -> None:
    changes = one_application(total_results__natural_person=BLANK, total_results__total=BLANK)
    found = finding("T3-01", subject(build_report(changes=changes)))
    assert found.severity is Severity.WARNING
    assert "空白" in found.message()
    assert found.values["natural_person"] == {"sum": 1, "total_results": None}


def test_a_blank_elsewhere_in_the_table_does_not_weigh_less() -> None:
    changes = one_application(total_results__natural_person=0, total_results__total=0, granted__business=BLANK)
    assert finding("T3-01", subject(build_report(changes=changes))).severity is Severity.ERROR


def test_blank_totals_of_detail_rows_are_not_zero() -> None:
    """A general office left all totals of detail rows blank: its total column is then not known."""
    changes: Changes = {**one_application(), "section_three.granted.total": BLANK}
    judged = subject(build_report(changes=changes))
    assert isinstance(answer("T3-01", judged), Pass)
    assert isinstance(answer("T3-03", judged), Pass)


def test_only_the_total_column_filled_is_told_as_blank_columns() -> None:
    changes = one_application(
        new_received__natural_person=BLANK, granted__natural_person=BLANK, total_results__natural_person=BLANK
    )
    judged = subject(build_report(changes=changes))
    assert isinstance(answer("T3-01", judged), Pass)
    found = finding("T3-03", judged)
    assert found.severity is Severity.WARNING
    assert "（空白单元格按0计）" in found.message()


def test_an_absent_row_makes_its_sums_not_assessable() -> None:
    judged = subject(build_report(changes={**one_application(), "section_three.granted.*": ABSENT}))
    assert isinstance(answer("T3-01", judged), NotAssessable)
    assert isinstance(answer("T3-02", judged), Pass)


# --- both ways to print （六）其他处理 ----------------------------------------------------------------------


def test_other_handling_printed_as_one_row_counts_in_the_sum() -> None:
    changes: Changes = {
        **one_application(granted__natural_person=0, granted__total=0),
        "section_three.other.*": 0,
        "section_three.other.natural_person": 1,
        "section_three.other.total": 1,
        "section_three.other_not_corrected.*": ABSENT,
        "section_three.other_fee_unpaid.*": ABSENT,
        "section_three.other_other.*": ABSENT,
    }
    judged = subject(build_report(changes=changes))
    assert isinstance(answer("T3-01", judged), Pass)
    assert isinstance(answer("S-03", judged), Pass)
    assert isinstance(answer("T3-00", judged), Pass)
    assert finding("V-02", judged).severity is Severity.WARNING


def test_the_trial_form_sums_its_single_row() -> None:
    changes: Changes = {
        **one_application(granted__natural_person=0, granted__total=0),
        "section_three.other.natural_person": 1,
        "section_three.other.total": 1,
    }
    assert isinstance(answer("T3-01", subject(build_report("2019", changes=changes))), Pass)


# --- doubt about the reading -------------------------------------------------------------------------------

WRONG_TOTAL = one_application(total_results__natural_person=0, total_results__total=0)


@pytest.mark.parametrize(
    "code", ["L-01", "L-03", "unknown-row", "unknown-column", "duplicate-row", "number-in-group-head"]
)
def test_doubt_about_the_table_takes_one_step_off_and_is_said(code: str) -> None:
    doubt = Lint(code, "“3.其他”印在第一列", Place(table=2, row=20))
    found = finding("T3-01", subject(build_report(changes=WRONG_TOTAL, lints=(doubt,))))
    assert found.severity is Severity.WARNING
    assert "“3.其他”印在第一列" in found.message()


@pytest.mark.parametrize(
    "lint",
    [
        Lint("L-05", "[bookmark: _GoBack]", Place(table=2)),
        Lint("L-02", "事业企业", Place(table=2)),
        Lint("L-03", "另一张表", Place(table=1)),
    ],
)
def test_other_lints_and_other_tables_are_no_doubt(lint: Lint) -> None:
    found = finding("T3-01", subject(build_report(changes=WRONG_TOTAL, lints=(lint,))))
    assert found.severity is Severity.ERROR


def test_in_a_text_file_a_lint_touches_the_table_whose_lines_it_stands_in() -> None:
    report = build_report(changes=WRONG_TOTAL)
    lines = {"section_two": 210, "section_three": 320, "section_four": 410}
    cells = {
        name: Cell(name, cell.state, cell.value, cell.raw, Place(line=lines[name.split(".")[0]]))
        for name, cell in report.cells.items()
    }
    for line, severity in ((315, Severity.WARNING), (215, Severity.ERROR), (410, Severity.ERROR)):
        lint = Lint("L-01", "表头缺一栏", Place(line=line))
        judged = subject(build_report(changes=cells, lints=(lint,)))
        assert finding("T3-01", judged).severity is severity


def test_a_row_with_an_unknown_label_may_be_the_absent_one() -> None:
    changes: Changes = {"section_three.total_results.*": ABSENT}
    assert finding("S-03", subject(build_report(changes=changes))).severity is Severity.ERROR
    unknown = Lint("unknown-row", "（七）合记", Place(table=2, row=24))
    found = finding("S-03", subject(build_report(changes=changes, lints=(unknown,))))
    assert found.severity is Severity.WARNING
    assert "（七）合记" in found.message()
    shifted = Lint("L-03", "错位", Place(table=2, row=24))
    assert finding("S-03", subject(build_report(changes=changes, lints=(shifted,)))).severity is Severity.ERROR


# --- single rules ------------------------------------------------------------------------------------------


def test_applicants_moved_between_columns_are_a_warning() -> None:
    changes = one_application(new_received__natural_person=0, new_received__business=1)
    found = finding("T3-02", subject(build_report(changes=changes)))
    assert found.severity is Severity.WARNING
    assert found.values["natural_person"] == {"left": 0, "right": 1}
    assert found.values["business"] == {"left": 1, "right": 0}
    assert "申请人类别" in found.message()


def test_several_columns_with_different_numbers_are_each_told() -> None:
    changes = one_application(total_results__natural_person=3, total_results__total=5)
    message = finding("T3-01", subject(build_report(changes=changes))).message()
    assert "“自然人”列相加为1、总计印为3（相差2）" in message
    assert "“总计”列相加为1、总计印为5（相差4）" in message


def test_rows_that_do_not_add_up_are_one_finding() -> None:
    changes = one_application(new_received__total=2, granted__total=4)
    found = finding("T3-03", subject(build_report(changes=changes)))
    assert found.values["new_received"] == {"sum": 1, "total": 2}
    assert found.values["granted"] == {"sum": 1, "total": 4}


def test_blocks_are_judged_apart() -> None:
    changes: Changes = {
        "section_four.review.*": ABSENT,
        "section_four.litigation_direct.pending": 2,
        "section_four.litigation_after_review.total": 1,
    }
    found = finding("T4-01", subject(build_report(changes=changes)))
    assert found.values["litigation_direct"] == {"sum": 2, "total": 0}
    assert found.values["litigation_after_review"] == {"sum": 0, "total": 1}
    assert "review" not in found.values


def test_a_blank_project_count_beside_an_amount_stays_a_warning() -> None:
    changes: Changes = {
        "section_two.central_procurement.project_count": BLANK,
        "section_two.central_procurement.amount_wan": 3,
    }
    assert finding("T2-06", subject(build_report("2019", changes=changes))).severity is Severity.WARNING


def test_nothing_in_force_the_year_before_explains_all_being_new() -> None:
    changes: Changes = {"section_two.normative_documents.issued": 5, "section_two.normative_documents.in_force": 5}
    judged = subject(build_report(changes=changes), previous=build_report(year=2022))
    assert isinstance(answer("T2-03", judged), Pass)


def test_carried_over_in_single_columns_only_is_a_warning() -> None:
    then: Changes = {"section_three.carried_forward.business": 1, "section_three.carried_forward.total": 1}
    now: Changes = {"section_three.carried_over.natural_person": 1, "section_three.carried_over.total": 1}
    judged = subject(build_report(changes=now), previous=build_report(year=2022, changes=then))
    assert finding("Y-01", judged).severity is Severity.WARNING


def test_carried_over_compares_across_the_change_of_form() -> None:
    then: Changes = {"section_three.carried_forward.business": 1, "section_three.carried_forward.total": 1}
    judged = subject(build_report(year=2021), previous=build_report("2019", changes=then))
    assert finding("Y-01", judged).severity is Severity.ERROR


def test_fewer_documents_in_force_than_counted_are_a_notice() -> None:
    then: Changes = {"section_two.normative_documents.in_force": 9}
    now: Changes = {"section_two.normative_documents.in_force": 7}
    judged = subject(build_report(changes=now), previous=build_report(year=2022, changes=then))
    assert finding("Y-02", judged).severity is Severity.NOTICE


def test_a_section_whose_table_was_read_is_not_absent() -> None:
    report = build_report(absent_sections=(4,))
    assert isinstance(answer("S-01", subject(report)), Pass)


def test_a_table_whose_section_is_absent_is_accused_once() -> None:
    judged = subject(build_report(absent_sections=(4,), changes={"section_four.*": ABSENT}))
    assert finding("S-01", judged).sections == (4,)
    assert isinstance(answer("S-03", judged), Pass)


def test_a_table_without_its_section_absent_is_an_error() -> None:
    found = finding("S-03", subject(build_report(changes={"section_four.*": ABSENT})))
    assert found.severity is Severity.ERROR
    assert found.sections == (4,)


def test_a_picture_in_the_place_of_a_table_is_no_absent_table() -> None:
    picture = Lint("picture-for-table", "第四部分只有图片，没有表格", Place(line=410))
    judged = subject(build_report(changes={"section_four.*": ABSENT}, lints=(picture,)))
    assert isinstance(answer("S-03", judged), Pass)
    assert finding("S-10", judged).sections == (4,)


def test_absent_columns_are_told() -> None:
    report = build_report()
    changes: Changes = {name: ABSENT for name in report.cells if name.endswith(".other_org")}
    found = finding("S-03", subject(build_report(changes=changes)))
    assert found.values["absent_columns"] == ["other_org"]
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    "text",
    [
        "工作中还存在人手不足的问题。下一步将增加人员。",
        "存在的问题：公开不够及时。改进措施：按月检查公开情况。",
        "今年工作有不足，如内容有待扩大。针对这些问题，本镇要做好以下工作：一是按月检查。",
        "主要问题是队伍建设有待加强，公开质量不高。我镇要加大培训力度，完善制度。",
    ],
)
def test_problems_with_any_word_of_improvement_are_not_accused(text: str) -> None:
    assert isinstance(answer("S-05", subject(build_report(text={5: text}))), Pass)


def test_an_empty_section_five_is_a_warning() -> None:
    assert finding("S-05", subject(build_report(text={5: "无"}))).values["length"] == 1


@pytest.mark.parametrize("words", ["2023年未发生责任追究情况。", "考核结果为优秀。", "在全县考核中位列第三名。"])
def test_a_result_of_assessment_is_recognised(words: str) -> None:
    assert isinstance(answer("S-08", subject(build_report(text={1: words}))), Pass)


@pytest.mark.parametrize(
    "words",
    ["公开了2020年财政预算执行情况报告。", "与2022年相比增加。", "2024年将继续公开。", "我镇2022年共公开5条。"],
)
def test_other_years_named_legitimately_are_no_contradiction(words: str) -> None:
    assert isinstance(answer("I-06", subject(build_report(text={1: "2023年本镇公开20条。" + words}))), Pass)


def test_a_text_that_tells_another_year_throughout_is_a_warning() -> None:
    text = "2022年，我镇主动公开30条。2022年全镇召开会议3次。"
    found = finding("I-06", subject(build_report(text={1: text})))
    assert found.severity is Severity.WARNING


def test_a_year_from_the_text_only_makes_the_form_a_warning() -> None:
    judged = subject(build_report("2019", 2022, report_year_from="text"))
    assert finding("V-01", judged).severity is Severity.WARNING


def test_a_wrong_form_is_shown_by_the_columns_that_only_it_has() -> None:
    found = finding("V-01", subject(build_report("2019", 2022)))
    assert "表二有该格式才有的“本年新制作数量”" in found.message()
    assert found.cells[0] == "section_two.regulations.newly_made"
    assert not any(name.endswith("amount_wan") for name in found.cells), "both forms have it"


def test_words_for_a_number_are_told_but_a_minus_sign_is_not_one() -> None:
    name = "section_two.licensing.change"
    minus = Cell(name, CellState.REPORTED, -3, "－3", Place(table=1))
    items: Changes = {name: minus, "section_two.licensing.prior_year_items": 3}
    assert isinstance(answer("U-07", subject(build_report("2019", changes=items))), Pass)


def test_an_amount_in_yuan_is_no_amount_in_wan() -> None:
    name = "section_two.central_procurement.amount_wan"
    cell = Cell(name, CellState.REPORTED, 87580, "87580", Place(table=1), None)
    judged = subject(build_report("2019", changes={name: cell}))
    assert isinstance(answer("U-02", judged), NotAssessable)
    assert "单位不明" in finding("U-01", judged).message()


def test_a_jump_by_ten_thousand_is_yuan_typed_for_wan() -> None:
    name = "section_two.admin_fees.amount_wan"
    judged = subject(
        build_report(changes={name: 21000}),
        organ=DEPARTMENT,
        previous=build_report(year=2022, changes={name: 2}),
    )
    assert finding("U-02", judged).severity is Severity.WARNING


# --- organs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "registered"),
    [
        ("柳溪镇人民政府", "柳溪镇"),
        ("云岭县柳溪镇", "柳溪镇"),
        ("柳溪镇政府", "云岭县柳溪镇人民政府"),
        ("东街街道办事处", "东街街道"),
        ("东街办事处", "东街街道"),
        ("云岭县发改局", "云岭县发展和改革局"),
        ("发展和改革局", "云岭县发展和改革局"),
        ("云岭县政府办公室", "云岭县人民政府办公室"),
        ("云岭县政府办", "云岭县人民政府办公室"),
        ("云岭县卫健委", "云岭县卫生健康委员会"),
        ("云岭县人社局", "云岭县人力资源和社会保障局"),
    ],
)
def test_one_organ_under_two_names(printed: str, registered: str) -> None:
    assert same_organ(printed, registered)
    assert same_organ(registered, printed)


@pytest.mark.parametrize(
    ("printed", "registered"),
    [
        ("岢曲镇人民政府", "岞岖镇"),
        ("口泉街道", "口泉乡"),
        ("大口泉乡", "口泉乡"),
        ("林业局", "云岭县农业局"),
        ("城镇", "城关镇"),
    ],
)
def test_two_organs_with_names_alike(printed: str, registered: str) -> None:
    assert not same_organ(printed, registered)


def test_an_unknown_name_is_a_warning_with_the_likely_one() -> None:
    found = finding("I-01", subject(build_report(organ="柳奚镇人民政府"), county_organs=COUNTY_ORGANS))
    assert found.values["candidates"][0] == "柳溪镇"


def test_a_name_that_the_text_places_in_a_county_is_told_apart() -> None:
    report = build_report(organ="太平镇", text={1: "编制《云岭县太平镇公开目录》。"})
    assert isinstance(answer("I-03", subject(report)), Pass)
    assert isinstance(answer("I-03", subject(build_report(organ="云岭县太平镇"))), Pass)


def test_the_register_speaks_before_the_printed_name() -> None:
    assert kind_of(subject(build_report(organ="柳溪镇"), organ=COUNTY)) is COUNTY.kind
    assert kind_of(subject(build_report(organ="柳溪镇"))) is TOWN.kind
    assert kind_of(subject(build_report(organ="云岭县林业局"))) is DEPARTMENT.kind
    assert kind_of(subject(build_report(organ="云岭市林业局"))) is None


def test_cities_with_lawmaking_power_are_not_accused_of_regulations() -> None:
    city = replace(DEPARTMENT, county_code="990100", name="云岭市林业局")
    changes: Changes = {"section_two.regulations.issued": 1, "section_two.regulations.in_force": 1}
    assert isinstance(answer("T2-01", subject(build_report(changes=changes), organ=city)), NotAssessable)
