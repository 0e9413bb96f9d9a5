"""The rules on the prose: what they accuse of, how hard, and what they must not accuse of."""

import json
from typing import Any

import pytest

from monitor.rules.base import Fail, Finding, NotAssessable, OrganFacts, OrganKind, Pass, Result, Severity, Subject
from monitor.rules.narrative import NARRATIVE_RULES
from tests.monitor.rules.building import ABSENT, BLANK, COUNTY, UNREADABLE, Changes
from tests.monitor.rules.narrative_examples import row, says

RULES = {rule.id: rule for rule in NARRATIVE_RULES}
RECEIVED = "全年收到政府信息公开申请{}件。"


def answer(rule: str, given: Subject) -> Result:
    return RULES[rule].evaluate(given)


def findings(rule: str, given: Subject) -> tuple[Finding, ...]:
    result = answer(rule, given)
    return result.findings if isinstance(result, Fail) else ()


def only(rule: str, given: Subject) -> Finding:
    (finding,) = findings(rule, given)
    json.dumps(finding.to_json(), allow_nan=False)
    return finding


# --- N-01 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cells",
    [
        row("new_received", 12),
        {**row("new_received", 10), **row("carried_over", 2)},
        {**row("new_received", 1), **row("total_results", 9), **row("carried_forward", 3)},
    ],
)
def test_three_ways_to_agree_on_the_applications(cells: Changes) -> None:
    assert answer("N-01", says(RECEIVED.format(12), cells)) == Pass()


def test_a_difference_is_a_warning_that_says_how_much() -> None:
    finding = only("N-01", says(RECEIVED.format(12), row("new_received", 10)))
    assert finding.severity is Severity.WARNING
    assert finding.message() == "“总体情况”称收到政府信息公开申请12件，表三“本年新收”总计为10件，相差2件"
    assert finding.cells == ("section_three.new_received.total",)
    assert finding.sections == (1, 3)
    assert finding.quote == "全年收到政府信息公开申请12件"


def test_carried_over_applications_are_shown_where_they_do_not_help() -> None:
    cells = {**row("new_received", 10), **row("carried_over", 1)}
    finding = only("N-01", says(RECEIVED.format(13), cells))
    assert finding.message() == (
        "“总体情况”称收到政府信息公开申请13件，表三“本年新收”总计为10件（加上年结转1件为11件），均不相符，"
        "与“本年新收”相差3件"
    )
    assert finding.cells == ("section_three.new_received.total", "section_three.carried_over.total")


@pytest.mark.parametrize(("words", "table"), [(RECEIVED.format(5), 0), ("没有收到政府信息公开申请。", 5)])
def test_something_against_nothing_is_an_error(words: str, table: int) -> None:
    assert only("N-01", says(words, row("new_received", table))).severity is Severity.ERROR


def test_a_blank_is_read_as_zero_and_said() -> None:
    agreed = answer("N-01", says("没有收到政府信息公开申请。", {"section_three.*": BLANK}))
    assert isinstance(agreed, Pass)
    assert agreed.note == "（空白单元格按0计）"
    finding = only("N-01", says(RECEIVED.format(5), {"section_three.*": BLANK}))
    assert finding.severity is Severity.WARNING
    assert finding.message().endswith("（空白单元格按0计）")


def test_a_blank_total_beside_filled_columns_is_no_zero() -> None:
    cells: Changes = {"section_three.new_received.natural_person": 4, **row("new_received", BLANK)}
    assert isinstance(answer("N-01", says(RECEIVED.format(5), cells)), NotAssessable)


@pytest.mark.parametrize("state", [ABSENT, UNREADABLE])
def test_missing_cells_accuse_nobody(state: Any) -> None:
    assert isinstance(answer("N-01", says(RECEIVED.format(5), row("new_received", state))), NotAssessable)
    cells = {**row("new_received", 3), **row("total_results", state)}
    assert isinstance(answer("N-01", says(RECEIVED.format(5), cells)), NotAssessable)


