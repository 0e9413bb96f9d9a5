"""Text from portals is data: no title, header or nesting breaks the log, the run, or whoever reads of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.records import Outcome
from crawler.text import decode_page, without_controls
from tests.crawler.crawling import crawled, portal
from tests.crawler.website import Answers, Reply, Website, report_page

TITLE = "甲镇2023年政府信息公开工作年度报告"


def site_with(title: str) -> dict[str, Answers]:
    """A column in JSON whose one row has this title."""
    row = {"title": title, "url": "/post_1.html", "publisher": "甲镇\x00人民政府", "created_at": "2024-01-15"}
    listed = json.dumps({"articles": [row], "total": 1})
    return {
        "/gkmlpt/api/all/1": Reply(listed.encode(), media_type="application/json"),
        "/post_1.html": Reply(report_page(TITLE).encode()),
    }


@pytest.mark.parametrize(
    "sign",
    ["\ud800", "\0", "\x1b]0;owned\x07", "\u202e", "\x85", "\u2028"],
    ids=lambda sign: sign.encode("unicode_escape").decode(),
)
def test_a_title_is_told_without_signs_that_are_none_and_the_run_goes_on(tmp_path: Path, sign: str) -> None:
    with Website(site_with(f"甲镇2023年{sign}政府信息公开工作年度报告")) as site:
        log = crawled(portal(site, ("/gkmlpt/api/all/1",), family="gkmlpt"), tmp_path)
    assert log.finished.outcome is Outcome.COLLECTED
    (entry,) = log.entries
    assert entry.title.replace(" ", "").replace("]0;owned", "").replace("\ufffd", "") == TITLE
    assert (entry.title + (entry.organ or "")).isprintable()


def test_a_list_nested_without_end_is_no_list_and_the_other_columns_are_read(tmp_path: Path) -> None:
    deep = '{"articles": ' + "[" * 200_000
    pages = site_with(TITLE) | {"/gkmlpt/api/all/2": Reply(deep.encode(), media_type="application/json")}
    with Website(pages) as site:
        log = crawled(portal(site, ("/gkmlpt/api/all/1", "/gkmlpt/api/all/2"), family="gkmlpt"), tmp_path)
    assert {name: one.outcome for name, one in log.columns.items()} == {
        "c1": Outcome.COLLECTED,
        "c2": Outcome.LAYOUT_CHANGED,
    }


@pytest.mark.parametrize(
    "charset", ["undefined", "idna", "punycode", "unicode_escape", "raw-unicode-escape", "utf-7", "rot13", "zip"]
)
def test_a_charset_that_is_none_is_not_obeyed(charset: str) -> None:
    body = f'<meta charset="{charset}"><p>\\ud800 政府信息公开</p>'.encode() + b"\xff\xff"
    text = decode_page(body)
    assert "政府信息公开" in text
    assert text.encode()


def test_writing_stays_as_it_is() -> None:
    words = "甲镇\u30002023年\n\t《报告》\xa0é\ue000😀"
    assert without_controls(words) == words
