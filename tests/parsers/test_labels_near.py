"""Typing errors in labels: what one or two slips make of a label is never taken for another."""

import itertools
from collections.abc import Iterator, Mapping

import pytest
from rapidfuzz.distance import OSA

from parsers.forms import FORM_KEYS, Label
from parsers.labels import label_key
from parsers.tables.vocabulary import Vocabulary, known_label, near_label, vocabulary

STRANGE = "口"
# Two slips and the most that is forgiven in a label: what lies farther apart cannot meet.
FEWEST_TO_TELL = 5


def tables(words: Vocabulary) -> dict[str, tuple[Mapping[str, tuple[str, bool]], Mapping[str, Label]]]:
    form = words.form
    return {
        "rows_two": (words.rows_two, form.section_two_rows),
        "heads_two": (words.heads_two, form.section_two_columns),
        "rows_three": (words.rows_three, form.section_three_rows),
        "heads_three": (words.heads_three, form.section_three_columns),
        "blocks_four": (words.blocks_four, form.section_four_blocks),
        "heads_four": (words.heads_four, form.section_four_columns),
    }


def slips(text: str, others: str) -> Iterator[str]:
    """What one slip makes of a text: a character lost, another one for it or beside it, two swapped."""
    for at in range(len(text)):
        yield text[:at] + text[at + 1 :]
        yield text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
        for other in others:
            yield text[:at] + other + text[at + 1 :]
            yield text[:at] + other + text[at:]


def taken(text: str, table: Mapping[str, tuple[str, bool]], labels: Mapping[str, Label]) -> str | None:
    match = known_label(text, table) or near_label(text, table, labels)
    return match.key if match else None


@pytest.mark.parametrize("form", FORM_KEYS)
@pytest.mark.parametrize(
    "name", ["rows_two", "heads_two", "rows_three", "heads_three", "blocks_four", "heads_four"]
)
def test_one_slip_never_makes_another_label(form: str, name: str) -> None:
    """Every label with the characters of the others of its table in every place (of the largest a quarter)."""
    table, labels = tables(vocabulary(form))[name]
    characters = "".join(sorted(set("".join(table))))[:: 1 if len(table) < 30 else 4]
    for wording, (key, _) in table.items():
        for slipped in slips(wording, characters + STRANGE):
            assert taken(slipped, table, labels) in (key, None), (wording, slipped)


@pytest.mark.parametrize("form", FORM_KEYS)
@pytest.mark.parametrize(
    "name", ["rows_two", "heads_two", "rows_three", "heads_three", "blocks_four", "heads_four"]
)
def test_two_slips_never_make_another_label(form: str, name: str) -> None:
    """Towards every other label: its characters at their places; what is by then its very wording is its own."""
    table, labels = tables(vocabulary(form))[name]
    for (wording, (key, _)), (other, (other_key, _)) in itertools.permutations(table.items(), 2):
        if key == other_key or OSA.distance(wording, other) > FEWEST_TO_TELL:
            continue
        for first in {*slips(wording, ""), *_towards(wording, other)}:
            for second in _towards(first, other):
                if label_key(second) not in table:
                    assert taken(second, table, labels) in (key, None), (wording, other, second)


def _towards(text: str, other: str) -> Iterator[str]:
    """One character of another label put at its place, or beside it."""
    for at in range(min(len(text), len(other))):
        yield text[:at] + other[at] + text[at + 1 :]
        yield text[:at] + other[at] + text[at:]
    yield text + other[len(text) : len(text) + 1]


@pytest.mark.parametrize(
    ("name", "printed", "key"),
    [
        ("rows_two", "行政事业性收废", "admin_fees"),
        ("rows_two", "行政规范性文伴", "normative_documents"),
        ("heads_three", "法律服务机购", "legal_service"),
        ("heads_three", "社会公益纽织", "ngo"),
        ("rows_three", "1.属于国家秘蜜", "denied_state_secret"),
        ("rows_three", "4.保护第三方合法权宜", "denied_third_party"),
        ("rows_three", "4.无正当理由大理反复申请", "rejected_excessive"),
        ("rows_three", "四、结转下年度继续办里", "carried_forward"),
        ("rows_three", "5.属于国家秘蜜", None),
        ("rows_three", "本年结转政府信息公开申请数量", None),
        ("rows_three", "（三）不予公开", None),
        ("rows_two", "行政处强", None),
        ("heads_two", "本年制止件数", None),
        ("blocks_four", "未经复议后起诉", None),
    ],
)
def test_near_or_not(name: str, printed: str, key: str | None) -> None:
    table, labels = tables(vocabulary("2021"))[name]
    assert taken(printed, table, labels) == key


def test_a_label_already_found_is_no_reason_to_take_the_next_nearest() -> None:
    table, labels = tables(vocabulary("2021"))["rows_three"]
    rest = {key: label for key, label in labels.items() if key != "denied_state_secret"}
    assert near_label("属于国家秘蜜", table, rest) is None


@pytest.mark.parametrize(
    ("name", "printed", "key"),
    [
        ("heads_two", "本年（2023）制发件数", "issued"),
        ("heads_two", "本年(2023年)制发件数", "issued"),
        ("heads_two", "现行有效件", "in_force"),
        ("heads_two", "现行有效件数（历史累计）", "in_force"),
        ("heads_two", "本年发件", "issued"),
        ("heads_two", "本年度止件数", "repealed"),
        ("heads_two", "本年收费金额（单位：万元，保留4位小数）", "amount_wan"),
        ("heads_two", "本年收费金额(单位:万元)", "amount_wan"),
        ("rows_two", "规范性文件", "normative_documents"),
        ("rows_three", "2.其他法律法规禁止公开", "denied_law_prohibits"),
        ("rows_three", "7、属于行政执法案件", "denied_enforcement_file"),
        ("rows_three", "二、上年度结转政府信息公开申请数量", "carried_over"),
        ("rows_three", "四、结转下一年度继续办理", "carried_forward"),
        ("rows_three", "(二)部分公开(区分处理的,只计这一情形,不计其他情形)", "partially_granted"),
        ("rows_three", '3.危及"三安全一稳定"', "denied_safety_stability"),
        ("heads_three", "事业企业", "business"),
        ("heads_four", "结果 维持", "upheld"),
        ("blocks_four", "行政法复议", "review"),
    ],
)
def test_wordings_met_in_the_field(name: str, printed: str, key: str) -> None:
    table, labels = tables(vocabulary("2021"))[name]
    assert taken(printed, table, labels) == key
