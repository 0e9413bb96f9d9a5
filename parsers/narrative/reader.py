"""Reads the prose of a report into facts. What counts as a fact is data (``patterns.yaml``).

A number is read within its clause, at most 25 characters from its anchor, and only where it speaks of the report
year. Doubtful numbers are left out: what is read here may accuse an organ.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from parsers.narrative.numbers import DIGITS, FULL_WIDTH, read_number
from parsers.narrative.patterns import Denial, FactPattern, Form, Matters, Patterns, load_patterns
from parsers.narrative.subsections import Line, Topic, lines
from parsers.narrative.years import Span, Spans
from parsers.schema import Fact, Number, Section

#: How the name of a group begins: an enumeration that ends with its sentence; one that may go on (等, or another
#: unit); a whole and parts that stand in different sentences.
CLOSED = "closed"
OPEN = "open"
SCATTERED = "scattered"

REACH = 25
_LEAD_REACH = 60
# How far the words around a number are looked at for what it is counted of.
_WIDE_REACH = 160

_WITHIN_DIGITS = "¦"
_BLANK_WITHIN_DIGITS = re.compile(r"(?<=[0-9０-９])[ \t\u3000\u00a0]+(?=[0-9０-９])")
# What reading passes over: blanks, Markdown marks, and short brackets without a number.
_PASSED_OVER = re.compile(r"[\s*#]+|[（(][^（()）0-9０-９]{0,24}[)）]")
_SENTENCE = re.compile(r"[^。！？!?]+[。！？!?]?")
_CLAUSE_END = re.compile(r"[，；;。！？!?（）()]|,(?!\d{3}(?!\d))")
_APPROXIMATELY = re.compile(r"(?:大约|约|近|将近|接近|左右|几乎|上)$")
_AT_LEAST = re.compile(r"(?:超过|超|逾|突破|高于|不少于|不低于|至少|达到?.{0,2}以上)$")
_AT_MOST = re.compile(r"(?:不足|不到|不超过|低于|最多|少于)$")
# The last letters of those words, for a quick first look.
_BOUNDS = frozenset("约近右乎上过超逾破于少多足")
_CHANGES = frozenset("加长少降升高低幅减增多比了至到达约近为:：")
# A change (增加3件), a plan (计划公开50条), a turn (每月5条), an article (第20条): no count of the year.
_CHANGE = re.compile(
    r"(?:增加|增长|减少|下降|上升|提升|提高|降低|增幅|降幅|减|增|多|少|同比|环比)(?:了|至|到|达|约|近|为|:|：)*$"
)
_PLANNED = re.compile(
    r"计划|力争|拟于|目标|争取|预计|确保|要求各|将(?:主动|继续|进一步|完成|达|公开|发布)|每(?:年|月|周|季度?|天|日|半年|村|个|件|次|份|收|受理)"
)
_IF = re.compile(r"(?:如果?|若|凡|一旦|倘若?|当|对于?|避免|防止|杜绝)$")
_ENUMERATED = re.compile(r"其中|分别(?:为|是)|包括|包含")
_ENDS_ENUMERATION = re.compile(
    r"总数|总计|合计|总量|共计|累计|另外?[，有公发]|此外|同时|制发|全[镇县区市局乡年]|一是|二是|[（(]一"
)
_OF_SEVERAL_ORGANS = re.compile(r"[0-9一二三四五六七八九十]+个?(?:单位|部门|乡镇|街道|村|社区|科室)[^，]{0,6}$")
_JOINS_ANOTHER = re.compile(r"[、和与]|(?<!涉)及")
_DENIES = re.compile(r"[无未零]|没有|不")
_MAY_BE_DENIED = ("申请", "复议", "诉讼", "处理费", "收费", "费用", "提案", "规范性文件")
_DENIAL = re.compile(
    r"[无未零没][^。]{0,40}(?:申请|复议|诉讼|处理费|收费|费用|提案|规范性文件)|(?:申请|申请公开|处理费)[^。]{0,12}[无零]"
)
_ALL_DONE = re.compile("(?:全部|均|都|一律|悉数).{0,14}(?:复|结|馈|毕|成|维持)")
_COUNTED = re.compile(r"[0-9０-９]\s*(?:余|多)?[件宗起封个份条项例]")
_DIGIT = re.compile(r"[0-9０-９零〇一二两三四五六七八九十百千万亿]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SECTION_ON_REVIEWS = 4
_LONGEST_WHOLE_DENIAL = 30
_WHOLE = "proactive_items_total"
_RECEIVED = "applications_received"
_ALL = re.compile(r"全部|均|都|一律|悉数")


# 占申请总量的33.9%; 申请答复率为100%
_SHARE_OF = re.compile(r"占(?!比)((?:[^占，0-9]{2,14}?))(?:的(?:比例|比重|比)?)?(?:约|达到?|为|近)*$")
_RATE_OF = re.compile(
    r"((?:(?![的和与]|及(?!时))[\u4e00-\u9fff]){1,12}(?:率|满意度))(?:约|达到?|为|近|高达|保持|在|是|[：:])*$"
)


@dataclass(slots=True)
class _Mention:
    """A number with a unit in a sentence, and what it was found to be."""

    value: Number
    unit: str
    approximate: bool
    bound: str | None
    start: int
    end: int
    clause: tuple[int, int]
    near: str
    after: str
    span: Span
    change: bool
    keys: tuple[str, ...] = ()
    pattern: FactPattern | None = None
    group: str | None = None
    whole: bool = False
    channel: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A fact with what the later steps must know of its sentence."""

    fact: Fact
    order: tuple[int, int]
    channel: bool = False


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence as it is read (without blanks and short brackets), and where its characters were printed."""

    printed: str
    text: str
    places: list[int] | None
    ends: list[int]

    def clause(self, position: int) -> tuple[int, int]:
        """Begin and end of the clause that holds ``position``."""
        index = bisect_right(self.ends, position)
        start = self.ends[index - 1] + 1 if index else 0
        return start, self.ends[index] if index < len(self.ends) else len(self.text)

    def quote(self, start: int, end: int) -> str:
        """The printed words of ``text[start:end]``."""
        if self.places is not None:
            start, end = self.places[start], self.places[end - 1] + 1
        return self.printed[start:end].strip()


@dataclass(frozen=True, slots=True)
class _Setting:
    """A sentence and where it stands: the text of its line before it, its subsection's topic, its section."""

    sentence: _Sentence
    earlier: str
    topic: Topic
    section: int


