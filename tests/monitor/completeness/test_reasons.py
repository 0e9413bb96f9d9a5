"""Why somebody could not be verified is told in the reader's language, whatever names stand in the sentence."""

import re

import pytest

from monitor.completeness.reasons import TEMPLATES, reason_in_words
from monitor.language import translate

BLOCKED = "栏目“乡镇年报”在期限过后还没有完整采集过（被拦截或拒绝）"


def test_a_filled_sentence_is_told_in_english_with_its_names_as_they_are() -> None:
    told = reason_in_words(BLOCKED, "en")
    assert told.startswith("the column “乡镇年报” was not yet crawled whole after the due date")
    assert not re.search("[一-鿿]", told.replace("乡镇年报", ""))
    assert reason_in_words(BLOCKED) == BLOCKED
    assert reason_in_words("栏目“a{b}”从未采集过", "en").count("a{b}") == 1


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_sentence_with_names_is_known_again(template: str) -> None:
    names = re.findall(r"{(\w+)}", template)
    filled = translate(template, values={name: f"<{name}>" for name in names})
    told = reason_in_words(filled, "en")
    assert not re.search("[一-鿿]", told)
    assert all(f"<{name}>" in told for name in names)


def test_a_plain_sentence_is_translated_and_a_strange_one_left() -> None:
    assert reason_in_words("门户定义中没有收录该单位年度报告的栏目", "en").isascii()
    assert reason_in_words("别的话", "en") == "别的话"
