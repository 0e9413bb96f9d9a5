"""A paragraph on what differs between two years, made from the numbers by rules: no figure in it is not printed.

Chinese first, as it would stand in a note to a leader. What a year does not report is said to be missing; a share
is given only where the earlier number is large enough to carry one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from monitor.alerts.wording import CELL_STATES
from monitor.differences.cells import NOTHING, PART, Comparison, Difference
from monitor.differences.identities import Identity
from monitor.differences.texts import Kind, SectionChange
from monitor.language import N_, translate
from monitor.rules.base import Fail
from parsers.schema import CellState

LEAST_FOR_A_SHARE = 10
"""Below this earlier number a share says nothing: from 1 to 3 is no growth of 200 %."""


@dataclass(frozen=True, slots=True)
class _Wording:
    """How a number of one unit is told: the same as before, more, less, and with nothing to compare it with."""

    same: str
    more: str
    less: str
    alone: str


_PIECES = _Wording(
    N_("{name}{now}件，与上次持平"),
    N_("{name}{now}件，增加{change}件{share}"),
    N_("{name}{now}件，减少{change}件{share}"),
    N_("{name}{now}件（{against}年度{state}，无从比较）"),
)
_MONEY = _Wording(
    N_("{name}{now}万元，与上次持平"),
    N_("{name}{now}万元，增加{change}万元{share}"),
    N_("{name}{now}万元，减少{change}万元{share}"),
    N_("{name}{now}万元（{against}年度{state}，无从比较）"),
)
_NAMED: tuple[tuple[str, str, _Wording], ...] = (
    ("section_three.new_received.total", N_("新收政府信息公开申请"), _PIECES),
    ("section_three.total_results.total", N_("办理结果合计"), _PIECES),
    ("section_three.carried_forward.total", N_("结转下年度"), _PIECES),
    ("section_four.review.total", N_("行政复议"), _PIECES),
    ("section_four.litigation_direct.total", N_("未经复议直接起诉的行政诉讼"), _PIECES),
    ("section_four.litigation_after_review.total", N_("复议后起诉的行政诉讼"), _PIECES),
    ("section_two.normative_documents.issued", N_("制发行政规范性文件"), _PIECES),
    ("section_two.normative_documents.in_force", N_("现行有效行政规范性文件"), _PIECES),
    ("section_two.normative_documents.newly_made", N_("新制作规范性文件"), _PIECES),
    ("section_two.licensing.decisions", N_("行政许可决定"), _PIECES),
    ("section_two.penalty.decisions", N_("行政处罚决定"), _PIECES),
    ("section_two.coercion.decisions", N_("行政强制决定"), _PIECES),
    ("section_two.admin_fees.amount_wan", N_("行政事业性收费"), _MONEY),
)
_ALWAYS = frozenset({"section_three.new_received.total", "section_three.total_results.total"})
ORDINALS = {
    1: N_("第一部分"),
    2: N_("第二部分"),
    3: N_("第三部分"),
    4: N_("第四部分"),
    5: N_("第五部分"),
    6: N_("第六部分"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the paragraph is about: whose reports, of which years, and everything that was compared.

    ``identities`` None where the years do not follow each other, so that nothing carries over.
    """

    organ: str
    year: int
    against: int
    comparison: Comparison
    sections: Sequence[SectionChange]
    identities: Sequence[Identity] | None