@cache
def _mention_pattern(counted: tuple[str, ...]) -> re.Pattern[str]:
    units = "|".join(re.escape(unit) for unit in sorted(counted, key=len, reverse=True))
    return re.compile(
        # Never the tail of a number, a range, a bare list (3、5件) or an ordinal.
        rf"(?<![0-9０-９.．¦第—~～\-+])(?<![0-9０-９][、，,和至到或及])"
        rf"(?:(?<![数几统同唯之逐])|(?=[0-9０-９]))(?P<digits>{DIGITS})"
        rf"(?P<vague>余|多|来|\+|＋)?(?P<scale>[百千万亿])?(?P<vague_after>余|多|\+|＋)?"
        rf"(?P<unit>{units.replace('%', '[%％]')})(?!事|性|目标|款|例》)(?P<tail>及?以上|左右|上下|[+＋])?"
    )


@cache
def _counts() -> re.Pattern[str]:
    units = "".join(sorted({unit[0] for unit in load_patterns().counted if unit != "%"}))
    return re.compile(rf"[0-9０-９+＋余多百千万亿一二两三四五六七八九十][{units}%％]|[0-9０-９]\s+[{units}%％]")


def _is_interesting(sentence: str) -> bool:
    """Whether a sentence may state a fact at all: a counted thing, a denial, or that all were dealt with."""
    if _counts().search(sentence):
        return True
    for word in _MAY_BE_DENIED:
        if word in sentence and _DENIAL.search(sentence):
            return True
    return _ALL.search(sentence) is not None and _ALL_DONE.search(sentence) is not None


