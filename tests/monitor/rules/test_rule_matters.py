"""One mistake is one matter, and a cause is named only where it is implied."""

from monitor.rules.base import Cause, Matter, Severity, Subject
from monitor.rules.catalogue import judge
from monitor.rules.cells import APPLICANTS, RESULTS
from parsers.schema import Fact
from tests.monitor.rules.building import ABSENT, BLANK, Changes, build_report, one_application, subject

SUMS = {"T3-01", "T3-02", "T3-03"}


def matters(judged: Subject, rules: set[str] = SUMS) -> list[Matter]:
    """The matters that hold a finding of these rules."""
    return [matter for matter in judge(judged).matters if rules & {finding.rule for finding in matter.findings}]


def of(changes: Changes, form: str = "2021") -> list[Matter]:
    """The matters about the sums of section three."""
    return matters(subject(build_report(form, changes=changes)))


def rules(matter: Matter) -> list[str]:
    """The rules of a matter's findings."""
    return [finding.rule for finding in matter.findings]


def test_a_total_left_at_zero_is_one_matter_with_its_cause() -> None:
    (matter,) = of(one_application(total_results__natural_person=0, total_results__total=0), "2019")
    assert matter.key == "section_three.total_results"
    assert rules(matter) == ["T3-01", "T3-02"]
    assert matter.severity is Severity.ERROR
    assert matter.likely_cause == (
        "“自然人”“总计”列（七）总计印为0，而各项之和与“本年新收+上年结转−结转下年”均为1，总计很可能漏填或误填"
    )


def test_a_total_left_blank_is_told_as_blank() -> None:
    (matter,) = of(one_application(total_results__natural_person=BLANK, total_results__total=BLANK))
    assert matter.severity is Severity.WARNING
    assert matter.likely_cause is not None
    assert "总计印为空白" in matter.likely_cause


def test_one_wrong_cell_that_breaks_column_and_row_is_one_matter() -> None:
    (matter,) = of(one_application(granted__natural_person=3))
    assert matter.key == "section_three.granted"
    assert sorted(rules(matter)) == ["T3-01", "T3-03"]
    assert matter.likely_cause is not None
    assert matter.likely_cause.startswith("如将“")
    assert "“表三 （一）予以公开 · 自然人”由3改为1" in matter.likely_cause
    assert matter.likely_cause.endswith("，各项勾稽关系即全部相符，该行很可能漏填或误填")


def test_two_equally_small_explanations_give_none() -> None:
    # Two received and one answered: one more was received than happened, or one was carried forward.
    (matter,) = of(one_application(new_received__natural_person=2, new_received__total=2))
    assert matter.likely_cause is None
    assert rules(matter) == ["T3-02"]


def test_a_missing_result_may_belong_to_any_row() -> None:
    changes = one_application(
        new_received__natural_person=2,
        new_received__total=2,
        total_results__natural_person=2,
        total_results__total=2,
    )
    (matter,) = of(changes)
    assert matter.likely_cause is None


def test_a_repair_below_zero_is_no_explanation() -> None:
    # Parts exceed the total by one and only one row has anything to give.
    changes = one_application(granted__natural_person=2, granted__total=2)
    (matter,) = of(changes)
    assert matter.key == "section_three.granted"
    assert matter.likely_cause is not None


def test_two_mistakes_are_one_matter_that_names_both() -> None:
    changes: Changes = {
        **one_application(total_results__natural_person=0, total_results__total=0),
        "section_three.denied_third_party.business": 4,
    }
    (matter,) = of(changes)
    assert matter.key == "section_three"
    assert {cell.cell: cell.value for cell in matter.should_read} == {
        "section_three.denied_third_party.business": 0,
        "section_three.total_results.natural_person": 1,
        "section_three.total_results.total": 1,
    }


def test_what_the_cells_should_read_stands_in_the_data_in_both_languages() -> None:
    (matter,) = of(one_application(granted__natural_person=3))
    assert matter.cause is not None
    assert Cause.from_json(matter.cause.to_json()) == matter.cause
    data = matter.to_json("en")
    assert data["should_read"] == [
        {
            "cell": "section_three.granted.natural_person",
            "place": "表三 （一）予以公开 · 自然人",
            "printed": 3,
            "value": 1,
        }
    ]
    assert "3" in data["likely_cause"]
    assert "改为" not in data["likely_cause"]
    assert matter.to_json()["likely_cause"] == matter.likely_cause


