"""What stands beside a finding as the words of the report stands in the report, letter by letter."""

import pytest

from monitor.rules.base import Fail, Finding, Rule
from monitor.rules.catalogue import RULES
from monitor.rules.narrative import applications_spoken_of
from monitor.rules.texts import excerpt, opening
from parsers.reading import parse
from parsers.schema import Report
from tests.monitor.rules.building import build_report, subject
from tests.monitor.rules.test_rule_examples import EXAMPLES
from tests.monitor.rules.test_rule_seeds import judged
from tests.shared import SHARED, needs_shared


def written(report: Report) -> str:
    """Title and prose of a report without blanks."""
    texts = [report.title or "", report.preface, *(section.text for section in report.sections.values())]
    return "".join("\n".join(texts).split())


def not_written(findings: tuple[Finding, ...], words: str) -> list[tuple[str, str]]:
    """The quotes, and parts of quotes of several places, that nobody finds in the report."""
    quotes = [(each.rule, "".join(each.quote.split()).strip("…")) for each in findings if each.quote]
    return [
        (rule, part)
        for rule, quote in quotes
        if quote not in words
        for part in quote.split("；")
        if part not in words
    ]


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("number", range(5))
def test_every_quote_of_a_real_report_is_its_words(number: int) -> None:
    (path,) = (SHARED / "seeds").glob(f"{number:03}_*.txt")
    assert not_written(judged(number).findings, written(parse(path.read_bytes(), name=path.name))) == []


# Here the quote is of the other report of the same organ and year.
OF_THE_OTHER_REPORT = {"I-10"}


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.id not in OF_THE_OTHER_REPORT], ids=lambda rule: rule.id
)
def test_every_quote_of_an_example_is_its_words(rule: Rule) -> None:
    failing = EXAMPLES[rule.id].failing
    failed = rule.evaluate(failing)
    assert isinstance(failed, Fail)
    assert not_written(failed.findings, written(failing.report)) == []


def test_a_subsection_is_quoted_with_its_numbers_and_stops() -> None:
    below = "1、细化公开内容。今年以来，我镇深化公开内容。\n2、推进全面公开。都做到了。"
    text = f"（一）主动公开。公开65条。\n（二）依申请公开\n{below}"
    failed = applications_spoken_of(subject(build_report(text={1: text})))
    assert isinstance(failed, Fail)
    assert failed.findings[0].quote == "1、细化公开内容。今年以来，我镇深化公开内容。 2、推进全面公开。都做到了。"


def test_half_a_sentence_is_marked_as_half() -> None:
    text = "我镇组织学习。业务人员积极参加区级业务培训会，专业水平和责任意识进一步提升。另有安排。"
    at = text.index("区级")
    assert excerpt(text, at, at + 2, 4) == "……积极参加区级业务培训……"
    assert excerpt(text, at, at + 2, 8) == "业务人员积极参加区级业务培训会，专业……"
    assert excerpt(text, 0, 3, 100) == text
    assert opening(text, 5) == "我镇组织学……"
    assert opening(text, 7) == "我镇组织学习。"
    assert opening("  ", 7) is None


@needs_shared
@pytest.mark.shared
def test_what_the_strict_reader_says_of_a_layout_is_no_quote() -> None:
    ours = {"L-01", "L-02", "L-03", "L-04", "L-05", "S-04", "S-07"}
    findings = [each for number in range(5) for each in judged(number).findings if each.rule in ours]
    assert {each.rule for each in findings} == ours
    assert all(each.quote is None and "{text}" in each.template for each in findings)