@pytest.mark.parametrize(
    "words",
    [
        "收到政府信息公开申请20余件。",
        "收到政府信息公开申请20件以上。",
        "历年累计收到政府信息公开申请200件。",
        "去年收到政府信息公开申请20件。",
        "收到政府信息公开申请20件次。",
        "依申请公开信息20条。",
        "受理12345热线3519件。",
    ],
)
def test_numbers_that_are_not_held_against_the_table(words: str) -> None:
    assert isinstance(answer("N-01", says(words, row("new_received", 3))), NotAssessable)


def test_one_of_several_numbers_that_agrees_is_enough_and_so_is_their_sum() -> None:
    words = "镇本部收到政府信息公开申请3件。站所收到政府信息公开申请2件。"
    for table in (3, 2, 5):
        assert answer("N-01", says(words, row("new_received", table))) == Pass()
    assert findings("N-01", says(words, row("new_received", 4)))


def test_a_county_that_speaks_of_its_own_office_is_not_accused() -> None:
    words = "县政府办公室收到政府信息公开申请9件。"
    assert isinstance(answer("N-01", says(words, row("new_received", 80), organ=COUNTY)), NotAssessable)
    office = OrganFacts("990101302", "云岭县人民政府办公室", OrganKind.DEPARTMENT, "990101", "云岭县")
    assert findings("N-01", says(words, row("new_received", 80), organ=office))


# --- N-02 ------------------------------------------------------------------------------------------------------


def test_all_answered_against_an_empty_total() -> None:
    cells = {**row("new_received", 1), **row("granted", 1)}
    finding = only("N-02", says("收到政府信息公开申请1件，全部已及时回复。", cells))
    assert finding.severity is Severity.WARNING
    assert finding.message() == "“总体情况”称收到的1件申请已全部答复，表三“（七）总计”却为0件，相差1件"
    assert finding.values["narrative"] == 1


@pytest.mark.parametrize(
    ("words", "cells"),
    [
        ("收到政府信息公开申请3件，办结3件。", row("total_results", 3)),
        (
            "收到政府信息公开申请3件，均已答复。",
            {**row("total_results", 5), **row("carried_over", 2)},
        ),
        ("答复政府信息公开申请3件。", {**row("total_results", 4), **row("other_not_corrected", 1)}),
    ],
)
def test_answers_that_agree(words: str, cells: Changes) -> None:
    assert answer("N-02", says(words, cells)) == Pass()


def test_answers_that_do_not_agree() -> None:
    finding = only("N-02", says("答复政府信息公开申请3件。", row("total_results", 7)))
    assert finding.message() == "“总体情况”称答复、办结申请3件，表三“（七）总计”为7件，相差4件"


def test_a_blank_total_of_results_weighs_one_step_less() -> None:
    cells = {"section_three.total_results.*": BLANK}
    finding = only("N-02", says("答复政府信息公开申请3件。", cells))
    assert finding.severity is Severity.NOTICE


# --- N-03 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "cells", "message"),
    [
        (
            "上年结转政府信息公开申请2件。",
            row("carried_over", 1),
            "“总体情况”称上年结转申请2件，表三“上年结转”总计为1件，相差1件",
        ),
        (
            "结转下年度继续办理1件。",
            row("carried_forward", 0),
            "“总体情况”称结转下年度申请1件，表三“结转下年度”总计为0件，相差1件",
        ),
        (
            "未发生行政复议。",
            {"section_four.review.total": 2, "section_four.review.upheld": 2},
            "“总体情况”称行政复议0件，表四行政复议总计为2件，相差2件",
        ),
        (
            "因政府信息公开被提起行政诉讼4件。",
            {"section_four.litigation_direct.total": 1, "section_four.litigation_after_review.total": 2},
            "“总体情况”称行政诉讼4件，表四行政诉讼总计为3件，相差1件",
        ),
    ],
)
def test_other_numbers_against_their_tables(words: str, cells: Changes, message: str) -> None:
    finding = only("N-03", says(words, cells))
    assert finding.severity is Severity.WARNING
    assert finding.message() == message