def read_narrative(sections: Mapping[int, Section], report_year: int | None) -> tuple[Fact, ...]:
    """The facts that the prose of ``sections`` (by number) states, in the order of the text.

    Numbers of other years than ``report_year`` are left out, save what was carried over; where it is None only
    words (去年, 明年) tell another year. Amounts of money of the information-processing fee are given in 元. The
    words of each fact stand in ``quote`` as printed. A group's name begins with :data:`CLOSED`, :data:`OPEN` or
    :data:`SCATTERED`.
    """
    patterns = load_patterns()
    found: list[_Found] = []
    said: set[str] = set()
    for number in sorted(sections):
        section = sections[number]
        if not section.present or not section.text:
            continue
        for index, line in enumerate(lines(section.text)):
            found.extend(_read_line(line, (number, index), report_year, patterns, said))
    return tuple(item.fact for item in _join_scattered(_without_repeats(found), patterns))


def _read_line(
    line: Line, place: tuple[int, int], report_year: int | None, patterns: Patterns, said: set[str]
) -> list[_Found]:
    found: list[_Found] = []
    whole_line = _whole_line_denials(line, place, patterns)
    if whole_line:
        said.update(item.fact.key for item in whole_line)
        return whole_line
    received: Fact | None = None  # the sentence behind may go on from it
    for index, match in enumerate(_SENTENCE.finditer(line.text)):
        printed = match[0]
        if not _is_interesting(printed):
            continue
        sentence = _prepare(printed)
        spans = Spans(sentence.text, sentence.ends, report_year)
        mentions = _mentions(sentence, spans, patterns)
        earlier = line.text[max(0, match.start() - _WIDE_REACH) : match.start()]
        setting = _Setting(sentence, earlier, line.topic, place[0])
        for mention in mentions:
            _classify(mention, setting, said, patterns)
            said.update(mention.keys)
        _tell_parts_apart(mentions, patterns)
        _group(mentions, sentence, f"{place[0]}.{place[1]}.{index}", patterns)
        read = _facts(mentions, sentence, place[0], patterns)
        read += _denials(setting, spans, patterns, mentions)
        read.sort(key=lambda item: item.order)
        read, received = _derive(read, sentence, spans, received, patterns, mentions)
        said.update(item.fact.key for item in read)
        found.extend(read)
    return found


def _prepare(printed: str) -> _Sentence:
    if not _PASSED_OVER.search(printed):
        return _Sentence(printed, printed, None, _ends(printed))
    marked = _BLANK_WITHIN_DIGITS.sub(lambda blank: _WITHIN_DIGITS * len(blank[0]), printed)
    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for gap in _PASSED_OVER.finditer(marked):
        pieces.append(marked[last : gap.start()])
        places.extend(range(last, gap.start()))
        last = gap.end()
    pieces.append(marked[last:])
    places.extend(range(last, len(marked)))
    text = "".join(pieces)
    return _Sentence(printed, text, places, _ends(text))


def _ends(text: str) -> list[int]:
    return [*(match.start() for match in _CLAUSE_END.finditer(text)), len(text)]


