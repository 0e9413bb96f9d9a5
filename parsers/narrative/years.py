"""Which time a number in a sentence speaks of: the report year, another year, or all the years until now."""

from __future__ import annotations

import re
from enum import StrEnum


class Span(StrEnum):
    """The time a number speaks of."""

    OWN = "own"
    OTHER = "other"
    CUMULATIVE = "cumulative"


_MARKER = re.compile(
    r"(?P<since>历年来?|(?:自|从)?20[0-9]{2}年[^，；。]{0,8}?(?:以来|至今|起|开始)|(?:开通|建立|成立|设立|上线|运行|建站|创办)(?:以来|至今)"
    r"|迄今(?:为止)?|至今|截[至止]到?(?:目前|今|现在)|目前已?累计)"
    r"|(?P<until>截[至止]到?(?:20[0-9]{2}年|本?年底|年末|12月))"
    r"|(?P<year>20[0-9]{2})年"
    r"|(?P<own>今年|本年|当年|全年|年内|年度内)"
    r"|(?P<last>去年|上一?年|前年|往年|上一年度)"
    r"|(?P<next>明年|来年|次年|下一?年)"
)
_YEAR = re.compile(r"20[0-9]{2}")
# 上年结转 and 结转2024年 say where an application came from or went to, not when the next number was counted.
_CARRIED_AFTER = re.compile(r"度?(?:的|未)?(?:结转|遗留|转入|接转|顺延|办结)")
_CARRIED_BEFORE = re.compile(r"(?:结转|顺延|转)(?:到|至|入)?$")
# 2022年度财政决算 names a document, not the time of the count.
_NAMES_A_THING = re.compile(
    r"度?(?:财政|预算|决算|部门预|部门决|法治|政府信息公开工作年度报告|政府工作报告|年度报告|要点)"
)
_COMPARED = re.compile(r"(?:较|比|与|同|和|跟|相较于?|相比于?|对比)$")
_ACCUMULATED = re.compile(r"累计|共有|现有|历次")


def _kind(match: re.Match[str], report_year: int | None) -> Span | None:
    """What a marker says; None where it says nothing (a year, and no report year to hold it against)."""
    kind = match.lastgroup
    if kind == "own":
        return Span.OWN
    if kind in ("last", "next"):
        return Span.OTHER
    year = _YEAR.search(match[0])
    if kind == "since":
        own = year is not None and report_year is not None and int(year[0]) == report_year
        return Span.OWN if own else Span.CUMULATIVE
    if year is None or report_year is None:
        return None if kind == "year" else Span.OWN
    return Span.OWN if int(year[0]) == report_year else Span.OTHER


class Spans:
    """The times a sentence speaks of, by place; what is said in one clause holds until another is named."""

    __slots__ = ("_compared", "_marks")

    def __init__(self, sentence: str, clause_ends: list[int], report_year: int | None) -> None:
        self._marks: list[tuple[int, Span, bool]] = []
        self._compared: list[tuple[int, int]] = []
        for match in _MARKER.finditer(sentence):
            before, after = sentence[: match.start()], match.end()
            if _CARRIED_AFTER.match(sentence, after) or _CARRIED_BEFORE.search(before):
                continue
            if _COMPARED.search(before):
                end = next(end for end in clause_ends if end >= after)
                self._compared.append((match.start(), end))
                continue
            if match.lastgroup in ("year", "last") and _NAMES_A_THING.match(sentence, after):
                continue
            if (span := _kind(match, report_year)) is not None:
                self._marks.append((match.start(), span, match.lastgroup == "until"))

    def at(self, sentence: str, position: int) -> Span:
        """The time that a number at ``position`` speaks of. Numbers beside a comparison count as OTHER."""
        if any(start < position <= end for start, end in self._compared):
            return Span.OTHER
        found = Span.OWN
        for start, span, until in self._marks:
            if start >= position:
                break
            # 截至2023年底累计 may mean the year or all years: no number to hold against a table.
            accumulated = until and span is Span.OWN and _ACCUMULATED.search(sentence, start, position)
            found = Span.CUMULATIVE if accumulated else span
        return found