@pytest.mark.parametrize(
    ("words", "cells"),
    [
        # five told, seven in the table of which two are pending
        (
            "因政府信息公开发生行政复议5件。",
            {"section_four.review.total": 7, "section_four.review.upheld": 5, "section_four.review.pending": 2},
        ),
        (
            "因政府信息公开行政诉讼案件7件。",
            {"section_four.litigation_direct.total": 5, "section_four.litigation_after_review.total": 2},
        ),
        ("未发生行政复议、行政诉讼。", {}),
    ],
)
def test_reviews_and_lawsuits_may_be_told_in_part(words: str, cells: Changes) -> None:
    assert answer("N-03", says(words, cells)) == Pass()


# --- N-04 ------------------------------------------------------------------------------------------------------

SILENT = "（一）主动公开\n公开信息。\n（二）依申请公开\n1、细化内容。召开会议三次。"


def test_a_subsection_on_applications_with_other_content() -> None:
    finding = only("N-04", says(SILENT))
    assert finding.severity is Severity.WARNING
    assert "“依申请公开”一节没有写申请情况" in finding.message()
    assert finding.quote is not None
    assert finding.quote.startswith("1、细化内容。")


@pytest.mark.parametrize(
    "words",
    [
        "2023年没有收到政府信息公开申请。\n" + SILENT,
        "2023年收到政府信息公开申请20余件。\n" + SILENT,
        SILENT + "\n严格按时限办理申请。",
        SILENT.replace("1、细化内容。召开会议三次。", "无"),
    ],
)
def test_a_statement_anywhere_is_enough(words: str) -> None:
    assert answer("N-04", says(words)) == Pass()


def test_a_statement_in_another_section_is_enough() -> None:
    given = says("2023年未收到政府信息公开申请。", section=6)
    assert isinstance(answer("N-04", given), NotAssessable)


# --- N-05 ------------------------------------------------------------------------------------------------------


def documents(issued: int, in_force: int) -> Changes:
    """Two cells of the normative documents."""
    base = "section_two.normative_documents."
    return {base + "issued": issued, base + "in_force": in_force}


def test_fewer_documents_published_than_issued_are_one_finding_with_all_numbers() -> None:
    words = "其中主动公开规范性文件数3条，制发规范性文件总数8条。"
    finding = only("N-05", says(words, documents(8, 8)))
    assert finding.severity is Severity.WARNING
    assert {
        name: finding.values[name]
        for name in ("narrative_published", "narrative_issued", "table_issued", "table_in_force")
    } == {"narrative_published": 3, "narrative_issued": 8, "table_issued": 8, "table_in_force": 8}
    assert finding.message() == (
        "“总体情况”称主动公开规范性文件3条，而本年制发8件，少公开5件；规范性文件依法都应主动公开"
    )


def test_documents_in_force_against_the_table() -> None:
    finding = only("N-05", says("集中公开现行有效行政规范性文件93件。", documents(8, 98)))
    assert finding.message() == "“总体情况”称现行有效规范性文件93件，表二“规范性文件”现行有效为98件，相差5件"
    assert finding.cells == ("section_two.normative_documents.in_force",)


def test_new_documents_told_apart_from_old_ones_are_pointed_out() -> None:
    words = "集中公开现行有效行政规范性文件90件，制发规范性文件8件。"
    finding = only("N-05", says(words, documents(8, 98)))
    assert finding.message().endswith("相差8件（90加正文所述本年制发的8恰为98，可能是把新旧文件分开写了）")


@pytest.mark.parametrize(
    "words",
    [
        "制发规范性文件8件，全部公开。",
        "主动公开规范性文件12件。",
        "制发规范性文件8件，主动公开规范性文件8件。",
    ],
)
def test_documents_that_agree(words: str) -> None:
    assert answer("N-05", says(words, documents(8, 98))) == Pass()


@pytest.mark.parametrize(
    "words", ["发布政策文件30件。", "主动公开规范性文件等信息5条。", "制发规范性文件10余件。"]
)
def test_other_documents_are_not_compared(words: str) -> None:
    assert isinstance(answer("N-05", says(words, documents(8, 98))), NotAssessable)


def test_the_older_form_has_its_own_columns() -> None:
    cells: Changes = {
        "section_two.normative_documents.newly_made": 4,
        "section_two.normative_documents.newly_published": 4,
    }
    assert answer("N-05", says("制发规范性文件4件，公开规范性文件4件。", cells, "2019")) == Pass()
    finding = only("N-05", says("制发规范性文件5件。", cells, "2019"))
    assert finding.cells == ("section_two.normative_documents.newly_made",)


