"""Which time a number in a sentence speaks of: the report year, a part of it or another year, or all the years."""

from __future__ import annotations

import re
from enum import StrEnum


class Span(StrEnum):
    """The time a number speaks of."""

    OWN = "own"
    OTHER = "other"
    CUMULATIVE = "cumulative"


# Each way to begin stands first in its alternative, so that most letters of a text are passed at a glance.
_TO = "[-—－~～至到]"
_MARKER = re.compile(
    r"(?=[0-9一二两三四五六七八九十历自从开建成设上运创实施近过最迄至目截下第其前各去往今本当全年明来次])(?:"
    r"(?P<since>历年来?|自20[0-9]{2}年[^，；。]{0,8}?(?:以来|至今|起|开始)|从20[0-9]{2}年[^，；。]{0,8}?(?:以来|至今|起|开始)"
    r"|20[0-9]{2}年[^，；。]{0,8}?(?:以来|至今|起|开始)"
    r"|[开建成设上运创](?:通|立|线|行|站|办|设)(?:以来|至今)"
    r"|自(?!今年|本年|当年|年初|20)[^，；。]{1,12}?以来|实施以来|施行以来|实行以来"
    r"|[近过最](?:去|近)?[0-9一二三四五六七八九十两几数]*年来?"
    r"|[0-9一二三四五六七八九十两][0-9一二三四五六七八九十]*年来|十[一二三四五]五(?:期间|时期|以来)?"
    r"|迄今(?:为止)?|至今|截[至止]到?(?:目前|今|现在)|目前已?累计)"
    rf"|(?P<range>20[0-9]{{2}}年?度?{_TO}20[0-9]{{2}}年(?![0-9]))"
    r"|(?P<until>截[至止]到?(?:20[0-9]{2}年(?:12月(?:[0-9]{1,2}日|底|末)?)?|本?年底|年末|12月(?:[0-9]{1,2}日|底|末)?))"
    r"|(?P<part>[上下]半年|第[一二三四]季度|[一二三四]季度|其[他它余]季度|前三个?季度|各季度"
    rf"|[0-9](?<![0-9][0-9])(?!1?月?{_TO}12月)[0-9]?月?{_TO}[0-9]{{1,2}}月(?![0-9])"
    rf"|[0-9](?<![0-9][0-9])(?<!{_TO}[0-9])[0-9]?月(?![0-9]+[日号]|{_TO}))"
    r"|(?P<year>20[0-9]{2})年"
    r"|(?P<own>今年|本年|当年|全年|年内|年度内)"
    r"|(?P<last>去年|上一?年|前年|往年|上一年度)"
    r"|(?P<next>明年|来年|次年|下一?年))"
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
    if kind in ("last", "next", "part"):
        return Span.OTHER
    if kind == "range":
        first, last = _YEAR.findall(match[0])
        if first != last:
            return Span.CUMULATIVE
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