def _numbers(text: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """The matches of ``pattern``, which begins with a digit: looked for only where one stands."""
    found: list[re.Match[str]] = []
    end = 0
    for digit in _DIGIT.finditer(text):
        if (start := digit.start()) >= end and (match := pattern.match(text, start)):
            found.append(match)
            end = match.end()
    return found


def _mentions(sentence: _Sentence, spans: Spans, patterns: Patterns) -> list[_Mention]:
    text = sentence.text
    mentions: list[_Mention] = []
    matches = _numbers(text, _mention_pattern(patterns.counted))
    for index, match in enumerate(matches):
        value = read_number(match["digits"], match["scale"] or "")
        unit = match["unit"].translate(FULL_WIDTH)
        if value is None or (not isinstance(value, int) and unit not in ("%", "元", "万元")):
            continue
        clause = sentence.clause(match.start())
        previous = matches[index - 1].end() if index else 0
        following = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        near = text[max(clause[0], previous, match.start() - REACH) : match.start()]
        before = near.rstrip("了达到为有")
        tail = match["tail"] or ""
        bounded = before[-1:] in _BOUNDS
        at_most = near.endswith("不到") or (bounded and _AT_MOST.search(before) is not None)
        at_least = tail in ("以上", "及以上") or (bounded and _AT_LEAST.search(before) is not None)
        mentions.append(
            _Mention(
                value=value,
                unit=unit,
                approximate=bool(
                    match["vague"]
                    or match["vague_after"]
                    # 4.14万条 is a rounded number.
                    or (match["scale"] and unit != "元")
                    or tail in ("左右", "上下", "+", "＋")
                    or (bounded and _APPROXIMATELY.search(before))
                ),
                bound="at_least" if at_least else "at_most" if at_most else None,
                start=match.start(),
                end=match.end(),
                clause=clause,
                near=near,
                after=text[match.end() : min(clause[1], following, match.end() + REACH)],
                span=spans.at(text, match.start()),
                change=bool(
                    (near[-1:] in _CHANGES and _CHANGE.search(near))
                    or _PLANNED.search(text, clause[0], match.start())
                ),
            )
        )
    return mentions


def _classify(mention: _Mention, setting: _Setting, said: set[str], patterns: Patterns) -> None:
    """Finds the fact pattern that takes the mention, if one does."""
    if mention.change:
        return
    sentence = setting.sentence
    # What follows 、 or 和 belongs to the next number.
    another = _JOINS_ANOTHER.search(mention.after)
    around = mention.near + (mention.after[: another.start()] if another else mention.after)
    lead = sentence.text[max(0, mention.clause[0] - _LEAD_REACH) : mention.start]
    other_year = mention.span is Span.OTHER
    for pattern in patterns.by_unit[mention.unit]:
        for word in pattern.anchors:
            if word in around:
                break
        else:
            continue
        if other_year and not pattern.any_year:
            continue
        if any(_fits(form, mention, around, lead, setting.topic, said, pattern) for form in pattern.forms):
            if pattern.never and pattern.never.search(around):
                continue
            if (
                (not pattern.only_zero or mention.value == 0)
                and not (pattern.nowhere and pattern.nowhere.search(*_around(mention, sentence.text)))
                and not (pattern.of_applications and _speaks_of_another_matter(mention, setting, patterns.matters))
                and not (pattern.tied and not _is_tied(mention, setting, patterns.matters))
            ):
                mention.keys, mention.pattern = pattern.keys, pattern
            return


def _speaks_of_another_matter(mention: _Mention, setting: _Setting, matters: Matters) -> bool:
    """Whether what the mention counts is left unsaid and the last clause that says it speaks of another matter."""
    text, start = setting.sentence.text, mention.clause[0]
    said = _matter(text[start : mention.clause[1]], matters, counted=False)
    if said is not None:
        return not said
    ends = setting.sentence.ends
    last = bisect_left(ends, start)
    for index in range(last - 1, -1, -1):
        begin = ends[index - 1] + 1 if index else 0
        if ends[index] < start - _WIDE_REACH:
            return False
        if (said := _matter(text[begin : ends[index]], matters)) is not None:
            return not said
    for clause in reversed(_CLAUSE_END.split(setting.earlier)):
        if (said := _matter(clause, matters)) is not None:
            return not said
    return False


def _matter(clause: str, matters: Matters, *, counted: bool = True) -> bool | None:
    """What a clause speaks of: True for applications, False for another matter, None where it does not say.

    ``counted``: a number of something unknown is another matter too.
    """
    if matters.own.search(clause):
        return True
    number = _COUNTED.search(clause) is not None
    if matters.other.search(clause) and (number or matters.doing.search(clause)):
        return False
    if "申请" in clause or "公开" in clause:
        return True
    if counted and number and len(_HAN.findall(matters.neutral.sub("", clause))) > 1:
        return False
    return None


def _is_tied(mention: _Mention, setting: _Setting, matters: Matters) -> bool:
    """Whether the words tie a number of reviews or lawsuits to disclosure: 因政府信息公开引起的行政复议2件.

    Without a tie only zero counts: where there was none at all, there was none on disclosure.
    """
    text = setting.sentence.text
    start = mention.clause[0]
    if _ties(text, start, mention.end + len(mention.after), setting, matters):
        return True
    return mention.value == 0 and not matters.foreign.search(*_around(mention, text))


def _around(mention: _Mention, text: str) -> tuple[str, int, int]:
    """A sentence and the stretch of it around a mention, as a pattern searches it."""
    return text, max(0, mention.start - _WIDE_REACH), mention.end + _WIDE_REACH


def _ties(text: str, start: int, end: int, setting: _Setting, matters: Matters) -> bool:
    if setting.section == _SECTION_ON_REVIEWS or matters.tie.search(text, start, end):
        return True
    begin = max(0, start - _WIDE_REACH)
    before = [match.end() for match in matters.tie_before.finditer(text, begin, start)]
    if before:
        return matters.follows.search(text, before[-1], end) is not None
    return setting.topic is Topic.APPLICATIONS and not matters.foreign.search(text, begin, end)


def _fits(
    form: Form, mention: _Mention, around: str, lead: str, topic: Topic, said: set[str], pattern: FactPattern
) -> bool:
    if form.fallback and not said.isdisjoint(pattern.keys):
        return False
    if form.topic is not None and form.topic is not topic:
        return False
    return (
        (form.units is None or mention.unit in form.units)
        and (form.before is None or form.before.search(mention.near) is not None)
        and (form.after is None or form.after.match(mention.after) is not None)
        and (form.lead is None or form.lead.search(lead) is not None)
        and (form.never is None or form.never.search(around) is None)
    )


def _tell_parts_apart(mentions: list[_Mention], patterns: Patterns) -> None:
    """Applications that came one way (网络申请3件), or behind others that are not told as received, are a part.

    Outcomes (维持1件) are those of reviews or lawsuits only where these were told before them.
    """
    first_ends: dict[str, int] = {}
    told: set[str] = set()
    for mention in mentions:
        if mention.pattern and mention.pattern.beside and mention.pattern.beside not in told:
            mention.keys, mention.pattern = (), None
        told.update(mention.keys)
        if not mention.keys and "申请" in mention.near + mention.after:
            first_ends.setdefault(mention.unit, mention.end)
    for mention in mentions:
        if "applications_received" not in mention.keys:
            continue
        ways = set(patterns.single_channel.findall(mention.near + mention.after))
        if len(ways) == 1:
            mention.keys = ("applications_by_channel",)
        elif (
            "申请" not in mention.near + mention.after
            and first_ends.get(mention.unit, mention.start + 1) <= mention.start
        ):
            mention.keys = ("applications_in_part",)


def _group(mentions: list[_Mention], sentence: _Sentence, name: str, patterns: Patterns) -> None:
    """Joins a whole and the parts that an enumeration (其中 …) names behind it."""
    openings = [match.start() for match in _ENUMERATED.finditer(sentence.text)]
    for number, opening in enumerate(openings):
        wholes = [mention for mention in mentions if mention.end <= opening and mention.unit != "%"]
        if not wholes or wholes[-1].group or wholes[-1].change or wholes[-1].span is not Span.OWN:
            continue
        whole = wholes[-1]
        if whole.approximate or whole.bound or sentence.text[whole.end : opening].count("，") > 1:
            continue
        limit = openings[number + 1] if number + 1 < len(openings) else len(sentence.text)
        bracket = _closing_bracket(sentence.text, opening)
        parts, closed = _parts(mentions, whole, sentence.text, opening, min(limit, bracket))
        items = [part for part in parts if part.unit != "%"]
        words = sentence.text[opening : items[-1].end] if items else ""
        # Channels repeat the same items: their numbers need not add up to anything.
        if not items or _is_one_of_two(whole, mentions, sentence.text):
            continue
        if _overlap(words, whole, patterns):
            whole.channel = True
            continue
        group = f"{CLOSED if closed and limit == len(sentence.text) else OPEN}:{name}"
        whole.group, whole.whole = group, True
        whole.keys = whole.keys or ("listed_whole",)
        of_applications = _RECEIVED in whole.keys
        for part in parts:
            part.group = group
            if of_applications and not part.keys and len(set(patterns.single_channel.findall(part.near))) == 1:
                part.keys = ("applications_by_channel",)
            part.keys = part.keys or ("share" if part.unit == "%" else "listed_part",)


def _is_one_of_two(whole: _Mention, mentions: list[_Mention], text: str) -> bool:
    """Whether another number of the same unit stands joined before: what follows may be parts of both."""
    before = [each for each in mentions if each.clause == whole.clause and each.end <= whole.start]
    return bool(before) and before[-1].unit == whole.unit and text[before[-1].end] in "、和及与"


def _overlap(words: str, whole: _Mention, patterns: Patterns) -> bool:
    """Whether the parts that ``words`` name may hold the same things."""
    overlapping = patterns.overlapping
    if overlapping.always.search(words):
        return True
    if any(key.startswith("normative") for key in whole.keys):
        return overlapping.documents.search(words) is not None
    of_applications = any(key.startswith("applications") for key in whole.keys)
    return not of_applications and overlapping.channels.search(words) is not None


def _closing_bracket(text: str, position: int) -> int:
    """The place where the bracket that holds ``position`` closes, or the end of the text."""
    opened = max(text.rfind("（", 0, position), text.rfind("(", 0, position))
    closed = max(text.rfind("）", 0, position), text.rfind(")", 0, position))
    if opened <= closed:
        return len(text)
    ends = [end for end in (text.find("）", position), text.find(")", position)) if end >= 0]
    return min(ends, default=len(text))


def _parts(
    mentions: list[_Mention], whole: _Mention, text: str, opening: int, limit: int
) -> tuple[list[_Mention], bool]:
    """The parts named between ``opening`` and ``limit``, and whether they are all of them."""
    parts: list[_Mention] = []
    last = opening
    for mention in mentions:
        if not opening < mention.start < limit:
            continue
        between = text[last : mention.start]
        own_kind = mention.pattern is not None and not mention.pattern.part
        same_kind = own_kind and set(mention.keys) == set(whole.keys) and parts
        if _ENDS_ENUMERATION.search(between) or mention.change or mention.span is not Span.OWN:
            return parts, False
        if mention.unit == "%":
            if "占" not in mention.near:
                return parts, False
            parts.append(mention)
            last = mention.end
            continue
        if mention.unit != whole.unit or own_kind or same_kind or mention.approximate or mention.bound:
            return parts, False
        if _bracket_opens(text, last, mention.start):
            continue
        parts.append(mention)
        last = mention.end
    closed = not text[last:limit].lstrip("，；。、").startswith("等") and "等" not in text[last : last + 3]
    return parts, closed and len([part for part in parts if part.unit != "%"]) > 1


def _bracket_opens(text: str, start: int, end: int) -> bool:
    """Whether a bracket opens between the two places and does not close: parts of a part."""
    between = text[start:end]
    return max(between.rfind("（"), between.rfind("(")) > max(between.rfind("）"), between.rfind(")"))


def _facts(mentions: list[_Mention], sentence: _Sentence, section: int, patterns: Patterns) -> list[_Found]:
    found: list[_Found] = []
    for mention in mentions:
        if not mention.keys:
            continue
        start, end = mention.clause
        if mention.near == "" or (mention.pattern and mention.pattern.leads):
            start = sentence.clause(max(0, start - 2))[0] if not mention.near.strip() else start
        value, unit = _in_yuan(mention) if mention.unit == "万元" else (mention.value, mention.unit)
        for key in mention.keys:
            fact = Fact(
                key=key,
                value=value,
                unit=unit,
                section=section,
                quote=sentence.quote(start, end),
                cumulative=mention.span is Span.CUMULATIVE,
                approximate=mention.approximate,
                bound=mention.bound,
                group=mention.group,
                whole=mention.whole,
                of=_of_what(mention, sentence) if mention.unit == "%" else None,
            )
            channel = mention.channel or (
                (key == _WHOLE or key in patterns.categories)
                and patterns.channels.search(sentence.text, start, end) is not None
            )
            found.append(_Found(fact, (mention.start, 0), channel))
    return found


def _of_what(mention: _Mention, sentence: _Sentence) -> str | None:
    """What a percentage is a share of, or which rate it is, in the printed words; None where that is not said."""
    match = _SHARE_OF.search(mention.near) or _RATE_OF.search(mention.near)
    if match is None:
        return None
    start = mention.start - len(mention.near)
    return sentence.quote(start + match.start(1), start + match.end(1))


def _in_yuan(mention: _Mention) -> tuple[Number, str]:
    amount = mention.value * 10_000
    return (int(amount) if amount == int(amount) else amount), "元"


def _whole_line_denials(line: Line, place: tuple[int, int], patterns: Patterns) -> list[_Found]:
    """「无」 as all that stands under the heading 依申请公开."""
    text = line.text.strip().strip("。；;，")
    if len(text) > _LONGEST_WHOLE_DENIAL or (line.heading is None and line.topic is not Topic.APPLICATIONS):
        return []
    for denial in patterns.denials:
        if denial.whole and denial.topic is line.topic and text and denial.whole.fullmatch(text):
            quote = line.printed.strip().strip("*# ") if line.heading else text
            return [
                _Found(Fact(key, 0, denial.unit, place[0], quote, negated=True), (0, 0)) for key in denial.keys
            ]
    return []


def _denials(setting: _Setting, spans: Spans, patterns: Patterns, mentions: list[_Mention]) -> list[_Found]:
    sentence, section = setting.sentence, setting.section
    if not _DENIES.search(sentence.text):
        return []
    found: list[_Found] = []
    told = {key for mention in mentions if mention.span is Span.OWN for key in mention.keys}
    for denial in patterns.denials:
        if denial.word not in sentence.text:
            continue
        if denial.section not in (None, section) or denial.topic not in (None, setting.topic):
            continue
        if not told.isdisjoint(denial.keys):
            continue
        match = denial.pattern.search(sentence.text)
        if not match:
            continue
        start, end = sentence.clause(match.start())[0], sentence.clause(max(match.start(), match.end() - 1))[1]
        ahead = sentence.text[start : match.start()]
        between = match["between"] if denial.between else None
        if (
            (denial.never and denial.never.search(match[0]))
            or (denial.between and between is not None and not denial.between.fullmatch(between))
            or _IF.search(ahead)
            or _OF_SEVERAL_ORGANS.search(ahead)
            or spans.at(sentence.text, match.end()) is not Span.OWN
            or (denial.tied and not _is_whole_denial(match, end, denial, setting, patterns.matters))
        ):
            continue
        told.update(denial.keys)
        quote = sentence.quote(start, end)
        found.extend(
            _Found(Fact(key, 0, denial.unit, section, quote, negated=True), (match.start(), 0))
            for key in denial.keys
        )
    return found


def _is_whole_denial(match: re.Match[str], end: int, denial: Denial, setting: _Setting, matters: Matters) -> bool:
    """Whether 未发生行政复议 denies them all: not only those lost, nor those of another matter (行政处罚…)."""
    text = setting.sentence.text
    if denial.never and denial.never.search(text, match.start(), end):
        return False
    return not matters.foreign.search(text) or matters.tie.search(text, match.start(), end) is not None


def _derive(
    read: list[_Found],
    sentence: _Sentence,
    spans: Spans,
    earlier: Fact | None,
    patterns: Patterns,
    mentions: list[_Mention],
) -> tuple[list[_Found], Fact | None]:
    """Adds the numbers that 全部 and 均 tell, and gives the fact that the next sentence may go on from."""
    sources: dict[str, tuple[Fact, int]] = {} if earlier is None else {earlier.key: (earlier, 0)}
    for item in read:
        if item.fact.key in patterns.sources:
            sources[item.fact.key] = (item.fact, item.order[0])
    derived: list[_Found] = []
    for rule in patterns.derived:
        source, since = sources.get(rule.source, (None, 0))
        if source is None or source.value == 0 or not _ALL.search(sentence.text, since):
            continue
        match = rule.pattern.search(sentence.text, since)
        if match is None:
            continue
        clause = sentence.clause(match.start())
        # A number in the same clause says how many they all are: 2件均已答复.
        numbered = any(clause[0] <= mention.start < clause[1] and mention.start != since for mention in mentions)
        if rule.never.search(sentence.text, since, clause[1]):
            continue
        told = any(item.fact.key == rule.key for item in read)
        plain = not (source.cumulative or source.approximate or source.bound)
        if numbered or told or not plain or spans.at(sentence.text, match.start()) is not Span.OWN:
            continue
        start = sentence.clause(since)[0] if since else clause[0]
        quote = sentence.quote(start, clause[1])
        fact = Fact(rule.key, source.value, source.unit, source.section, quote, derived=True)
        derived.append(_Found(fact, (match.start(), 1)))
    received = sources.get(_RECEIVED)
    return sorted([*read, *derived], key=lambda item: item.order), received[0] if received else None


def _without_repeats(found: list[_Found]) -> Iterator[_Found]:
    """A number told twice in the same sense is one fact."""
    seen: set[tuple[object, ...]] = set()
    for item in found:
        fact = item.fact
        mark: tuple[object, ...] = (
            fact.key, fact.value, fact.unit, fact.cumulative, fact.approximate, fact.bound, fact.of,
            # Two channels may have brought as many applications each.
            fact.quote if fact.key == "applications_by_channel" else None,
        )  # fmt: skip
        if fact.group is None and mark in seen:
            continue
        seen.add(mark)
        yield item


def _join_scattered(found: Iterator[_Found], patterns: Patterns) -> list[_Found]:
    """Joins the total of the organ's items with kinds of items told in other sentences (N-06).

    Only where there is one exact total without an enumeration of its own, and at least two different kinds, each
    told once, exactly, in the same section and unit, on no channel of its own and none of them above the total.
    """
    items = list(found)
    wholes = [item for item in items if item.fact.key == _WHOLE]
    if len(wholes) != 1 or wholes[0].channel or wholes[0].fact.group or not _exact(wholes[0].fact):
        return items
    whole = wholes[0].fact
    places = [
        index
        for index, item in enumerate(items)
        if item.fact.key in patterns.categories
        and item.fact.group is None
        and not item.channel
        and _exact(item.fact)
        and (item.fact.section, item.fact.unit) == (whole.section, whole.unit)
    ]
    keys = [items[index].fact.key for index in places]
    if len(keys) < 2 or len(set(keys)) != len(keys) or any(items[i].fact.value > whole.value for i in places):
        return items
    group = f"{SCATTERED}:{whole.section}"
    for index in places:
        items[index] = replace(items[index], fact=replace(items[index].fact, group=group))
    at = next(index for index, item in enumerate(items) if item.fact is whole)
    items[at] = replace(items[at], fact=replace(whole, group=group, whole=True))
    return items


def _exact(fact: Fact) -> bool:
    return not (fact.cumulative or fact.approximate or fact.bound or fact.negated)