def test_a_county_that_speaks_of_its_own_documents_is_not_accused() -> None:
    words = "县政府及政府办制发规范性文件3件。"
    assert isinstance(answer("N-05", says(words, documents(8, 98), organ=COUNTY)), NotAssessable)


# --- N-06 ------------------------------------------------------------------------------------------------------


def test_parts_above_the_whole() -> None:
    finding = only("N-06", says("主动公开信息100条，其中财政20条，民政50条，农业40条。"))
    assert finding.severity is Severity.WARNING
    assert finding.message() == "“总体情况”称共100条，所列各项20＋50＋40相加为110条，多出10条"
    assert finding.values["parts"] == [20, 50, 40]


def test_parts_told_in_other_sentences() -> None:
    words = "共生成65条政府信息。公开了2条会议公开和3条决策公开。发布工作动态共63条信息。"
    finding = only("N-06", says(words))
    assert finding.severity is Severity.WARNING
    assert (finding.values["whole"], finding.values["sum"], finding.values["gap"]) == (65, 68, 3)
    assert answer("N-06", says(words.replace("65", "68"))) == Pass()
    # Kinds told here and there need not be all kinds.
    assert answer("N-06", says(words.replace("65", "165"))) == Pass()


def test_a_complete_list_that_falls_short_is_a_notice() -> None:
    finding = only("N-06", says("主动公开信息100条，其中财政20条，民政50条。"))
    assert finding.severity is Severity.NOTICE
    assert finding.message() == "“总体情况”称共100条，所列各项20＋50相加只有70条，少30条"


@pytest.mark.parametrize(
    "words",
    [
        "主动公开信息165条，其中:单位概况1条，机构设置1条，单位职责1条，工作动态162条。",
        "主动公开信息100条，其中财政20条，民政50条等。",
        "主动公开信息100条，其中工作动态20条。",
        # two divisions of one whole
        "收到政府信息公开申请10件，其中自然人8件，法人2件，网上7件，信函3件。",
        # other things after a complete list
        "办结政府信息公开申请81件，其中：予以公开42件；不予公开39件；行政复议案件2件。",
    ],
)
def test_lists_that_agree(words: str) -> None:
    assert answer("N-06", says(words)) == Pass()


@pytest.mark.parametrize(
    "words",
    [
        "主动公开信息100条，其中网站100条，微信公众号80条。",
        "公开乡镇动态36件、公告公示153条、其他信息14条。",
        "历年累计公开信息100条，其中财政80条，民政50条。",
    ],
)
def test_numbers_that_need_not_add_up(words: str) -> None:
    assert isinstance(answer("N-06", says(words)), NotAssessable)


# --- N-07 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "信箱按时办复率达100%以上。",
            "“总体情况”中的比例写作“100%以上”，而比例最高为100%：“信箱按时办复率达100%以上”",
        ),
        ("群众满意率120%。", "“总体情况”中的比例为120%，超出100%：“群众满意率120%”"),
        (
            "办结政府信息公开申请805件，其中：予以公开258件，占33.9%；其余不予公开。",
            "“总体情况”称258件占33.9%，而258÷805为32.05%",
        ),
    ],
)
def test_rates_that_cannot_be(words: str, message: str) -> None:
    finding = only("N-07", says(words))
    assert finding.severity is Severity.NOTICE
    assert finding.message() == message


@pytest.mark.parametrize(
    "words",
    [
        "办结率100%，满意率98.5%。",
        "办结政府信息公开申请81件，其中：予以公开42件，占51.85%；不予公开39件，占48.15%。",
        "办结政府信息公开申请81件，其中：予以公开42件，占52%；不予公开39件，占48%。",
    ],
)
def test_rates_that_can_be(words: str) -> None:
    assert answer("N-07", says(words)) == Pass()


def test_growth_is_no_share() -> None:
    assert isinstance(answer("N-07", says("公开量同比增长120%。")), NotAssessable)