def test_a_few_ways_that_are_as_likely_are_listed_and_none_is_the_cause() -> None:
    (matter,) = of(one_application(new_received__natural_person=2, new_received__total=2))
    assert matter.should_read == ()
    data = matter.to_json()
    assert len(data["candidates"]) == 2
    assert data["likely_cause"] is None
    assert "有2种改法" in data["remark"]


def test_a_block_of_section_four_with_one_likely_slip() -> None:
    changes: Changes = {"section_four.review.upheld": 2, "section_four.review.pending": 13}
    (matter,) = matters(subject(build_report(changes=changes)), {"T4-01"})
    assert matter.key == "T4-01"
    assert [(cell.cell, cell.value) for cell in matter.should_read] == [("section_four.review.total", 15)]


def test_too_many_mistakes_are_said_to_be_too_many() -> None:
    changes: Changes = {
        f"section_three.{row}.{column}": 10 * number + place + 1
        for number, row in enumerate(RESULTS[:7])
        for place, column in enumerate(APPLICANTS)
    }
    (matter,) = of(changes)
    assert matter.likely_cause is None
    assert matter.cause is not None
    assert matter.cause.message() == "不相符之处太多，说不清是哪几格有误，请逐格核对"


def test_the_printed_cells_stay_as_they_are() -> None:
    report = build_report(changes=one_application(total_results__natural_person=0, total_results__total=0))
    before = report.to_json()
    judge(subject(report))
    assert report.to_json() == before


def test_prose_that_states_the_repaired_number_supports_the_cause() -> None:
    fact = Fact("applications_answered", 1, "件", 1, "答复1件")
    received = Fact("applications_received", 1, "件", 1, "收到申请1件")
    report = build_report(
        changes=one_application(total_results__natural_person=0, total_results__total=0),
        narrative=(received, fact),
    )
    (matter,) = matters(subject(report))
    assert rules(matter) == ["T3-01", "T3-02", "N-02"]


def test_prose_that_states_another_number_is_a_matter_of_its_own() -> None:
    fact = Fact("applications_answered", 5, "件", 1, "答复5件")
    report = build_report(
        changes=one_application(total_results__natural_person=0, total_results__total=0), narrative=(fact,)
    )
    (matter,) = matters(subject(report))
    assert "N-02" not in rules(matter)
    assert [rules(each) for each in matters(subject(report), {"N-02"})] == [["N-02"]]


def test_absent_rows_and_what_they_hinder_are_one_matter() -> None:
    judged = subject(build_report(changes={"section_three.total_results.*": ABSENT}))
    (matter,) = matters(judged, {"S-03", "T3-00"})
    assert rules(matter) == ["S-03", "T3-00"]


def test_each_absent_section_is_a_matter() -> None:
    judged = subject(build_report(absent_sections=(5, 6)))
    assert [matter.key for matter in matters(judged, {"S-01"})] == ["S-01:5", "S-01:6"]


def test_rows_of_section_two_are_matters_apart_with_keys_that_stay() -> None:
    two: Changes = {"section_two.licensing.change": -1, "section_two.penalty.change": -1}
    one: Changes = {"section_two.penalty.change": -4}
    key = "T2-07:section_two.penalty"
    for changes in (two, one):
        keys = [matter.key for matter in matters(subject(build_report("2019", changes=changes)), {"T2-07"})]
        assert key in keys
        assert len(keys) == len(changes)


def test_every_finding_is_in_exactly_one_matter_and_the_gravest_come_first() -> None:
    changes: Changes = {
        **one_application(total_results__natural_person=0, total_results__total=0),
        "section_two.normative_documents.issued": 99,
        "section_two.normative_documents.in_force": 99,
        "section_four.review.total": 1,
    }
    judgement = judge(subject(build_report(changes=changes, absent_sections=(6,))))
    grouped = [finding for matter in judgement.matters for finding in matter.findings]
    assert sorted(map(id, grouped)) == sorted(map(id, judgement.findings))
    weights = [list(Severity).index(matter.severity) for matter in judgement.matters]
    assert weights == sorted(weights)
    assert len({matter.key for matter in judgement.matters}) == len(judgement.matters)