def summary(told: Told, language: str = "zh") -> str:
    """The paragraph in ``zh`` or ``en``."""

    def say(text: str, **values: object) -> str:
        return translate(text, language, values)

    comma = say(N_("；"))
    sentences = [
        say(
            N_("{organ}{year}年度报告与{against}年度报告相比"),
            organ=told.organ,
            year=told.year,
            against=told.against,
        )
    ]
    if told.comparison.ground == NOTHING:
        sentences.append(say(N_("两年的格式没有可比的表格")))
    else:
        if told.comparison.ground == PART:
            sentences.append(say(N_("两年格式不同，只比较新收申请、办理总计和复议诉讼")))
        sentences += _numbers(told.comparison.differences, told.against, language)
        same = len(told.comparison.differences) - len(told.comparison.changed)
        sentences.append(
            say(
                N_("可比的{all}格中{changed}格有变化，{same}格未变"),
                all=len(told.comparison.differences),
                changed=len(told.comparison.changed),
                same=same,
            )
        )
    sentences += _carried(told, language)
    sentences += _texts(told.sections, language)
    return sentences[0] + say(N_("：")) + comma.join(sentences[1:]) + say(N_("。"))


def section_name(number: int, language: str = "zh") -> str:
    """A section of the form by its number, 1 to 6."""
    return translate(ORDINALS[number], language)


def _numbers(differences: Sequence[Difference], against: int, language: str) -> Iterator[str]:
    by_key = {difference.key: difference for difference in differences}
    for key, name, wording in _NAMED:
        difference = by_key.get(key)
        if difference is None:
            continue
        worth_it = bool(difference.before.value or difference.after.value) or difference.differs
        if worth_it or key in _ALWAYS:
            yield _number(difference, translate(name, language), wording, against, language)


def _number(difference: Difference, name: str, wording: _Wording, against: int, language: str) -> str:
    now, then = difference.after, difference.before
    if now.value is None:
        return translate(N_("{name}：{state}"), language, {"name": name, "state": _state(now.state, language)})
    if then.value is None:
        state = _state(then.state, language)
        return translate(
            wording.alone, language, {"name": name, "now": now.value, "against": against, "state": state}
        )
    change = difference.change or 0
    values: dict[str, object] = {"name": name, "now": now.value, "change": abs(Decimal(change)), "share": ""}
    if change == 0:
        return translate(wording.same, language, values)
    if difference.percent is not None and abs(Decimal(then.value)) >= LEAST_FOR_A_SHARE:
        share = abs(Decimal(difference.percent))
        values["share"] = translate(N_("（{percent}%）"), language, {"percent": share})
    return translate(wording.more if change > 0 else wording.less, language, values)


def _state(state: CellState, language: str) -> str:
    return translate(CELL_STATES[state.value], language)


def _carried(told: Told, language: str) -> Iterator[str]:
    if told.identities is None:
        yield translate(N_("不是相邻的年度，不核对跨年勾稽关系"), language)
        return
    answers = [identity.answer for identity in told.identities]
    values = {
        "held": answers.count("pass"),
        "failed": answers.count("fail"),
        "open": answers.count("not_assessable"),
    }
    yield translate(N_("跨年核对{held}条成立、{failed}条不成立、{open}条无法核对"), language, values)
    for identity in told.identities:
        if isinstance(identity.result, Fail):
            for finding in identity.result.findings:
                text = N_("{rule}：{finding}")
                yield translate(text, language, {"rule": finding.rule, "finding": finding.message(language)})


def _texts(sections: Sequence[SectionChange], language: str) -> Iterator[str]:
    kept = []
    for section in sections:
        name = section_name(section.number, language)
        if section.there == (True, False):
            yield translate(N_("{section}未再出现"), language, {"section": name})
        elif section.there == (False, True):
            yield translate(N_("{section}为新增"), language, {"section": name})
        elif section.shown:
            values = {
                "section": name,
                "changed": section.count(Kind.CHANGED),
                "numbers": section.count(Kind.NUMBERS_ONLY),
                "added": section.count(Kind.ADDED),
                "removed": section.count(Kind.REMOVED),
            }
            text = N_("{section}文字改写{changed}句、只换数字{numbers}句、新增{added}句、删去{removed}句")
            yield translate(text, language, values)
        elif section.sentences:
            kept.append(name)
    if kept:
        names = translate(N_("、"), language).join(kept)
        yield translate(N_("{sections}的文字除年份外没有变化"), language, {"sections": names})
