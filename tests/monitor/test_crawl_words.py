"""The crawler's words for people, in English."""

import re

import pytest

from crawler import outcomes
from crawler.families import NAMES
from monitor.crawl_words import TEXTS, problem_in_words
from monitor.language import translate


def test_all_that_the_crawler_says_is_in_the_catalogue() -> None:
    said = {
        *outcomes.PROBLEM_WORDS.values(),
        *outcomes.FAILED_WORDS.values(),
        *outcomes.SENTENCES.values(),
        outcomes.OTHERWISE,
        *NAMES.values(),
    }
    assert said == set(TEXTS)
    assert [text for text in TEXTS if re.search("[\u3400-\u9fff]", translate(text, "en"))] == []


@pytest.mark.parametrize(
    ("problem", "zh", "en"),
    [
        ("blocked", "被拦截或拒绝", "blocked or refused"),
        (
            "pages_failed:blocked=2,gone=1",
            "列表页2个被拦截或拒绝；列表页1个页面不存在",
            "2 list page(s): blocked or refused; 1 list page(s): no such page",
        ),
        ("declared_more:3/7", "页面写明共7条，只读到3条", "the page declares 7 entries, of which 3 were read"),
        ("KeyError", "采集程序出错（KeyError）", "the crawler failed (KeyError)"),
    ],
)
def test_a_problem_is_told_in_both_languages(problem: str, zh: str, en: str) -> None:
    assert outcomes.in_words(problem) == problem_in_words(problem, "zh") == zh
    assert problem_in_words(problem, "en") == en
