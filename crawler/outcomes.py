"""Which outcome a run and each of its columns ends with: a pure decision from what happened.

`missing` accuses an organ and rests on columns that were crawled whole, so every doubt decides against whole.
What each outcome means and what the operator does: docs/outcomes.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crawler.records import Outcome

# Worst first. A portal is as bad as its worst column: what has to be repaired must not hide behind the rest.
PRECEDENCE = (
    Outcome.CRASHED,
    Outcome.TIMED_OUT,
    Outcome.BLOCKED,
    Outcome.UNREACHABLE,
    Outcome.LAYOUT_CHANGED,
    Outcome.PARTIAL,
    Outcome.COLLECTED,
    Outcome.UNCHANGED,
    Outcome.EMPTY_PROVEN,
)

# What the answer to a column's first page means for the column, by its problem word (crawler.records.Capture).
_OUTCOME_OF_FIRST_PAGE = {
    "blocked": Outcome.BLOCKED,
    "robots": Outcome.BLOCKED,
    "rate_limited": Outcome.BLOCKED,
    "cut_off": Outcome.UNREACHABLE,
    "unreachable": Outcome.UNREACHABLE,
    "certificate": Outcome.UNREACHABLE,
    "robots_unavailable": Outcome.UNREACHABLE,
    "private_address": Outcome.UNREACHABLE,
    # Nothing is wrong with the portal: what is needed to see it is missing or broke down here.
    "no_browser": Outcome.CRASHED,
    "browser_died": Outcome.CRASHED,
}

PROBLEM_WORDS = {
    "blocked": "被拦截或拒绝",
    "robots": "robots.txt 不许访问",
    "rate_limited": "网站要求暂缓访问（429，Retry-After）",
    "cut_off": "传输中断，只收到一部分",
    "redirects": "重定向没有尽头",
    "unreachable": "无法连接",
    "certificate": "证书无效",
    "gone": "页面不存在",
    "soft_404": "页面已撤下",
    "off_site": "指向未登记的主机",
    "robots_unavailable": "robots.txt 因服务器故障读不到，按规则暂不访问",
    "private_address": "地址在内网，未获准访问（[crawl] allow_private_addresses）",
    "no_address": "没有可打开的网址",
    "too_large": "文件过大",
    "broken": "内容不完整",
    "layout": "列表无法识别",
    "no_browser": (
        "此栏目需要浏览器呈现，但本机没有：请运行 script/setup --browser，并安装 chromium（apt install chromium）"
    ),
    "browser_died": "浏览器无法启动或意外终止（可运行 chromium --headless 看原因）",
    "unrendered": "页面在浏览器中未能呈现",
    "incomplete": "页面脚本取的数据不全",
    "web_socket": "数据经 WebSocket 传送，采集程序不支持",
    "event_stream": "数据经事件流传送，采集程序不支持",
    "too_many": "页面请求过多",
    "script_error": "页面脚本出错，没有列出内容",
    "data_error": "页面的数据接口报错",
    "unsettled": "页面到时限仍在变化",
}


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What happened to one column in one run.

    ``first_page`` is the problem word of its first list page, None where it was read. ``recognised``: the first
    page was proven to be the list (crawler.families.page.ListPage.proof). ``pages_failed`` and
    ``documents_failed`` count problem words of the further list pages (``layout``: not recognised) and of
    listed reports (``no_address``: a row that leads to none); ``others_failed`` those of attachments and of
    reports no longer listed, where the failure may pass. ``known`` is how many reports the column was known to
    list before. ``repeated``: a page showed rows of an earlier page only, so paging does not work.
    ``too_many_pages``: paging did not end.
    ``stopped`` is ``interrupted`` or ``timed_out`` where the run ended before the column did.
    """

    first_page: str | None = None
    recognised: bool = True
    pages: int = 1
    declared_pages: int | None = None
    rows: int = 0
    declared: int | None = None
    reports: int = 0
    changed: int = 0
    known: int = 0
    pages_failed: Mapping[str, int] = field(default_factory=dict)
    documents_failed: Mapping[str, int] = field(default_factory=dict)
    others_failed: Mapping[str, int] = field(default_factory=dict)
    repeated: bool = False
    too_many_pages: bool = False
    stopped: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome and, where it is not plain success, the problem as a word with its figures."""

    outcome: Outcome
    problem: str | None = None


def decide_column(facts: ColumnFacts) -> Decision:
    """The outcome of one column. First what hid the list, then what is missing from it, then what it brought."""
    if facts.first_page is not None:
        return Decision(_OUTCOME_OF_FIRST_PAGE.get(facts.first_page, Outcome.LAYOUT_CHANGED), facts.first_page)
    refused = [word for word in ("blocked", "rate_limited", "robots") if facts.pages_failed.get(word)]
    if refused:
        return Decision(Outcome.BLOCKED, f"pages_failed:{refused[0]}={facts.pages_failed[refused[0]]}")
    if facts.stopped:
        outcome = Outcome.TIMED_OUT if facts.stopped == "timed_out" else Outcome.PARTIAL
        return Decision(outcome, facts.stopped)
    if not facts.recognised:
        return Decision(Outcome.LAYOUT_CHANGED, "no_list")
    if facts.known and not facts.reports:
        # It listed reports before and shows none today: sooner a list we misread than a column swept clean.
        return Decision(Outcome.LAYOUT_CHANGED, f"list_emptied:{facts.known}")
    incomplete = _incomplete(facts)
    if incomplete:
        return Decision(Outcome.PARTIAL, incomplete)
    if facts.changed:
        return Decision(Outcome.COLLECTED)
    return Decision(Outcome.UNCHANGED if facts.reports else Outcome.EMPTY_PROVEN)


def decide_run(columns: Iterable[Decision], stopped: str | None = None, crashed: str | None = None) -> Decision:
    """The one outcome of a run: that of its worst column, unless the run itself was cut off.

    ``stopped`` is ``interrupted`` or ``timed_out``, ``crashed`` the error in one line.
    """
    if crashed is not None:
        return Decision(Outcome.CRASHED, crashed)
    if stopped == "timed_out":
        return Decision(Outcome.TIMED_OUT, stopped)
    decided = sorted(columns, key=lambda decision: PRECEDENCE.index(decision.outcome))
    if not decided:
        return Decision(Outcome.PARTIAL, stopped or "interrupted")
    worst = decided[0]
    if stopped and worst.outcome.whole:
        return Decision(Outcome.PARTIAL, stopped)
    return Decision(worst.outcome, stopped if stopped and worst.outcome is Outcome.PARTIAL else worst.problem)


FAILED_WORDS = {
    "pages_failed": "列表页{number}个{why}",
    "documents_failed": "年报页面{number}个{why}",
    "others_failed": "附件或旧页面{number}个{why}",
}
SENTENCES = {
    "no_list": "网站有回应，但页面上认不出年报列表",
    "list_emptied": "此栏目以前列有{detail}份年报，现在一份也没有，可能是网站改版",
    "declared_more": "页面写明共{declared}条，只读到{read}条",
    "pages_unread": "页面写明共{declared}页，只读到{read}页",
    "pages_repeat": "翻页后仍是同样的内容，其余各页读不到",
    "too_many_pages": "翻页没有尽头，已停止",
    "interrupted": "采集被中断",
    "timed_out": "采集超过时限",
    "died": "采集进程意外终止",
}
OTHERWISE = "采集程序出错（{problem}）"


def sentences(problem: str) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """The problem of a run or column as Chinese sentences with places, and what fills them.

    A value that is one of :data:`PROBLEM_WORDS` is a text of ours too.
    """
    word, _, detail = problem.partition(":")
    if word in PROBLEM_WORDS:
        return ((PROBLEM_WORDS[word], {}),)
    if word in FAILED_WORDS:
        parts = [part.partition("=") for part in detail.split(",")]
        return tuple(
            (FAILED_WORDS[word], {"number": number, "why": PROBLEM_WORDS.get(name, name)})
            for name, _, number in parts
        )
    read, _, declared = detail.partition("/")
    values = {"detail": detail, "read": read, "declared": declared, "problem": problem}
    return ((SENTENCES.get(word, OTHERWISE), values),)


def in_words(problem: str) -> str:
    """The problem of a run or column for people, in Chinese."""
    return "；".join(sentence.format(**values) for sentence, values in sentences(problem))


def _incomplete(facts: ColumnFacts) -> str | None:
    for name in ("pages_failed", "documents_failed", "others_failed"):
        failed: Mapping[str, int] = getattr(facts, name)
        if any(failed.values()):
            return f"{name}:" + ",".join(f"{word}={number}" for word, number in sorted(failed.items()) if number)
    if facts.too_many_pages:
        return "too_many_pages"
    if facts.repeated:
        return "pages_repeat"
    if facts.declared is not None and facts.rows < facts.declared:
        return f"declared_more:{facts.rows}/{facts.declared}"
    if facts.declared_pages is not None and facts.pages < facts.declared_pages:
        return f"pages_unread:{facts.pages}/{facts.declared_pages}"
    return None
